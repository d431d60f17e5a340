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

/// Pixels whose values one task takes.
const PIXELS: usize = 64;

/// [`group_norm`] over `[batch, pixels, channels]`.
pub fn group_norm_last(
    shape: GroupNormShape,
    input: &[f32],
    (weight, bias): (&[f32], &[f32]),
    out: &mut [f32],
) {
    let GroupNormShape {
        channels, pixels, ..
    } = shape;
    assert_eq!(input.len(), out.len());
    assert_eq!((weight.len(), bias.len()), (channels, channels));
    let pictures = out
        .chunks_exact_mut(channels * pixels)
        .zip(input.chunks_exact(channels * pixels));
    for (out, input) in pictures {
        let (scales, shifts) = affine_of_groups(shape, input, weight, bias);
        out.par_chunks_mut(PIXELS * channels)
            .zip(input.par_chunks(PIXELS * channels))
            .for_each(|(out, input)| {
                affine_rows(input, &scales, &shifts, out);
                if shape.silu {
                    silu_chunk(out);
                }
            });
    }
}

/// What each channel of a picture is multiplied with, and what is added then.
fn affine_of_groups(
    shape: GroupNormShape,
    input: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let GroupNormShape {
        channels,
        pixels,
        groups,
        eps,
        ..
    } = shape;
    // Squares of what is left without the first pixel are small where a channel's mean is large.
    let origin = &input[..channels];
    let parts: Vec<Sums> = input
        .par_chunks(PIXELS * channels)
        .map(|rows| {
            let mut sums = Sums::new(channels);
            sums.add(origin, rows);
            sums
        })
        .collect();
    let per_group = channels / groups;
    let (mut scales, mut shifts) = (vec![0.0; channels], vec![0.0; channels]);
    for group in 0..groups {
        let members = group * per_group..(group + 1) * per_group;
        let (mut sum, mut squares) = (0.0f64, 0.0f64);
        for channel in members.clone() {
            let near = f64::from(origin[channel]);
            let total = |which: fn(&Sums) -> &Vec<f32>| {
                let parts = parts.iter().map(|part| f64::from(which(part)[channel]));
                parts.sum::<f64>()
            };
            let (gaps, squared) = (total(|part| &part.gaps), total(|part| &part.squares));
            let count = pixels as f64;
            sum += gaps + near * count;
            squares += squared + 2.0 * near * gaps + near * near * count;
        }
        let count = (per_group * pixels) as f64;
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        let deviation = (variance + f64::from(eps)).sqrt();
        for channel in members {
            let scale = f64::from(weight[channel]) / deviation;
            scales[channel] = scale as f32;
            shifts[channel] = (f64::from(bias[channel]) - mean * scale) as f32;
        }
    }
    (scales, shifts)
}

/// For each channel the sum of its gaps to an origin, and of their squares.
struct Sums {
    gaps: Vec<f32>,
    squares: Vec<f32>,
}

impl Sums {
    fn new(channels: usize) -> Self {
        Self {
            gaps: vec![0.0; channels],
            squares: vec![0.0; channels],
        }
    }

    fn add(&mut self, origin: &[f32], rows: &[f32]) {
        for row in rows.chunks_exact(origin.len()) {
            add_gaps(row, origin, &mut self.gaps, &mut self.squares);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn add_gaps(row: &[f32], origin: &[f32], gaps: &mut [f32], squares: &mut [f32]) {
    let sums = gaps.iter_mut().zip(squares);
    for ((value, near), (gap, square)) in row.iter().zip(origin).zip(sums) {
        let d = value - near;
        *gap += d;
        *square += d * d;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn affine_rows(input: &[f32], scales: &[f32], shifts: &[f32], out: &mut [f32]) {
    let width = scales.len();
    for (out, input) in out.chunks_exact_mut(width).zip(input.chunks_exact(width)) {
        let values = out.iter_mut().zip(input);
        for ((out, value), (scale, shift)) in values.zip(scales.iter().zip(shifts)) {
            *out = value * scale + shift;
        }
    }
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
