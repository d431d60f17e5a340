//! The transforms of a line of values; a tile is transformed down its columns, then along its rows.

use pulp::Simd;

use super::{REACH, SIDE};
use crate::kernels::level::multiply_add;

/// `G g`: three weights in a line, transformed.
#[inline(always)]
pub(super) fn spread<S: Simd>(simd: S, [a, b, c]: [S::f32s; 3]) -> [S::f32s; REACH] {
    let times = |factor: f32, value| simd.mul_f32s(simd.splat_f32s(factor), value);
    let (plus, minus) = (|a, b| simd.add_f32s(a, b), |a, b| simd.sub_f32s(a, b));
    let outer = times(-1.0 / 6.0, plus(a, c));
    let middle = times(1.0 / 6.0, b);
    let far = plus(times(1.0 / 24.0, a), times(1.0 / 6.0, c));
    let half = times(1.0 / 12.0, b);
    [
        times(1.0 / 4.0, a),
        minus(outer, middle),
        plus(outer, middle),
        plus(far, half),
        minus(far, half),
        c,
    ]
}

/// `Bᵀ d`: six inputs in a line, transformed.
#[inline(always)]
pub(super) fn seen<S: Simd>(simd: S, d: [S::f32s; REACH]) -> [S::f32s; REACH] {
    let (two, four, five) = (
        simd.splat_f32s(2.0),
        simd.splat_f32s(4.0),
        simd.splat_f32s(5.0),
    );
    let minus = |a, b, c| multiply_add(simd, simd.neg_f32s(a), b, c);
    let plus = |a, b, c| multiply_add(simd, a, b, c);
    let even = minus(four, d[2], d[4]);
    let odd = minus(four, d[1], d[3]);
    let even2 = simd.sub_f32s(d[4], d[2]);
    let odd2 = simd.mul_f32s(two, simd.sub_f32s(d[3], d[1]));
    [
        plus(four, d[0], minus(five, d[2], d[4])),
        simd.add_f32s(even, odd),
        simd.sub_f32s(even, odd),
        simd.add_f32s(even2, odd2),
        simd.sub_f32s(even2, odd2),
        plus(four, d[1], minus(five, d[3], d[5])),
    ]
}

/// `Aᵀ m`: four outputs in a line out of six transformed ones.
#[inline(always)]
pub(super) fn made<S: Simd>(simd: S, m: [S::f32s; REACH]) -> [S::f32s; SIDE] {
    let splat = |value| simd.splat_f32s(value);
    let plus = |a, b, c| multiply_add(simd, a, b, c);
    let (sum, gap) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
    let (sum2, gap2) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
    [
        simd.add_f32s(m[0], simd.add_f32s(sum, sum2)),
        plus(splat(2.0), gap2, gap),
        plus(splat(4.0), sum2, sum),
        simd.add_f32s(plus(splat(8.0), gap2, gap), m[5]),
    ]
}
