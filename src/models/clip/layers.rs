//! The transformer both encoders of CLIP are made of.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::nn::{Activation, Heads, Interrupt, LayerNorm, Linear, Then, self_attention};

/// What its blocks have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    pub(super) width: usize,
    pub(super) inner: usize,
    pub(super) heads: Heads,
    pub(super) activation: Activation,
    pub(super) eps: f64,
}

/// Runs layers one after the other: `[1, tokens, width]`, shape kept.
pub(super) fn run(layers: &[Layer], mut hidden: Tensor, interrupt: &Interrupt) -> Result<Tensor> {
    for layer in layers {
        interrupt.check()?;
        hidden = layer.forward(&hidden, interrupt)?;
    }
    Ok(hidden)
}

/// One pre-norm transformer block.
#[derive(Debug)]
pub(super) struct Layer {
    norm1: LayerNorm,
    qkv: Linear,
    out: Linear,
    heads: Heads,
    norm2: LayerNorm,
    up: Linear,
    activation: Activation,
    down: Linear,
}

impl Layer {
    /// Reads so many layers.
    pub(super) fn several(count: usize, blocks: Blocks, vb: &VarBuilder<'_>) -> Result<Vec<Self>> {
        let (width, heads) = (blocks.width, blocks.heads.count);
        if heads == 0 || !width.is_multiple_of(heads) {
            candle_core::bail!("hidden_size {width} cannot be divided among {heads} heads")
        }
        let layers = (0..count).map(|index| Self::new(blocks, &vb.pp(index)));
        layers.collect()
    }

    fn new(blocks: Blocks, vb: &VarBuilder<'_>) -> Result<Self> {
        let Blocks {
            width, inner, eps, ..
        } = blocks;
        let (attention, mlp) = (vb.pp("self_attn"), vb.pp("mlp"));
        let qkv = ["q_proj", "k_proj", "v_proj"].map(|name| attention.pp(name));
        Ok(Self {
            norm1: LayerNorm::new(width, eps, &vb.pp("layer_norm1"))?,
            qkv: Linear::beside(width, width, &qkv)?,
            out: Linear::new(width, width, &attention.pp("out_proj"))?,
            heads: blocks.heads,
            norm2: LayerNorm::new(width, eps, &vb.pp("layer_norm2"))?,
            up: Linear::new(width, inner, &mlp.pp("fc1"))?,
            activation: blocks.activation,
            down: Linear::new(inner, width, &mlp.pp("fc2"))?,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let plain = Then::default();
        let qkv = self.qkv.forward_normed(&self.norm1, xs, plain, interrupt)?;
        let seen = self_attention(&qkv, self.heads, interrupt)?;
        let xs = self.out.forward_then(&seen, Then::plus(xs), interrupt)?;
        let activate = Then::activate(self.activation);
        let wide = self
            .up
            .forward_normed(&self.norm2, &xs, activate, interrupt)?;
        self.down.forward_then(&wide, Then::plus(&xs), interrupt)
    }
}
