//! The autoencoder's tensors: from the names of latent diffusion to those of diffusers.

use super::unet_names::renamed;
use super::without;
use crate::weights::{ModelError, Seen, View, Weights};

/// Of the tensors outside of levels: file, diffusers.
const ENDS: [(&str, &str); 8] = [
    ("conv_in.", "conv_in."),
    ("norm_out.", "conv_norm_out."),
    ("conv_out.", "conv_out."),
    ("mid.block_1.", "mid_block.resnets.0."),
    ("mid.block_2.", "mid_block.resnets.1."),
    ("mid.attn_1.norm.", "mid_block.attentions.0.group_norm."),
    ("mid.attn_1.proj_out.", "mid_block.attentions.0.to_out.0."),
    ("mid.attn_1.", "mid_block.attentions.0.to_"),
];

/// The autoencoder whose names begin so in a file, under those of diffusers.
pub(super) fn of_file(all: &Weights, start: &str) -> Result<Weights, ModelError> {
    let tensors = seen(&without(all, start)).into_iter();
    let tensors = tensors.map(|(new, own, view)| {
        let name = format!("{start}{own}");
        (new, Seen { name, view })
    });
    all.seen_as("vae", tensors)
}

/// Every tensor of an autoencoder that diffusers has too: its name there, that of the file without the
/// prefix of the checkpoint, and how it is looked at. Names of diffusers stay as they are.
fn seen(names: &[&str]) -> Vec<(String, String, View)> {
    let level = |name: &str| {
        let (level, _) = name.strip_prefix("decoder.up.")?.split_once('.')?;
        level.parse::<usize>().ok()
    };
    let levels = names
        .iter()
        .copied()
        .filter_map(level)
        .max()
        .map_or(0, |last| last.saturating_add(1));
    let one = |name: &&str| {
        let new = translated(name, levels)?;
        let is_projection = new.contains("attentions.0.") && !new.contains("group_norm");
        let view = if is_projection && new.ends_with(".weight") {
            View::Matrix
        } else {
            View::Whole
        };
        Some((new, (*name).to_owned(), view))
    };
    names.iter().filter_map(one).collect()
}

fn translated(name: &str, levels: usize) -> Option<String> {
    let (half, inside) = name.split_once('.')?;
    match half {
        "quant_conv" | "post_quant_conv" => return Some(name.to_owned()),
        "encoder" | "decoder" => {}
        _ => return None,
    }
    let of_diffusers = ["mid_block.", "down_blocks.", "up_blocks.", "conv_norm_out."];
    if of_diffusers.iter().any(|start| inside.starts_with(start)) {
        return Some(name.to_owned());
    }
    let inside = renamed(inside, &ENDS).or_else(|| in_level(inside, levels))?;
    // Of the residual blocks alone.
    Some(format!(
        "{half}.{}",
        inside.replace(".nin_shortcut.", ".conv_shortcut.")
    ))
}

fn in_level(inside: &str, levels: usize) -> Option<String> {
    let (way, rest) = inside.split_once('.')?;
    let (level, part) = rest.split_once('.')?;
    let level: usize = level.parse().ok()?;
    let block = match way {
        "down" => format!("down_blocks.{level}"),
        // Numbered by size, not in the order of computing.
        "up" => format!("up_blocks.{}", levels.checked_sub(level.checked_add(1)?)?),
        _ => return None,
    };
    let part = renamed(
        part,
        &[
            ("block.", "resnets."),
            ("downsample.", "downsamplers.0."),
            ("upsample.", "upsamplers.0."),
        ],
    )?;
    Some(format!("{block}.{part}"))
}
