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

/// `e^x` to about one part in 10⁷; 0 below the range of f32, never infinite.
///
/// Cody and Waite's reduction to `|r| <= ln 2 / 2`, then a polynomial.
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

/// Of a quotient of two polynomials of `x²` which, times `x`, is the error function within
/// [`ERF_END`] to 4e-7: fitted by least squares that were weighted again and again until the largest
/// gaps were alike. The highest power first.
const ERF_ABOVE: [f32; 7] = [
    1.921_378e-8,
    -1.989_870_5e-6,
    1.554_853_7e-4,
    4.291_462_7e-3,
    5.242_897_6e-2,
    2.139_114_4e-1,
    1.128_378_6,
];
const ERF_BELOW: [f32; 5] = [
    1.097_605_8e-3,
    1.554_809_9e-2,
    1.207_857_6e-1,
    5.229_018e-1,
    1.0,
];
/// From here on the error function is 1 to the last bit but one.
const ERF_END: f32 = 4.0;

/// The error function to 4e-7.
#[inline(always)]
pub(super) fn erf_vector<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value| simd.splat_f32s(value);
    let x = simd.min_f32s(simd.max_f32s(x, splat(-ERF_END)), splat(ERF_END));
    let square = simd.mul_f32s(x, x);
    let polynomial = |factors: &[f32]| {
        let mut p = splat(factors[0]);
        for factor in &factors[1..] {
            p = multiply_add(simd, p, square, splat(*factor));
        }
        p
    };
    let above = simd.mul_f32s(x, polynomial(&ERF_ABOVE));
    simd.div_f32s(above, polynomial(&ERF_BELOW))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Level;
    use pulp::WithSimd;

    #[derive(Clone, Copy)]
    enum Kind {
        Exp,
        Erf,
    }

    struct Of<'a>(Kind, &'a mut [f32]);

    impl WithSimd for Of<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for values in self.1.chunks_mut(S::F32_LANES) {
                let x = simd.partial_load_f32s(values);
                let y = match self.0 {
                    Kind::Exp => exp_vector(simd, x),
                    Kind::Erf => erf_vector(simd, x),
                };
                simd.partial_store_f32s(values, y);
            }
        }
    }

    #[test]
    fn exp_follows_the_true_one_at_every_level() {
        let line: Vec<f32> = (-8700..=8800).map(|i| i as f32 / 100.0).collect();
        for level in Level::all() {
            let mut values = line.clone();
            level.run(Of(Kind::Exp, &mut values));
            for (x, ours) in line.iter().zip(values) {
                let truth = f64::from(*x).exp();
                assert!(
                    (f64::from(ours) / truth - 1.0).abs() < 4e-7,
                    "exp({x}) = {ours}, not {truth}"
                );
            }
            let mut far = [-1e9, f32::INFINITY, f32::NEG_INFINITY];
            level.run(Of(Kind::Exp, &mut far));
            assert!(far[0] < 1e-37 && far[1].is_finite() && far[2] < 1e-37);
        }
    }

    #[test]
    fn erf_follows_published_values_at_every_level() {
        // Abramowitz and Stegun, table 7.1.
        let published = [
            (0.0, 0.0),
            (0.1, 0.112_462_92),
            (0.5, 0.520_499_9),
            (1.0, 0.842_700_8),
            (2.0, 0.995_322_3),
            (4.0, 1.0),
            (9.0, 1.0),
        ];
        for level in Level::all() {
            for (x, truth) in published {
                let mut values = [x, -x];
                level.run(Of(Kind::Erf, &mut values));
                assert!((values[0] - truth).abs() < 5e-7, "erf({x}) = {values:?}");
                assert_eq!(values[1], -values[0]);
            }
        }
    }
}
