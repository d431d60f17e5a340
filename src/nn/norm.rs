//! Group and layer normalisation.

use candle_core::{Result, Tensor};
use candle_nn::{Module as _, VarBuilder};

use super::order::{is_channels_last, pixel_order, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, GroupNormShape};

/// Normalisation over groups of channels, optionally followed by `SiLU` in the same pass.
#[derive(Debug)]
pub struct GroupNorm {
    weight: Tensor,
    bias: Tensor,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// Reads `weight` and `bias` of `vb`; `groups` must divide `channels`.
    pub fn new(groups: usize, channels: usize, eps: f64, vb: &VarBuilder<'_>) -> Result<Self> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            candle_core::bail!("{channels} channels cannot be normalised in {groups} groups")
        }
        Ok(Self {
            weight: vb.get(channels, "weight")?,
            bias: vb.get(channels, "bias")?,
            groups,
            eps,
        })
    }

    /// `[batch, channels, …]`, shape kept.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        self.apply(xs, false)
    }

    /// [`Self::forward`], then `x * sigmoid(x)`.
    pub fn forward_silu(&self, xs: &Tensor) -> Result<Tensor> {
        self.apply(xs, true)
    }

    fn apply(&self, xs: &Tensor, silu: bool) -> Result<Tensor> {
        let (batch, channels) = (xs.dim(0)?, xs.dim(1)?);
        let count = xs.elem_count() / (batch * channels);
        if !on_our_kernels(xs) {
            let ys = self.forward_candle(xs)?;
            return if silu { ys.silu() } else { Ok(ys) };
        }
        let shape = GroupNormShape {
            channels,
            pixels: count,
            groups: self.groups,
            eps: self.eps as f32,
            silu,
        };
        let mut out = vec![0.0; xs.elem_count()];
        let affine = (&*elements(&self.weight)?, &*elements(&self.bias)?);
        if xs.rank() == 4 && is_channels_last(xs) {
            let values = pixels(xs)?;
            kernels::group_norm_last(shape, &elements(&values)?, affine, &mut out);
            return pixel_order(&tensor_of(out, values.shape())?);
        }
        let xs = xs.contiguous()?;
        kernels::group_norm(shape, &elements(&xs)?, affine, &mut out);
        tensor_of(out, xs.shape())
    }

    fn forward_candle(&self, xs: &Tensor) -> Result<Tensor> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        candle_nn::GroupNorm::new(weight, bias, xs.dim(1)?, self.groups, self.eps)?.forward(xs)
    }
}

/// Normalisation of each row.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl LayerNorm {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(width: usize, eps: f64, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            weight: vb.get(width, "weight")?,
            bias: vb.get(width, "bias")?,
            eps,
        })
    }

    /// `[…, width]`, shape kept.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        if !on_our_kernels(xs) {
            return candle_nn::ops::layer_norm_slow(xs, &self.weight, &self.bias, self.eps as f32);
        }
        let mut out = vec![0.0; xs.elem_count()];
        let xs = xs.contiguous()?;
        let affine = (&*elements(&self.weight)?, &*elements(&self.bias)?);
        kernels::layer_norm(&elements(&xs)?, affine, self.eps as f32, &mut out);
        tensor_of(out, xs.shape())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::channels_last;
    use candle_core::Device;

    fn gap(a: &Tensor, b: &Tensor) -> f32 {
        let gap = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
        gap.max(0).unwrap().to_scalar().unwrap()
    }

    #[test]
    fn our_group_norm_is_candles() {
        for (batch, channels, groups, side) in
            [(1, 4, 2, 1), (2, 6, 3, 5), (1, 32, 8, 33), (2, 8, 8, 4)]
        {
            let norm = GroupNorm {
                weight: Tensor::randn(1f32, 0.3, channels, &Device::Cpu).unwrap(),
                bias: Tensor::randn(0f32, 1.0, channels, &Device::Cpu).unwrap(),
                groups,
                eps: 1e-5,
            };
            let xs =
                Tensor::randn(3f32, 2.0, (batch, channels, side, side + 1), &Device::Cpu).unwrap();
            let plain = norm.forward_candle(&xs).unwrap();
            assert!(gap(&norm.forward(&xs).unwrap(), &plain) < 2e-5);
            assert!(gap(&norm.forward_silu(&xs).unwrap(), &plain.silu().unwrap()) < 2e-5);
            let turned = channels_last(&xs).unwrap();
            assert!(gap(&norm.forward(&turned).unwrap(), &plain) < 2e-5);
            assert!(gap(&norm.forward_silu(&turned).unwrap(), &plain.silu().unwrap()) < 2e-5);
        }
    }

    #[test]
    fn our_layer_norm_is_candles() {
        for width in [1, 3, 16, 77, 320] {
            let norm = LayerNorm {
                weight: Tensor::randn(1f32, 0.3, width, &Device::Cpu).unwrap(),
                bias: Tensor::randn(0f32, 1.0, width, &Device::Cpu).unwrap(),
                eps: 1e-5,
            };
            let xs = Tensor::randn(-2f32, 2.0, (2, 5, width), &Device::Cpu).unwrap();
            let plain =
                candle_nn::ops::layer_norm_slow(&xs, &norm.weight, &norm.bias, 1e-5).unwrap();
            assert!(gap(&norm.forward(&xs).unwrap(), &plain) < 2e-5);
        }
    }

    #[test]
    fn channels_that_do_not_divide_are_refused() {
        let vb = VarBuilder::zeros(candle_core::DType::F32, &Device::Cpu);
        assert!(GroupNorm::new(3, 4, 1e-5, &vb).is_err());
    }
}
