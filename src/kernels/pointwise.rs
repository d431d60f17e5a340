//! Activations: one value in, one value out.

use multiversion::multiversion;
use rayon::prelude::*;

use super::exp::{erf, exp};

/// Values one task takes.
const CHUNK: usize = 1 << 14;

/// `x * sigmoid(x)`, in place.
pub fn silu(values: &mut [f32]) {
    values.par_chunks_mut(CHUNK).for_each(silu_chunk);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
pub(super) fn silu_chunk(values: &mut [f32]) {
    for value in values {
        *value /= 1.0 + exp(-*value);
    }
}

/// `x * sigmoid(1.702 x)`, in place: `OpenAI` CLIP's `quick_gelu`.
pub fn quick_gelu(values: &mut [f32]) {
    values.par_chunks_mut(CHUNK).for_each(quick_gelu_chunk);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn quick_gelu_chunk(values: &mut [f32]) {
    for value in values {
        *value /= 1.0 + exp(-1.702 * *value);
    }
}

/// `max(x, 0)`, in place.
pub fn relu(values: &mut [f32]) {
    values.par_chunks_mut(CHUNK).for_each(|values| {
        for value in values {
            *value = value.max(0.0);
        }
    });
}

/// `x * Φ(x)` with the exact error function, in place.
pub fn gelu_erf(values: &mut [f32]) {
    values.par_chunks_mut(CHUNK).for_each(gelu_chunk);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn gelu_chunk(values: &mut [f32]) {
    for value in values {
        *value = gelu(*value);
    }
}

#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// Each row of `input` is `width` values and `width` gates: writes `value * gelu(gate)`.
pub fn geglu(width: usize, input: &[f32], out: &mut [f32]) {
    assert_eq!(input.len(), 2 * out.len());
    out.par_chunks_exact_mut(width)
        .zip(input.par_chunks_exact(2 * width))
        .for_each(|(out, row)| geglu_row(row, out));
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn geglu_row(row: &[f32], out: &mut [f32]) {
    let (values, gates) = row.split_at(out.len());
    for ((out, value), gate) in out.iter_mut().zip(values).zip(gates) {
        *out = value * gelu(*gate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Vec<f32> {
        (-600..600).map(|i| i as f32 / 50.0).collect()
    }

    fn assert_follows(apply: fn(&mut [f32]), truth: impl Fn(f64) -> f64) {
        let mut values = line();
        apply(&mut values);
        for (x, y) in line().into_iter().zip(values) {
            let truth = truth(f64::from(x));
            assert!(
                (f64::from(y) - truth).abs() < 2e-6,
                "f({x}) = {y}, not {truth}"
            );
        }
    }

    #[test]
    fn silu_and_quick_gelu_follow_their_definitions() {
        assert_follows(silu, |x| x / (1.0 + (-x).exp()));
        assert_follows(quick_gelu, |x| x / (1.0 + (-1.702 * x).exp()));
    }

    #[test]
    fn gelu_is_the_exact_one_not_the_tanh_form() {
        // Values of torch.nn.functional.gelu(x), approximate="none".
        let mut values = [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0];
        gelu_erf(&mut values);
        let torch = [
            -0.045_500_26,
            -0.158_655_25,
            -0.154_268_77,
            0.345_731_23,
            0.841_344_7,
            1.954_499_7,
        ];
        for (ours, torch) in values.iter().zip(torch) {
            assert!((ours - torch).abs() < 1e-6, "{ours} is not {torch}");
        }
    }

    #[test]
    fn geglu_gates_the_first_half_with_the_second() {
        let mut out = [0.0; 4];
        geglu(2, &[1.0, 2.0, 1.0, -1.0, 3.0, 4.0, 0.0, 2.0], &mut out);
        let expected = [0.841_344_7, -0.317_310_5, 0.0, 7.817_999];
        for (ours, expected) in out.iter().zip(expected) {
            assert!((ours - expected).abs() < 2e-6);
        }
    }
}
