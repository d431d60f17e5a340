//! What a convolution passes back: gradients of its input, of its weight and of its bias.

#![expect(unsafe_code, reason = "tasks write disjoint parts of one output")]

use rayon::prelude::*;

#[cfg(target_arch = "x86_64")]
use super::amx;
use super::conv::{ConvShape, Images, PackedConv, Padding, Picture, Seen, Way};
use super::finish::{Finish, Target};
use super::level::Level;
use super::panels::Panels;
use super::product::{Pieces, Product, Rows};
use super::shared::Shared;
use super::transpose::transpose;
use super::{Before, Stop, Stopped};

/// What becomes of the gradient of an input in the same pass; both have its shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Through<'a> {
    /// Where this is not above 0 the gradient is 0: what `max(x, 0)` was made of.
    pub passes: Option<&'a [f32]>,
    /// Added then.
    pub plus: Option<&'a [f32]>,
}

/// A weight `[outputs, inputs, kernel_height, kernel_width]` as it is read on the way back: packed
/// once, for any number of gradients.
#[derive(Clone, Debug)]
pub struct PackedBackward {
    conv: PackedConv,
    forward: ConvShape,
}

impl PackedBackward {
    /// Packs the weight of a convolution; `way` is that of the convolution back.
    pub fn new(level: Level, forward: ConvShape, weight: &[f32], way: Way) -> Self {
        let (taps, inputs) = (forward.taps(), forward.inputs);
        let mut turned = vec![0.0; weight.len()];
        for (at, value) in weight.iter().enumerate() {
            let (output, input, tap) = (at / (taps * inputs), at / taps % inputs, at % taps);
            turned[(input * forward.outputs + output) * taps + taps - 1 - tap] = *value;
        }
        let shape = ConvShape {
            inputs: forward.outputs,
            outputs: inputs,
            stride: 1,
            ..forward
        };
        Self {
            conv: PackedConv::new(level, shape, &turned, way),
            forward,
        }
    }

    /// Memory the weight takes.
    pub fn bytes(&self) -> usize {
        self.conv.bytes()
    }

    /// From the gradient of the output, `[batch, out_height, out_width, outputs]`, that of an input
    /// of a height and a width: `[batch, height, width, inputs]`.
    pub fn run(
        &self,
        gradient: &[f32],
        (batch, height, width): (usize, usize, usize),
        through: Through<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let Some((out_height, out_width)) = self.forward.out_size((height, width)) else {
            let nothing = || vec![0.0; batch * height * width * self.forward.inputs];
            return Ok(through.plus.map_or_else(nothing, <[f32]>::to_vec));
        };
        let ConvShape {
            stride,
            kernel,
            padding,
            ..
        } = self.forward;
        let images = Images {
            values: gradient.into(),
            batch,
            height: out_height,
            width: out_width,
            seen: match stride {
                1 => Seen::Once,
                places => Seen::Spread(places),
            },
            before: Before::Nothing,
        };
        let (seen_height, seen_width) = images.seen();
        let (down, across) = (self.reach(kernel.0), self.reach(kernel.1));
        // Zeros around it, so that as many pixels come out as went in.
        let around = |before: usize, reach: usize, pixels: usize, seen: usize| {
            let first = reach.checked_sub(before + 1)?;
            let last = (pixels + reach).checked_sub(seen + first + 1)?;
            Some((first, last))
        };
        let zeros = around(padding.top, down, height, seen_height).zip(around(
            padding.left,
            across,
            width,
            seen_width,
        ));
        let Some(((top, bottom), (left, right))) = zeros else {
            unreachable!("a padding is less than its kernel reaches")
        };
        let padding = Padding {
            top,
            left,
            bottom,
            right,
        };
        let finish = Finish {
            passes: through.passes,
            residual: through.plus,
            ..Finish::default()
        };
        self.conv.run_padded(&images, padding, finish, stop)
    }

    /// Pixels a side of the kernel spans.
    const fn reach(&self, kernel: usize) -> usize {
        (kernel - 1) * self.forward.dilation + 1
    }
}

/// Places whose products one task adds up before it goes on to the next.
const PLACES: usize = 1024;

/// The gradient of a weight, `[outputs, inputs, kernel_height, kernel_width]`, from the input and the
/// gradient of the output, `[batch, out_height, out_width, outputs]`.
pub fn weight_gradient(
    level: Level,
    shape: &ConvShape,
    images: &Images<'_>,
    gradient: &[f32],
    stop: Stop<'_>,
) -> Result<Vec<f32>, Stopped> {
    let (outputs, taps, inputs) = (shape.outputs, shape.taps(), shape.inputs);
    let Some(size) = shape.out_size(images.seen()) else {
        return Ok(vec![0.0; outputs * taps * inputs]);
    };
    let places = images.batch * size.0 * size.1;
    assert_eq!(gradient.len(), places * outputs);
    let pixels = images.batch * images.height * images.width;
    assert!(images.values.fit(pixels, inputs));
    // For each tap `[outputs, inputs]`.
    let mut sums = vec![0.0; taps * outputs * inputs];
    let work = WeightWork {
        shape,
        images,
        size,
        gradient,
        stop,
        sums: Shared::new(&mut sums),
    };
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Amx(amx) => amx::weight_gradient(amx, &work)?,
        _ => work.in_panels(level)?,
    }
    let mut out = vec![0.0; sums.len()];
    out.par_chunks_exact_mut(taps)
        .enumerate()
        .for_each(|(at, out)| {
            for (tap, out) in out.iter_mut().enumerate() {
                *out = sums[tap * outputs * inputs + at];
            }
        });
    Ok(out)
}

/// What a weight's gradient is computed from.
pub(super) struct WeightWork<'a> {
    pub(super) shape: &'a ConvShape,
    images: &'a Images<'a>,
    /// Height and width of the output.
    size: (usize, usize),
    pub(super) gradient: &'a [f32],
    pub(super) stop: Stop<'a>,
    /// For each tap `[outputs, inputs]`.
    pub(super) sums: Shared<'a>,
}

impl<'a> WeightWork<'a> {
    /// Places of the output, in all pictures.
    pub(super) fn places(&self) -> usize {
        self.images.batch * self.size.0 * self.size.1
    }

    /// The input a tap sees at a place, where it lies within the picture.
    #[inline(always)]
    pub(super) fn seen(&self, place: usize, tap: usize) -> Option<&'a [f32]> {
        let shape = self.shape;
        let (height, width) = self.size;
        let (image, y, x) = (
            place / (height * width),
            place / width % height,
            place % width,
        );
        let (ky, kx) = (tap / shape.kernel.1, tap % shape.kernel.1);
        Picture::of(self.images, image, shape.inputs).at(
            y * shape.stride + ky * shape.dilation,
            x * shape.stride + kx * shape.dilation,
            shape.padding,
        )
    }

    /// Where the sums of a tap and of inputs from one on are written, as many as `columns`.
    pub(super) fn target(&self, tap: usize, input: usize, columns: usize) -> Target<'a> {
        let (outputs, inputs) = (self.shape.outputs, self.shape.inputs);
        Target {
            out: self.sums.from(tap * outputs * inputs + input),
            columns,
            pitch: inputs,
            finish: Finish::default(),
            gates: false,
        }
    }

    /// By vectors: some places after the other, the gradient there in rows, what each tap sees there
    /// in panels.
    fn in_panels(&self, level: Level) -> Result<(), Stopped> {
        let (outputs, inputs) = (self.shape.outputs, self.shape.inputs);
        let together = level.panel();
        let panels = inputs.div_ceil(together);
        for first in (0..self.places()).step_by(PLACES) {
            let count = PLACES.min(self.places() - first);
            let mut rows = vec![0.0; count * outputs];
            let gradient = &self.gradient[first * outputs..][..count * outputs];
            transpose((count, outputs), gradient, &mut rows);
            (0..self.shape.taps() * panels)
                .into_par_iter()
                .try_for_each(|task| {
                    if (self.stop)() {
                        return Err(Stopped);
                    }
                    let (tap, input) = (task / panels, task % panels * together);
                    let columns = together.min(inputs - input);
                    let seen = |place: usize| {
                        let values = self.seen(first + place, tap)?;
                        Some(&values[input..input + columns])
                    };
                    let mut weights = Panels::zeros(level, (columns, count));
                    weights.take_rows(seen);
                    let product = Product {
                        weights: &weights,
                        pieces: Pieces {
                            count: 1,
                            len: count,
                        },
                        target: self.target(tap, input, columns),
                        adds: first > 0,
                    };
                    let starts: Vec<_> = rows.chunks_exact(count).map(<[f32]>::as_ptr).collect();
                    let rows = Rows {
                        starts: &starts,
                        first: 0,
                    };
                    // SAFETY: every start is that of as many values as there are places; each task
                    // writes sums of its own.
                    unsafe { product.run(&rows, 0..1) };
                    Ok(())
                })?;
        }
        Ok(())
    }
}

/// The gradient of a bias, `[outputs]`, from that of the output, `[places, outputs]`.
pub fn bias_gradient(outputs: usize, gradient: &[f32]) -> Vec<f32> {
    let parts: Vec<Vec<f32>> = gradient
        .par_chunks(PLACES * outputs)
        .map(|rows| {
            let mut sums = vec![0.0; outputs];
            for row in rows.chunks_exact(outputs) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += value;
                }
            }
            sums
        })
        .collect();
    let mut sums = vec![0.0; outputs];
    for part in parts {
        for (sum, value) in sums.iter_mut().zip(part) {
            *sum += value;
        }
    }
    sums
}
