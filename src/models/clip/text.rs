//! CLIP's text encoder: transformers' `CLIPTextModel`.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use super::layers::{Blocks, Layer, run};
use crate::models::WindowIds;
use crate::models::learnt_words::place_of;
use crate::models::plausible::{self, LAYERS, WIDTHS, WORDS};
use crate::nn::{Activation, Heads, Interrupt, LayerNorm, small};
use crate::weights::ModelError;

/// The keys of `text_encoder/config.json` that shape the network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ClipTextConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    #[serde(default = "default_positions")]
    pub max_position_embeddings: usize,
    #[serde(default = "default_activation")]
    pub hidden_act: Activation,
    #[serde(default = "default_eps")]
    pub layer_norm_eps: f64,
    /// Width of the embedding of a whole text, where one is made.
    #[serde(default)]
    pub projection_dim: Option<usize>,
}

impl ClipTextConfig {
    /// Refuses numbers that no network has; `file` is for the message.
    pub fn check(&self, file: &str) -> std::result::Result<(), ModelError> {
        let numbers = [
            ("vocab_size", self.vocab_size, WORDS),
            ("hidden_size", self.hidden_size, WIDTHS),
            ("intermediate_size", self.intermediate_size, WIDTHS),
            ("num_hidden_layers", self.num_hidden_layers, LAYERS),
            ("num_attention_heads", self.num_attention_heads, WIDTHS),
            (
                "max_position_embeddings",
                self.max_position_embeddings,
                WIDTHS,
            ),
        ];
        let projection = self.projection_dim;
        let projection = projection.map(|width| ("projection_dim", width, 0..=*WIDTHS.end()));
        plausible::check(file, numbers.into_iter().chain(projection))
    }
}

fn default_positions() -> usize {
    77
}

fn default_activation() -> Activation {
    Activation::QuickGelu
}

fn default_eps() -> f64 {
    1e-5
}

/// Token ids to one embedding per token.
#[derive(Debug)]
pub struct ClipTextEncoder {
    /// `[vocab_size, hidden_size]`
    token_embedding: Tensor,
    /// `[max_position_embeddings, hidden_size]`
    position_embedding: Tensor,
    layers: Vec<Layer>,
    final_norm: LayerNorm,
    /// `[projection_dim, hidden_size]`, where the whole text becomes one embedding.
    projection: Option<Tensor>,
}

/// What the encoder makes of one prompt.
#[derive(Debug)]
pub struct ClipText {
    /// `[1, tokens, hidden_size]`, before some last layers and the final norm.
    pub early: Tensor,
    /// `[1, tokens, hidden_size]`, after the final norm.
    pub last: Tensor,
}

impl ClipTextEncoder {
    /// Published folders prefix every key with `text_model.`; current transformers writes none.
    pub fn new(config: &ClipTextConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let projection = vb.pp("text_projection");
        let vb = if vb.contains_tensor("text_model.embeddings.token_embedding.weight") {
            vb.pp("text_model")
        } else {
            vb.clone()
        };
        let width = config.hidden_size;
        let blocks = Blocks {
            width,
            inner: config.intermediate_size,
            heads: Heads {
                count: config.num_attention_heads,
                causal: true,
            },
            activation: config.hidden_act,
            eps: config.layer_norm_eps,
        };
        let embeddings = vb.pp("embeddings");
        let layers = Layer::several(config.num_hidden_layers, blocks, &vb.pp("encoder.layers"))?;
        Ok(Self {
            token_embedding: embeddings
                .get((config.vocab_size, width), "token_embedding.weight")?,
            position_embedding: small(&embeddings.get(
                (config.max_position_embeddings, width),
                "position_embedding.weight",
            )?)?,
            layers,
            final_norm: LayerNorm::new(width, config.layer_norm_eps, &vb.pp("final_layer_norm"))?,
            projection: config
                .projection_dim
                .filter(|_| projection.contains_tensor("weight"))
                .map(|outputs| small(&projection.get((outputs, width), "weight")?))
                .transpose()?,
        })
    }

    /// `ids` of one prompt, padded; returns `[1, ids.len(), hidden_size]`, after the final norm.
    pub fn forward(&self, ids: &[u32], interrupt: &Interrupt) -> Result<Tensor> {
        self.forward_skipping(WindowIds::of(ids), 0, interrupt)
    }

    /// [`Self::forward`] without the last `skipped` layers, of which there must be more.
    pub fn forward_skipping(
        &self,
        window: WindowIds<'_>,
        skipped: usize,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        self.final_norm
            .forward(&self.unnormed(window, skipped, interrupt)?)
    }

    /// What comes out of the last layer but `skipped`, before the final norm: `[1, ids.len(),
    /// hidden_size]`.
    pub fn unnormed(
        &self,
        window: WindowIds<'_>,
        skipped: usize,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let Some(heard) = self.layers.len().checked_sub(skipped) else {
            candle_core::bail!(
                "{skipped} of {} layers are to be skipped",
                self.layers.len()
            )
        };
        let positions = self.position_embedding.narrow(0, 0, window.ids.len())?;
        let hidden = (self.looked_up(window)? + positions)?.unsqueeze(0)?;
        run(&self.layers[..heard], hidden, interrupt)
    }

    /// The rows of a window's ids: `[ids.len(), hidden_size]`.
    fn looked_up(&self, window: WindowIds<'_>) -> Result<Tensor> {
        let device = self.token_embedding.device();
        let own = |ids: &[u32]| {
            let ids = Tensor::new(ids, device)?;
            small(&self.token_embedding.index_select(&ids, 0)?)
        };
        let is_own = |id: &u32| place_of(*id).is_none();
        if window.ids.iter().all(is_own) {
            return own(window.ids);
        }
        let width = self.token_embedding.dim(1)?;
        // Of learnt ids any row, which the learnt one replaces.
        let ids = window.ids.iter().map(|id| if is_own(id) { *id } else { 0 });
        let mut rows = own(&ids.collect::<Vec<_>>())?
            .flatten_all()?
            .to_vec1::<f32>()?;
        for (row, id) in rows.chunks_exact_mut(width).zip(window.ids) {
            if let Some(place) = place_of(*id) {
                match window.learnt.chunks_exact(width).nth(place) {
                    Some(learnt) => row.copy_from_slice(learnt),
                    None => candle_core::bail!("a word was not learnt"),
                }
            }
        }
        Tensor::from_vec(rows, (window.ids.len(), width), device)
    }

    /// [`Self::unnormed`], and what becomes of it behind all layers and the final norm.
    pub fn both(
        &self,
        window: WindowIds<'_>,
        skipped: usize,
        interrupt: &Interrupt,
    ) -> Result<ClipText> {
        let early = self.unnormed(window, skipped, interrupt)?;
        let rest = &self.layers[self.layers.len() - skipped..];
        let last = run(rest, early.clone(), interrupt)?;
        Ok(ClipText {
            early,
            last: self.final_norm.forward(&last)?,
        })
    }

    /// The whole text as one embedding: the token at `end`, projected to `[1, projection_dim]` where
    /// there is a projection, else `[1, hidden_size]`.
    pub fn pooled(&self, text: &ClipText, end: usize) -> Result<Tensor> {
        let token = text.last.narrow(1, end, 1)?.squeeze(1)?.contiguous()?;
        match &self.projection {
            Some(projection) => token.matmul(&projection.t()?),
            None => Ok(token),
        }
    }

    /// Whether [`Self::pooled`] is projected.
    pub const fn projects(&self) -> bool {
        self.projection.is_some()
    }

    /// Width of [`Self::pooled`].
    pub fn pooled_width(&self) -> usize {
        match &self.projection {
            Some(weight) => weight.dims()[0],
            None => self.final_norm.width(),
        }
    }

    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    pub fn dtype(&self) -> DType {
        self.token_embedding.dtype()
    }
}
