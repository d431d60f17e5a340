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
    fn rows_are_laid_side_by_side() {
        let out = beside(
            (2, 3),
            &[1.0, 2.0, 6.0, 7.0],
            &[3.0, 4.0, 5.0, 8.0, 9.0, 10.0],
        );
        assert_eq!(out, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
    }
}
