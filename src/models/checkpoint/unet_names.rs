//! The denoiser's tensors: from the names of latent diffusion to those of diffusers.
//!
//! Latent diffusion numbers its blocks from end to end; diffusers counts levels, and layers in a
//! level. A level ends where the picture becomes smaller, or larger on the way up.

use std::collections::BTreeSet;

/// Names of a denoiser in both spellings: that of diffusers, and that of the file.
pub(super) type Pairs = Vec<(String, String)>;

/// Of the tensors outside of blocks: file, diffusers.
const ENDS: [(&str, &str); 8] = [
    ("time_embed.0.", "time_embedding.linear_1."),
    ("time_embed.2.", "time_embedding.linear_2."),
    ("label_emb.0.0.", "add_embedding.linear_1."),
    ("label_emb.0.2.", "add_embedding.linear_2."),
    ("input_blocks.0.0.", "conv_in."),
    ("out.0.", "conv_norm_out."),
    ("out.2.", "conv_out."),
    ("middle_block.1.", "mid_block.attentions.0."),
];

/// Of the layers of a residual block: file, diffusers.
const RESNET: [(&str, &str); 6] = [
    ("in_layers.0.", "norm1."),
    ("in_layers.2.", "conv1."),
    ("emb_layers.1.", "time_emb_proj."),
    ("out_layers.0.", "norm2."),
    ("out_layers.3.", "conv2."),
    ("skip_connection.", "conv_shortcut."),
];

/// Where a numbered block belongs.
#[derive(Clone, Copy)]
struct Block {
    level: usize,
    layer: usize,
}

/// Every tensor of a denoiser that diffusers has too; names without the prefix of the checkpoint.
pub(super) fn pairs(names: &[&str]) -> Pairs {
    let known: BTreeSet<&str> = names.iter().copied().collect();
    let down = down_blocks(&known);
    let up = up_blocks(&known);
    let translated = |name: &str| {
        in_ends(name)
            .or_else(|| in_middle(name))
            .or_else(|| in_block(name, "input_blocks.", &down, down_part))
            .or_else(|| in_block(name, "output_blocks.", &up, up_part))
    };
    let names = names.iter();
    names
        .filter_map(|name| Some((translated(name)?, (*name).to_owned())))
        .collect()
}

/// Blocks 1, 2, … on the way down.
fn down_blocks(known: &BTreeSet<&str>) -> Vec<Block> {
    let mut at = Block { level: 0, layer: 0 };
    // The convolution before all blocks has no place in a level.
    let mut blocks = vec![at];
    for index in 1.. {
        if known.contains(format!("input_blocks.{index}.0.op.weight").as_str()) {
            blocks.push(at);
            at = Block {
                level: at.level + 1,
                layer: 0,
            };
        } else if known.contains(format!("input_blocks.{index}.0.in_layers.2.weight").as_str()) {
            blocks.push(at);
            at.layer += 1;
        } else {
            break;
        }
    }
    blocks
}

/// Blocks 0, 1, … on the way up.
fn up_blocks(known: &BTreeSet<&str>) -> Vec<Block> {
    let mut at = Block { level: 0, layer: 0 };
    let mut blocks = Vec::new();
    for index in 0.. {
        let has = |part: &str| known.contains(format!("output_blocks.{index}.{part}").as_str());
        if !has("0.in_layers.2.weight") {
            break;
        }
        blocks.push(at);
        at = if has("1.conv.weight") || has("2.conv.weight") {
            Block {
                level: at.level + 1,
                layer: 0,
            }
        } else {
            Block {
                layer: at.layer + 1,
                ..at
            }
        };
    }
    blocks
}

fn in_ends(name: &str) -> Option<String> {
    renamed(name, &ENDS)
}

fn in_middle(name: &str) -> Option<String> {
    let (index, layer) = name.strip_prefix("middle_block.")?.split_once('.')?;
    let resnet = match index {
        "0" => 0,
        "2" => 1,
        _ => return None,
    };
    let layer = renamed(layer, &RESNET)?;
    Some(format!("mid_block.resnets.{resnet}.{layer}"))
}

/// A tensor of a numbered block; `part` names what is inside.
fn in_block(
    name: &str,
    start: &str,
    blocks: &[Block],
    part: fn(&str, &str, Block) -> Option<String>,
) -> Option<String> {
    let (index, inside) = name.strip_prefix(start)?.split_once('.')?;
    let block = *blocks.get(index.parse::<usize>().ok()?)?;
    let (place, layer) = inside.split_once('.')?;
    part(place, layer, block)
}

fn down_part(place: &str, layer: &str, block: Block) -> Option<String> {
    let Block { level, layer: at } = block;
    let inside = match (place, layer.strip_prefix("op.")) {
        ("0", Some(kind)) => format!("downsamplers.0.conv.{kind}"),
        ("0", None) => format!("resnets.{at}.{}", renamed(layer, &RESNET)?),
        ("1", _) => format!("attentions.{at}.{layer}"),
        _ => return None,
    };
    Some(format!("down_blocks.{level}.{inside}"))
}

fn up_part(place: &str, layer: &str, block: Block) -> Option<String> {
    let Block { level, layer: at } = block;
    let inside = match (place, layer.strip_prefix("conv.")) {
        ("0", _) => format!("resnets.{at}.{}", renamed(layer, &RESNET)?),
        // Second where there is no attention, third where there is.
        ("1" | "2", Some(kind)) => format!("upsamplers.0.conv.{kind}"),
        ("1", None) => format!("attentions.{at}.{layer}"),
        _ => return None,
    };
    Some(format!("up_blocks.{level}.{inside}"))
}

/// A name whose start has another spelling.
pub(super) fn renamed(name: &str, spellings: &[(&str, &str)]) -> Option<String> {
    spellings
        .iter()
        .find_map(|(from, to)| Some(format!("{to}{}", name.strip_prefix(from)?)))
}
