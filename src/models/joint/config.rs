//! `transformer/config.json` of Stable Diffusion 3.

use serde::Deserialize;

use crate::weights::ModelError;

/// The keys that shape the network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct JointConfig {
    /// Side of the latents it was trained at.
    pub sample_size: usize,
    /// Side of the square of latents that becomes one token.
    pub patch_size: usize,
    pub in_channels: usize,
    pub out_channels: Option<usize>,
    pub num_layers: usize,
    pub attention_head_dim: usize,
    pub num_attention_heads: usize,
    /// Of a prompt's tokens.
    pub joint_attention_dim: usize,
    pub caption_projection_dim: usize,
    /// Of the whole prompt.
    pub pooled_projection_dim: usize,
    /// Side of the largest picture, in tokens, that positions are known for.
    pub pos_embed_max_size: usize,
    /// Layers in which the picture also attends to itself alone.
    pub dual_attention_layers: Vec<usize>,
    pub qk_norm: Option<String>,
}

impl Default for JointConfig {
    fn default() -> Self {
        Self {
            sample_size: 128,
            patch_size: 2,
            in_channels: 16,
            out_channels: Some(16),
            num_layers: 18,
            attention_head_dim: 64,
            num_attention_heads: 18,
            joint_attention_dim: 4096,
            caption_projection_dim: 1152,
            pooled_projection_dim: 2048,
            pos_embed_max_size: 96,
            dual_attention_layers: Vec::new(),
            qk_norm: None,
        }
    }
}

/// Layers in a row: more than any network has.
const MOST_LAYERS: usize = 256;
/// The largest of any size: sums and products of some of them stay numbers.
const MOST: usize = 1 << 20;

impl JointConfig {
    /// Refuses what the network would silently build otherwise.
    pub fn check(&self, file: &str) -> Result<(), ModelError> {
        let invalid = |reason: String| {
            Err(ModelError::InvalidConfig {
                file: file.to_owned(),
                reason,
            })
        };
        let sizes = [
            ("sample_size", self.sample_size),
            ("patch_size", self.patch_size),
            ("in_channels", self.in_channels),
            ("out_channels", self.output_channels()),
            ("num_layers", self.num_layers),
            ("attention_head_dim", self.attention_head_dim),
            ("num_attention_heads", self.num_attention_heads),
            ("joint_attention_dim", self.joint_attention_dim),
            ("pooled_projection_dim", self.pooled_projection_dim),
            ("pos_embed_max_size", self.pos_embed_max_size),
        ];
        if let Some((name, size)) = sizes.iter().find(|(_, size)| !(1..=MOST).contains(size)) {
            return invalid(format!("{name} is {size}"));
        }
        if self.num_layers > MOST_LAYERS {
            return invalid(format!("num_layers is {}", self.num_layers));
        }
        if self.caption_projection_dim != self.width() {
            return invalid(format!(
                "caption_projection_dim is {} where the heads together are {} wide",
                self.caption_projection_dim,
                self.width()
            ));
        }
        match self.qk_norm.as_deref() {
            None | Some("rms_norm") => Ok(()),
            Some(other) => Err(ModelError::Unsupported {
                file: file.to_owned(),
                option: format!("qk_norm \"{other}\""),
            }),
        }
    }

    /// Of a token, of the picture or of the prompt.
    pub fn width(&self) -> usize {
        self.attention_head_dim * self.num_attention_heads
    }

    pub fn output_channels(&self) -> usize {
        self.out_channels.unwrap_or(self.in_channels)
    }

    /// Latents along each side of the largest picture.
    pub fn most_latents(&self) -> usize {
        self.patch_size * self.pos_embed_max_size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_file_of_3_5_medium_is_read() {
        let config: JointConfig = serde_json::from_str(
            r#"{"_class_name": "SD3Transformer2DModel", "attention_head_dim": 64,
                "caption_projection_dim": 1536, "dual_attention_layers": [0, 1, 2],
                "in_channels": 16, "joint_attention_dim": 4096, "num_attention_heads": 24,
                "num_layers": 24, "out_channels": 16, "patch_size": 2,
                "pooled_projection_dim": 2048, "pos_embed_max_size": 384, "qk_norm": "rms_norm",
                "sample_size": 128}"#,
        )
        .unwrap();
        assert_eq!(config.check("c"), Ok(()));
        assert_eq!((config.width(), config.most_latents()), (1536, 768));
    }

    #[test]
    fn what_is_not_computed_is_refused() {
        let unknown = JointConfig {
            qk_norm: Some("layer_norm".to_owned()),
            ..JointConfig::default()
        };
        let text = unknown.check("c").unwrap_err().to_string();
        assert!(text.contains("qk_norm \"layer_norm\""), "{text}");
        let empty = JointConfig {
            patch_size: 0,
            ..JointConfig::default()
        };
        assert!(empty.check("c").is_err());
    }
}
