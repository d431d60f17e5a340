//! `transformer/config.json` of FLUX.

use serde::Deserialize;

use crate::weights::ModelError;

/// The keys that shape the network; what is absent is as in the published models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct FluxConfig {
    /// Side of the squares that become tokens, of latents that are packed already.
    pub patch_size: usize,
    /// Channels of packed latents: four times those of the autoencoder.
    pub in_channels: usize,
    pub out_channels: Option<usize>,
    /// Blocks in which text and picture have weights of their own.
    pub num_layers: usize,
    /// Blocks in which they share them.
    pub num_single_layers: usize,
    pub attention_head_dim: usize,
    pub num_attention_heads: usize,
    /// Width of the prompt's embeddings.
    pub joint_attention_dim: usize,
    /// Width of the whole prompt's.
    pub pooled_projection_dim: usize,
    /// Whether the network is told the guidance.
    pub guidance_embeds: bool,
    /// Values of a head that turn with each axis.
    pub axes_dims_rope: [usize; 3],
}

impl Default for FluxConfig {
    fn default() -> Self {
        Self {
            patch_size: 1,
            in_channels: 64,
            out_channels: None,
            num_layers: 19,
            num_single_layers: 38,
            attention_head_dim: 128,
            num_attention_heads: 24,
            joint_attention_dim: 4096,
            pooled_projection_dim: 768,
            guidance_embeds: false,
            axes_dims_rope: [16, 56, 56],
        }
    }
}

/// Latents in a token.
pub(super) const PACKED: usize = super::pack::SIDE * super::pack::SIDE;

const MOST_BLOCKS: usize = 256;
const WIDEST: usize = 1 << 16;

impl FluxConfig {
    /// Width of a token.
    pub const fn width(&self) -> usize {
        self.num_attention_heads * self.attention_head_dim
    }

    /// Channels of the latents it is given and gives.
    pub const fn latent_channels(&self) -> usize {
        self.in_channels / PACKED
    }

    /// Refuses what would be another network, and sizes no such network has.
    pub fn check(&self, file: &str) -> Result<(), ModelError> {
        let file = || file.to_owned();
        let unsupported = |option: String| ModelError::Unsupported {
            file: file(),
            option,
        };
        if self.patch_size != 1 {
            return Err(unsupported(format!("patch_size {}", self.patch_size)));
        }
        if let Some(channels) = self.out_channels.filter(|out| *out != self.in_channels) {
            let told = format!(
                "in_channels {} beside out_channels {channels}",
                self.in_channels
            );
            return Err(unsupported(told));
        }
        let sizes = [
            self.in_channels,
            self.attention_head_dim,
            self.num_attention_heads,
            self.joint_attention_dim,
            self.pooled_projection_dim,
        ];
        let turned = self
            .axes_dims_rope
            .iter()
            .fold(0, |sum: usize, dim| sum.saturating_add(*dim));
        let is_sound = sizes.iter().all(|size| (1..=WIDEST).contains(size))
            && self.width() <= WIDEST
            && self.in_channels.is_multiple_of(PACKED)
            && self.axes_dims_rope.iter().all(|dim| dim % 2 == 0)
            && turned == self.attention_head_dim
            && self.num_layers <= MOST_BLOCKS
            && self.num_single_layers <= MOST_BLOCKS;
        if is_sound {
            Ok(())
        } else {
            Err(ModelError::InvalidConfig {
                file: file(),
                reason: "its sizes do not fit together".to_owned(),
            })
        }
    }
}
