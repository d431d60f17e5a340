//! Whose scores cannot be far from 0: a product of two rows is at most that of their lengths. Nobody
//! has to look for the highest of such scores before the power of two is taken of them, and what is
//! summed is never scaled down.

use std::arch::x86_64::{
    _mm512_fmadd_ps, _mm512_maskz_loadu_ps, _mm512_reduce_add_ps, _mm512_setzero_ps,
};

use super::split::first_lanes;
use super::tiles::SIDE;
use crate::kernels::attention::{HeadOf, Row};

/// Powers of two whose sums over any number of keys, and whose low parts, are still normal numbers.
const NEAR: f32 = 80.0;

/// What a query begins with, of the squares of its length and of the longest key's.
pub(super) fn row_of(query: f32, longest: f32) -> Row {
    if query * longest <= NEAR * NEAR {
        Row::NEAR
    } else {
        Row::FAR
    }
}

/// The square of the length of the longest row of a head.
#[target_feature(enable = "avx512f")]
pub(super) fn longest(head: HeadOf<'_>) -> f32 {
    let mut longest = 0.0f32;
    for token in 0..head.count {
        longest = longest.max(square(head.row(token)));
    }
    longest
}

/// The square of a row's length.
#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn square(row: &[f32]) -> f32 {
    let mut squares = _mm512_setzero_ps();
    for values in row.chunks(SIDE) {
        // SAFETY: masked lanes are not read.
        let values = unsafe { _mm512_maskz_loadu_ps(first_lanes(values.len()), values.as_ptr()) };
        squares = _mm512_fmadd_ps(values, values, squares);
    }
    _mm512_reduce_add_ps(squares)
}
