//! Normalisation over groups of channels: Wu and He 2018, "Group Normalization".

use multiversion::multiversion;
use rayon::prelude::*;

/// Sizes of a group normalisation over `[batch, pixels, channels]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNormShape {
    pub channels: usize,
    pub pixels: usize,
    /// Divides `channels`.
    pub groups: usize,
    pub eps: f32,
}

/// Pixels whose values one task takes.
const PIXELS: usize = 64;

/// What each channel of each picture is multiplied with, and what is added then, to bring its group
/// to mean 0 and variance 1 and after that to `x * weight[channel] + bias[channel]`: both
/// `[batch, channels]`.
pub fn group_moments(
    shape: GroupNormShape,
    input: &[f32],
    (weight, bias): (&[f32], &[f32]),
) -> (Vec<f32>, Vec<f32>) {
    let GroupNormShape {
        channels, pixels, ..
    } = shape;
    assert_eq!((weight.len(), bias.len()), (channels, channels));
    let (mut scales, mut shifts) = (Vec::new(), Vec::new());
    for picture in input.chunks_exact(channels * pixels) {
        let (scale, shift) = moments_of_picture(shape, picture, weight, bias);
        scales.extend(scale);
        shifts.extend(shift);
    }
    (scales, shifts)
}

fn moments_of_picture(
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
