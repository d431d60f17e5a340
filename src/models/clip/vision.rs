//! CLIP's picture encoder: transformers' `CLIPVisionModelWithProjection`, a vision transformer of any
//! size (Dosovitskiy et al. 2020, "An Image is Worth 16x16 Words").

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use super::layers::{Blocks, Layer, run};
use crate::kernels::Padding;
use crate::nn::{Activation, Conv2d, ConvOptions, Heads, Interrupt, LayerNorm, Linear, small};

/// The keys of `config.json`'s `vision_config` that shape the network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClipVisionConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_channels: usize,
    /// Side of its pictures, in pixels.
    pub image_size: usize,
    /// Side of a patch; what is left of a picture beyond whole patches is not seen.
    pub patch_size: usize,
    pub hidden_act: Activation,
    pub layer_norm_eps: f64,
}

impl Default for ClipVisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            num_channels: 3,
            image_size: 224,
            patch_size: 32,
            hidden_act: Activation::QuickGelu,
            layer_norm_eps: 1e-5,
        }
    }
}

/// Pictures to one embedding each.
#[derive(Debug)]
pub struct ClipVision {
    patches: Conv2d,
    /// `[1, 1, hidden_size]`
    class: Tensor,
    /// `[1, 1 + patches, hidden_size]`
    places: Tensor,
    norm_before: LayerNorm,
    layers: Vec<Layer>,
    norm_after: LayerNorm,
    projection: Linear,
}

impl ClipVision {
    /// Reads `vision_model` and `visual_projection` of `vb`, the whole CLIP's.
    pub fn new(config: &ClipVisionConfig, projection: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, eps) = (config.hidden_size, config.layer_norm_eps);
        let model = vb.pp("vision_model");
        let embeddings = model.pp("embeddings");
        let side = config.patch_size;
        let tokens = (config.image_size / side).pow(2) + 1;
        let blocks = Blocks {
            width,
            inner: config.intermediate_size,
            heads: Heads {
                count: config.num_attention_heads,
                causal: false,
            },
            activation: config.hidden_act,
            eps,
        };
        let patch = embeddings.get(
            (width, config.num_channels, side, side),
            "patch_embedding.weight",
        )?;
        let options = ConvOptions {
            kernel: side,
            stride: side,
            padding: Padding::same(0),
        };
        Ok(Self {
            patches: Conv2d::of(&patch, None, options)?,
            class: small(&embeddings.get(width, "class_embedding")?)?.reshape((1, 1, width))?,
            places: small(&embeddings.get((tokens, width), "position_embedding.weight")?)?
                .unsqueeze(0)?,
            // So it is spelled in every file.
            norm_before: LayerNorm::new(width, eps, &model.pp("pre_layrnorm"))?,
            layers: Layer::several(
                config.num_hidden_layers,
                blocks,
                &model.pp("encoder.layers"),
            )?,
            norm_after: LayerNorm::new(width, eps, &model.pp("post_layernorm"))?,
            projection: Linear::beside(width, projection, &[vb.pp("visual_projection")])?,
        })
    }

    /// A picture `[1, 3, image_size, image_size]`, normalised as the network was trained, to
    /// `[1, projection]`.
    pub fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let patches = self.patches.forward(picture, interrupt)?;
        let patches = patches.flatten_from(2)?.transpose(1, 2)?.contiguous()?;
        let tokens = Tensor::cat(&[&self.class, &patches], 1)?;
        let hidden = self.norm_before.forward(&(tokens + &self.places)?)?;
        let hidden = run(&self.layers, hidden, interrupt)?;
        let class = hidden.narrow(1, 0, 1)?.squeeze(1)?.contiguous()?;
        let class = self.norm_after.forward(&class)?;
        self.projection.forward(&class, interrupt)
    }
}
