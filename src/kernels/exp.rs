//! The exponential as a branch-free polynomial, so that loops over it vectorise.

use std::f32::consts::LOG2_E;

use pulp::Simd;

use super::level::multiply_add;

const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding and subtracting 1.5 * 2^23 rounds to the nearest integer.
const ROUND: f32 = 12_582_912.0;
/// Of the degree-5 polynomial of Cephes' `expf`, the highest power first.
const POLYNOMIAL: [f32; 6] = [
    1.987_569_1e-4,
    1.398_2e-3,
    8.333_452e-3,
    4.166_579_6e-2,
    1.666_666_5e-1,
    5e-1,
];
/// Within these the result is a normal number.
const LEAST: f32 = -87.3;
const MOST: f32 = 88.3;

/// [`exp`] of a whole vector.
#[inline(always)]
pub(super) fn exp_vector<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value| simd.splat_f32s(value);
    let plus = |a, b, c| multiply_add(simd, a, b, c);
    let x = simd.min_f32s(simd.max_f32s(x, splat(LEAST)), splat(MOST));
    let rounded = plus(x, splat(LOG2_E), splat(ROUND));
    let n = simd.sub_f32s(rounded, splat(ROUND));
    let r = plus(n, splat(-LN2_LOW), plus(n, splat(-LN2_HIGH), x));
    let mut p = splat(POLYNOMIAL[0]);
    for factor in &POLYNOMIAL[1..] {
        p = plus(p, r, splat(*factor));
    }
    let value = plus(simd.mul_f32s(p, r), r, simd.add_f32s(r, splat(1.0)));
    let bits = simd.add_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(127));
    let power = simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(23));
    simd.mul_f32s(value, simd.transmute_f32s_u32s(power))
}

/// `e^x` to about one part in 10⁷; 0 below the range of f32, never infinite.
///
/// Cody and Waite's reduction to `|r| <= ln 2 / 2`, then a polynomial.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(LEAST, MOST);
    let rounded = x * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = POLYNOMIAL[0];
    for factor in &POLYNOMIAL[1..] {
        p = p * r + factor;
    }
    let value = p * r * r + r + 1.0;
    // `n` is a whole number of [-126, 127], and the lowest bits of `rounded`. A conversion would keep
    // loops from being vectorised.
    value * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

/// The error function to 1.5e-7: Abramowitz and Stegun 7.1.26.
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let a = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * a);
    let mut p = 1.061_405_4;
    p = p * t - 1.453_152;
    p = p * t + 1.421_413_8;
    p = p * t - 0.284_496_74;
    p = p * t + 0.254_829_6;
    (1.0 - p * t * exp(-a * a)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_follows_the_true_one() {
        for i in -8700..=8800 {
            let x = i as f32 / 100.0;
            let (ours, truth) = (f64::from(exp(x)), f64::from(x).exp());
            assert!(
                (ours / truth - 1.0).abs() < 4e-7,
                "exp({x}) = {ours}, not {truth}"
            );
        }
        assert!(exp(-1e9) < 1e-37 && exp(f32::INFINITY).is_finite());
    }

    #[test]
    fn erf_follows_published_values() {
        // Abramowitz and Stegun, table 7.1.
        for (x, truth) in [
            (0.0, 0.0),
            (0.1, 0.112_462_92),
            (0.5, 0.520_499_9),
            (1.0, 0.842_700_8),
            (2.0, 0.995_322_3),
            (4.0, 1.0),
        ] {
            assert!((erf(x) - truth).abs() < 5e-7, "erf({x}) = {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
    }
}
