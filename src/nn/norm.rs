//! Group and layer normalisation.

use candle_core::{Result, Tensor};
use candle_nn::{Module as _, VarBuilder};

use super::keep::small;
use super::order::{in_order_of, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::trained;
use crate::kernels::{Affine, Before, GroupNormShape, Level, RowNorm, group_moments};

/// Normalisation over groups of channels.
#[derive(Debug)]
pub struct GroupNorm {
    weight: Tensor,
    bias: Tensor,
    groups: usize,
    eps: f64,
    silu: bool,
}

/// What each channel of each picture is multiplied with, and what is added then.
pub(super) struct Moments {
    scales: Vec<f32>,
    shifts: Vec<f32>,
    silu: bool,
}

impl Moments {
    pub(super) fn before(&self) -> Before<'_> {
        Before::Channels(Affine {
            scales: &self.scales,
            shifts: &self.shifts,
            silu: self.silu,
        })
    }
}

impl GroupNorm {
    /// Reads `weight` and `bias` of `vb`; `groups` must divide `channels`.
    pub fn new(groups: usize, channels: usize, eps: f64, vb: &VarBuilder<'_>) -> Result<Self> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            candle_core::bail!("{channels} channels cannot be normalised in {groups} groups")
        }
        Ok(Self {
            weight: small(&vb.get(channels, "weight")?)?,
            bias: small(&vb.get(channels, "bias")?)?,
            groups,
            eps,
            silu: false,
        })
    }

    /// The same followed by `x * sigmoid(x)`.
    pub fn then_silu(self) -> Self {
        Self { silu: true, ..self }
    }

    /// `[batch, channels, height, width]`, shape and order kept.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        if !on_our_kernels(xs) {
            return self.forward_candle(xs);
        }
        let (batch, channels, _, _) = xs.dims4()?;
        let values = pixels(xs)?;
        let moments = self.moments(&values)?;
        let out = {
            let values = elements(&values)?;
            let normed = moments
                .before()
                .apply(Level::best(), (batch, channels), &values);
            normed.into_owned()
        };
        in_order_of(xs, &tensor_of(out, values.shape())?)
    }

    /// Of pictures pixel by pixel, `[batch, height, width, channels]`.
    pub(super) fn moments(&self, pixels: &Tensor) -> Result<Moments> {
        let (_, height, width, channels) = pixels.dims4()?;
        let shape = GroupNormShape {
            channels,
            pixels: height * width,
            groups: self.groups,
            eps: self.eps as f32,
        };
        let affine = (&*elements(&self.weight)?, &*elements(&self.bias)?);
        let (scales, shifts) = group_moments(shape, &elements(pixels)?, affine);
        Ok(Moments {
            scales,
            shifts,
            silu: self.silu,
        })
    }

    /// For who asks for gradients, or computes elsewhere.
    fn forward_candle(&self, xs: &Tensor) -> Result<Tensor> {
        if trained::is_ours(xs) && xs.track_op() && !self.silu && xs.dim(1)? == self.groups {
            return trained::norm_planes(xs, &self.weight, &self.bias, self.eps as f32);
        }
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        let norm = candle_nn::GroupNorm::new(weight, bias, xs.dim(1)?, self.groups, self.eps)?;
        let normed = norm.forward(xs)?;
        if self.silu { normed.silu() } else { Ok(normed) }
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
            weight: small(&vb.get(width, "weight")?)?,
            bias: small(&vb.get(width, "bias")?)?,
            eps,
        })
    }

    /// `[…, width]`, shape kept.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        if !on_our_kernels(xs) {
            return candle_nn::ops::layer_norm_slow(xs, &self.weight, &self.bias, self.eps as f32);
        }
        let width = self.weight.elem_count();
        let xs = xs.contiguous()?;
        let out = self.with(|before| {
            let values = elements(&xs)?;
            Ok(before
                .apply(Level::best(), (1, width), &values)
                .into_owned())
        })?;
        tensor_of(out, xs.shape())
    }

    /// Calls `run` with it as our kernels take it.
    pub(super) fn with<T>(&self, run: impl FnOnce(Before<'_>) -> Result<T>) -> Result<T> {
        run(Before::Rows(RowNorm {
            weight: &elements(&self.weight)?,
            bias: &elements(&self.bias)?,
            eps: self.eps as f32,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::channels_last;
    use crate::nn::near::{DIRECT, assert_near, random};
    use candle_core::Device;

    #[test]
    fn our_group_norm_is_candles() {
        for (batch, channels, groups, side) in
            [(1, 4, 2, 1), (2, 6, 3, 5), (1, 32, 8, 33), (2, 8, 8, 4)]
        {
            for silu in [false, true] {
                let norm = GroupNorm {
                    weight: random(channels).affine(0.3, 1.0).unwrap(),
                    bias: random(channels),
                    groups,
                    eps: 1e-5,
                    silu,
                };
                let shape = (batch, channels, side, side + 1);
                let xs = random(shape).affine(2.0, 3.0).unwrap();
                let plain = norm.forward_candle(&xs).unwrap();
                assert_near(&norm.forward(&xs).unwrap(), &plain, DIRECT);
                let turned = channels_last(&xs).unwrap();
                assert_near(&norm.forward(&turned).unwrap(), &plain, DIRECT);
            }
        }
    }

    #[test]
    fn our_layer_norm_is_candles() {
        for width in [1, 3, 16, 77, 320] {
            let norm = LayerNorm {
                weight: random(width).affine(0.3, 1.0).unwrap(),
                bias: random(width),
                eps: 1e-5,
            };
            let xs = random((2, 5, width)).affine(2.0, -2.0).unwrap();
            let plain =
                candle_nn::ops::layer_norm_slow(&xs, &norm.weight, &norm.bias, 1e-5).unwrap();
            assert_near(&norm.forward(&xs).unwrap(), &plain, DIRECT);
        }
    }

    #[test]
    fn channels_that_do_not_divide_are_refused() {
        let vb = VarBuilder::zeros(candle_core::DType::F32, &Device::Cpu);
        assert!(GroupNorm::new(3, 4, 1e-5, &vb).is_err());
    }
}
