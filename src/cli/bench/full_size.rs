//! Networks of published sizes, their weights all zero: time and memory are those of real ones.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use crate::models::{
    AutoencoderConfig, AutoencoderKl, ClipTextConfig, ClipTextEncoder, UNet, UNetConfig,
};

/// Stable Diffusion 1.5's UNet.
pub(super) const SD15_UNET: &str = r#"{"attention_head_dim": 8, "cross_attention_dim": 768}"#;

/// Stable Diffusion 1.5's autoencoder.
pub(super) const SD15_AUTOENCODER: &str = r#"{"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2,
        "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
        "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}"#;

/// A UNet of Sprout's kind, at a picture of 256 pixels.
pub(super) const SMALL_UNET: &str = r#"{"block_out_channels": [64, 128, 192], "layers_per_block": 2,
    "attention_head_dim": 8, "cross_attention_dim": 256,
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}"#;

/// The text encoder of Stable Diffusion 1.x.
pub(super) const CLIP_L: &str = r#"{"vocab_size": 49408, "hidden_size": 768,
    "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}"#;

/// Weights that cost memory as real ones do, without a file.
pub(super) fn zero_weights() -> VarBuilder<'static> {
    VarBuilder::zeros(DType::F32, &Device::Cpu)
}

pub(super) fn unet(config: &str) -> Result<UNet> {
    let config: UNetConfig = serde_json::from_str(config).map_err(candle_core::Error::wrap)?;
    UNet::new(&config, &zero_weights())
}

pub(super) fn autoencoder(config: &str) -> Result<AutoencoderKl> {
    let config: AutoencoderConfig =
        serde_json::from_str(config).map_err(candle_core::Error::wrap)?;
    AutoencoderKl::new(&config, &zero_weights())
}

pub(super) fn clip_text(config: &str) -> Result<ClipTextEncoder> {
    let config: ClipTextConfig = serde_json::from_str(config).map_err(candle_core::Error::wrap)?;
    ClipTextEncoder::new(&config, &zero_weights())
}

/// Latents of side `side`, and a prompt's embeddings of width `width`.
pub(super) fn inputs(channels: usize, side: usize, width: usize) -> Result<(Tensor, Tensor)> {
    let latents = Tensor::ones((1, channels, side, side), DType::F32, &Device::Cpu)?;
    let context = Tensor::ones((1, 77, width), DType::F32, &Device::Cpu)?;
    Ok((latents, context))
}
