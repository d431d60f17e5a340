//! Convolution of each channel by itself: no sum over channels, so no matrix product.

use multiversion::multiversion;
use rayon::prelude::*;

use super::{Stop, Stopped};

/// Sizes of a depthwise convolution: input `[batch, channels, height, width]`, weight
/// `[channels, 1, kernel, kernel]`, as many zeros on each side as keep the size at a stride of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthwiseShape {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    /// Odd.
    pub kernel: usize,
    pub stride: usize,
}

impl DepthwiseShape {
    /// Height and width of the output.
    pub fn out_size(&self) -> (usize, usize) {
        (
            self.height.div_ceil(self.stride),
            self.width.div_ceil(self.stride),
        )
    }
}

/// Writes `[batch, channels, out_height, out_width]` into `out`.
pub fn depthwise(
    shape: DepthwiseShape,
    (input, weight, bias): (&[f32], &[f32], &[f32]),
    out: &mut [f32],
    stop: Stop<'_>,
) -> Result<(), Stopped> {
    let (out_height, out_width) = shape.out_size();
    let taps = shape.kernel * shape.kernel;
    assert_eq!(
        (weight.len(), bias.len()),
        (shape.channels * taps, shape.channels)
    );
    out.par_chunks_exact_mut(out_height * out_width)
        .zip(input.par_chunks_exact(shape.height * shape.width))
        .enumerate()
        .try_for_each(|(index, (out, plane))| {
            if stop() {
                return Err(Stopped);
            }
            let channel = index % shape.channels;
            let weight = &weight[channel * taps..][..taps];
            for (y, out) in out.chunks_exact_mut(out_width).enumerate() {
                out.fill(bias[channel]);
                for (ky, weight) in weight.chunks_exact(shape.kernel).enumerate() {
                    let in_y = (y * shape.stride + ky).wrapping_sub(shape.kernel / 2);
                    if in_y < shape.height {
                        add_row(
                            &plane[in_y * shape.width..][..shape.width],
                            weight,
                            shape.stride,
                            out,
                        );
                    }
                }
            }
            Ok(())
        })
}

/// Adds what one row of the kernel sees of one row of the input.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn add_row(line: &[f32], weights: &[f32], stride: usize, out: &mut [f32]) {
    let reach = weights.len() / 2;
    for (kx, &weight) in weights.iter().enumerate() {
        if stride == 1 {
            // The part of the output whose input lies within the line.
            let before = reach.saturating_sub(kx).min(out.len());
            let start = kx.saturating_sub(reach).min(line.len());
            for (out, value) in out[before..].iter_mut().zip(&line[start..]) {
                *out += weight * value;
            }
        } else {
            for (x, out) in out.iter_mut().enumerate() {
                let in_x = (x * stride + kx).wrapping_sub(reach);
                *out += weight * line.get(in_x).copied().unwrap_or(0.0);
            }
        }
    }
}
