//! Two-dimensional convolution over channels-last pictures.

mod direct;
mod shape;
mod winograd;

pub(super) use shape::Picture;
pub use shape::{ConvShape, Images, Padding};

#[cfg(target_arch = "x86_64")]
use super::amx::{self, Amx, Blocks};
use super::finish::Finish;
use super::level::Level;
use super::panels::Panels;
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
    pub(super) finish: Finish<'a>,
    pub(super) stop: Stop<'a>,
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

    /// Writes `[batch, out_height, out_width, outputs]` into `out`; nothing where the kernel does
    /// not fit.
    pub fn run(
        &self,
        images: &Images<'_>,
        finish: Finish<'_>,
        out: &mut [f32],
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        let shape = &self.shape;
        let Some(size) = shape.out_size(images.seen()) else {
            return Ok(());
        };
        let pixels = images.batch * images.height * images.width;
        assert_eq!(images.values.len(), pixels * shape.inputs);
        assert_eq!(out.len(), images.batch * size.0 * size.1 * shape.outputs);
        assert!(finish.bias.is_none_or(|bias| bias.len() == shape.outputs));
        assert!(
            finish
                .residual
                .is_none_or(|residual| residual.len() == out.len())
        );
        let work = Work {
            shape,
            images,
            size,
            finish,
            stop,
        };
        match &self.weights {
            Weights::Direct(panels) => direct::conv(panels, &work, out),
            Weights::Winograd(transformed) => winograd::conv(transformed, &work, out),
            #[cfg(target_arch = "x86_64")]
            Weights::Blocks(amx, blocks) => amx::conv(*amx, blocks, &work, out),
        }
    }
}
