//! Activations a network's configuration can name.

use candle_core::{D, Result, Tensor};
use serde::Deserialize;

use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, Activate};

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
        match self {
            Self::Silu => kernels::silu(&mut values),
            Self::Gelu => kernels::gelu_erf(&mut values),
            Self::QuickGelu => kernels::quick_gelu(&mut values),
            Self::Relu => kernels::relu(&mut values),
        }
        tensor_of(values, xs.shape())
    }
}

/// Splits the last dimension in two and gates the first half: `value * gelu(gate)`, Shazeer 2020.
/// `[…, 2 * width]` to `[…, width]`.
pub fn geglu(xs: &Tensor) -> Result<Tensor> {
    if !on_our_kernels(xs) {
        let halves = xs.chunk(2, D::Minus1)?;
        return &halves[0] * halves[1].gelu_erf()?;
    }
    let width = xs.dim(D::Minus1)? / 2;
    let mut shape = xs.dims().to_vec();
    if let Some(last) = shape.last_mut() {
        *last = width;
    }
    let mut out = vec![0.0; xs.elem_count() / 2];
    let xs = xs.contiguous()?;
    kernels::geglu(width, &elements(&xs)?, &mut out);
    tensor_of(out, shape)
}
