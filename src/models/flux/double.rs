//! A block in which text and picture have weights of their own, and see each other.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::FluxConfig;
use super::told::{Modulation, NORM_EPS, modulated};
use crate::nn::{
    Activation, HeadGroups, HeadNorms, Heads, Interrupt, Linear, Rotation, Then, add_gated,
    join_heads, self_attention,
};

/// The hidden layer of the feed-forward is this many times wider.
pub(super) const FEED_FORWARD_FACTOR: usize = 4;
/// Shift, scale and gate of attention, then those of the feed-forward.
const PARTS: usize = 6;

/// diffusers' `FluxTransformerBlock`.
#[derive(Debug)]
pub(super) struct DoubleBlock {
    picture: Stream,
    text: Stream,
    groups: HeadGroups,
}

/// One of the two.
#[derive(Debug)]
struct Stream {
    told: Modulation,
    qkv: Linear,
    norms: HeadNorms,
    out: Linear,
    widen: Linear,
    narrow: Linear,
}

/// What diffusers calls the parts of a stream.
struct Names {
    norm: &'static str,
    qkv: [&'static str; 3],
    norms: [&'static str; 2],
    out: &'static str,
    feed_forward: &'static str,
}

const PICTURE: Names = Names {
    norm: "norm1",
    qkv: ["to_q", "to_k", "to_v"],
    norms: ["norm_q", "norm_k"],
    out: "to_out.0",
    feed_forward: "ff",
};
const TEXT: Names = Names {
    norm: "norm1_context",
    qkv: ["add_q_proj", "add_k_proj", "add_v_proj"],
    norms: ["norm_added_q", "norm_added_k"],
    out: "to_add_out",
    feed_forward: "ff_context",
};

impl Stream {
    fn new(config: &FluxConfig, names: &Names, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, attention) = (config.width(), vb.pp("attn"));
        let wide = FEED_FORWARD_FACTOR * width;
        let feed_forward = vb.pp(names.feed_forward);
        let [query, key] = names.norms.map(|name| attention.pp(name));
        Ok(Self {
            told: Modulation::new(width, PARTS, &vb.pp(names.norm))?,
            qkv: Linear::beside(width, width, &names.qkv.map(|name| attention.pp(name)))?,
            norms: HeadNorms::new(config.attention_head_dim, NORM_EPS, &query, &key)?,
            out: Linear::from_either(width, width, &attention.pp(names.out))?,
            widen: Linear::from_either(width, wide, &feed_forward.pp("net.0.proj"))?,
            narrow: Linear::from_either(wide, width, &feed_forward.pp("net.2"))?,
        })
    }

    /// Queries, keys and values of normed tokens.
    fn ask(&self, xs: &Tensor, told: &[Tensor], interrupt: &Interrupt) -> Result<Tensor> {
        let norm = modulated(&told[1], &told[0])?;
        self.qkv
            .forward_normed(&norm, xs, Then::default(), interrupt)
    }

    /// The tokens after what they have seen, and the feed-forward.
    fn take(
        &self,
        xs: &Tensor,
        seen: &Tensor,
        told: &[Tensor],
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let xs = add_gated(xs, &told[2], &self.out.forward(seen, interrupt)?)?;
        let norm = modulated(&told[4], &told[3])?;
        let gelu = Then::activate(Activation::GeluTanh);
        let wide = self.widen.forward_normed(&norm, &xs, gelu, interrupt)?;
        add_gated(&xs, &told[5], &self.narrow.forward(&wide, interrupt)?)
    }
}

impl DoubleBlock {
    pub(super) fn new(config: &FluxConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            picture: Stream::new(config, &PICTURE, vb)?,
            text: Stream::new(config, &TEXT, vb)?,
            groups: HeadGroups::equal(config.num_attention_heads, config.attention_head_dim),
        })
    }

    /// Text and picture, `[1, tokens, width]` each, shapes kept.
    pub(super) fn forward(
        &self,
        (text, picture): (&Tensor, &Tensor),
        told: &Tensor,
        rotation: &Rotation,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Tensor)> {
        let of_text = self.text.told.of(told, interrupt)?;
        let of_picture = self.picture.told.of(told, interrupt)?;
        let asked = [
            self.text.ask(text, &of_text, interrupt)?,
            self.picture.ask(picture, &of_picture, interrupt)?,
        ];
        let streams = [
            (&asked[0], Some(&self.text.norms)),
            (&asked[1], Some(&self.picture.norms)),
        ];
        let joined = join_heads(&streams, self.groups, Some(rotation))?;
        drop(asked);
        let heads = Heads {
            count: self.groups.queries,
            causal: false,
        };
        let seen = self_attention(&joined, heads, interrupt)?;
        drop(joined);
        let first = text.dim(1)?;
        let by_text = seen.narrow(1, 0, first)?;
        let by_picture = seen.narrow(1, first, picture.dim(1)?)?;
        Ok((
            self.text.take(text, &by_text, &of_text, interrupt)?,
            self.picture
                .take(picture, &by_picture, &of_picture, interrupt)?,
        ))
    }
}
