//! Sums of tensors, and tensors side by side.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use multiversion::multiversion;
use rayon::prelude::*;

use super::fresh::fresh;

/// Values one task takes.
const CHUNK: usize = 1 << 15;

/// `a + b`.
pub fn add(a: &[f32], b: &[f32]) -> Vec<f32> {
    assert_eq!(a.len(), b.len());
    // SAFETY: every chunk is written below.
    let mut out = unsafe { fresh(a.len()) };
    out.par_chunks_mut(CHUNK)
        .zip(a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK)))
        .for_each(|(out, (a, b))| add_chunk(a, b, out));
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn add_chunk(a: &[f32], b: &[f32], out: &mut [f32]) {
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = a + b;
    }
}

/// How far `a` is from `b`: `(a - b) * factor`, and the sum of the squares of `a - b`.
pub fn gap(a: &[f32], b: &[f32], factor: f32) -> (Vec<f32>, f64) {
    assert_eq!(a.len(), b.len());
    // SAFETY: every chunk is written below.
    let mut out = unsafe { fresh(a.len()) };
    let sums: Vec<f64> = out
        .par_chunks_mut(CHUNK)
        .zip(a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK)))
        .map(|(out, (a, b))| f64::from(gap_chunk(a, b, factor, out)))
        .collect();
    // In order, the same on any number of threads.
    (out, sums.iter().sum())
}

/// Sums that do not wait for each other.
const LANES: usize = 64;

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn gap_chunk(a: &[f32], b: &[f32], factor: f32, out: &mut [f32]) -> f32 {
    let mut sums = [0f32; LANES];
    let rows = out
        .chunks_mut(LANES)
        .zip(a.chunks(LANES).zip(b.chunks(LANES)));
    for (out, (a, b)) in rows {
        for ((out, sum), (a, b)) in out.iter_mut().zip(&mut sums).zip(a.iter().zip(b)) {
            let gap = a - b;
            *out = gap * factor;
            *sum += gap * gap;
        }
    }
    sums.iter().sum()
}

/// Rows of `width` values, each times a factor of its own.
pub fn scale_rows(rows: &[f32], factors: &[f32]) -> Vec<f32> {
    let width = rows.len() / factors.len().max(1);
    assert_eq!(rows.len(), width * factors.len());
    // SAFETY: every row is written below.
    let mut out = unsafe { fresh(rows.len()) };
    out.par_chunks_exact_mut(width.max(1))
        .zip(rows.par_chunks_exact(width.max(1)).zip(factors))
        .with_min_len(CHUNK.div_ceil(width.max(1)))
        .for_each(|(out, (row, factor))| scale_row(row, *factor, out));
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn scale_row(row: &[f32], factor: f32, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = value * factor;
    }
}

/// Rows each of which is a row of `a`, `widths.0` values, and one of `b`, `widths.1` values.
pub fn beside(widths: (usize, usize), a: &[f32], b: &[f32]) -> Vec<f32> {
    let width = widths.0 + widths.1;
    assert_eq!(a.len() * widths.1, b.len() * widths.0);
    assert_eq!(a.len() % widths.0.max(1), 0);
    // SAFETY: every row is written below.
    let mut out = unsafe { fresh(a.len() + b.len()) };
    out.par_chunks_exact_mut(width)
        .zip(
            a.par_chunks_exact(widths.0)
                .zip(b.par_chunks_exact(widths.1)),
        )
        .with_min_len(CHUNK.div_ceil(width))
        .for_each(|(out, (a, b))| {
            let (left, right) = out.split_at_mut(widths.0);
            left.copy_from_slice(a);
            right.copy_from_slice(b);
        });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_scaled_and_their_squares_are_summed() {
        for len in [0, 1, 63, 65, 2 * CHUNK + 17] {
            let a: Vec<f32> = (0..len).map(|at| (at % 7) as f32).collect();
            let b: Vec<f32> = (0..len).map(|at| (at % 5) as f32).collect();
            let (scaled, sum) = gap(&a, &b, 0.5);
            let gaps: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
            let squares: f64 = gaps.iter().map(|gap| f64::from(gap * gap)).sum();
            assert!((sum - squares).abs() <= 1e-6 * squares);
            assert!(scaled.iter().zip(&gaps).all(|(out, gap)| *out == gap * 0.5));
        }
    }

    #[test]
    fn each_row_has_its_factor() {
        let out = scale_rows(&[1.0, 2.0, 3.0, 4.0], &[2.0, -1.0]);
        assert_eq!(out, [2.0, 4.0, -3.0, -4.0]);
        assert!(scale_rows(&[], &[]).is_empty());
    }

    #[test]
    fn rows_are_laid_side_by_side() {
        let out = beside(
            (2, 3),
            &[1.0, 2.0, 6.0, 7.0],
            &[3.0, 4.0, 5.0, 8.0, 9.0, 10.0],
        );
        assert_eq!(out, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
    }
}
