//! `transformer/config.json` of Z-Image.

use serde::Deserialize;
use serde_json::Value;

use crate::weights::ModelError;

/// The keys that shape the network; what is absent is as in the published model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct ZImageConfig {
    /// Sides of the squares that become tokens.
    pub all_patch_size: Vec<usize>,
    /// Pictures of a film in a token.
    pub all_f_patch_size: Vec<usize>,
    /// Channels of the latents it is given and gives.
    pub in_channels: usize,
    /// Width of a token.
    pub dim: usize,
    /// Blocks of prompt and picture.
    pub n_layers: usize,
    /// Blocks of each alone, before.
    pub n_refiner_layers: usize,
    pub n_heads: usize,
    pub norm_eps: f64,
    pub qk_norm: bool,
    /// Width of the prompt's embeddings.
    pub cap_feat_dim: usize,
    /// Of networks that are shown pictures beside the prompt.
    pub siglip_feat_dim: Option<Value>,
    pub rope_theta: f64,
    /// Time is told as a number up to this.
    pub t_scale: f64,
    /// Values of a head that turn with each axis.
    pub axes_dims: [usize; 3],
    /// Places on each axis.
    pub axes_lens: [usize; 3],
}

impl Default for ZImageConfig {
    fn default() -> Self {
        Self {
            all_patch_size: vec![2],
            all_f_patch_size: vec![1],
            in_channels: 16,
            dim: 3840,
            n_layers: 30,
            n_refiner_layers: 2,
            n_heads: 30,
            norm_eps: 1e-5,
            qk_norm: true,
            cap_feat_dim: 2560,
            siglip_feat_dim: None,
            rope_theta: 256.0,
            t_scale: 1000.0,
            axes_dims: [32, 48, 48],
            axes_lens: [1024, 512, 512],
        }
    }
}

/// Widest that blocks are told of.
const TOLD: usize = 256;
const MOST_BLOCKS: usize = 256;
const WIDEST: usize = 1 << 16;

impl ZImageConfig {
    /// Values of a head.
    pub const fn head_dim(&self) -> usize {
        self.dim / self.n_heads
    }

    /// Width of the feed-forward's hidden layer, rounded as the reference rounds it.
    pub fn wide(&self) -> usize {
        (self.dim as f64 / 3.0 * 8.0) as usize
    }

    /// Latents along each side of the largest picture.
    pub fn most_latents(&self) -> usize {
        super::tokens::SIDE * self.axes_lens[1].min(self.axes_lens[2])
    }

    /// Width of what blocks are told.
    pub(super) fn told(&self) -> usize {
        self.dim.min(TOLD)
    }

    /// Refuses what would be another network, and sizes no such network has.
    pub fn check(&self, file: &str) -> Result<(), ModelError> {
        let file = || file.to_owned();
        let patches = self.all_patch_size.iter().zip(&self.all_f_patch_size);
        let others = [
            (
                "patches of other sizes than 2 by 2 of one picture",
                !patches.into_iter().any(|sizes| sizes == (&2, &1)),
            ),
            ("siglip_feat_dim", self.siglip_feat_dim.is_some()),
            ("qk_norm false", !self.qk_norm),
        ];
        if let Some((option, _)) = others.into_iter().find(|(_, asked)| *asked) {
            return Err(ModelError::Unsupported {
                file: file(),
                option: option.to_owned(),
            });
        }
        let sizes = [self.in_channels, self.dim, self.n_heads, self.cap_feat_dim];
        let turned = self
            .axes_dims
            .iter()
            .fold(0, |sum: usize, dim| sum.saturating_add(*dim));
        let is_sound = sizes.iter().all(|size| (1..=WIDEST).contains(size))
            && self.dim.is_multiple_of(self.n_heads)
            && turned == self.head_dim()
            && self.axes_dims.iter().all(|dim| dim % 2 == 0)
            && self.n_layers <= MOST_BLOCKS
            && self.n_refiner_layers <= MOST_BLOCKS;
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
