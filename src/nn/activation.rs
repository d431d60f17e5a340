//! Activations.

use candle_core::{Result, Tensor};
use serde::Deserialize;

use super::order::{is_channels_last, pixel_order, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::trained::{is_ours, relu};
use crate::kernels::{Activate, Level, activate};

/// One value in, one value out; a network's configuration can name most.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    #[serde(alias = "swish")]
    Silu,
    /// The exact form, with the error function.
    Gelu,
    /// The same by its approximation with the hyperbolic tangent.
    #[serde(alias = "gelu_new", alias = "gelu_pytorch_tanh")]
    GeluTanh,
    /// `x * sigmoid(1.702 x)`.
    QuickGelu,
    /// `max(x, 0)`.
    Relu,
    /// `max(x, 0)`, and a share of `x` below.
    #[serde(skip)]
    LeakyRelu { below: f32 },
}

impl From<Activation> for Activate {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Silu => Self::Silu,
            Activation::Gelu => Self::Gelu,
            Activation::GeluTanh => Self::GeluTanh,
            Activation::QuickGelu => Self::QuickGelu,
            Activation::Relu => Self::Relu { below: 0.0 },
            Activation::LeakyRelu { below } => Self::Relu { below },
        }
    }
}

impl Activation {
    /// Shape kept, and the order a picture lies in.
    pub fn forward(self, xs: &Tensor) -> Result<Tensor> {
        if !on_our_kernels(xs) {
            return match self {
                Self::Silu => xs.silu(),
                Self::Gelu => xs.gelu_erf(),
                Self::GeluTanh => xs.gelu(),
                Self::QuickGelu => xs * candle_nn::ops::sigmoid(&(xs * 1.702)?)?,
                Self::Relu if is_ours(xs) => relu(xs),
                Self::Relu => xs.relu(),
                Self::LeakyRelu { below } => xs.relu()? - (xs.neg()?.relu()? * f64::from(below))?,
            };
        }
        let last = xs.rank() == 4 && is_channels_last(xs);
        let xs = if last { pixels(xs)? } else { xs.contiguous()? };
        let mut values = elements(&xs)?.to_vec();
        activate(Level::best(), self.into(), &mut values);
        let ys = tensor_of(values, xs.shape())?;
        if last { pixel_order(&ys) } else { Ok(ys) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::channels_last;
    use crate::nn::near::random;
    use candle_core::DType;

    #[test]
    fn our_activations_are_candles_in_the_order_pictures_lie_in() {
        let xs = random((2, 3, 4, 5)).affine(2.0, 0.0).unwrap();
        for activation in [
            Activation::Silu,
            Activation::Gelu,
            Activation::GeluTanh,
            Activation::QuickGelu,
            Activation::Relu,
            Activation::LeakyRelu { below: 0.2 },
        ] {
            let wide = xs.to_dtype(DType::F64).unwrap();
            let theirs = activation.forward(&wide).unwrap();
            for turned in [xs.clone(), channels_last(&xs).unwrap()] {
                let ours = activation.forward(&turned).unwrap();
                assert_eq!(is_channels_last(&ours), is_channels_last(&turned));
                let gap = (ours.to_dtype(DType::F64).unwrap() - &theirs).unwrap();
                let gap = gap.abs().unwrap().max_all().unwrap();
                assert!(gap.to_scalar::<f64>().unwrap() < 2e-6, "{activation:?}");
            }
        }
    }
}
