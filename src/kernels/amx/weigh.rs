//! From scores to weights the unit multiplies with.

use std::arch::x86_64::{
    __m512, _mm512_add_ps, _mm512_and_si512, _mm512_castps_si512, _mm512_castsi512_ps,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_loadu_ps, _mm512_max_ps, _mm512_reduce_max_ps,
    _mm512_reduce_ps, _mm512_scalef_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_srli_epi32, _mm512_storeu_ps, _mm512_storeu_si512, _mm512_sub_ps,
    _mm512_ternarylogic_epi32,
};
use std::f32::consts::LOG2_E;

use super::split::first_lanes;
use super::tiles::{DEPTH, SIDE};
use crate::kernels::attention::Weigh;

/// Of the polynomial that is `2^x` from 0 to 1 to 2.6e-6, less than splitting costs: fitted by least
/// squares that were weighted again and again until the largest gaps were alike. The highest power
/// first.
const POLYNOMIAL: [f32; 5] = [
    1.353_409_6e-2,
    5.201_160_5e-2,
    2.414_426_7e-1,
    6.930_038_3e-1,
    1.000_002_6,
];
/// Rounds down, and minds no exceptions.
const DOWN: i32 = 0x9;
/// `a | b & c`
const OR_OF_AND: i32 = 0xf8;

/// Leaves weights where scores were, split: of each 32 the high parts, then the low ones, both in the
/// order of [`place_of`].
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn weigh(weigh: Weigh<'_>) {
    let of_sums = weigh.sums.len() / weigh.so_far.len().max(1);
    // Powers of two are what the machine has.
    let scale = weigh.scale * LOG2_E;
    let rows = weigh.scores.chunks_exact_mut(weigh.pitch).zip(weigh.so_far);
    let rows = rows.zip(weigh.sums.chunks_exact_mut(of_sums)).enumerate();
    for (query, ((scores, so_far), sums)) in rows {
        let visible = weigh.sees.of(query);
        let (seen, beyond) = scores[..weigh.keys].split_at_mut(visible.next_multiple_of(DEPTH));
        if !beyond.is_empty() {
            beyond.fill(0.0);
        }
        let parts = seen.as_chunks_mut().0;
        if so_far.is_near {
            weigh_parts(parts, visible, &mut so_far.weights, |score| score);
            continue;
        }
        so_far.raise(highest(parts, visible) * scale, sums, f32::exp2);
        if so_far.highest == f32::NEG_INFINITY {
            seen.fill(0.0);
            continue;
        }
        let (scale, less) = (_mm512_set1_ps(scale), _mm512_set1_ps(-so_far.highest));
        weigh_parts(parts, visible, &mut so_far.weights, |score| {
            _mm512_fmadd_ps(score, scale, less)
        });
    }
}

/// Of so many scores.
#[target_feature(enable = "avx512f")]
#[inline]
fn highest(parts: &mut [[f32; DEPTH]], visible: usize) -> f32 {
    let nothing = _mm512_set1_ps(f32::NEG_INFINITY);
    let (mut first_most, mut second_most) = (nothing, nothing);
    for_parts(parts, visible, |first, second, _| {
        first_most = _mm512_max_ps(first_most, first);
        second_most = _mm512_max_ps(second_most, second);
    });
    _mm512_reduce_max_ps(_mm512_max_ps(first_most, second_most))
}

/// Leaves weights, split, where so many scores were, which first become what `power` makes of them;
/// adds them up.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn weigh_parts(
    parts: &mut [[f32; DEPTH]],
    visible: usize,
    totals: &mut [f32; SIDE],
    power: impl Fn(__m512) -> __m512,
) {
    // SAFETY: it is a vector of numbers.
    let mut first_total = unsafe { _mm512_loadu_ps(totals.as_ptr()) };
    let mut second_total = _mm512_setzero_ps();
    for_parts(parts, visible, |first, second, part| {
        let (first, second) = (power_of_two(power(first)), power_of_two(power(second)));
        first_total = _mm512_add_ps(first_total, first);
        second_total = _mm512_add_ps(second_total, second);
        split_over(first, second, part);
    });
    let total = _mm512_add_ps(first_total, second_total);
    // SAFETY: as above.
    unsafe { _mm512_storeu_ps(totals.as_mut_ptr(), total) };
}

/// Parts, each with its scores. What is not visible is lower than anything; it is not written first:
/// vectors would wait for it.
#[target_feature(enable = "avx512f")]
#[inline]
fn for_parts(
    parts: &mut [[f32; DEPTH]],
    visible: usize,
    mut each: impl FnMut(__m512, __m512, &mut [f32; DEPTH]),
) {
    let (whole, last) = parts.split_at_mut(visible / DEPTH);
    for part in whole {
        // SAFETY: both are a vector of numbers.
        let [first, second] =
            [0, SIDE].map(|half| unsafe { _mm512_loadu_ps(part[half..].as_ptr()) });
        each(first, second, part);
    }
    if let Some(part) = last.first_mut() {
        let [first, second] = [0, SIDE].map(|half| {
            let there = first_lanes((visible % DEPTH).saturating_sub(half));
            let nothing = _mm512_set1_ps(f32::NEG_INFINITY);
            // SAFETY: as above.
            unsafe { _mm512_mask_loadu_ps(nothing, there, part[half..].as_ptr()) }
        });
        each(first, second, part);
    }
}

/// Of numbers that are not far above 0; their fractions go through a polynomial, and what is far below
/// becomes 0.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn power_of_two(x: __m512) -> __m512 {
    let fraction = _mm512_reduce_ps::<DOWN>(x);
    let mut power = _mm512_set1_ps(POLYNOMIAL[0]);
    for factor in &POLYNOMIAL[1..] {
        power = _mm512_fmadd_ps(power, fraction, _mm512_set1_ps(*factor));
    }
    // It rounds its second number down as well.
    _mm512_scalef_ps(power, x)
}

/// Splits 32 numbers where they lie. What is cut off is not rounded, which costs a bit of each part
/// and saves half the instructions.
#[target_feature(enable = "avx512f")]
#[inline]
fn split_over(first: __m512, second: __m512, part: &mut [f32; DEPTH]) {
    let upper = _mm512_set1_epi32(0xffff_0000_u32.cast_signed());
    let high = |values| _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(values), upper));
    let (first_low, second_low) = (
        _mm512_sub_ps(first, high(first)),
        _mm512_sub_ps(second, high(second)),
    );
    // The upper halves of both, the first one's below the second one's.
    let side_by_side = |first, second| {
        let below = _mm512_srli_epi32::<16>(_mm512_castps_si512(first));
        _mm512_ternarylogic_epi32::<OR_OF_AND>(below, _mm512_castps_si512(second), upper)
    };
    let (highs, lows) = part.split_at_mut(SIDE);
    // SAFETY: there is room for 64 bytes in both.
    unsafe {
        _mm512_storeu_si512(highs.as_mut_ptr().cast(), side_by_side(first, second));
        _mm512_storeu_si512(
            lows.as_mut_ptr().cast(),
            side_by_side(first_low, second_low),
        );
    }
}

/// Where the weight of one of 32 keys lies among them: the first and the last 16 alternate.
pub(super) const fn place_of(key: usize) -> usize {
    key % SIDE * 2 + key / SIDE
}
