//! What happens to a product's sums before they are written.

use pulp::Simd;

use super::exp::exp;
use super::level::{load, store};
use super::pointwise::gelu;

/// One value in, one value out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activate {
    #[default]
    Nothing,
    /// `x * sigmoid(x)`
    Silu,
    /// `x * Φ(x)`, the exact form.
    Gelu,
    /// `x * sigmoid(1.702 x)`
    QuickGelu,
    /// `max(x, 0)`, and a share of `x` below.
    Relu { below: f32 },
}

impl Activate {
    #[inline(always)]
    pub(super) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Nothing => {}
            Self::Silu => each(values, |x| x / (1.0 + exp(-x))),
            Self::Gelu => each(values, gelu),
            Self::QuickGelu => each(values, |x| x / (1.0 + exp(-1.702 * x))),
            Self::Relu { below } => each(values, |x| if x < 0.0 { below * x } else { x }),
        }
    }
}

#[inline(always)]
fn each(values: &mut [f32], f: impl Fn(f32) -> f32) {
    for value in values {
        *value = f(*value);
    }
}

/// What is added to the sums, and what is made of them: `activate(sum + bias) + residual`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finish<'a> {
    /// One for each output channel.
    pub bias: Option<&'a [f32]>,
    /// Of the output's shape.
    pub residual: Option<&'a [f32]>,
    pub activate: Activate,
}

impl Finish<'_> {
    /// Sums stay as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.bias.is_none() && self.residual.is_none() && self.activate == Activate::Nothing
    }

    /// Finishes sums of the channels from `channel` on, the first of which lies at `at` of the
    /// output, and writes as many as `out` takes.
    #[inline(always)]
    pub(super) fn write<S: Simd>(
        &self,
        simd: S,
        mut sums: S::f32s,
        (channel, at): (usize, usize),
        out: &mut [f32],
    ) {
        let len = out.len();
        if let Some(bias) = self.bias {
            let bias = load(simd, &bias[channel..channel + len]);
            sums = simd.add_f32s(sums, bias);
        }
        if self.activate != Activate::Nothing {
            self.activate
                .apply(pulp::bytemuck::cast_slice_mut(std::slice::from_mut(
                    &mut sums,
                )));
        }
        if let Some(residual) = self.residual {
            let residual = load(simd, &residual[at..at + len]);
            sums = simd.add_f32s(sums, residual);
        }
        store(simd, out, sums);
    }
}
