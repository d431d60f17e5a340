//! Configurations, as diffusers and transformers write them, told from the shapes of tensors that
//! have their names.
//!
//! What no shape tells follows rules: heads are those of the published models (eight of them in
//! Stable Diffusion 1.x, else one for every 64 channels, at least one); norms have 32 groups, or half
//! as many as the narrowest block has channels where 32 do not divide it.

use serde_json::{Value, json};

use crate::weights::Weights;

/// Groups of every published model's norms.
const GROUPS: usize = 32;
/// Blocks that are counted: more than any network has.
pub(super) const MOST: usize = 256;
/// Channels of a head in every published text encoder, and in denoisers since 2.0.
const HEAD_WIDTH: usize = 64;

/// How the attention of a denoiser is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadRule {
    Count(usize),
    Width,
}

/// What a denoiser's shapes do not tell.
pub(super) struct UNetRules {
    pub(super) heads: HeadRule,
    /// Side of the latents it was trained at.
    pub(super) sample_size: usize,
    /// Width of the projected prompt, where the denoiser is told sizes beside it.
    pub(super) pooled_width: Option<usize>,
}

/// Numbers told beside a prompt: two of the original, two of the crop, two of the target.
const SIZES_TOLD: usize = 6;

pub(super) fn side(weights: &Weights, name: &str, dimension: usize) -> Option<usize> {
    weights.shape(name)?.get(dimension).copied()
}

/// How many of `start`0`end`, `start`1`end`, … there are.
pub(super) fn count(weights: &Weights, start: &str, end: &str) -> usize {
    let has = |index: &usize| weights.shape(&format!("{start}{index}{end}")).is_some();
    (0..MOST).take_while(has).count()
}

/// One value where all are alike, as diffusers prefers it.
fn brief(values: &[usize]) -> Value {
    match values {
        [first, rest @ ..] if rest.iter().all(|value| value == first) => json!(first),
        all => json!(all),
    }
}

fn groups(channels: &[usize]) -> usize {
    if channels.iter().all(|width| width.is_multiple_of(GROUPS)) {
        GROUPS
    } else {
        (channels.iter().min().copied().unwrap_or_default() / 2).max(1)
    }
}

fn heads(width: usize) -> usize {
    (width / HEAD_WIDTH).max(1)
}

/// `unet/config.json`; `None` where it is no such network.
pub(super) fn unet_config(weights: &Weights, rules: &UNetRules) -> Option<Value> {
    let levels = count(weights, "down_blocks.", ".resnets.0.conv1.weight");
    let channels = (0..levels)
        .map(|level| {
            side(
                weights,
                &format!("down_blocks.{level}.resnets.0.conv2.weight"),
                0,
            )
        })
        .collect::<Option<Vec<_>>>()?;
    let resnets = |level| {
        count(
            weights,
            &format!("down_blocks.{level}.resnets."),
            ".conv1.weight",
        )
    };
    let layers: Vec<_> = (0..levels).map(resnets).collect();
    let attends = |block: String| {
        let name = format!("{block}.attentions.0.proj_in.weight");
        weights.shape(&name).is_some()
    };
    let types = |way: &str, plain: &str, attending: &str| -> Vec<String> {
        let class = |level| {
            let attends = attends(format!("{way}.{level}"));
            if attends { attending } else { plain }.to_owned()
        };
        (0..levels).map(class).collect()
    };
    let depth = |block: &str| {
        let start = format!("{block}.attentions.0.transformer_blocks.");
        count(weights, &start, ".attn2.to_k.weight")
    };
    let middle = depth("mid_block");
    let depths: Vec<_> = (0..levels)
        .map(|level| match depth(&format!("down_blocks.{level}")) {
            // The middle block is as deep as the last level, which need not attend itself.
            0 if level + 1 == levels => middle.max(1),
            0 => 1,
            depth => depth,
        })
        .collect();
    let context = weights
        .names()
        .find(|name| name.ends_with(".attn2.to_k.weight"))
        .and_then(|name| side(weights, name, 1))?;
    let projection = weights
        .names()
        .find(|name| name.ends_with(".proj_in.weight"))
        .and_then(|name| weights.shape(name));
    let heads = match rules.heads {
        HeadRule::Count(count) => json!(count),
        HeadRule::Width => json!(
            channels
                .iter()
                .map(|&width| heads(width))
                .collect::<Vec<_>>()
        ),
    };
    let sizes = side(weights, "add_embedding.linear_1.weight", 1).zip(rules.pooled_width);
    let size_width = sizes.map(|(all, pooled)| all.saturating_sub(pooled) / SIZES_TOLD);
    let middle_class = if middle > 0 {
        "UNetMidBlock2DCrossAttn"
    } else {
        "UNetMidBlock2D"
    };
    Some(json!({
        "_class_name": "UNet2DConditionModel",
        "act_fn": "silu",
        "addition_embed_type": sizes.map(|_| "text_time"),
        "addition_time_embed_dim": size_width,
        "attention_head_dim": heads,
        "block_out_channels": channels,
        "center_input_sample": false,
        "class_embed_type": null,
        "cross_attention_dim": context,
        "down_block_types": types("down_blocks", "DownBlock2D", "CrossAttnDownBlock2D"),
        "downsample_padding": 1,
        "flip_sin_to_cos": true,
        "freq_shift": 0,
        "in_channels": side(weights, "conv_in.weight", 1)?,
        "layers_per_block": brief(&layers),
        "mid_block_scale_factor": 1,
        "mid_block_type": middle_class,
        "norm_eps": 1e-5,
        "norm_num_groups": groups(&channels),
        "out_channels": side(weights, "conv_out.weight", 0)?,
        "projection_class_embeddings_input_dim": sizes.map(|(all, _)| all),
        "sample_size": rules.sample_size,
        "transformer_layers_per_block": brief(&depths),
        "up_block_types": types("up_blocks", "UpBlock2D", "CrossAttnUpBlock2D"),
        "use_linear_projection": projection.is_some_and(|shape| shape.len() == 2),
    }))
}

/// `transformer/config.json` of Stable Diffusion 3; `None` where it is no such network.
pub(super) fn joint_config(weights: &Weights) -> Option<Value> {
    let patches = "pos_embed.proj.weight";
    let width = side(weights, patches, 0)?;
    let layers = count(weights, "transformer_blocks.", ".attn.to_q.weight");
    let is_dual = |layer: &usize| {
        let name = format!("transformer_blocks.{layer}.attn2.to_q.weight");
        weights.shape(&name).is_some()
    };
    let norm = side(weights, "transformer_blocks.0.attn.norm_q.weight", 0);
    let head = norm.unwrap_or(HEAD_WIDTH).max(1);
    let patch = side(weights, patches, 2)?;
    let outputs = side(weights, "proj_out.weight", 0)?;
    Some(json!({
        "_class_name": "SD3Transformer2DModel",
        "attention_head_dim": head,
        "caption_projection_dim": side(weights, "context_embedder.weight", 0)?,
        "dual_attention_layers": (0..layers).filter(is_dual).collect::<Vec<_>>(),
        "in_channels": side(weights, patches, 1)?,
        "joint_attention_dim": side(weights, "context_embedder.weight", 1)?,
        "num_attention_heads": width / head,
        "num_layers": layers,
        "out_channels": outputs.checked_div(patch * patch)?,
        "patch_size": patch,
        "pooled_projection_dim": side(
            weights,
            "time_text_embed.text_embedder.linear_1.weight",
            1,
        )?,
        "pos_embed_max_size": side(weights, "pos_embed.pos_embed", 1)?.isqrt(),
        "qk_norm": norm.map(|_| "rms_norm"),
        "sample_size": 128,
    }))
}

/// `vae/config.json` for latents of a scale and shift; `None` where it is no such network.
pub(super) fn vae_config(
    weights: &Weights,
    (scaling_factor, shift_factor): (f64, Option<f64>),
) -> Option<Value> {
    let levels = count(weights, "encoder.down_blocks.", ".resnets.0.conv1.weight");
    let channels = (0..levels)
        .map(|level| {
            let name = format!("encoder.down_blocks.{level}.resnets.0.conv2.weight");
            side(weights, &name, 0)
        })
        .collect::<Option<Vec<_>>>()?;
    let attention = "decoder.mid_block.attentions.0.group_norm.weight";
    Some(json!({
        "_class_name": "AutoencoderKL",
        "act_fn": "silu",
        "block_out_channels": channels,
        "down_block_types": vec!["DownEncoderBlock2D"; levels],
        "in_channels": side(weights, "encoder.conv_in.weight", 1)?,
        "latent_channels": side(weights, "decoder.conv_in.weight", 1)?,
        "layers_per_block": count(weights, "encoder.down_blocks.0.resnets.", ".conv1.weight"),
        "mid_block_add_attention": weights.shape(attention).is_some(),
        "norm_num_groups": groups(&channels),
        "out_channels": side(weights, "decoder.conv_out.weight", 0)?,
        "scaling_factor": scaling_factor,
        "shift_factor": shift_factor,
        "up_block_types": vec!["UpDecoderBlock2D"; levels],
        "use_post_quant_conv": weights.shape("post_quant_conv.weight").is_some(),
        "use_quant_conv": weights.shape("quant_conv.weight").is_some(),
    }))
}

/// `text_encoder/config.json`; `None` where it is no such network.
pub(super) fn text_config(weights: &Weights, class: &str, activation: &str) -> Option<Value> {
    let embeddings = "text_model.embeddings.token_embedding.weight";
    let positions = "text_model.embeddings.position_embedding.weight";
    let width = side(weights, embeddings, 1)?;
    let layers = "text_model.encoder.layers.";
    Some(json!({
        "architectures": [class],
        "bos_token_id": 0,
        "eos_token_id": 2,
        "hidden_act": activation,
        "hidden_size": width,
        "intermediate_size": side(weights, &format!("{layers}0.mlp.fc1.weight"), 0)?,
        "layer_norm_eps": 1e-5,
        "max_position_embeddings": side(weights, positions, 0)?,
        "model_type": "clip_text_model",
        "num_attention_heads": heads(width),
        "num_hidden_layers": count(weights, layers, ".layer_norm1.weight"),
        "pad_token_id": 1,
        "projection_dim": side(weights, "text_projection.weight", 0).unwrap_or(width),
        "vocab_size": side(weights, embeddings, 0)?,
    }))
}
