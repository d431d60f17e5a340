//! What is known of a denoiser before its weights are read.

use super::DenoiserWork;
use crate::models::{
    FluxConfig, JointConfig, UNetConfig, ZImageConfig, denoiser_bytes, flux_bytes, joint_bytes,
    prompt_bytes, z_image_bytes,
};
use crate::weights::{ModelError, ModelFiles, parse_json};

/// The configuration of a denoiser.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a model has one of it")]
pub enum DenoiserConfig {
    UNet(UNetConfig),
    Joint(JointConfig),
    Flux(FluxConfig),
    ZImage(ZImageConfig),
}

/// A kind of denoiser by where it lies in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::models) enum DenoiserKind {
    UNet,
    Joint,
    Flux,
    ZImage,
}

/// Height and width of the latents that networks without a size of their own were trained at.
const NATIVE: (usize, usize) = (128, 128);
impl DenoiserKind {
    /// Its folder, and its class in diffusers.
    pub(in crate::models) const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::UNet => ("unet", "UNet2DConditionModel"),
            Self::Joint => ("transformer", "SD3Transformer2DModel"),
            Self::Flux => ("transformer", "FluxTransformer2DModel"),
            Self::ZImage => ("transformer", "ZImageTransformer2DModel"),
        }
    }

    /// Reads and checks the configuration.
    pub(in crate::models) fn read(
        self,
        files: &dyn ModelFiles,
    ) -> Result<DenoiserConfig, ModelError> {
        let file = self.config_file();
        match self {
            Self::UNet => {
                let config: UNetConfig = parse_json(files, &file)?;
                config.check()?;
                Ok(DenoiserConfig::UNet(config))
            }
            Self::Joint => {
                let config: JointConfig = parse_json(files, &file)?;
                config.check(&file)?;
                Ok(DenoiserConfig::Joint(config))
            }
            Self::Flux => {
                let config: FluxConfig = parse_json(files, &file)?;
                config.check(&file)?;
                Ok(DenoiserConfig::Flux(config))
            }
            Self::ZImage => {
                let config: ZImageConfig = parse_json(files, &file)?;
                config.check(&file)?;
                Ok(DenoiserConfig::ZImage(config))
            }
        }
    }

    pub(in crate::models) fn config_file(self) -> String {
        format!("{}/config.json", self.place().0)
    }
}

impl DenoiserConfig {
    pub(in crate::models) const fn kind(&self) -> DenoiserKind {
        match self {
            Self::UNet(_) => DenoiserKind::UNet,
            Self::Joint(_) => DenoiserKind::Joint,
            Self::Flux(_) => DenoiserKind::Flux,
            Self::ZImage(_) => DenoiserKind::ZImage,
        }
    }

    /// Channels it takes and gives.
    pub fn channels(&self) -> (usize, usize) {
        match self {
            Self::UNet(config) => (config.in_channels, config.out_channels),
            Self::Joint(config) => (config.in_channels, config.output_channels()),
            Self::Flux(config) => (config.latent_channels(), config.latent_channels()),
            Self::ZImage(config) => (config.in_channels, config.in_channels),
        }
    }

    /// Latents along each side of a picture must be multiples of this.
    pub const fn patch(&self) -> usize {
        match self {
            Self::UNet(_) => 1,
            Self::Joint(config) => config.patch_size,
            Self::Flux(_) | Self::ZImage(_) => 2,
        }
    }

    /// Latents along each side of one token, as shifts by size count them.
    pub const fn token_side(&self) -> usize {
        match self {
            Self::UNet(_) | Self::Flux(_) | Self::ZImage(_) => 2,
            Self::Joint(config) => config.patch_size,
        }
    }

    /// Height and width of the latents it was trained at.
    pub fn native_latent(&self) -> (usize, usize) {
        match self {
            Self::UNet(config) => config.native_latent(),
            Self::Joint(config) => (config.sample_size, config.sample_size),
            Self::Flux(_) | Self::ZImage(_) => NATIVE,
        }
    }

    /// Latents along the longest side it can take; `None` where there is no limit.
    pub fn most_latents(&self) -> Option<usize> {
        match self {
            Self::UNet(_) | Self::Flux(_) => None,
            Self::Joint(config) => Some(config.most_latents()),
            Self::ZImage(config) => Some(config.most_latents()),
        }
    }

    /// Widths of the prompt's tokens and of the pooled prompt it takes.
    pub fn text_widths(&self) -> (usize, Option<usize>) {
        match self {
            Self::UNet(config) => (config.cross_attention_dim.at(0), config.pooled_width()),
            Self::Joint(config) => (
                config.joint_attention_dim,
                Some(config.pooled_projection_dim),
            ),
            Self::Flux(config) => (
                config.joint_attention_dim,
                Some(config.pooled_projection_dim),
            ),
            Self::ZImage(config) => (config.cap_feat_dim, None),
        }
    }

    /// Whether it is told the guidance and needs no second call for it.
    pub const fn is_told_guidance(&self) -> bool {
        match self {
            Self::UNet(config) => config.time_cond_proj_dim.is_some(),
            Self::Flux(config) => config.guidance_embeds,
            Self::Joint(_) | Self::ZImage(_) => false,
        }
    }

    /// Whether its output is the way from picture to noise.
    pub const fn is_flow(&self) -> bool {
        match self {
            Self::UNet(_) => false,
            Self::Joint(_) | Self::Flux(_) | Self::ZImage(_) => true,
        }
    }

    /// Whether texts are read as one batch, and therefore of one length.
    pub const fn batches_texts(&self) -> bool {
        match self {
            Self::UNet(_) => true,
            Self::Joint(_) | Self::Flux(_) | Self::ZImage(_) => false,
        }
    }

    /// Whether calls can use what calls before them found deep inside.
    pub const fn keeps_features(&self) -> bool {
        match self {
            Self::UNet(_) => true,
            Self::Joint(_) | Self::Flux(_) | Self::ZImage(_) => false,
        }
    }

    /// Whether a tensor of this name is in a layer that can be kept in 8 bits.
    pub fn is_in_transformer(&self, name: &str) -> bool {
        match self {
            Self::UNet(_) => name.contains("attentions."),
            Self::Joint(_) => name.contains(".attn") || name.contains(".ff"),
            Self::Flux(_) => {
                let layers = [".attn.", ".ff", ".proj_mlp.", ".proj_out."];
                layers.iter().any(|layer| name.contains(layer))
            }
            Self::ZImage(_) => name.contains(".attention.") || name.contains(".feed_forward."),
        }
    }

    /// Bytes a call holds at once, told so many texts of so many tokens, for latents of a height and width;
    /// weights, and what threads keep for their own work, are not in it. Where texts are not computed
    /// [together](Self::batches_texts), their number does not matter.
    pub fn call_bytes(&self, texts: usize, size: (usize, usize), tokens: usize) -> u64 {
        match self {
            Self::UNet(config) => denoiser_bytes(config, texts, size),
            Self::Joint(config) => joint_bytes(config, size, tokens),
            Self::Flux(config) => flux_bytes(config, size, tokens),
            Self::ZImage(config) => z_image_bytes(config, size, tokens),
        }
    }

    /// Bytes that what is read of a text of so many tokens takes, for as long as it is drawn with.
    pub fn prompt_bytes(&self, tokens: usize) -> u64 {
        match self {
            Self::UNet(config) => prompt_bytes(config, tokens),
            Self::Joint(_) | Self::Flux(_) | Self::ZImage(_) => {
                (tokens * self.text_widths().0 * size_of::<f32>()) as u64
            }
        }
    }

    /// What a call computes for one prompt of so many tokens.
    pub fn work(&self, tokens: usize) -> DenoiserWork {
        match self {
            Self::UNet(config) => DenoiserWork::of_unet(config, tokens),
            Self::Joint(config) => DenoiserWork::of_joint(config, tokens),
            Self::Flux(config) => DenoiserWork::of_flux(config, tokens),
            Self::ZImage(config) => DenoiserWork::of_z_image(config, tokens),
        }
    }
}
