//! Normalisation over groups of channels and over rows.

use multiversion::multiversion;
use rayon::prelude::*;

use super::pointwise::silu_chunk;

/// Sizes of a group normalisation over `[batch, channels, pixels]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNormShape {
    pub channels: usize,
    pub pixels: usize,
    /// Divides `channels`.
    pub groups: usize,
    pub eps: f32,
    /// Follow with `x * sigmoid(x)`.
    pub silu: bool,
}

/// `out = normalised(input) * weight[channel] + bias[channel]`, per picture and group.
pub fn group_norm(
    shape: GroupNormShape,
    input: &[f32],
    (weight, bias): (&[f32], &[f32]),
    out: &mut [f32],
) {
    let per_group = shape.channels / shape.groups;
    let group_len = per_group * shape.pixels;
    assert_eq!(input.len(), out.len());
    assert_eq!((weight.len(), bias.len()), (shape.channels, shape.channels));
    out.par_chunks_exact_mut(group_len)
        .zip(input.par_chunks_exact(group_len))
        .enumerate()
        .for_each(|(index, (out, input))| {
            let first = index % shape.groups * per_group;
            let (mean, deviation) = moments(input, shape.eps);
            let planes = out
                .chunks_exact_mut(shape.pixels)
                .zip(input.chunks_exact(shape.pixels));
            for (channel, (out, input)) in (first..).zip(planes) {
                let scale = weight[channel] / deviation;
                affine(input, scale, bias[channel] - mean * scale, out);
                if shape.silu {
                    silu_chunk(out);
                }
            }
        });
}

/// `out = normalised(row) * weight + bias` for each row of `weight.len()` values.
pub fn layer_norm(input: &[f32], (weight, bias): (&[f32], &[f32]), eps: f32, out: &mut [f32]) {
    let width = weight.len();
    assert_eq!(input.len(), out.len());
    assert_eq!(bias.len(), width);
    out.par_chunks_exact_mut(width)
        .zip(input.par_chunks_exact(width))
        .for_each(|(out, row)| {
            let (mean, deviation) = moments(row, eps);
            for (((out, value), weight), bias) in out.iter_mut().zip(row).zip(weight).zip(bias) {
                *out = (value - mean) / deviation * weight + bias;
            }
        });
}

/// Partial sums kept side by side, so that the loop vectorises.
const LANES: usize = 16;

/// Mean and `sqrt(variance + eps)`, in two passes: the second is exact where the mean is large.
fn moments(values: &[f32], eps: f32) -> (f32, f32) {
    let mean = (sum(values, 0.0, false) / values.len() as f64) as f32;
    let variance = sum(values, mean, true) / values.len() as f64;
    (mean, (variance + f64::from(eps)).sqrt() as f32)
}

/// Sum of `x - offset`, or of its squares.
fn sum(values: &[f32], offset: f32, squared: bool) -> f64 {
    // Blocks keep f32 partial sums short and thereby exact enough.
    values
        .chunks(1 << 12)
        .map(|block| f64::from(block_sum(block, offset, squared)))
        .sum()
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn block_sum(block: &[f32], offset: f32, squared: bool) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (chunks, rest) = block.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            let d = value - offset;
            *lane += if squared { d * d } else { d };
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        let d = value - offset;
        *lane += if squared { d * d } else { d };
    }
    lanes.iter().sum()
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn affine(input: &[f32], scale: f32, shift: f32, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(input) {
        *out = value * scale + shift;
    }
}
