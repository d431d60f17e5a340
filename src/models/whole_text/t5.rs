//! The text encoder of Stable Diffusion 3 and FLUX: transformers' `T5EncoderModel`.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use crate::nn::{
    Activation, Bias, Heads, Interrupt, Linear, RmsNorm, Then, biased_attention, multiply, small,
};
use crate::weights::ModelError;

/// The keys of `config.json` that shape the network: Raffel et al. 2020, "Exploring the Limits of
/// Transfer Learning with a Unified Text-to-Text Transformer".
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct T5Config {
    pub vocab_size: usize,
    pub d_model: usize,
    /// Width of a head, whatever `d_model` is.
    pub d_kv: usize,
    pub d_ff: usize,
    pub num_layers: usize,
    pub num_heads: usize,
    #[serde(default = "default_buckets")]
    pub relative_attention_num_buckets: usize,
    #[serde(default = "default_distance")]
    pub relative_attention_max_distance: usize,
    #[serde(default = "default_eps")]
    pub layer_norm_epsilon: f64,
    #[serde(default)]
    pub feed_forward_proj: FeedForward,
}

/// What is between the two matrices of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum FeedForward {
    #[default]
    #[serde(rename = "relu")]
    Relu,
    #[serde(rename = "gated-gelu")]
    GatedGelu,
    #[serde(rename = "gated-silu")]
    GatedSilu,
}

fn default_buckets() -> usize {
    32
}

fn default_distance() -> usize {
    128
}

fn default_eps() -> f64 {
    1e-6
}

impl T5Config {
    /// Refuses sizes no such network has.
    pub fn check(&self, file: &str) -> std::result::Result<(), ModelError> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("d_model", self.d_model),
            ("d_kv", self.d_kv),
            ("d_ff", self.d_ff),
            ("num_layers", self.num_layers),
            ("num_heads", self.num_heads),
        ];
        let invalid = |reason: String| ModelError::InvalidConfig {
            file: file.to_owned(),
            reason,
        };
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Err(invalid(format!("{name} must not be 0")));
        }
        // Both signs of a distance, each with exact and coarse ones.
        let quarter = self.relative_attention_num_buckets / 4;
        if quarter == 0 || self.relative_attention_max_distance <= quarter {
            return Err(invalid(
                "relative_attention_num_buckets and relative_attention_max_distance do not fit"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// The bucket of a key that lies so many tokens behind a query: near ones have one each, far ones
    /// share them by the logarithm of their distance.
    fn bucket(&self, distance: isize) -> usize {
        let side = self.relative_attention_num_buckets / 2;
        let first = if distance > 0 { side } else { 0 };
        let exact = side / 2;
        let distance = distance.unsigned_abs();
        let within = if distance < exact {
            distance
        } else {
            // As the reference, in f32.
            let far = (distance as f32 / exact as f32).ln();
            let most = (self.relative_attention_max_distance as f64 / exact as f64).ln() as f32;
            let place = exact + (far / most * (side - exact) as f32) as usize;
            place.min(side - 1)
        };
        first + within
    }
}

/// Token ids to one embedding per token.
#[derive(Debug)]
pub struct T5Encoder {
    /// `[vocab_size, d_model]`
    embedding: Tensor,
    /// `[buckets, heads]`: what every layer adds to scores, by where query and key lie.
    distances: Tensor,
    layers: Vec<Layer>,
    final_norm: RmsNorm,
    config: T5Config,
}

impl T5Encoder {
    /// `config` must have passed [`T5Config::check`].
    pub fn new(config: &T5Config, vb: &VarBuilder<'_>) -> Result<Self> {
        let encoder = vb.pp("encoder");
        let (shared, own) = (vb.pp("shared"), encoder.pp("embed_tokens"));
        let embedding = if shared.contains_tensor("weight") {
            shared
        } else {
            own
        };
        let blocks = encoder.pp("block");
        let distances = blocks.pp("0.layer.0.SelfAttention.relative_attention_bias");
        Ok(Self {
            embedding: embedding.get((config.vocab_size, config.d_model), "weight")?,
            distances: small(&distances.get(
                (config.relative_attention_num_buckets, config.num_heads),
                "weight",
            )?)?,
            layers: (0..config.num_layers)
                .map(|index| Layer::new(config, &blocks.pp(index).pp("layer")))
                .collect::<Result<_>>()?,
            final_norm: RmsNorm::new(
                config.d_model,
                config.layer_norm_epsilon,
                &encoder.pp("final_layer_norm"),
            )?,
            config: config.clone(),
        })
    }

    /// `ids` of one text, all of them looked at; returns `[1, ids.len(), d_model]`.
    pub fn forward(&self, ids: &[u32], interrupt: &Interrupt) -> Result<Tensor> {
        let bias = self.bias(ids.len())?;
        let ids = Tensor::new(ids, self.embedding.device())?;
        let mut hidden = small(&self.embedding.index_select(&ids, 0)?)?.unsqueeze(0)?;
        for layer in &self.layers {
            interrupt.check()?;
            hidden = layer.forward(&hidden, &bias, interrupt)?;
        }
        self.final_norm.forward(&hidden)
    }

    /// `[heads, tokens, tokens]`
    fn bias(&self, tokens: usize) -> Result<Tensor> {
        let buckets: Vec<u32> = (0..tokens)
            .flat_map(|query| {
                (0..tokens).map(move |key| self.config.bucket(key as isize - query as isize) as u32)
            })
            .collect();
        let buckets = Tensor::from_vec(buckets, tokens * tokens, self.distances.device())?;
        self.distances
            .index_select(&buckets, 0)?
            .t()?
            .contiguous()?
            .reshape((self.config.num_heads, tokens, tokens))
    }
}

/// Self-attention and a feed-forward; each normed before and added after.
#[derive(Debug)]
struct Layer {
    norm1: RmsNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
    heads: Heads,
    /// What the attention divides scores by, which this network does not.
    scale: f64,
    norm2: RmsNorm,
    wide: Wide,
    narrow: Linear,
}

/// The first half of a feed-forward.
#[derive(Debug)]
enum Wide {
    Plain(Linear, Activation),
    /// The first, activated, times the second.
    Gated(Linear, Linear, Activation),
}

impl Layer {
    fn new(config: &T5Config, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, inner) = (config.d_model, config.num_heads * config.d_kv);
        let attention = vb.pp("0.SelfAttention");
        let dense = vb.pp("1.DenseReluDense");
        let norm = |index: usize| {
            let vb = vb.pp(index).pp("layer_norm");
            RmsNorm::new(width, config.layer_norm_epsilon, &vb)
        };
        let project = |name: &str| Linear::from_either(width, inner, &attention.pp(name));
        let widen = |name: &str| Linear::from_either(width, config.d_ff, &dense.pp(name));
        let gated = |activation| -> Result<Wide> {
            Ok(Wide::Gated(widen("wi_0")?, widen("wi_1")?, activation))
        };
        Ok(Self {
            norm1: norm(0)?,
            q: project("q")?,
            k: project("k")?,
            v: project("v")?,
            out: Linear::from_either(inner, width, &attention.pp("o"))?,
            heads: Heads {
                count: config.num_heads,
                causal: false,
            },
            scale: (config.d_kv as f64).sqrt(),
            norm2: norm(1)?,
            wide: match config.feed_forward_proj {
                FeedForward::Relu => Wide::Plain(widen("wi")?, Activation::Relu),
                FeedForward::GatedGelu => gated(Activation::GeluTanh)?,
                FeedForward::GatedSilu => gated(Activation::Silu)?,
            },
            narrow: Linear::from_either(config.d_ff, width, &dense.pp("wo"))?,
        })
    }

    fn forward(&self, xs: &Tensor, bias: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let normed = self.norm1.forward(xs)?;
        let q = (self.q.forward(&normed, interrupt)? * self.scale)?;
        let k = self.k.forward(&normed, interrupt)?;
        let v = self.v.forward(&normed, interrupt)?;
        let seen = biased_attention((&q, &k, &v), self.heads, Bias::Table(bias), interrupt)?;
        let xs = self.out.forward_then(&seen, Then::plus(xs), interrupt)?;
        let normed = self.norm2.forward(&xs)?;
        let wide = match &self.wide {
            Wide::Plain(wide, activation) => {
                wide.forward_then(&normed, Then::activate(*activation), interrupt)?
            }
            Wide::Gated(gate, wide, activation) => {
                let gate = gate.forward_then(&normed, Then::activate(*activation), interrupt)?;
                multiply(&gate, &wide.forward(&normed, interrupt)?)?
            }
        };
        self.narrow.forward_then(&wide, Then::plus(&xs), interrupt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> T5Config {
        serde_json::from_str(
            r#"{"vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240,
                "num_layers": 24, "num_heads": 64, "feed_forward_proj": "gated-gelu"}"#,
        )
        .unwrap()
    }

    #[test]
    fn near_keys_have_a_bucket_each_and_far_ones_share() {
        let config = published();
        assert!(config.check("c").is_ok());
        // As transformers' `_relative_position_bucket` gives them.
        for (distance, bucket) in [
            (0, 0),
            (-1, 1),
            (-7, 7),
            (-8, 8),
            (-16, 10),
            (-64, 14),
            (-127, 15),
            (-500, 15),
            (1, 17),
            (8, 24),
            (20, 26),
            (128, 31),
        ] {
            assert_eq!(config.bucket(distance), bucket, "{distance}");
        }
    }

    #[test]
    fn sizes_of_nothing_are_refused() {
        let mut config = published();
        config.relative_attention_num_buckets = 3;
        assert!(config.check("c").is_err());
        config = published();
        config.num_heads = 0;
        let text = config.check("text_encoder_3/config.json").unwrap_err();
        assert!(text.to_string().contains("num_heads"), "{text}");
    }
}
