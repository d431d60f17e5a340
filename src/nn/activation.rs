//! Activations a network's configuration can name.

use candle_core::{Result, Tensor};
use serde::Deserialize;

use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{Activate, Level, activate};

/// One value in, one value out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    #[serde(alias = "swish")]
    Silu,
    /// The exact form, with the error function.
    Gelu,
    /// `x * sigmoid(1.702 x)`.
    QuickGelu,
    /// `max(x, 0)`.
    Relu,
}

impl From<Activation> for Activate {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Silu => Self::Silu,
            Activation::Gelu => Self::Gelu,
            Activation::QuickGelu => Self::QuickGelu,
            Activation::Relu => Self::Relu { below: 0.0 },
        }
    }
}

impl Activation {
    /// Shape kept.
    pub fn forward(self, xs: &Tensor) -> Result<Tensor> {
        if !on_our_kernels(xs) {
            return match self {
                Self::Silu => xs.silu(),
                Self::Gelu => xs.gelu_erf(),
                Self::QuickGelu => xs * candle_nn::ops::sigmoid(&(xs * 1.702)?)?,
                Self::Relu => xs.relu(),
            };
        }
        let xs = xs.contiguous()?;
        let mut values = elements(&xs)?.to_vec();
        activate(Level::best(), self.into(), &mut values);
        tensor_of(values, xs.shape())
    }
}
