//! From the encoder's width to the decoder's.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::nn::{Conv2d, ConvOptions, Interrupt, LayerNorm};

/// Of the norms over the channels of each pixel.
pub(super) const EPS: f64 = 1e-6;

/// Two convolutions without bias, each followed by a norm over the channels of each pixel.
#[derive(Debug)]
pub(super) struct Neck {
    first: Conv2d,
    first_norm: LayerNorm,
    second: Conv2d,
    second_norm: LayerNorm,
}

impl Neck {
    pub(super) fn new(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (one, three) = (ConvOptions::one(), ConvOptions::three());
        let first = vb.get((outputs, inputs, 1, 1), "0.weight")?;
        let second = vb.get((outputs, outputs, 3, 3), "2.weight")?;
        Ok(Self {
            first: Conv2d::of(&first, None, one)?,
            first_norm: LayerNorm::new(outputs, EPS, &vb.pp("1"))?,
            second: Conv2d::of(&second, None, three)?,
            second_norm: LayerNorm::new(outputs, EPS, &vb.pp("3"))?,
        })
    }

    /// `[1, inputs, grid, grid]` to `[1, outputs, grid, grid]`.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let xs = per_pixel(&self.first_norm, &self.first.forward(xs, interrupt)?)?;
        per_pixel(&self.second_norm, &self.second.forward(&xs, interrupt)?)
    }
}

/// Normalises `[1, channels, height, width]` over the channels.
fn per_pixel(norm: &LayerNorm, xs: &Tensor) -> Result<Tensor> {
    norm.forward(&xs.permute((0, 2, 3, 1))?)?
        .permute((0, 3, 1, 2))
}
