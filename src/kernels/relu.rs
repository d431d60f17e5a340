//! Gradients of `max(x, 0)`.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use multiversion::multiversion;
use rayon::prelude::*;

use super::fresh::fresh;

/// Values one task takes.
const CHUNK: usize = 1 << 15;

/// The gradient of `x` from that of `made`, which is `max(x, 0)`: none where nothing was left.
pub fn relu_gradient(made: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(made.len(), gradient.len());
    // SAFETY: every chunk is written below.
    let mut out = unsafe { fresh(made.len()) };
    out.par_chunks_mut(CHUNK)
        .zip(made.par_chunks(CHUNK).zip(gradient.par_chunks(CHUNK)))
        .for_each(|(out, (made, gradient))| keep_where_above(made, gradient, out));
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn keep_where_above(made: &[f32], gradient: &[f32], out: &mut [f32]) {
    for (out, (made, gradient)) in out.iter_mut().zip(made.iter().zip(gradient)) {
        *out = if *made > 0.0 { *gradient } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_passes_its_gradient() {
        let left = relu_gradient(&[0.0, 2.0, 0.0, 1e-9], &[1.0, -2.0, -3.0, 4.0]);
        assert_eq!(left, [0.0, -2.0, 0.0, 4.0]);
    }
}
