//! Attention over the pixels of a feature map: diffusers' `Transformer2DModel`.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::nn::{
    Conv2d, ConvOptions, GroupNorm, Heads, Interrupt, LayerNorm, Linear, Then, attention,
    from_rows, geglu, to_rows,
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
    pub(super) linear_projection: bool,
}

#[derive(Debug)]
pub(super) struct SpatialTransformer {
    norm: GroupNorm,
    proj_in: Projection,
    blocks: Vec<TransformerBlock>,
    proj_out: Projection,
}

/// The way in and out: a 1×1 convolution before pixels become rows, or a linear layer after.
#[derive(Debug)]
enum Projection {
    Conv(Conv2d),
    Linear(Linear),
}

const PROJECTION_NORM_EPS: f64 = 1e-6;
const BLOCK_NORM_EPS: f64 = 1e-5;

impl SpatialTransformer {
    pub(super) fn new(config: TransformerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let channels = config.channels;
        let projection = |name: &str| {
            let vb = vb.pp(name);
            Ok::<_, candle_core::Error>(if config.linear_projection {
                Projection::Linear(Linear::new(channels, channels, &vb)?)
            } else {
                Projection::Conv(Conv2d::new(channels, channels, ConvOptions::one(), &vb)?)
            })
        };
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

    /// `xs` `[batch, channels, height, width]`, shape kept; `context`
    /// `[batch, tokens, context_width]`.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        context: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (_, _, height, width) = xs.dims4()?;
        let size = (height, width);
        let normed = self.norm.forward(xs)?;
        let mut rows = match &self.proj_in {
            Projection::Conv(conv) => to_rows(&conv.forward(&normed, interrupt)?)?,
            Projection::Linear(linear) => linear.forward(&to_rows(&normed)?, interrupt)?,
        };
        for block in &self.blocks {
            interrupt.check()?;
            rows = block.forward(&rows, context, interrupt)?;
        }
        match &self.proj_out {
            Projection::Conv(conv) => {
                conv.forward_then(&from_rows(&rows, size)?, Then::plus(xs), interrupt)
            }
            Projection::Linear(linear) => {
                let then = to_rows(xs)?;
                let rows = linear.forward_then(&rows, Then::plus(&then), interrupt)?;
                from_rows(&rows, size)
            }
        }
    }
}

/// Self-attention, cross-attention, gated feed-forward; each normed before and added after.
#[derive(Debug)]
struct TransformerBlock {
    norm1: LayerNorm,
    own: CrossAttention,
    norm2: LayerNorm,
    prompt: CrossAttention,
    norm3: LayerNorm,
    widen: Linear,
    narrow: Linear,
}

/// The hidden layer of the feed-forward is this many times wider.
const FEED_FORWARD_FACTOR: usize = 4;

impl TransformerBlock {
    fn new(config: TransformerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.channels;
        let inner = FEED_FORWARD_FACTOR * width;
        let norm = |name: &str| LayerNorm::new(width, BLOCK_NORM_EPS, &vb.pp(name));
        Ok(Self {
            norm1: norm("norm1")?,
            own: CrossAttention::new(config, width, &vb.pp("attn1"))?,
            norm2: norm("norm2")?,
            prompt: CrossAttention::new(config, config.context_width, &vb.pp("attn2"))?,
            norm3: norm("norm3")?,
            widen: Linear::new(width, 2 * inner, &vb.pp("ff.net.0.proj"))?,
            narrow: Linear::new(inner, width, &vb.pp("ff.net.2"))?,
        })
    }

    fn forward(&self, xs: &Tensor, context: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let normed = self.norm1.forward(xs)?;
        let xs = self.own.forward(&normed, &normed, xs, interrupt)?;
        let normed = self.norm2.forward(&xs)?;
        let xs = self.prompt.forward(&normed, context, &xs, interrupt)?;
        let wide = self.widen.forward(&self.norm3.forward(&xs)?, interrupt)?;
        self.narrow
            .forward_then(&geglu(&wide)?, Then::plus(&xs), interrupt)
    }
}

/// Queries from the picture, keys and values from `context`.
#[derive(Debug)]
struct CrossAttention {
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
    heads: usize,
}

impl CrossAttention {
    fn new(config: TransformerConfig, context_width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.channels;
        Ok(Self {
            q: Linear::without_bias(width, width, &vb.pp("to_q"))?,
            k: Linear::without_bias(context_width, width, &vb.pp("to_k"))?,
            v: Linear::without_bias(context_width, width, &vb.pp("to_v"))?,
            out: Linear::new(width, width, &vb.pp("to_out.0"))?,
            heads: config.heads,
        })
    }

    /// What is seen, added to `residual`.
    fn forward(
        &self,
        xs: &Tensor,
        context: &Tensor,
        residual: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let q = self.q.forward(xs, interrupt)?;
        let k = self.k.forward(context, interrupt)?;
        let v = self.v.forward(context, interrupt)?;
        let heads = Heads {
            count: self.heads,
            causal: false,
        };
        let seen = attention((&q, &k, &v), heads, interrupt)?;
        self.out
            .forward_then(&seen, Then::plus(residual), interrupt)
    }
}
