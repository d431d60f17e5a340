//! The part that looks at pictures, one of two kinds.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::{SamConfig, SamEncoder};
use super::tiny_vit::TinyVit;
use super::vit::Vit;
use crate::nn::Interrupt;

#[derive(Debug)]
pub(super) enum Encoder {
    Vit(Box<Vit>),
    TinyVit(Box<TinyVit>),
}

impl Encoder {
    pub(super) fn new(config: &SamConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(match &config.encoder {
            SamEncoder::Vit(vit) => Self::Vit(Box::new(Vit::new(vit, config, vb)?)),
            SamEncoder::TinyVit(tiny) => Self::TinyVit(Box::new(TinyVit::new(tiny, config, vb)?)),
        })
    }

    /// `[1, 3, side, side]` to `[1, width, grid, grid]`.
    pub(super) fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        match self {
            Self::Vit(vit) => vit.forward(picture, interrupt),
            Self::TinyVit(tiny) => tiny.forward(picture, interrupt),
        }
    }
}
