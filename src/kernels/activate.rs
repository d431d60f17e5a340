//! One value in, one value out.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::exp::{erf_vector, exp_vector};
use super::level::{Level, load, store};

/// What becomes of every value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activate {
    #[default]
    Nothing,
    /// `x * sigmoid(x)`
    Silu,
    /// `x * Φ(x)`, the exact form.
    Gelu,
    /// The same by its approximation with the hyperbolic tangent.
    GeluTanh,
    /// `x * sigmoid(1.702 x)`: `OpenAI` CLIP's `quick_gelu`.
    QuickGelu,
    /// `max(x, 0)`, and a share of `x` below.
    Relu { below: f32 },
}

impl Activate {
    #[inline(always)]
    pub(super) fn apply<S: Simd>(self, simd: S, x: S::f32s) -> S::f32s {
        match self {
            Self::Nothing => x,
            Self::Silu => silu(simd, x),
            Self::Gelu => gelu(simd, x),
            Self::GeluTanh => gelu_tanh(simd, x),
            Self::QuickGelu => sigmoid_times(simd, x, simd.mul_f32s(x, simd.splat_f32s(-1.702))),
            Self::Relu { below } => leaky(simd, x, simd.splat_f32s(below)),
        }
    }
}

/// `max(x, 0)`, and a share of `x` below.
#[inline(always)]
pub(super) fn leaky<S: Simd>(simd: S, x: S::f32s, below: S::f32s) -> S::f32s {
    let is_below = simd.less_than_f32s(x, simd.splat_f32s(0.0));
    simd.select_f32s(is_below, simd.mul_f32s(x, below), x)
}

/// `x * sigmoid(x)`
#[inline(always)]
pub(super) fn silu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    sigmoid_times(simd, x, simd.neg_f32s(x))
}

/// `x / (1 + e^y)`
#[inline(always)]
fn sigmoid_times<S: Simd>(simd: S, x: S::f32s, y: S::f32s) -> S::f32s {
    let below = simd.add_f32s(exp_vector(simd, y), simd.splat_f32s(1.0));
    simd.div_f32s(x, below)
}

/// `x * Φ(x)`
#[inline(always)]
pub(super) fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let half = simd.mul_f32s(x, simd.splat_f32s(0.5));
    let erf = erf_vector(
        simd,
        simd.mul_f32s(x, simd.splat_f32s(std::f32::consts::FRAC_1_SQRT_2)),
    );
    super::level::multiply_add(simd, half, erf, half)
}

/// `x / 2 * (1 + tanh(√(2/π) (x + 0.044715 x³)))`: Hendrycks and Gimpel 2016, "Gaussian Error Linear
/// Units". Half of one and that tangent is a sigmoid of twice the argument.
#[inline(always)]
fn gelu_tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    const LINEAR: f32 = -2.0 * 0.797_884_6;
    let square = simd.mul_f32s(x, x);
    let cubic = simd.splat_f32s(LINEAR * 0.044_715);
    let factor = super::level::multiply_add(simd, square, cubic, simd.splat_f32s(LINEAR));
    sigmoid_times(simd, x, simd.mul_f32s(x, factor))
}

/// Values one task takes.
const CHUNK: usize = 1 << 14;

/// Changes every value in place.
pub fn activate(level: Level, activate: Activate, values: &mut [f32]) {
    values
        .par_chunks_mut(CHUNK)
        .for_each(|values| level.run(Each { activate, values }));
}

struct Each<'a> {
    activate: Activate,
    values: &'a mut [f32],
}

impl WithSimd for Each<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for values in self.values.chunks_mut(S::F32_LANES) {
            let x = load(simd, values);
            store(simd, values, self.activate.apply(simd, x));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_follows(activation: Activate, truth: impl Fn(f64) -> f64) {
        let line: Vec<f32> = (-601..600).map(|i| i as f32 / 50.0).collect();
        for level in Level::all() {
            let mut values = line.clone();
            activate(level, activation, &mut values);
            for (x, y) in line.iter().zip(values) {
                let truth = truth(f64::from(*x));
                assert!(
                    (f64::from(y) - truth).abs() < 2e-6,
                    "{}: {activation:?}({x}) = {y}, not {truth}",
                    level.name()
                );
            }
        }
    }

    #[test]
    fn activations_follow_their_definitions_at_every_level() {
        assert_follows(Activate::Nothing, |x| x);
        assert_follows(Activate::Silu, |x| x / (1.0 + (-x).exp()));
        assert_follows(Activate::QuickGelu, |x| x / (1.0 + (-1.702 * x).exp()));
        assert_follows(Activate::GeluTanh, |x| {
            let inner = std::f64::consts::FRAC_2_PI.sqrt() * (x + 0.044_715 * x.powi(3));
            x / 2.0 * (1.0 + inner.tanh())
        });
        assert_follows(Activate::Relu { below: 0.0 }, |x| x.max(0.0));
        assert_follows(Activate::Relu { below: 0.2 }, |x| {
            if x < 0.0 { 0.2 * x } else { x }
        });
    }

    #[test]
    fn gelu_is_the_exact_one_not_the_tanh_form() {
        // Values of torch.nn.functional.gelu(x), approximate="none".
        let torch = [
            (-2.0, -0.045_500_26),
            (-1.0, -0.158_655_25),
            (-0.5, -0.154_268_77),
            (0.5, 0.345_731_23),
            (1.0, 0.841_344_7),
            (2.0, 1.954_499_7),
        ];
        for level in Level::all() {
            for (x, truth) in torch {
                let mut values = [x];
                activate(level, Activate::Gelu, &mut values);
                assert!(
                    (values[0] - truth).abs() < 1e-6,
                    "{values:?} is not {truth}"
                );
            }
        }
    }
}
