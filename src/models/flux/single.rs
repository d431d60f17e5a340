//! A block in which text and picture are one row of tokens, and attention and feed-forward work side
//! by side.

use candle_core::{D, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::FluxConfig;
use super::double::FEED_FORWARD_FACTOR;
use super::told::{Modulation, NORM_EPS, modulated};
use crate::nn::{
    Activation, HeadGroups, HeadNorms, Heads, Interrupt, Linear, Rotation, Then, add_gated,
    join_heads, self_attention,
};

/// Shift, scale and gate.
const PARTS: usize = 3;

/// diffusers' `FluxSingleTransformerBlock`.
#[derive(Debug)]
pub(super) struct SingleBlock {
    told: Modulation,
    qkv: Linear,
    norms: HeadNorms,
    widen: Linear,
    /// Of what was seen and the hidden layer, side by side.
    out: Linear,
    groups: HeadGroups,
}

impl SingleBlock {
    pub(super) fn new(config: &FluxConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, attention) = (config.width(), vb.pp("attn"));
        let wide = FEED_FORWARD_FACTOR * width;
        let qkv = ["to_q", "to_k", "to_v"].map(|name| attention.pp(name));
        let (query, key) = (attention.pp("norm_q"), attention.pp("norm_k"));
        Ok(Self {
            told: Modulation::new(width, PARTS, &vb.pp("norm"))?,
            qkv: Linear::beside(width, width, &qkv)?,
            norms: HeadNorms::new(config.attention_head_dim, NORM_EPS, &query, &key)?,
            widen: Linear::from_either(width, wide, &vb.pp("proj_mlp"))?,
            out: Linear::from_either(width + wide, width, &vb.pp("proj_out"))?,
            groups: HeadGroups::equal(config.num_attention_heads, config.attention_head_dim),
        })
    }

    /// `[1, tokens, width]`, shape kept.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        told: &Tensor,
        rotation: &Rotation,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let told = self.told.of(told, interrupt)?;
        let norm = modulated(&told[1], &told[0])?;
        let asked = self
            .qkv
            .forward_normed(&norm, xs, Then::default(), interrupt)?;
        let joined = join_heads(&[(&asked, Some(&self.norms))], self.groups, Some(rotation))?;
        drop(asked);
        let heads = Heads {
            count: self.groups.queries,
            causal: false,
        };
        let seen = self_attention(&joined, heads, interrupt)?;
        drop(joined);
        let gelu = Then::activate(Activation::GeluTanh);
        let wide = self.widen.forward_normed(&norm, xs, gelu, interrupt)?;
        let both = Tensor::cat(&[seen, wide], D::Minus1)?;
        add_gated(xs, &told[2], &self.out.forward(&both, interrupt)?)
    }
}
