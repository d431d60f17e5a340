//! Group and layer normalisation.

use candle_core::{Result, Tensor};
use candle_nn::{Module as _, VarBuilder};

use super::keep::small;
use super::order::{in_order_of, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::trained;
use crate::kernels::{Affine, Before, GroupNormShape, Level, RowNorm, group_moments, rms_norm};

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

    /// Values of a row.
    pub fn width(&self) -> usize {
        self.weight.elem_count()
    }

    /// Without weights of its own, then `x * (1 + scale) + shift`: both of `width` values, the same for
    /// all rows.
    pub fn modulated(scale: &Tensor, shift: &Tensor, eps: f64) -> Result<Self> {
        Ok(Self {
            weight: scale.flatten_all()?.affine(1.0, 1.0)?,
            bias: shift.flatten_all()?,
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

/// Normalisation of each row by its root mean square.
#[derive(Debug)]
pub struct RmsNorm {
    weight: Tensor,
    eps: f64,
}

impl RmsNorm {
    /// Reads `weight` of `vb`.
    pub fn new(width: usize, eps: f64, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = small(&vb.get(width, "weight")?)?;
        Ok(Self { weight, eps })
    }

    /// The same with `1 + scale` more: `width` values, the same for all rows.
    pub fn scaled(&self, scale: &Tensor) -> Result<Self> {
        let more = scale.flatten_all()?.affine(1.0, 1.0)?;
        Ok(Self {
            weight: (&self.weight * more)?,
            eps: self.eps,
        })
    }

    /// `[…, width]`, shape kept; also of rows that are several widths long, each part by itself.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let width = self.weight.elem_count();
        if !xs.elem_count().is_multiple_of(width)
            || !xs
                .dims()
                .last()
                .is_some_and(|last| last.is_multiple_of(width))
        {
            candle_core::bail!("rows of {:?} cannot be normalised by {width}", xs.dims())
        }
        if !on_our_kernels(xs) {
            let parts = xs.reshape(((), width))?;
            let normed = candle_nn::ops::rms_norm_slow(&parts, &self.weight, self.eps as f32)?;
            return normed.reshape(xs.shape());
        }
        let xs = xs.contiguous()?;
        let out = rms_norm(&elements(&xs)?, &elements(&self.weight)?, self.eps as f32);
        tensor_of(out, xs.shape())
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
    fn a_modulated_norm_scales_and_shifts_what_has_no_weights() {
        let (scale, shift) = (random((1, 16)), random((1, 16)));
        let xs = random((1, 5, 16)).affine(2.0, -2.0).unwrap();
        let norm = LayerNorm::modulated(&scale, &shift, 1e-6).unwrap();
        let (ones, zeros) = (scale.ones_like().unwrap(), scale.zeros_like().unwrap());
        let [ones, zeros] = [ones, zeros].map(|plain| plain.flatten_all().unwrap());
        let plain = candle_nn::ops::layer_norm_slow(&xs, &ones, &zeros, 1e-6).unwrap();
        let wanted = plain
            .broadcast_mul(&(scale + 1.0).unwrap())
            .and_then(|plain| plain.broadcast_add(&shift))
            .unwrap();
        assert_near(&norm.forward(&xs).unwrap(), &wanted, DIRECT);
    }

    #[test]
    fn our_root_mean_square_norm_is_candles_for_each_head() {
        let norm = RmsNorm {
            weight: random(8).affine(0.3, 1.0).unwrap(),
            eps: 1e-6,
        };
        let xs = random((2, 5, 24)).affine(2.0, 1.0).unwrap();
        let heads = xs.reshape((2, 5, 3, 8)).unwrap();
        let plain = candle_nn::ops::rms_norm_slow(&heads, &norm.weight, 1e-6).unwrap();
        let plain = plain.reshape(xs.shape()).unwrap();
        assert_near(&norm.forward(&xs).unwrap(), &plain, DIRECT);
        assert!(norm.forward(&random((2, 12))).is_err());
    }

    #[test]
    fn channels_that_do_not_divide_are_refused() {
        let vb = VarBuilder::zeros(candle_core::DType::F32, &Device::Cpu);
        assert!(GroupNorm::new(3, 4, 1e-5, &vb).is_err());
    }
}
