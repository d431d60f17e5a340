//! `unet/config.json`.

use serde::Deserialize;
use serde_json::Value;

use super::added::NUMBERS;
use crate::models::plausible::{self, LAYERS, LEVELS, SIDES, WIDTHS};
use crate::nn::Activation;
use crate::weights::ModelError;

/// A value for all blocks, or one for each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PerBlock<T> {
    All(T),
    Each(Vec<T>),
}

impl<T: Copy + Default> PerBlock<T> {
    /// The value of block `index`.
    pub fn at(&self, index: usize) -> T {
        match self {
            Self::All(value) => *value,
            Self::Each(values) => values.get(index).copied().unwrap_or_default(),
        }
    }

    /// All values there are.
    fn all(&self) -> &[T] {
        match self {
            Self::All(value) => std::slice::from_ref(value),
            Self::Each(values) => values,
        }
    }

    fn fits(&self, blocks: usize) -> bool {
        match self {
            Self::All(_) => true,
            Self::Each(values) => values.len() == blocks,
        }
    }
}

/// The keys of a `UNet2DConditionModel` that shape the network; absent ones take diffusers'
/// defaults.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct UNetConfig {
    pub sample_size: Option<PerBlock<usize>>,
    pub in_channels: usize,
    pub out_channels: usize,
    pub flip_sin_to_cos: bool,
    pub freq_shift: f64,
    pub down_block_types: Vec<BlockType>,
    pub mid_block_type: Option<String>,
    pub up_block_types: Vec<BlockType>,
    pub block_out_channels: Vec<usize>,
    pub layers_per_block: PerBlock<usize>,
    pub downsample_padding: usize,
    pub mid_block_scale_factor: f64,
    pub act_fn: Activation,
    pub norm_num_groups: Option<usize>,
    pub norm_eps: f64,
    pub cross_attention_dim: PerBlock<usize>,
    pub transformer_layers_per_block: PerBlock<usize>,
    /// Heads per attention, despite its name: diffusers keeps the name of its early releases.
    pub attention_head_dim: PerBlock<usize>,
    pub num_attention_heads: Option<PerBlock<usize>>,
    pub conv_in_kernel: usize,
    pub conv_out_kernel: usize,
    only_cross_attention: Value,
    dual_cross_attention: Value,
    class_embed_type: Value,
    /// What is told beside the prompt: `text_time`, as in Stable Diffusion XL, or nothing.
    pub addition_embed_type: Option<String>,
    /// Width of the embedding of each of the numbers it is told.
    pub addition_time_embed_dim: Option<usize>,
    /// Width of everything it is told together.
    pub projection_class_embeddings_input_dim: Option<usize>,
    /// Width of the embedding of the guidance, where a consistency model is told it.
    pub time_cond_proj_dim: Option<usize>,
    encoder_hid_dim_type: Value,
    encoder_hid_dim: Value,
    num_class_embeds: Value,
    time_embedding_type: Option<String>,
    time_embedding_dim: Value,
    time_embedding_act_fn: Value,
    timestep_post_act: Value,
    resnet_time_scale_shift: Option<String>,
    resnet_skip_time_act: Value,
    resnet_out_scale_factor: Option<f64>,
    center_input_sample: Value,
    class_embeddings_concat: Value,
    cross_attention_norm: Value,
    mid_block_only_cross_attention: Value,
    reverse_transformer_layers_per_block: Value,
    attention_type: Option<String>,
}

impl Default for UNetConfig {
    fn default() -> Self {
        Self {
            sample_size: None,
            in_channels: 4,
            out_channels: 4,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            down_block_types: vec![
                BlockType::CrossAttnDown,
                BlockType::CrossAttnDown,
                BlockType::CrossAttnDown,
                BlockType::Down,
            ],
            mid_block_type: Some(MID_BLOCK.to_owned()),
            up_block_types: vec![
                BlockType::Up,
                BlockType::CrossAttnUp,
                BlockType::CrossAttnUp,
                BlockType::CrossAttnUp,
            ],
            block_out_channels: vec![320, 640, 1280, 1280],
            layers_per_block: PerBlock::All(2),
            downsample_padding: 1,
            mid_block_scale_factor: 1.0,
            act_fn: Activation::Silu,
            norm_num_groups: Some(32),
            norm_eps: 1e-5,
            cross_attention_dim: PerBlock::All(1280),
            transformer_layers_per_block: PerBlock::All(1),
            attention_head_dim: PerBlock::All(8),
            num_attention_heads: None,
            conv_in_kernel: 3,
            conv_out_kernel: 3,
            only_cross_attention: Value::Null,
            dual_cross_attention: Value::Null,
            class_embed_type: Value::Null,
            addition_embed_type: None,
            addition_time_embed_dim: None,
            projection_class_embeddings_input_dim: None,
            time_cond_proj_dim: None,
            encoder_hid_dim_type: Value::Null,
            encoder_hid_dim: Value::Null,
            num_class_embeds: Value::Null,
            time_embedding_type: None,
            time_embedding_dim: Value::Null,
            time_embedding_act_fn: Value::Null,
            timestep_post_act: Value::Null,
            resnet_time_scale_shift: None,
            resnet_skip_time_act: Value::Null,
            resnet_out_scale_factor: None,
            center_input_sample: Value::Null,
            class_embeddings_concat: Value::Null,
            cross_attention_norm: Value::Null,
            mid_block_only_cross_attention: Value::Null,
            reverse_transformer_layers_per_block: Value::Null,
            attention_type: None,
        }
    }
}

/// The blocks this version builds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum BlockType {
    #[serde(rename = "DownBlock2D")]
    Down,
    #[serde(rename = "CrossAttnDownBlock2D")]
    CrossAttnDown,
    #[serde(rename = "UpBlock2D")]
    Up,
    #[serde(rename = "CrossAttnUpBlock2D")]
    CrossAttnUp,
    #[serde(untagged)]
    Unknown(String),
}

impl BlockType {
    fn is_down(&self) -> bool {
        matches!(self, Self::Down | Self::CrossAttnDown)
    }

    fn is_up(&self) -> bool {
        matches!(self, Self::Up | Self::CrossAttnUp)
    }
}

pub(super) const MID_BLOCK: &str = "UNetMidBlock2DCrossAttn";
/// The sizes of the picture and one embedding of the whole prompt: Stable Diffusion XL's way.
const SIZES_AND_POOLED: &str = "text_time";
const FILE: &str = "unet/config.json";

impl UNetConfig {
    /// Refuses what the network would otherwise build wrongly or not at all.
    pub fn check(&self) -> Result<(), ModelError> {
        self.check_classes()?;
        self.check_options()?;
        let blocks = self.block_out_channels.len();
        let invalid = |reason: String| {
            Err(ModelError::InvalidConfig {
                file: FILE.to_owned(),
                reason,
            })
        };
        if blocks == 0
            || self.down_block_types.len() != blocks
            || self.up_block_types.len() != blocks
        {
            return invalid(
                "down_block_types, up_block_types and block_out_channels must have one entry per block"
                    .to_owned(),
            );
        }
        let lists = [
            ("layers_per_block", &self.layers_per_block),
            ("cross_attention_dim", &self.cross_attention_dim),
            (
                "transformer_layers_per_block",
                &self.transformer_layers_per_block,
            ),
            ("attention_head_dim", self.heads()),
        ];
        for (name, list) in lists {
            if !list.fits(blocks) || (0..blocks).any(|index| list.at(index) == 0) {
                return invalid(format!(
                    "{name} must give a number above 0 for each of {blocks} blocks"
                ));
            }
        }
        if self.addition_embed_type.is_some() && self.added_widths().is_none() {
            return invalid(
                "addition_time_embed_dim and projection_class_embeddings_input_dim must leave room \
                 for the pooled prompt"
                    .to_owned(),
            );
        }
        self.check_numbers()?;
        for (index, channels) in self.block_out_channels.iter().enumerate() {
            let heads = self.heads().at(index);
            if !channels.is_multiple_of(heads) {
                return invalid(format!(
                    "{channels} channels cannot be divided among {heads} heads"
                ));
            }
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), ModelError> {
        let lists = [
            ("block_out_channels", &self.block_out_channels[..], WIDTHS),
            ("layers_per_block", self.layers_per_block.all(), LAYERS),
            (
                "cross_attention_dim",
                self.cross_attention_dim.all(),
                WIDTHS,
            ),
            (
                "transformer_layers_per_block",
                self.transformer_layers_per_block.all(),
                LAYERS,
            ),
            ("attention_head_dim", self.heads().all(), WIDTHS),
            (
                "sample_size",
                self.sample_size.as_ref().map_or(&[], PerBlock::all),
                SIDES,
            ),
        ];
        let lists = lists.into_iter().flat_map(|(key, numbers, plausible)| {
            let numbers = numbers.iter();
            numbers.map(move |number| (key, *number, plausible.clone()))
        });
        let kernels = 1..=31;
        let alone = [
            (
                "the number of blocks",
                Some(self.block_out_channels.len()),
                LEVELS,
            ),
            ("in_channels", Some(self.in_channels), WIDTHS),
            ("out_channels", Some(self.out_channels), WIDTHS),
            ("norm_num_groups", self.norm_num_groups, WIDTHS),
            ("conv_in_kernel", Some(self.conv_in_kernel), kernels.clone()),
            ("conv_out_kernel", Some(self.conv_out_kernel), kernels),
            ("downsample_padding", Some(self.downsample_padding), 0..=31),
            (
                "addition_time_embed_dim",
                self.addition_time_embed_dim,
                WIDTHS,
            ),
            (
                "projection_class_embeddings_input_dim",
                self.projection_class_embeddings_input_dim,
                WIDTHS,
            ),
            ("time_cond_proj_dim", self.time_cond_proj_dim, WIDTHS),
        ];
        let alone = alone
            .into_iter()
            .filter_map(|(key, number, plausible)| Some((key, number?, plausible)));
        plausible::check(FILE, lists.chain(alone))
    }

    fn check_classes(&self) -> Result<(), ModelError> {
        let unknown = |class: &dyn std::fmt::Debug, known: &str| ModelError::UnknownClass {
            file: FILE.to_owned(),
            class: format!("{class:?}")
                .trim_start_matches("Unknown(")
                .trim_matches(['"', ')'])
                .to_owned(),
            known: known.to_owned(),
        };
        if let Some(class) = self.down_block_types.iter().find(|class| !class.is_down()) {
            return Err(unknown(class, "DownBlock2D and CrossAttnDownBlock2D"));
        }
        if let Some(class) = self.up_block_types.iter().find(|class| !class.is_up()) {
            return Err(unknown(class, "UpBlock2D and CrossAttnUpBlock2D"));
        }
        match &self.mid_block_type {
            Some(class) if class != MID_BLOCK => Err(unknown(class, MID_BLOCK)),
            _ => Ok(()),
        }
    }

    fn check_options(&self) -> Result<(), ModelError> {
        let flags = [
            ("only_cross_attention", &self.only_cross_attention),
            ("dual_cross_attention", &self.dual_cross_attention),
            ("class_embed_type", &self.class_embed_type),
            ("encoder_hid_dim_type", &self.encoder_hid_dim_type),
            ("encoder_hid_dim", &self.encoder_hid_dim),
            ("num_class_embeds", &self.num_class_embeds),
            ("time_embedding_dim", &self.time_embedding_dim),
            ("time_embedding_act_fn", &self.time_embedding_act_fn),
            ("timestep_post_act", &self.timestep_post_act),
            ("resnet_skip_time_act", &self.resnet_skip_time_act),
            ("center_input_sample", &self.center_input_sample),
            ("class_embeddings_concat", &self.class_embeddings_concat),
            ("cross_attention_norm", &self.cross_attention_norm),
            (
                "mid_block_only_cross_attention",
                &self.mid_block_only_cross_attention,
            ),
            (
                "reverse_transformer_layers_per_block",
                &self.reverse_transformer_layers_per_block,
            ),
        ];
        let is_off = |value: &Value| {
            matches!(value, Value::Null | Value::Bool(false))
                || value
                    .as_array()
                    .is_some_and(|all| all.iter().all(|value| value == &Value::Bool(false)))
        };
        let named = [
            (
                "time_embedding_type",
                &self.time_embedding_type,
                "positional",
            ),
            (
                "resnet_time_scale_shift",
                &self.resnet_time_scale_shift,
                "default",
            ),
            ("attention_type", &self.attention_type, "default"),
            (
                "addition_embed_type",
                &self.addition_embed_type,
                SIZES_AND_POOLED,
            ),
        ];
        let asked = flags
            .iter()
            .find(|(_, value)| !is_off(value))
            .map(|(name, value)| format!("{name} {value}"))
            .or_else(|| {
                named.iter().find_map(|(name, value, usual)| {
                    let value = value.as_ref().filter(|value| value.as_str() != *usual)?;
                    Some(format!("{name} \"{value}\""))
                })
            })
            .or_else(|| {
                let scale = self.resnet_out_scale_factor.filter(|scale| *scale != 1.0)?;
                Some(format!("resnet_out_scale_factor {scale}"))
            })
            .or_else(|| {
                (self.act_fn != Activation::Silu)
                    .then(|| "an activation other than silu".to_owned())
            })
            .or_else(|| {
                self.norm_num_groups
                    .is_none()
                    .then(|| "no group norm".to_owned())
            });
        match asked {
            Some(option) => Err(ModelError::Unsupported {
                file: FILE.to_owned(),
                option,
            }),
            None => Ok(()),
        }
    }

    /// The block on the way down that block `index` on the way up, counted from the lowest, mirrors.
    pub(super) fn mirrored(&self, index: usize) -> usize {
        self.block_out_channels.len() - 1 - index
    }

    /// Heads of each block's attention.
    pub fn heads(&self) -> &PerBlock<usize> {
        self.num_attention_heads
            .as_ref()
            .unwrap_or(&self.attention_head_dim)
    }

    pub fn groups(&self) -> usize {
        self.norm_num_groups.unwrap_or(32)
    }

    /// Widths of what is told beside the prompt: the pooled prompt, and each of the picture's numbers;
    /// `None` where nothing is.
    pub(super) fn added_widths(&self) -> Option<(usize, usize)> {
        self.addition_embed_type.as_ref()?;
        let number = self.addition_time_embed_dim?;
        let together = self.projection_class_embeddings_input_dim?;
        let pooled = together.checked_sub(NUMBERS.checked_mul(number)?)?;
        Some((pooled, number))
    }

    /// Width of the pooled prompt it is told, where it is.
    pub fn pooled_width(&self) -> Option<usize> {
        self.added_widths().map(|(pooled, _)| pooled)
    }

    /// Latent height and width the network was trained at.
    pub fn native_latent(&self) -> (usize, usize) {
        match &self.sample_size {
            Some(PerBlock::All(side)) => (*side, *side),
            Some(PerBlock::Each(sides)) if sides.len() == 2 => (sides[0], sides[1]),
            _ => (64, 64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_file_of_sd15_is_accepted() {
        let config: UNetConfig = serde_json::from_str(
            r#"{"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.6.0", "act_fn": "silu",
                "attention_head_dim": 8, "block_out_channels": [320, 640, 1280, 1280],
                "center_input_sample": false, "cross_attention_dim": 768,
                "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
                "downsample_padding": 1, "flip_sin_to_cos": true, "freq_shift": 0, "in_channels": 4,
                "layers_per_block": 2, "mid_block_scale_factor": 1, "norm_eps": 1e-05,
                "norm_num_groups": 32, "out_channels": 4, "sample_size": 64,
                "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}"#,
        )
        .unwrap();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.native_latent(), (64, 64));
    }

    #[test]
    fn an_unknown_block_is_named() {
        let config: UNetConfig =
            serde_json::from_str(r#"{"down_block_types": ["AttnDownBlock2D", "DownBlock2D"]}"#)
                .unwrap();
        let text = config.check().unwrap_err().to_string();
        assert!(text.contains("\"AttnDownBlock2D\""), "{text}");
    }

    #[test]
    fn an_option_that_would_change_the_picture_is_refused() {
        let config: UNetConfig =
            serde_json::from_str(r#"{"class_embed_type": "timestep"}"#).unwrap();
        let text = config.check().unwrap_err().to_string();
        assert!(text.contains("class_embed_type \"timestep\""), "{text}");
    }
}
