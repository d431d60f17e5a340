//! f32 as the sum of two bf16.

use std::arch::x86_64::{
    __m256i, __m512, __m512bh, _mm256_loadu_si256, _mm512_castsi512_ps, _mm512_castsi512_si256,
    _mm512_cvtepu16_epi32, _mm512_cvtne2ps_pbh, _mm512_cvtph_ps, _mm512_extracti64x4_epi64,
    _mm512_maskz_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_slli_epi32, _mm512_storeu_ps,
    _mm512_sub_ps,
};

use pulp::Simd as _;

use super::Amx;
use super::tiles::{Block, DEPTH, HalfBlock, SIDE, Split};
use crate::kernels::before::{Before, positive};
use crate::kernels::level::load;

/// Splits what becomes of a row; zeros follow where it ends.
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512bf16")]
pub(super) fn split_after(amx: Amx, before: &Before<'_>, row: &[f32], out: &mut [Split]) {
    let simd = amx.vectors;
    let moments = match before {
        Before::Nothing => return split(row, out),
        Before::Positive | Before::Channels(_) => (0.0, 1.0),
        Before::Rows(norm) => norm.moments(simd, row),
    };
    for (part, (values, out)) in row.chunks(DEPTH).zip(out).enumerate() {
        let halves = values.split_at(values.len().min(SIDE));
        let of = |half: &[f32], at: usize| {
            if half.is_empty() {
                return simd.splat_f32s(0.0);
            }
            let values = load(simd, half);
            match before {
                Before::Positive => positive(simd, values),
                Before::Channels(affine) => affine.apply(simd, at, values),
                Before::Rows(norm) => norm.apply(simd, moments, at, values),
                Before::Nothing => values,
            }
        };
        let (first, second) = (
            of(halves.0, part * DEPTH),
            of(halves.1, part * DEPTH + SIDE),
        );
        let parts = split_two(pulp::cast(first), pulp::cast(second));
        store(parts, out.0.split_at_mut(DEPTH));
    }
}

/// Splits a row; zeros follow where it ends.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[inline]
pub(super) fn split(row: &[f32], out: &mut [Split]) {
    split_scaled(row, 1.0, out);
}

/// Splits a row, each value times a factor; zeros follow where it ends.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[inline]
pub(super) fn split_scaled(row: &[f32], factor: f32, out: &mut [Split]) {
    debug_assert_eq!(out.len(), row.len().div_ceil(DEPTH));
    for (values, out) in row.chunks(DEPTH).zip(out) {
        store(split_some(values, factor), out.0.split_at_mut(DEPTH));
    }
}

/// High and low parts of at most 32 values, each times a factor; zeros follow.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[inline]
pub(super) fn split_some(values: &[f32], factor: f32) -> (__m512, __m512) {
    let mask = |from: usize| first_lanes(values.len().saturating_sub(from));
    // SAFETY: masked lanes are not read, and nothing is beyond the slice's end but them.
    let (first, second) = unsafe {
        (
            _mm512_maskz_loadu_ps(mask(0), values.as_ptr()),
            _mm512_maskz_loadu_ps(mask(SIDE), values.as_ptr().wrapping_add(SIDE)),
        )
    };
    let factor = _mm512_set1_ps(factor);
    split_two(_mm512_mul_ps(first, factor), _mm512_mul_ps(second, factor))
}

/// So many lanes of a vector, from the first one on.
pub(super) fn first_lanes(count: usize) -> u16 {
    ((1u32 << count.min(SIDE)) - 1) as u16
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store((high, low): (__m512, __m512), (highs, lows): (&mut [u16], &mut [u16])) {
    assert!(highs.len() >= DEPTH && lows.len() >= DEPTH);
    // SAFETY: there is room for 64 bytes in both.
    unsafe {
        _mm512_storeu_ps(highs.as_mut_ptr().cast(), high);
        _mm512_storeu_ps(lows.as_mut_ptr().cast(), low);
    }
}

/// High and low parts of both, those of the first one first.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[inline]
pub(super) fn split_two(first: __m512, second: __m512) -> (__m512, __m512) {
    let high = _mm512_cvtne2ps_pbh(second, first);
    let (low_first, low_second) = floats(high);
    let low = _mm512_cvtne2ps_pbh(
        _mm512_sub_ps(second, low_second),
        _mm512_sub_ps(first, low_first),
    );
    (as_floats(high), as_floats(low))
}

fn as_floats(values: __m512bh) -> __m512 {
    // SAFETY: both are 64 bytes of any value.
    unsafe { std::mem::transmute(values) }
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn floats(values: __m512bh) -> (__m512, __m512) {
    // SAFETY: both are 64 bytes of any value.
    let values = unsafe { std::mem::transmute::<__m512bh, std::arch::x86_64::__m512i>(values) };
    let (first, second) = (
        _mm512_castsi512_si256(values),
        _mm512_extracti64x4_epi64::<1>(values),
    );
    (widened(first), widened(second))
}

/// bf16 as f32.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn widened(values: __m256i) -> __m512 {
    _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(values)))
}

/// Splits weights that are kept as f16.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn widen(half: &HalfBlock, block: &mut Block) {
    let (highs, lows) = block.0.split_at_mut(2);
    for ((half, highs), lows) in half.0.iter().zip(highs).zip(lows) {
        let places = highs
            .chunks_exact_mut(DEPTH)
            .zip(lows.chunks_exact_mut(DEPTH));
        for (values, (highs, lows)) in half.chunks_exact(DEPTH).zip(places) {
            // SAFETY: there are 64 bytes.
            let [first, second] = unsafe {
                [
                    _mm256_loadu_si256(values.as_ptr().cast()),
                    _mm256_loadu_si256(values[SIDE..].as_ptr().cast()),
                ]
            };
            let parts = split_two(_mm512_cvtph_ps(first), _mm512_cvtph_ps(second));
            store(parts, (highs, lows));
        }
    }
}
