//! Networks of published sizes, of random weights: time and memory are those of real ones.

use candle_core::{Device, Result, Tensor};

use super::random_weights::random_weights;
use crate::models::{
    AutoencoderConfig, AutoencoderKl, ClipTextConfig, ClipTextEncoder, RrdbLayout, UNet,
    UNetConfig, Upscaler, UpscalerLayout, Vgg19, VggConv, VggLayout,
};
use crate::nn::Products;
use crate::raster::{Extent, Pixels};

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

pub(super) fn unet(config: &str) -> Result<UNet> {
    let config: UNetConfig = serde_json::from_str(config).map_err(candle_core::Error::wrap)?;
    UNet::new(&config, &random_weights())
}

pub(super) fn autoencoder(config: &str) -> Result<AutoencoderKl> {
    let config: AutoencoderConfig =
        serde_json::from_str(config).map_err(candle_core::Error::wrap)?;
    AutoencoderKl::new(&config, &random_weights())
}

pub(super) fn clip_text(config: &str) -> Result<ClipTextEncoder> {
    let config: ClipTextConfig = serde_json::from_str(config).map_err(candle_core::Error::wrap)?;
    ClipTextEncoder::new(&config, &random_weights())
}

/// The network of `RealESRGAN_x4plus`.
pub(super) fn rrdb() -> Result<Upscaler> {
    let layout = UpscalerLayout::Rrdb(RrdbLayout::real_esrgan());
    Upscaler::new(&layout, &random_weights())
}

/// VGG-19 as far as a style is looked for.
pub(super) fn vgg() -> Result<Vgg19> {
    vgg_to(VggConv::Conv5_1, Products::Fast)
}

/// VGG-19 up to a convolution.
pub(super) fn vgg_to(last: VggConv, products: Products) -> Result<Vgg19> {
    let layout = VggLayout::published().up_to(last);
    Vgg19::new(&layout, products, &random_weights())
}

/// A picture of side `side` whose pixels have nothing in common.
pub(super) fn picture_of_noise(side: u32) -> Result<Pixels> {
    let extent = Extent::new(side, side);
    let rgba = (0..extent.area() as u32 * 4).map(|at| match at % 4 {
        3 => u8::MAX,
        _ => (at.wrapping_mul(2_654_435_761) >> 24) as u8,
    });
    let wrong = || candle_core::Error::Msg("a picture of another size".to_owned());
    Pixels::from_rgba(extent, rgba.collect()).ok_or_else(wrong)
}

/// A picture of side `side`: `[1, 3, side, side]`, from 0 to 1.
pub(super) fn picture(side: usize) -> Result<Tensor> {
    Tensor::rand(0f32, 1.0, (1, 3, side, side), &Device::Cpu)
}

/// Latents of side `side`, and a prompt's embeddings of width `width`.
pub(super) fn inputs(channels: usize, side: usize, width: usize) -> Result<(Tensor, Tensor)> {
    let latents = Tensor::randn(0f32, 1.0, (1, channels, side, side), &Device::Cpu)?;
    let context = Tensor::randn(0f32, 1.0, (1, 77, width), &Device::Cpu)?;
    Ok((latents, context))
}
