//! Long vectors, as optimisers add and compare them.

use multiversion::multiversion;
use rayon::prelude::*;

/// Values one task takes.
const CHUNK: usize = 1 << 15;

/// The sum of the products of their values.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let chunks = a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK));
    // Chunks are few: their sum is taken in order, the same on any number of threads.
    let sums: Vec<f64> = chunks.map(|(a, b)| f64::from(dot_chunk(a, b))).collect();
    sums.iter().sum::<f64>() as f32
}

/// Adds `b` times `factor` to `a`.
pub fn add_scaled(a: &mut [f32], b: &[f32], factor: f32) {
    assert_eq!(a.len(), b.len());
    a.par_chunks_mut(CHUNK)
        .zip(b.par_chunks(CHUNK))
        .for_each(|(a, b)| add_scaled_chunk(a, b, factor));
}

/// The largest absolute value, 0 of nothing.
pub fn largest(a: &[f32]) -> f32 {
    a.par_chunks(CHUNK)
        .map(largest_chunk)
        .reduce(|| 0.0, f32::max)
}

/// The sum of the absolute values.
pub fn absolute_sum(a: &[f32]) -> f32 {
    let sums: Vec<f64> = a
        .par_chunks(CHUNK)
        .map(|chunk| f64::from(absolute_chunk(chunk)))
        .collect();
    sums.iter().sum::<f64>() as f32
}

/// Sums that do not wait for each other.
const LANES: usize = 64;

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn dot_chunk(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn add_scaled_chunk(a: &mut [f32], b: &[f32], factor: f32) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b * factor;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn largest_chunk(a: &[f32]) -> f32 {
    let mut most = [0f32; LANES];
    let (whole, rest) = a.as_chunks::<LANES>();
    for a in whole {
        for (most, a) in most.iter_mut().zip(a) {
            *most = most.max(a.abs());
        }
    }
    most.iter()
        .chain(rest)
        .fold(0.0, |most, a| most.max(a.abs()))
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn absolute_chunk(a: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    let (whole, rest) = a.as_chunks::<LANES>();
    for a in whole {
        for (sum, a) in sums.iter_mut().zip(a) {
            *sum += a.abs();
        }
    }
    sums.iter().chain(rest).map(|a| a.abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_any_length_are_taken_whole() {
        for len in [0, 1, 63, 64, 65, 3 * CHUNK + 17] {
            let a: Vec<f32> = (0..len).map(|at| (at % 7) as f32 - 3.0).collect();
            let b: Vec<f32> = (0..len).map(|at| (at % 5) as f32).collect();
            let plain: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(a * b)).sum();
            assert!((f64::from(dot(&a, &b)) - plain).abs() <= 1e-6 * plain.abs());
            let sum: f64 = a.iter().map(|a| f64::from(a.abs())).sum();
            assert!((f64::from(absolute_sum(&a)) - sum).abs() <= 1e-6 * sum);
            assert_eq!(largest(&a), a.iter().fold(0.0, |most, a| a.abs().max(most)));
            let mut added = a.clone();
            add_scaled(&mut added, &b, -2.0);
            let wanted: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a - 2.0 * b).collect();
            assert_eq!(added, wanted);
        }
    }
}
