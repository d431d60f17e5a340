//! A block of Z-Image: attention and feed-forward, each normed before and after.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::ZImageConfig;
use crate::nn::{
    Activation, HeadGroups, HeadNorms, Heads, Interrupt, Linear, RmsNorm, Rotation, Then, add,
    add_gated, join_heads, multiply, self_attention,
};

/// Of the norms of heads, whatever the others have.
const HEAD_NORM_EPS: f64 = 1e-5;
/// Scale and gate of attention, then those of the feed-forward.
const PARTS: usize = 4;

/// diffusers' `ZImageTransformerBlock`.
#[derive(Debug)]
pub(super) struct Block {
    attention: Attention,
    feed_forward: FeedForward,
    /// Where blocks are told the time.
    modulation: Option<Linear>,
}

/// What a block is told: scales and gates, `[1, width]` each.
struct Told {
    scale: Tensor,
    gate: Tensor,
}

#[derive(Debug)]
struct Attention {
    before: RmsNorm,
    qkv: Linear,
    norms: HeadNorms,
    out: Linear,
    after: RmsNorm,
    groups: HeadGroups,
}

#[derive(Debug)]
struct FeedForward {
    before: RmsNorm,
    /// Through `SiLU` it gates the other.
    gate: Linear,
    widen: Linear,
    narrow: Linear,
    after: RmsNorm,
}

impl Block {
    pub(super) fn new(config: &ZImageConfig, is_told: bool, vb: &VarBuilder<'_>) -> Result<Self> {
        let modulation = is_told.then(|| {
            let (told, width) = (config.told(), PARTS * config.dim);
            Linear::new(told, width, &vb.pp("adaLN_modulation.0"))
        });
        Ok(Self {
            attention: Attention::new(config, vb)?,
            feed_forward: FeedForward::new(config, vb)?,
            modulation: modulation.transpose()?,
        })
    }

    /// `[1, tokens, width]`, shape kept; `told` `[1, …]` where blocks are told.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        told: Option<&Tensor>,
        rotation: &Rotation,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let [of_attention, of_feed_forward] = match (&self.modulation, told) {
            (Some(modulation), Some(told)) => {
                let parts = modulation.forward(told, interrupt)?.chunk(PARTS, 1)?;
                let part = |at: usize| -> Result<_> {
                    Ok(Some(Told {
                        scale: parts[at].clone(),
                        gate: parts[at + 1].tanh()?,
                    }))
                };
                [part(0)?, part(2)?]
            }
            (None, _) => [None, None],
            (Some(_), None) => candle_core::bail!("a block is to be told the time"),
        };
        let seen = self
            .attention
            .forward(xs, of_attention.as_ref(), rotation, interrupt)?;
        let xs = plus(xs, &seen, of_attention.as_ref())?;
        let made = self
            .feed_forward
            .forward(&xs, of_feed_forward.as_ref(), interrupt)?;
        plus(&xs, &made, of_feed_forward.as_ref())
    }
}

fn plus(xs: &Tensor, more: &Tensor, told: Option<&Told>) -> Result<Tensor> {
    match told {
        Some(told) => add_gated(xs, &told.gate, more),
        None => add(xs, more),
    }
}

/// Normed rows, scaled where a block is told to.
fn normed(norm: &RmsNorm, xs: &Tensor, told: Option<&Told>) -> Result<Tensor> {
    match told {
        Some(told) => norm.scaled(&told.scale)?.forward(xs),
        None => norm.forward(xs),
    }
}

impl Attention {
    fn new(config: &ZImageConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, own) = (config.dim, vb.pp("attention"));
        let norm = |name: &str| RmsNorm::new(width, config.norm_eps, &vb.pp(name));
        let qkv = ["to_q", "to_k", "to_v"].map(|name| own.pp(name));
        let (query, key) = (own.pp("norm_q"), own.pp("norm_k"));
        Ok(Self {
            before: norm("attention_norm1")?,
            qkv: Linear::beside(width, width, &qkv)?,
            norms: HeadNorms::new(config.head_dim(), HEAD_NORM_EPS, &query, &key)?,
            out: Linear::from_either(width, width, &own.pp("to_out.0"))?,
            after: norm("attention_norm2")?,
            groups: HeadGroups::equal(config.n_heads, config.head_dim()),
        })
    }

    fn forward(
        &self,
        xs: &Tensor,
        told: Option<&Told>,
        rotation: &Rotation,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let normed = normed(&self.before, xs, told)?;
        let asked = self.qkv.forward(&normed, interrupt)?;
        let joined = join_heads(&[(&asked, Some(&self.norms))], self.groups, Some(rotation))?;
        drop(asked);
        let heads = Heads {
            count: self.groups.queries,
            causal: false,
        };
        let seen = self_attention(&joined, heads, interrupt)?;
        self.after.forward(&self.out.forward(&seen, interrupt)?)
    }
}

impl FeedForward {
    fn new(config: &ZImageConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, wide, own) = (config.dim, config.wide(), vb.pp("feed_forward"));
        let norm = |name: &str| RmsNorm::new(width, config.norm_eps, &vb.pp(name));
        Ok(Self {
            before: norm("ffn_norm1")?,
            gate: Linear::from_either(width, wide, &own.pp("w1"))?,
            widen: Linear::from_either(width, wide, &own.pp("w3"))?,
            narrow: Linear::from_either(wide, width, &own.pp("w2"))?,
            after: norm("ffn_norm2")?,
        })
    }

    fn forward(&self, xs: &Tensor, told: Option<&Told>, interrupt: &Interrupt) -> Result<Tensor> {
        let normed = normed(&self.before, xs, told)?;
        let silu = Then::activate(Activation::Silu);
        let gate = self.gate.forward_then(&normed, silu, interrupt)?;
        let wide = multiply(&gate, &self.widen.forward(&normed, interrupt)?)?;
        drop(gate);
        self.after.forward(&self.narrow.forward(&wide, interrupt)?)
    }
}
