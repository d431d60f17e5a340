//! A layer of the transformer: diffusers' `JointTransformerBlock`.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::JointConfig;
use crate::nn::{
    Activation, Heads, Interrupt, LayerNorm, Linear, RmsNorm, Then, add_gated, attention,
};

/// Of every norm.
pub(super) const EPS: f64 = 1e-6;
/// The hidden layer of a feed-forward is this many times wider.
pub(super) const FEED_FORWARD_FACTOR: usize = 4;

/// Picture and prompt attend to both together; each has weights of its own. Esser et al. 2024,
/// "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", figure 2.
#[derive(Debug)]
pub(super) struct JointBlock {
    picture: Side,
    /// The picture alone, beside.
    dual: Option<Projections>,
    prompt: PromptSide,
    heads: Heads,
}

/// What happens to the prompt.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a layer has one of it")]
enum PromptSide {
    Goes(Side),
    /// In the last layer: it is looked at, and nothing becomes of it.
    Ends {
        modulation: Linear,
        projections: Projections,
    },
}

/// The tokens of one kind.
#[derive(Debug)]
struct Side {
    modulation: Linear,
    projections: Projections,
    up: Linear,
    down: Linear,
}

/// Queries, keys and values of normed tokens, and what is seen back to tokens.
#[derive(Debug)]
struct Projections {
    q: Linear,
    k: Linear,
    v: Linear,
    /// Of each head of the queries and of the keys.
    norms: Option<(RmsNorm, RmsNorm)>,
    out: Option<Linear>,
}

/// The names of [`Projections`] in files: queries, keys, values, result, and norms of the first two.
type Names = [&'static str; 6];
const OWN: Names = ["to_q", "to_k", "to_v", "to_out.0", "norm_q", "norm_k"];
const ADDED: Names = [
    "add_q_proj",
    "add_k_proj",
    "add_v_proj",
    "to_add_out",
    "norm_added_q",
    "norm_added_k",
];

/// Queries, keys and values: each `[1, tokens, width]`.
struct Asked {
    q: Tensor,
    k: Tensor,
    v: Tensor,
}

impl Asked {
    /// Those of both, the first before the second; each is let go as soon as it is copied.
    fn and(self, other: Self) -> Result<Self> {
        let joined = |first: Tensor, second: Tensor| Tensor::cat(&[first, second], 1);
        Ok(Self {
            q: joined(self.q, other.q)?,
            k: joined(self.k, other.k)?,
            v: joined(self.v, other.v)?,
        })
    }

    fn seen(self, heads: Heads, interrupt: &Interrupt) -> Result<Tensor> {
        attention((&self.q, &self.k, &self.v), heads, interrupt)
    }
}

impl Projections {
    fn new(config: &JointConfig, names: Names, goes_on: bool, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.width();
        let project = |name: &str| Linear::from_either(width, width, &vb.pp(name));
        let norm = |name: &str| RmsNorm::new(config.attention_head_dim, EPS, &vb.pp(name));
        let [q, k, v, out, norm_q, norm_k] = names;
        Ok(Self {
            q: project(q)?,
            k: project(k)?,
            v: project(v)?,
            norms: match config.qk_norm {
                Some(_) => Some((norm(norm_q)?, norm(norm_k)?)),
                None => None,
            },
            out: goes_on.then(|| project(out)).transpose()?,
        })
    }

    fn ask(&self, norm: &LayerNorm, xs: &Tensor, interrupt: &Interrupt) -> Result<Asked> {
        let project = |layer: &Linear| layer.forward_normed(norm, xs, Then::default(), interrupt);
        let (mut q, mut k) = (project(&self.q)?, project(&self.k)?);
        if let Some((norm_q, norm_k)) = &self.norms {
            (q, k) = (norm_q.forward(&q)?, norm_k.forward(&k)?);
        }
        let v = project(&self.v)?;
        Ok(Asked { q, k, v })
    }

    /// What was seen, a part of it let through to the tokens.
    fn back(
        &self,
        xs: &Tensor,
        gate: &Tensor,
        seen: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        match &self.out {
            Some(out) => add_gated(xs, gate, &out.forward(seen, interrupt)?),
            None => Ok(xs.clone()),
        }
    }
}

/// One of the parts of width `width` side by side: `[1, width]`.
fn part(parts: &Tensor, index: usize, width: usize) -> Result<Tensor> {
    parts.narrow(1, index * width, width)
}

/// The norm whose shift and scale are these two of the parts.
fn norm_of(parts: &Tensor, (shift, scale): (usize, usize), width: usize) -> Result<LayerNorm> {
    LayerNorm::modulated(
        &part(parts, scale, width)?,
        &part(parts, shift, width)?,
        EPS,
    )
}

impl Side {
    /// Modulated by so many parts, the first six of which are shift, scale and gate of the attention
    /// and of the feed-forward.
    fn new(
        config: &JointConfig,
        parts: usize,
        (modulation, names, feed_forward): (&str, Names, &str),
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let width = config.width();
        let inner = FEED_FORWARD_FACTOR * width;
        let dense = vb.pp(feed_forward).pp("net");
        Ok(Self {
            modulation: Linear::new(width, parts * width, &vb.pp(modulation).pp("linear"))?,
            projections: Projections::new(config, names, true, &vb.pp("attn"))?,
            up: Linear::from_either(width, inner, &dense.pp("0.proj"))?,
            down: Linear::from_either(inner, width, &dense.pp("2"))?,
        })
    }

    fn feed_forward(&self, xs: &Tensor, parts: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let width = xs.dim(2)?;
        let norm = norm_of(parts, (3, 4), width)?;
        let activate = Then::activate(Activation::GeluTanh);
        let wide = self.up.forward_normed(&norm, xs, activate, interrupt)?;
        let ys = self.down.forward(&wide, interrupt)?;
        add_gated(xs, &part(parts, 5, width)?, &ys)
    }
}

/// Scale and shift of what comes last: one layer, or one for each, which files may have in another order.
pub(super) fn last_modulation(width: usize, vb: &VarBuilder<'_>) -> Result<Linear> {
    if vb.contains_tensor("weight") {
        return Linear::new(width, 2 * width, vb);
    }
    Linear::beside(width, width, &["scale", "shift"].map(|part| vb.pp(part)))
}

impl JointBlock {
    pub(super) fn new(config: &JointConfig, index: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.width();
        let is_dual = config.dual_attention_layers.contains(&index);
        let is_last = index + 1 == config.num_layers;
        let prompt = if is_last {
            PromptSide::Ends {
                modulation: last_modulation(width, &vb.pp("norm1_context.linear"))?,
                projections: Projections::new(config, ADDED, false, &vb.pp("attn"))?,
            }
        } else {
            let names = ("norm1_context", ADDED, "ff_context");
            PromptSide::Goes(Side::new(config, 6, names, vb)?)
        };
        let parts = if is_dual { 9 } else { 6 };
        Ok(Self {
            picture: Side::new(config, parts, ("norm1", OWN, "ff"), vb)?,
            dual: is_dual
                .then(|| Projections::new(config, OWN, true, &vb.pp("attn2")))
                .transpose()?,
            prompt,
            heads: Heads {
                count: config.num_attention_heads,
                causal: false,
            },
        })
    }

    /// The picture's tokens `[1, n, width]` and the prompt's `[1, m, width]`, which end with the last
    /// layer; `told` `[1, width]` is time and whole prompt, activated.
    pub(super) fn forward(
        &self,
        picture: &Tensor,
        prompt: &Tensor,
        told: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Option<Tensor>)> {
        let width = picture.dim(2)?;
        let own = self.picture.modulation.forward(told, interrupt)?;
        let norm = norm_of(&own, (0, 1), width)?;
        let asked = self.picture.projections.ask(&norm, picture, interrupt)?;
        let (theirs, other) = match &self.prompt {
            PromptSide::Goes(side) => {
                let parts = side.modulation.forward(told, interrupt)?;
                let norm = norm_of(&parts, (0, 1), width)?;
                (parts, side.projections.ask(&norm, prompt, interrupt)?)
            }
            PromptSide::Ends {
                modulation,
                projections,
            } => {
                // Here the scale comes first.
                let parts = modulation.forward(told, interrupt)?;
                let norm = norm_of(&parts, (1, 0), width)?;
                (parts, projections.ask(&norm, prompt, interrupt)?)
            }
        };
        let seen = asked.and(other)?.seen(self.heads, interrupt)?;
        let count = picture.dim(1)?;
        let of_picture = seen.narrow(1, 0, count)?;
        let gate = part(&own, 2, width)?;
        let mut rows = self
            .picture
            .projections
            .back(picture, &gate, &of_picture, interrupt)?;
        if let Some(dual) = &self.dual {
            let norm = norm_of(&own, (6, 7), width)?;
            let seen = dual.ask(&norm, picture, interrupt)?;
            let seen = seen.seen(self.heads, interrupt)?;
            rows = dual.back(&rows, &part(&own, 8, width)?, &seen, interrupt)?;
        }
        let rows = self.picture.feed_forward(&rows, &own, interrupt)?;
        let PromptSide::Goes(side) = &self.prompt else {
            return Ok((rows, None));
        };
        let of_prompt = seen.narrow(1, count, prompt.dim(1)?)?;
        let gate = part(&theirs, 2, width)?;
        let prompt = side
            .projections
            .back(prompt, &gate, &of_prompt, interrupt)?;
        let prompt = side.feed_forward(&prompt, &theirs, interrupt)?;
        Ok((rows, Some(prompt)))
    }
}
