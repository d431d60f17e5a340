//! The parts that convolve.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::normed::{NormedConv, normed_depthwise};
use crate::nn::{Activation, ConvOptions, DepthwiseConv2d, Interrupt};

/// How much wider a block is inside.
const EXPANSION: usize = 4;

/// Widened, convolved channel by channel, narrowed, and added to what came (Sandler et al. 2018,
/// "`MobileNetV2`").
#[derive(Debug)]
pub(super) struct Convolving {
    widen: NormedConv,
    depthwise: DepthwiseConv2d,
    narrow: NormedConv,
}

impl Convolving {
    pub(super) fn new(width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (wide, one) = (EXPANSION * width, ConvOptions::one());
        Ok(Self {
            widen: NormedConv::new(width, wide, one, &vb.pp("conv1"))?,
            depthwise: normed_depthwise(wide, 1, &vb.pp("conv2"))?,
            narrow: NormedConv::new(wide, width, one, &vb.pp("conv3"))?,
        })
    }

    /// `[1, width, height, width]`, shape kept.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        interrupt.check()?;
        let wide = Activation::Gelu.forward(&self.widen.forward(xs, interrupt)?)?;
        let wide = Activation::Gelu.forward(&self.depthwise.forward(&wide, interrupt)?)?;
        Activation::Gelu.forward(&(self.narrow.forward(&wide, interrupt)? + xs)?)
    }
}

/// From one stage's width to the next one's.
#[derive(Debug)]
pub(super) struct Merging {
    widen: NormedConv,
    depthwise: DepthwiseConv2d,
    mix: NormedConv,
}

impl Merging {
    pub(super) fn new(from: usize, to: usize, stride: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let one = ConvOptions::one();
        Ok(Self {
            widen: NormedConv::new(from, to, one, &vb.pp("conv1"))?,
            depthwise: normed_depthwise(to, stride, &vb.pp("conv2"))?,
            mix: NormedConv::new(to, to, one, &vb.pp("conv3"))?,
        })
    }

    /// `[1, from, height, width]` to `[1, to, height / stride, width / stride]`.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let wide = Activation::Gelu.forward(&self.widen.forward(xs, interrupt)?)?;
        let merged = Activation::Gelu.forward(&self.depthwise.forward(&wide, interrupt)?)?;
        self.mix.forward(&merged, interrupt)
    }
}
