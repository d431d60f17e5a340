//! Text encoders that read a text as a whole, not in windows beside each other as CLIP does.

mod qwen3;
mod sentence_piece;
mod t5;
mod tokenizer;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

pub use qwen3::{Qwen3Config, Qwen3Encoder};
pub use t5::{FeedForward, T5Config, T5Encoder};
pub use tokenizer::{WholeText, WholeTokenizer};

use crate::nn::Interrupt;

/// The sizes of such an encoder.
#[derive(Clone, Debug, PartialEq)]
pub enum WholeConfig {
    T5(T5Config),
    Qwen3(Qwen3Config),
}

impl WholeConfig {
    /// Of what it says of a token.
    pub const fn width(&self) -> usize {
        match self {
            Self::T5(config) => config.d_model,
            Self::Qwen3(config) => config.hidden_size,
        }
    }

    /// Ids it has a row for.
    pub const fn vocabulary(&self) -> usize {
        match self {
            Self::T5(config) => config.vocab_size,
            Self::Qwen3(config) => config.vocab_size,
        }
    }
}

/// Such an encoder.
#[derive(Debug)]
pub enum WholeEncoder {
    T5(T5Encoder),
    Qwen3(Qwen3Encoder),
}

impl WholeEncoder {
    /// `config` must have passed its check.
    pub fn new(config: &WholeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        match config {
            WholeConfig::T5(config) => T5Encoder::new(config, vb).map(Self::T5),
            WholeConfig::Qwen3(config) => Qwen3Encoder::new(config, vb).map(Self::Qwen3),
        }
    }

    /// `ids` of one text; returns `[1, ids.len(), width]`.
    pub fn forward(&self, ids: &[u32], interrupt: &Interrupt) -> Result<Tensor> {
        match self {
            Self::T5(encoder) => encoder.forward(ids, interrupt),
            Self::Qwen3(encoder) => encoder.forward(ids, interrupt),
        }
    }
}
