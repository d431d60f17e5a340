//! By the instruction of AVX-512 that adds four products of eight bits.

use std::arch::x86_64::{
    __m512i, _mm512_dpbusd_epi32, _mm512_load_si512, _mm512_set1_epi32, _mm512_setzero_si512,
    _mm512_storeu_si512,
};

use super::{EightPart, EightWork, Sums, WIDTH};

/// Whether the machine has it.
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

/// Rows computed together.
const ROWS: usize = 12;

/// Adds products of rows and blocks; `of_weights` are the sums of each output's weights.
pub(super) fn multiply(work: &EightWork<'_>, of_weights: &[i32], sums: &mut Sums) {
    assert!(is_there() && of_weights.len() >= WIDTH);
    assert_eq!(work.blocks.len(), work.depth);
    let rows = work.rows.chunks(ROWS * work.depth);
    for (rows, sums) in rows.zip(sums.chunks_mut(ROWS)) {
        // SAFETY: the instructions are there by the assertion.
        unsafe { tile(rows, work, sums) };
    }
    // Values were taken as what they are and 128, which is more by 128 times the weights' sum.
    for sums in sums.iter_mut() {
        for (sum, weights) in sums.iter_mut().zip(of_weights) {
            *sum -= 128 * weights;
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn tile(rows: &[EightPart], work: &EightWork<'_>, sums: &mut [[i32; WIDTH]]) {
    let count = rows.len() / work.depth;
    // Rows beyond the last one compute what it does, for nobody.
    let row = |at: usize| &rows[at.min(count - 1) * work.depth..][..work.depth];
    let rows: [&[EightPart]; ROWS] = std::array::from_fn(row);
    let mut all = [[_mm512_setzero_si512(); 2]; ROWS];
    for (depth, block) in work.blocks.iter().enumerate() {
        for four in 0..super::DEPTH / 4 {
            let weights: [__m512i; 2] = std::array::from_fn(|half| {
                let at = &block.0[half][four * WIDTH * 2..][..64];
                // SAFETY: there are 64 bytes, and blocks begin at multiples of 64.
                unsafe { _mm512_load_si512(at.as_ptr().cast()) }
            });
            for (row, sums) in rows.iter().zip(&mut all) {
                let values = row[depth].0.as_chunks::<4>().0[four];
                let values = i32::from_ne_bytes(values.map(i8::cast_unsigned)) ^ MIDDLE;
                let values = _mm512_set1_epi32(values);
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = _mm512_dpbusd_epi32(*sum, values, weights);
                }
            }
        }
    }
    for (sums, all) in sums.iter_mut().zip(&all).take(count) {
        for (sums, all) in sums.chunks_exact_mut(WIDTH / 2).zip(all) {
            // SAFETY: there is room for 16 numbers.
            unsafe { _mm512_storeu_si512(sums.as_mut_ptr().cast(), *all) };
        }
    }
}

/// Changes four values of ±127 to what they are and 128.
const MIDDLE: i32 = i32::from_ne_bytes([0x80; 4]);
