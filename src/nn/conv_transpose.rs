//! Transposed convolution that doubles the size.

use candle_core::{Result, Tensor};

use super::Interrupt;
use super::conv::{Conv2d, ConvOptions};
use super::order::planes;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{Padding, interleave};

/// A transposed convolution of 3×3 with stride 2, padding 1 and output padding 1, with bias.
///
/// A pixel of the output at even places meets one tap of the kernel along that axis, at odd places
/// two: four small convolutions of the input hold every other pixel of the output each, and no
/// product with the zeros between pixels is taken.
#[derive(Debug)]
pub struct DoublingConv2d {
    /// For even and odd rows, in each for even and odd columns.
    parts: [Conv2d; 4],
    /// Weight and bias as they are in files, where candle computes.
    plain: Option<(Tensor, Tensor)>,
}

impl DoublingConv2d {
    /// Weight `[inputs, outputs, 3, 3]` as torch keeps it for transposed convolutions, bias
    /// `[outputs]`.
    pub fn of(weight: &Tensor, bias: &Tensor) -> Result<Self> {
        let part = |odd_row: usize, odd_column: usize| -> Result<Conv2d> {
            let taps = |weight: &Tensor, odd: usize, dim: usize| {
                if odd == 0 {
                    weight.narrow(dim, 1, 1)
                } else {
                    // The pixel before meets the last tap, the pixel after the first.
                    Tensor::cat(&[weight.narrow(dim, 2, 1)?, weight.narrow(dim, 0, 1)?], dim)
                }
            };
            let weight = taps(&taps(&weight.transpose(0, 1)?, odd_row, 2)?, odd_column, 3)?;
            let options = ConvOptions {
                kernel: 1 + odd_row.max(odd_column),
                stride: 1,
                padding: Padding {
                    bottom: odd_row,
                    right: odd_column,
                    ..Padding::same(0)
                },
            };
            Conv2d::of(&weight, Some(bias.clone()), options)
        };
        Ok(Self {
            parts: [part(0, 0)?, part(0, 1)?, part(1, 0)?, part(1, 1)?],
            plain: (!on_our_kernels(weight)).then(|| (weight.clone(), bias.clone())),
        })
    }

    /// `[batch, inputs, height, width]` to `[batch, outputs, 2 * height, 2 * width]`.
    pub fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        if let Some((weight, bias)) = &self.plain {
            let bias = bias.reshape((1, bias.elem_count(), 1, 1))?;
            return xs
                .conv_transpose2d(weight, 1, 1, 2, 1)?
                .broadcast_add(&bias);
        }
        let part = |part: &Conv2d| planes(&part.forward(xs, interrupt)?);
        let parts: Result<Vec<_>> = self.parts.iter().map(part).collect();
        let parts = parts?;
        let (batch, outputs, height, width) = parts[0].dims4()?;
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| elements(&parts[at]));
        let (a, b, c, d) = (a?, b?, c?, d?);
        let mut out = vec![0.0; batch * outputs * 4 * height * width];
        interleave((height, width), [&a, &b, &c, &d], &mut out);
        tensor_of(out, (batch, outputs, 2 * height, 2 * width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::{DIRECT, assert_near, random};

    #[test]
    fn our_doubling_is_candles_transposed_convolution() {
        for (batch, inputs, outputs, height, width) in
            [(1, 1, 1, 1, 1), (2, 3, 5, 4, 7), (1, 8, 4, 9, 3)]
        {
            let (weight, bias) = (random(&[inputs, outputs, 3, 3]), random(&[outputs]));
            let xs = random(&[batch, inputs, height, width]);
            let conv = DoublingConv2d::of(&weight, &bias).unwrap();
            let ours = conv.forward(&xs, &Interrupt::never()).unwrap();
            let theirs = xs
                .conv_transpose2d(&weight, 1, 1, 2, 1)
                .unwrap()
                .broadcast_add(&bias.reshape((1, outputs, 1, 1)).unwrap())
                .unwrap();
            assert_eq!(ours.dims(), theirs.dims());
            assert_near(&ours, &theirs, DIRECT);
        }
    }
}
