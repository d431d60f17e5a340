//! Two-dimensional convolution over channels-last pictures.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

mod direct;
mod shape;
mod wide;
mod winograd;

pub(super) use shape::Picture;
pub use shape::{ConvShape, Images, Padding, Pixels, Seen};
pub use wide::WidePictures;

#[cfg(target_arch = "x86_64")]
use super::amx::{self, Amx, Blocks};
use super::before::Before;
use super::finish::{Finish, Target};
use super::fresh::fresh;
use super::level::Level;
use super::panels::Panels;
use super::shared::Shared;
use super::stored::Stored;
use super::{Stop, Stopped};

/// A convolution's weights, packed for one way of computing it.
#[derive(Clone, Debug)]
pub struct PackedConv {
    shape: ConvShape,
    weights: Weights,
}

#[derive(Clone, Debug)]
enum Weights {
    Direct(Panels),
    Winograd(winograd::Transformed),
    #[cfg(target_arch = "x86_64")]
    Blocks(Amx, Blocks),
}

/// Pictures to be convolved, and what becomes of the result.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) shape: &'a ConvShape,
    pub(super) images: &'a Images<'a>,
    /// Height and width of the output.
    pub(super) size: (usize, usize),
    written: Written,
    pub(super) finish: Finish<'a>,
    pub(super) stop: Stop<'a>,
}

/// What of the sums of a pixel is written.
#[derive(Clone, Copy)]
struct Written {
    /// Values.
    pitch: usize,
    /// See [`Target::gates`].
    gates: bool,
}

impl<'a> Work<'a> {
    /// `out` has room for all of the result.
    pub(super) fn target(&self, out: &'a mut [f32]) -> Target<'a> {
        self.target_in(Shared::new(out))
    }

    const fn target_in(&self, out: Shared<'a>) -> Target<'a> {
        Target {
            out,
            columns: self.shape.outputs,
            pitch: self.written.pitch,
            finish: self.finish,
            gates: self.written.gates,
        }
    }
}

/// How a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Any kernel.
    Direct,
    /// 3×3 with stride 1: a quarter of the multiplications, four times the memory for weights.
    Winograd,
}

impl PackedConv {
    /// The same kept otherwise; what Winograd's way transformed stays as it is.
    pub fn stored(mut self, stored: Stored) -> Self {
        self.weights = match self.weights {
            Weights::Direct(panels) => Weights::Direct(panels.stored(stored)),
            Weights::Winograd(transformed) => Weights::Winograd(transformed),
            #[cfg(target_arch = "x86_64")]
            Weights::Blocks(amx, blocks) => Weights::Blocks(amx, blocks.stored(stored)),
        };
        self
    }

    /// Packs a weight `[outputs, inputs, kernel_height, kernel_width]`.
    pub fn new(level: Level, shape: ConvShape, weight: &[f32], way: Way) -> Self {
        assert_eq!(weight.len(), shape.outputs * shape.inputs * shape.taps());
        #[cfg(target_arch = "x86_64")]
        if let (Way::Direct, Level::Amx(amx)) = (way, level) {
            let (taps, inputs) = (shape.taps(), shape.inputs);
            let blocks = Blocks::pack(amx, (shape.outputs, taps, inputs), |output, tap, input| {
                weight[(output * inputs + input) * taps + tap]
            });
            let weights = Weights::Blocks(amx, blocks);
            return Self { shape, weights };
        }
        let weights = match way {
            Way::Direct => Weights::Direct(direct::pack(level, &shape, weight)),
            Way::Winograd => {
                assert!(shape.kernel == (3, 3) && shape.stride == 1 && shape.dilation == 1);
                Weights::Winograd(winograd::pack(level, &shape, weight))
            }
        };
        Self { shape, weights }
    }

    /// Memory weights of a shape take, but for what rounds them up to a cache line.
    pub fn bytes_of(level: Level, shape: &ConvShape, way: Way, stored: Stored) -> usize {
        let (outputs, taps, inputs) = (shape.outputs, shape.taps(), shape.inputs);
        #[cfg(target_arch = "x86_64")]
        if let (Way::Direct, Level::Amx(_)) = (way, level) {
            return Blocks::bytes_of((outputs, taps, inputs), stored);
        }
        let (times, size) = match way {
            Way::Direct => (taps, stored.size()),
            Way::Winograd => (winograd::PLACES, Stored::Whole.size()),
        };
        let outputs = outputs.next_multiple_of(level.panel());
        let values = outputs.saturating_mul(times).saturating_mul(inputs);
        values.saturating_mul(size)
    }

    pub const fn shape(&self) -> &ConvShape {
        &self.shape
    }

    /// Memory the weights take.
    pub fn bytes(&self) -> usize {
        match &self.weights {
            Weights::Direct(panels) => panels.bytes(),
            Weights::Winograd(transformed) => transformed.bytes(),
            #[cfg(target_arch = "x86_64")]
            Weights::Blocks(_, blocks) => blocks.bytes(),
        }
    }

    /// `[batch, out_height, out_width, outputs]`; nothing where the kernel does not fit.
    pub fn run(
        &self,
        images: &Images<'_>,
        finish: Finish<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let by_channel = [finish.bias, finish.prelu];
        assert!(
            by_channel
                .iter()
                .flatten()
                .all(|values| values.len() == self.shape.outputs)
        );
        self.compute(&self.shape, images, (finish, self.all()), stop)
    }

    /// The same with other zeros around the pictures.
    pub(super) fn run_padded(
        &self,
        images: &Images<'_>,
        padding: Padding,
        finish: Finish<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let shape = ConvShape {
            padding,
            ..self.shape
        };
        self.compute(&shape, images, (finish, self.all()), stop)
    }

    /// All sums.
    const fn all(&self) -> Written {
        Written {
            pitch: self.shape.outputs,
            gates: false,
        }
    }

    /// `[batch, out_height, out_width, width]`: in every panel of outputs the first half is
    /// multiplied with the exact GELU of the second.
    pub(super) fn run_gated(
        &self,
        images: &Images<'_>,
        bias: &[f32],
        width: usize,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        assert_eq!(bias.len(), self.shape.outputs);
        let finish = Finish {
            bias: Some(bias),
            ..Finish::default()
        };
        let written = Written {
            pitch: width,
            gates: true,
        };
        self.compute(&self.shape, images, (finish, written), stop)
    }

    fn compute(
        &self,
        shape: &ConvShape,
        images: &Images<'_>,
        (finish, written): (Finish<'_>, Written),
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let Some(size) = shape.out_size(images.seen()) else {
            return Ok(Vec::new());
        };
        let pixels = images.batch * images.height * images.width;
        assert!(images.values.fit(pixels, shape.inputs));
        assert!(images.before.fits(images.batch, shape.inputs));
        // SAFETY: every way writes all pixels of the result, or is stopped.
        let mut out = unsafe { fresh(images.batch * size.0 * size.1 * written.pitch) };
        let whole = [finish.passes, finish.residual];
        assert!(
            whole
                .iter()
                .flatten()
                .all(|values| values.len() == out.len())
        );
        let work = Work {
            shape,
            images,
            size,
            written,
            finish,
            stop,
        };
        self.write(&work, work.target(&mut out))?;
        Ok(out)
    }

    fn write(&self, work: &Work<'_>, target: Target<'_>) -> Result<(), Stopped> {
        match &self.weights {
            Weights::Direct(panels) => direct::conv(panels, work, target),
            Weights::Winograd(transformed) => winograd::conv(transformed, work, target),
            #[cfg(target_arch = "x86_64")]
            Weights::Blocks(amx, blocks) => amx::conv(*amx, blocks, work, target),
        }
    }
}
