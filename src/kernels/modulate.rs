//! What transformers do to rows between products: root mean squares, gates, products value by value.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use multiversion::multiversion;
use rayon::prelude::*;

use super::fresh::fresh;

/// Values one task takes, about.
const CHUNK: usize = 1 << 14;
/// Sums that do not wait for each other.
const LANES: usize = 32;

/// Each row of as many values as `weight` has, brought to a mean square of 1 and multiplied with
/// `weight`: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".
pub fn rms_norm(rows: &[f32], weight: &[f32], eps: f32) -> Vec<f32> {
    let width = weight.len().max(1);
    assert_eq!(rows.len() % width, 0);
    // SAFETY: every row is written below.
    let mut out = unsafe { fresh(rows.len()) };
    let task = CHUNK.div_ceil(width) * width;
    out.par_chunks_mut(task)
        .zip(rows.par_chunks(task))
        .for_each(|(out, rows)| rms_rows(rows, weight, eps, out));
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn rms_rows(rows: &[f32], weight: &[f32], eps: f32, out: &mut [f32]) {
    let width = weight.len();
    for (out, row) in out.chunks_exact_mut(width).zip(rows.chunks_exact(width)) {
        let mut sums = [0f32; LANES];
        for part in row.chunks(LANES) {
            for (sum, value) in sums.iter_mut().zip(part) {
                *sum += value * value;
            }
        }
        let mean = sums.iter().sum::<f32>() / width as f32;
        let scale = 1.0 / (mean + eps).sqrt();
        for (out, (value, weight)) in out.iter_mut().zip(row.iter().zip(weight)) {
            *out = value * scale * weight;
        }
    }
}

/// `rows + gate * ys`, of rows of as many values as `gate` has.
pub fn add_gated(rows: &[f32], gate: &[f32], ys: &[f32]) -> Vec<f32> {
    let width = gate.len().max(1);
    assert_eq!(rows.len(), ys.len());
    assert_eq!(rows.len() % width, 0);
    // SAFETY: every row is written below.
    let mut out = unsafe { fresh(rows.len()) };
    let task = CHUNK.div_ceil(width) * width;
    out.par_chunks_mut(task)
        .zip(rows.par_chunks(task).zip(ys.par_chunks(task)))
        .for_each(|(out, (rows, ys))| gated_rows(rows, gate, ys, out));
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn gated_rows(rows: &[f32], gate: &[f32], ys: &[f32], out: &mut [f32]) {
    let width = gate.len();
    let ys = ys.chunks_exact(width);
    for (out, (row, ys)) in out
        .chunks_exact_mut(width)
        .zip(rows.chunks_exact(width).zip(ys))
    {
        let values = row.iter().zip(gate.iter().zip(ys));
        for (out, (value, (gate, y))) in out.iter_mut().zip(values) {
            *out = value + gate * y;
        }
    }
}

/// `a * b`, value by value.
pub fn multiply(a: &[f32], b: &[f32]) -> Vec<f32> {
    assert_eq!(a.len(), b.len());
    // SAFETY: every chunk is written below.
    let mut out = unsafe { fresh(a.len()) };
    out.par_chunks_mut(CHUNK)
        .zip(a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK)))
        .for_each(|(out, (a, b))| multiply_chunk(a, b, out));
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn multiply_chunk(a: &[f32], b: &[f32], out: &mut [f32]) {
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = a * b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_brought_to_a_mean_square_of_one() {
        let out = rms_norm(&[3.0, 4.0, 6.0, 8.0], &[1.0, 2.0], 0.0);
        let root = 12.5f32.sqrt();
        // Twice as large a row is the same.
        let wanted = [3.0 / root, 8.0 / root, 3.0 / root, 8.0 / root];
        for (value, wanted) in out.iter().zip(wanted) {
            assert!((value - wanted).abs() < 1e-6, "{value} is not {wanted}");
        }
        assert_eq!(rms_norm(&[0.0, 0.0], &[1.0, 1.0], 1e-6), [0.0, 0.0]);
    }

    #[test]
    fn long_rows_are_summed_to_their_end() {
        let row: Vec<f32> = (0..77).map(|at| at as f32 / 7.0 - 5.0).collect();
        let mean = row.iter().map(|x| f64::from(x * x)).sum::<f64>() / 77.0;
        let out = rms_norm(&row, &[1.0; 77], 1e-6);
        for (value, x) in out.iter().zip(&row) {
            assert!((f64::from(*value) - f64::from(*x) / (mean + 1e-6).sqrt()).abs() < 1e-5);
        }
    }

    #[test]
    fn gates_let_a_part_of_each_channel_through() {
        let out = add_gated(&[1.0, 2.0, 3.0, 4.0], &[0.5, -1.0], &[2.0, 2.0, 4.0, 4.0]);
        assert_eq!(out, [2.0, 0.0, 5.0, 0.0]);
        assert_eq!(multiply(&[2.0, 3.0], &[4.0, -1.0]), [8.0, -3.0]);
    }
}
