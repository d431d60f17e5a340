//! Attention over the pixels of a feature map: diffusers' `Transformer2DModel`.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::prompt::PromptKeys;
use crate::nn::{
    GatedLinear, GroupNorm, Heads, Interrupt, Keys, LayerNorm, Linear, Then, from_rows,
    self_attention, to_rows,
};

/// Sizes of a spatial transformer.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransformerConfig {
    pub(super) channels: usize,
    pub(super) heads: usize,
    pub(super) layers: usize,
    /// Width of the prompt's embeddings.
    pub(super) context_width: usize,
    pub(super) groups: usize,
}

#[derive(Debug)]
pub(super) struct SpatialTransformer {
    norm: GroupNorm,
    /// In files a 1×1 convolution or a matrix.
    proj_in: Linear,
    blocks: Vec<TransformerBlock>,
    proj_out: Linear,
}

const PROJECTION_NORM_EPS: f64 = 1e-6;
const BLOCK_NORM_EPS: f64 = 1e-5;

impl SpatialTransformer {
    pub(super) fn new(config: TransformerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let channels = config.channels;
        let projection = |name: &str| Linear::from_either(channels, channels, &vb.pp(name));
        let blocks = (0..config.layers)
            .map(|index| TransformerBlock::new(config, &vb.pp("transformer_blocks").pp(index)))
            .collect::<Result<_>>()?;
        Ok(Self {
            norm: GroupNorm::new(config.groups, channels, PROJECTION_NORM_EPS, &vb.pp("norm"))?,
            proj_in: projection("proj_in")?,
            blocks,
            proj_out: projection("proj_out")?,
        })
    }

    /// Reads prompts `[batch, tokens, context_width]`.
    pub(super) fn read(
        &self,
        context: &Tensor,
        prompt: &mut PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<()> {
        for block in &self.blocks {
            let keys = block.prompt.keys(context, interrupt)?;
            prompt.add(&block.prompt.name, keys);
        }
        Ok(())
    }

    /// `xs` `[batch, channels, height, width]`, shape kept; `prompt` is of as many.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        prompt: &PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (_, _, height, width) = xs.dims4()?;
        let size = (height, width);
        let mut rows = self.proj_in.forward_pixels(&self.norm, xs, interrupt)?;
        for block in &self.blocks {
            interrupt.check()?;
            rows = block.forward(rows, prompt, interrupt)?;
        }
        let then = to_rows(xs)?;
        let rows = self
            .proj_out
            .forward_then(&rows, Then::plus(&then), interrupt)?;
        from_rows(&rows, size)
    }
}

/// Self-attention, cross-attention, gated feed-forward; each normed before and added after.
#[derive(Debug)]
struct TransformerBlock {
    norm1: LayerNorm,
    own: SelfAttention,
    norm2: LayerNorm,
    prompt: CrossAttention,
    norm3: LayerNorm,
    widen: GatedLinear,
    narrow: Linear,
}

/// The hidden layer of the feed-forward is this many times wider.
pub(super) const FEED_FORWARD_FACTOR: usize = 4;

impl TransformerBlock {
    fn new(config: TransformerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.channels;
        let inner = FEED_FORWARD_FACTOR * width;
        let norm = |name: &str| LayerNorm::new(width, BLOCK_NORM_EPS, &vb.pp(name));
        Ok(Self {
            norm1: norm("norm1")?,
            own: SelfAttention::new(config, &vb.pp("attn1"))?,
            norm2: norm("norm2")?,
            prompt: CrossAttention::new(config, &vb.pp("attn2"))?,
            norm3: norm("norm3")?,
            widen: GatedLinear::new(width, inner, &vb.pp("ff.net.0.proj"))?,
            narrow: Linear::from_either(inner, width, &vb.pp("ff.net.2"))?,
        })
    }

    fn forward(
        &self,
        mut xs: Tensor,
        prompt: &PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        xs = self.own.forward(&self.norm1, &xs, interrupt)?;
        xs = self.prompt.forward(&self.norm2, &xs, prompt, interrupt)?;
        let wide = self.widen.forward_normed(&self.norm3, &xs, interrupt)?;
        self.narrow.forward_then(&wide, Then::plus(&xs), interrupt)
    }
}

const fn heads_of(config: TransformerConfig) -> Heads {
    Heads {
        count: config.heads,
        causal: false,
    }
}

/// Every pixel asks all pixels.
#[derive(Debug)]
struct SelfAttention {
    qkv: Linear,
    out: Linear,
    heads: Heads,
}

impl SelfAttention {
    fn new(config: TransformerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.channels;
        let qkv = ["to_q", "to_k", "to_v"].map(|name| vb.pp(name));
        Ok(Self {
            qkv: Linear::beside(width, width, &qkv)?,
            out: Linear::from_either(width, width, &vb.pp("to_out.0"))?,
            heads: heads_of(config),
        })
    }

    /// What is seen in the normed rows, added to them.
    fn forward(&self, norm: &LayerNorm, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let qkv = self
            .qkv
            .forward_normed(norm, xs, Then::default(), interrupt)?;
        let seen = self_attention(&qkv, self.heads, interrupt)?;
        self.out.forward_then(&seen, Then::plus(xs), interrupt)
    }
}

/// Every pixel asks the prompt.
#[derive(Debug)]
struct CrossAttention {
    /// Where its weights lie.
    name: String,
    q: Linear,
    kv: Linear,
    out: Linear,
    heads: Heads,
}

impl CrossAttention {
    fn new(config: TransformerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.channels;
        let kv = ["to_k", "to_v"].map(|name| vb.pp(name));
        Ok(Self {
            name: vb.prefix(),
            q: Linear::from_either(width, width, &vb.pp("to_q"))?,
            kv: Linear::beside(config.context_width, width, &kv)?,
            out: Linear::from_either(width, width, &vb.pp("to_out.0"))?,
            heads: heads_of(config),
        })
    }

    /// What it makes of prompts `[batch, tokens, context_width]`.
    fn keys(&self, context: &Tensor, interrupt: &Interrupt) -> Result<Keys> {
        Keys::of_pair(&self.kv.forward(context, interrupt)?, self.heads)
    }

    /// What the normed rows see in the prompt, added to them.
    fn forward(
        &self,
        norm: &LayerNorm,
        xs: &Tensor,
        prompt: &PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let q = self
            .q
            .forward_normed(norm, xs, Then::default(), interrupt)?;
        let seen = prompt.of(&self.name)?.ask(&q, interrupt)?;
        self.out.forward_then(&seen, Then::plus(xs), interrupt)
    }
}
