//! The text encoder of Z-Image: transformers' `Qwen3Model`, a language model that is listened to before
//! its last layer.

use candle_core::{D, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use crate::nn::{
    Activation, HeadGroups, HeadNorms, Heads, Interrupt, Linear, RmsNorm, Rotation, Then,
    join_heads, multiply, self_attention, small,
};
use crate::weights::ModelError;

/// The keys of `config.json` that shape the network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Qwen3Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    /// Of which several queries share each.
    pub num_key_value_heads: usize,
    #[serde(default = "default_head_dim")]
    pub head_dim: usize,
    #[serde(default = "default_eps")]
    pub rms_norm_eps: f64,
    #[serde(default)]
    rope_theta: Option<f64>,
    /// Where newer files tell it.
    #[serde(default)]
    rope_parameters: Option<RopeParameters>,
    #[serde(default)]
    rope_scaling: Option<RopeParameters>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    use_sliding_window: bool,
    #[serde(default)]
    hidden_act: Option<Activation>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct RopeParameters {
    #[serde(default)]
    rope_type: Option<String>,
    #[serde(default)]
    rope_theta: Option<f64>,
}

fn default_head_dim() -> usize {
    128
}

fn default_eps() -> f64 {
    1e-6
}

const THETA: f64 = 10_000.0;
const MOST_LAYERS: usize = 256;

impl Qwen3Config {
    /// Refuses what would be another network, and sizes no such network has.
    pub fn check(&self, file: &str) -> std::result::Result<(), ModelError> {
        let ropes = self.rope_parameters.iter().chain(&self.rope_scaling);
        let rope = ropes.into_iter().find_map(|rope| {
            let kind = rope.rope_type.as_deref()?;
            (kind != "default").then(|| format!("rope_type \"{kind}\""))
        });
        let other_activation = self.hidden_act.is_some_and(|act| act != Activation::Silu);
        let others = [
            ("attention_bias", self.attention_bias),
            ("use_sliding_window", self.use_sliding_window),
            ("another hidden_act than silu", other_activation),
        ];
        let others = others.into_iter().find(|(_, asked)| *asked);
        if let Some(option) = rope.or_else(|| others.map(|(name, _)| name.to_owned())) {
            return Err(ModelError::Unsupported {
                file: file.to_owned(),
                option,
            });
        }
        let sizes = [
            self.vocab_size,
            self.hidden_size,
            self.intermediate_size,
            self.num_attention_heads,
            self.num_key_value_heads,
            self.head_dim,
        ];
        let is_sound = sizes.iter().all(|size| *size > 0)
            && self.head_dim.is_multiple_of(2)
            && self
                .num_attention_heads
                .is_multiple_of(self.num_key_value_heads)
            && (1..=MOST_LAYERS).contains(&self.num_hidden_layers);
        if is_sound {
            Ok(())
        } else {
            Err(ModelError::InvalidConfig {
                file: file.to_owned(),
                reason: "its sizes do not fit together".to_owned(),
            })
        }
    }

    fn theta(&self) -> f64 {
        let newer = self.rope_parameters.as_ref();
        let newer = newer.and_then(|rope| rope.rope_theta);
        newer.or(self.rope_theta).unwrap_or(THETA)
    }

    fn groups(&self) -> HeadGroups {
        HeadGroups {
            queries: self.num_attention_heads,
            keys: self.num_key_value_heads,
            dim: self.head_dim,
        }
    }
}

/// Token ids to one embedding per token.
#[derive(Debug)]
pub struct Qwen3Encoder {
    /// `[vocab_size, hidden_size]`
    embedding: Tensor,
    /// All but the last, which nobody listens to.
    layers: Vec<Layer>,
    theta: f64,
    head_dim: usize,
}

impl Qwen3Encoder {
    /// `config` must have passed [`Qwen3Config::check`]. Files of the whole language model prefix every
    /// key with `model.`.
    pub fn new(config: &Qwen3Config, vb: &VarBuilder<'_>) -> Result<Self> {
        let vb = if vb.contains_tensor("model.embed_tokens.weight") {
            vb.pp("model")
        } else {
            vb.clone()
        };
        let heard = config.num_hidden_layers - 1;
        Ok(Self {
            embedding: vb.get(
                (config.vocab_size, config.hidden_size),
                "embed_tokens.weight",
            )?,
            layers: (0..heard)
                .map(|index| Layer::new(config, &vb.pp("layers").pp(index)))
                .collect::<Result<_>>()?,
            theta: config.theta(),
            head_dim: config.head_dim,
        })
    }

    /// `ids` of one text; returns `[1, ids.len(), hidden_size]`, before the last layer.
    pub fn forward(&self, ids: &[u32], interrupt: &Interrupt) -> Result<Tensor> {
        let device = self.embedding.device();
        let rotation = Rotation::in_a_row(ids.len(), self.head_dim, self.theta, device)?;
        let ids = Tensor::new(ids, device)?;
        let mut hidden = small(&self.embedding.index_select(&ids, 0)?)?.unsqueeze(0)?;
        for layer in &self.layers {
            interrupt.check()?;
            hidden = layer.forward(&hidden, &rotation, interrupt)?;
        }
        Ok(hidden)
    }
}

/// Self-attention and a gated feed-forward; each normed before and added after.
#[derive(Debug)]
struct Layer {
    norm1: RmsNorm,
    q: Linear,
    kv: Linear,
    norms: HeadNorms,
    out: Linear,
    groups: HeadGroups,
    norm2: RmsNorm,
    gate: Linear,
    wide: Linear,
    narrow: Linear,
}

impl Layer {
    fn new(config: &Qwen3Config, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, wide) = (config.hidden_size, config.intermediate_size);
        let groups = config.groups();
        let (attention, mlp) = (vb.pp("self_attn"), vb.pp("mlp"));
        let norm = |name: &str| RmsNorm::new(width, config.rms_norm_eps, &vb.pp(name));
        let kv = ["k_proj", "v_proj"].map(|name| attention.pp(name));
        let asking = groups.queries * groups.dim;
        Ok(Self {
            norm1: norm("input_layernorm")?,
            q: Linear::from_either(width, asking, &attention.pp("q_proj"))?,
            kv: Linear::beside(width, groups.keys * groups.dim, &kv)?,
            norms: HeadNorms::new(
                groups.dim,
                config.rms_norm_eps,
                &attention.pp("q_norm"),
                &attention.pp("k_norm"),
            )?,
            out: Linear::from_either(asking, width, &attention.pp("o_proj"))?,
            groups,
            norm2: norm("post_attention_layernorm")?,
            gate: Linear::from_either(width, wide, &mlp.pp("gate_proj"))?,
            wide: Linear::from_either(width, wide, &mlp.pp("up_proj"))?,
            narrow: Linear::from_either(wide, width, &mlp.pp("down_proj"))?,
        })
    }

    fn forward(&self, xs: &Tensor, rotation: &Rotation, interrupt: &Interrupt) -> Result<Tensor> {
        let normed = self.norm1.forward(xs)?;
        let q = self.q.forward(&normed, interrupt)?;
        let kv = self.kv.forward(&normed, interrupt)?;
        let asked = Tensor::cat(&[q, kv], D::Minus1)?;
        let joined = join_heads(&[(&asked, Some(&self.norms))], self.groups, Some(rotation))?;
        let heads = Heads {
            count: self.groups.queries,
            causal: true,
        };
        let seen = self_attention(&joined, heads, interrupt)?;
        let xs = self.out.forward_then(&seen, Then::plus(xs), interrupt)?;
        let normed = self.norm2.forward(&xs)?;
        let silu = Then::activate(Activation::Silu);
        let gate = self.gate.forward_then(&normed, silu, interrupt)?;
        let wide = multiply(&gate, &self.wide.forward(&normed, interrupt)?)?;
        self.narrow.forward_then(&wide, Then::plus(&xs), interrupt)
    }
}
