//! What `config.json` says of a CLIP; what it leaves out is as transformers has it.

use serde::Deserialize;
use serde_json::Value;

use super::{ClipTextConfig, ClipVisionConfig};
use crate::nn::Activation;
use crate::weights::{ModelError, ModelFiles, parse_json};

const FILE: &str = "config.json";
/// Most values along any one dimension: beyond all networks there are, and far from what overflows.
const MOST: usize = 1 << 20;

/// Sizes of both encoders.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipConfig {
    pub text: ClipTextConfig,
    pub vision: ClipVisionConfig,
    /// Width of what both give.
    pub projection_dim: usize,
    /// What ends a text.
    eos_token_id: u32,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    model_type: Option<String>,
    projection_dim: usize,
    text_config: TextPart,
    vision_config: ClipVisionConfig,
}

impl Default for File {
    fn default() -> Self {
        Self {
            model_type: None,
            projection_dim: 512,
            text_config: TextPart::default(),
            vision_config: ClipVisionConfig::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct TextPart {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    max_position_embeddings: usize,
    hidden_act: Activation,
    layer_norm_eps: f64,
    eos_token_id: u32,
}

impl Default for TextPart {
    fn default() -> Self {
        Self {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            hidden_act: Activation::QuickGelu,
            layer_norm_eps: 1e-5,
            eos_token_id: 49407,
        }
    }
}

impl ClipConfig {
    pub(super) fn read(files: &dyn ModelFiles) -> Result<Self, ModelError> {
        let value: Value = parse_json(files, FILE)?;
        let invalid = |reason: String| ModelError::InvalidConfig {
            file: FILE.to_owned(),
            reason,
        };
        let not_one = |reason: &str| ModelError::NoClip {
            file: files.place(),
            reason: reason.to_owned(),
        };
        let kind = value.get("model_type").and_then(Value::as_str);
        match kind {
            None | Some("clip") => {}
            Some("clip_vision_model") => return Err(not_one("it sees pictures alone")),
            Some("clip_text_model") => return Err(not_one("it reads texts alone")),
            Some(other) => return Err(not_one(&format!("its config.json names {other}"))),
        }
        if value.get("text_config").is_none() && value.get("vision_config").is_none() {
            return Err(not_one(
                "its config.json has neither text_config nor vision_config",
            ));
        }
        let file: File =
            serde_json::from_value(value).map_err(|error| invalid(error.to_string()))?;
        let text = file.text_config;
        let config = Self {
            text: ClipTextConfig {
                vocab_size: text.vocab_size,
                hidden_size: text.hidden_size,
                intermediate_size: text.intermediate_size,
                num_hidden_layers: text.num_hidden_layers,
                num_attention_heads: text.num_attention_heads,
                max_position_embeddings: text.max_position_embeddings,
                hidden_act: text.hidden_act,
                layer_norm_eps: text.layer_norm_eps,
                projection_dim: Some(file.projection_dim),
            },
            vision: file.vision_config,
            projection_dim: file.projection_dim,
            eos_token_id: text.eos_token_id,
        };
        config.check().map_err(invalid)?;
        Ok(config)
    }

    /// Sizes no network has.
    fn check(&self) -> Result<(), String> {
        let Self { text, vision, .. } = self;
        for (name, size) in [
            ("projection_dim", self.projection_dim),
            ("text_config.hidden_size", text.hidden_size),
            ("text_config.intermediate_size", text.intermediate_size),
            ("text_config.num_attention_heads", text.num_attention_heads),
            (
                "text_config.max_position_embeddings",
                text.max_position_embeddings,
            ),
            ("vision_config.hidden_size", vision.hidden_size),
            ("vision_config.intermediate_size", vision.intermediate_size),
            (
                "vision_config.num_attention_heads",
                vision.num_attention_heads,
            ),
            ("vision_config.image_size", vision.image_size),
            ("vision_config.patch_size", vision.patch_size),
        ] {
            if size == 0 || size > MOST {
                return Err(format!("{name} is {size}"));
            }
        }
        if vision.num_channels != 3 {
            return Err(format!(
                "its pictures have {} channels",
                vision.num_channels
            ));
        }
        if vision.patch_size > vision.image_size {
            return Err("its patches are larger than its pictures".to_owned());
        }
        Ok(())
    }

    /// Where in a text's ids what ends it stands, as transformers finds it: the first such id; where
    /// the configuration is older than that rule, the largest id.
    pub(super) fn end_of(&self, ids: &[u32]) -> usize {
        /// What older configurations say, whatever the vocabulary.
        const OLDER: u32 = 2;
        if self.eos_token_id == OLDER {
            let largest = ids.iter().max();
            return ids.iter().position(|id| Some(id) == largest).unwrap_or(0);
        }
        let end = ids.iter().position(|id| *id == self.eos_token_id);
        end.unwrap_or(0)
    }
}
