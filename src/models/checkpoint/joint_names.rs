//! The transformer of Stable Diffusion 3: from its publisher's names to those of diffusers.

use super::authors::{Spelling, other_name};
use super::unet_names::renamed;
use crate::weights::{Seen, View, Weights};

/// Of the tensors outside of blocks: file, diffusers.
const ENDS: [(&str, &str); 7] = [
    ("x_embedder.proj.", "pos_embed.proj."),
    (
        "t_embedder.mlp.0.",
        "time_text_embed.timestep_embedder.linear_1.",
    ),
    (
        "t_embedder.mlp.2.",
        "time_text_embed.timestep_embedder.linear_2.",
    ),
    (
        "y_embedder.mlp.0.",
        "time_text_embed.text_embedder.linear_1.",
    ),
    (
        "y_embedder.mlp.2.",
        "time_text_embed.text_embedder.linear_2.",
    ),
    ("context_embedder.", "context_embedder."),
    ("final_layer.linear.", "proj_out."),
];

/// Of the picture's half of a block.
const PICTURE: [(&str, &str); 9] = [
    ("adaLN_modulation.1.", "norm1.linear."),
    ("attn.proj.", "attn.to_out.0."),
    ("attn.ln_q.", "attn.norm_q."),
    ("attn.ln_k.", "attn.norm_k."),
    ("attn2.proj.", "attn2.to_out.0."),
    ("attn2.ln_q.", "attn2.norm_q."),
    ("attn2.ln_k.", "attn2.norm_k."),
    ("mlp.fc1.", "ff.net.0.proj."),
    ("mlp.fc2.", "ff.net.2."),
];

/// Of the prompt's.
const PROMPT: [(&str, &str); 6] = [
    ("adaLN_modulation.1.", "norm1_context.linear."),
    ("attn.proj.", "attn.to_add_out."),
    ("attn.ln_q.", "attn.norm_added_q."),
    ("attn.ln_k.", "attn.norm_added_k."),
    ("mlp.fc1.", "ff_context.net.0.proj."),
    ("mlp.fc2.", "ff_context.net.2."),
];

/// Queries, keys and values that lie in one tensor.
const TOGETHER: [(&str, &str, [&str; 3]); 3] = [
    (
        "x_block",
        "attn.qkv.",
        ["attn.to_q", "attn.to_k", "attn.to_v"],
    ),
    (
        "x_block",
        "attn2.qkv.",
        ["attn2.to_q", "attn2.to_k", "attn2.to_v"],
    ),
    (
        "context_block",
        "attn.qkv.",
        ["attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"],
    ),
];

/// Shift and scale of a last modulation, in the order of the file; diffusers has the scale first.
const LAST: [&str; 2] = ["shift", "scale"];

/// Every tensor of a transformer that diffusers has too, under its names; those of `start` alone.
pub(super) fn seen(weights: &Weights, start: &str) -> Vec<(String, Seen)> {
    let names: Vec<_> = weights
        .names()
        .filter_map(|name| name.strip_prefix(start))
        .collect();
    let block = |name: &str| -> Option<usize> {
        let (index, _) = name.strip_prefix("joint_blocks.")?.split_once('.')?;
        index.parse().ok()
    };
    let last = names.iter().copied().filter_map(block).max();
    let mut seen = Vec::with_capacity(names.len());
    for name in names {
        let whole = format!("{start}{name}");
        let rows = weights.shape(&whole).and_then(|shape| shape.first());
        let parts = |count: usize, index: usize| {
            let part = rows.map_or(0, |rows| rows / count);
            View::Rows(index * part..(index + 1) * part)
        };
        let mut add = |new: String, view: View| {
            let name = whole.clone();
            seen.push((new, Seen { name, view }));
        };
        if name == "pos_embed" {
            add("pos_embed.pos_embed".to_owned(), View::Whole);
        } else if let Some(kind) = name.strip_prefix("final_layer.adaLN_modulation.1.") {
            for (index, part) in LAST.iter().enumerate() {
                add(format!("norm_out.linear.{part}.{kind}"), parts(2, index));
            }
        } else if let Some(new) = renamed(name, &ENDS) {
            add(new, View::Whole);
        } else if let Some((side, inside, index)) = in_block(name) {
            let new = |inside: &str| format!("transformer_blocks.{index}.{inside}");
            let together = TOGETHER.iter().find_map(|(of, start, parts)| {
                let kind = inside.strip_prefix(start).filter(|_| *of == side)?;
                Some((parts, kind))
            });
            let kind = inside.strip_prefix("adaLN_modulation.1.");
            match (together, kind) {
                (Some((names, kind)), _) => {
                    for (at, name) in names.iter().enumerate() {
                        add(new(&format!("{name}.{kind}")), parts(3, at));
                    }
                }
                (None, Some(kind)) if side == "context_block" && last == Some(index) => {
                    for (at, part) in LAST.iter().enumerate() {
                        add(
                            new(&format!("norm1_context.linear.{part}.{kind}")),
                            parts(2, at),
                        );
                    }
                }
                (None, _) => {
                    let spellings: &[_] = match side {
                        "x_block" => &PICTURE,
                        _ => &PROMPT,
                    };
                    if let Some(inside) = renamed(inside, spellings) {
                        add(new(&inside), View::Whole);
                    }
                }
            }
        }
    }
    seen
}

/// What a module of diffusers' is called; of queries, keys and values the first one tells.
pub(super) fn spelling(module: &str) -> Option<Spelling> {
    if let Some(own) = other_name(module, &ENDS) {
        return Some((own.to_owned(), vec![module.to_owned()]));
    }
    let (index, layer) = module
        .strip_prefix("transformer_blocks.")?
        .split_once('.')?;
    let of = |side: &str, layer: &str| {
        format!(
            "joint_blocks.{index}.{side}.{}",
            layer.trim_end_matches('.')
        )
    };
    for (side, layers) in [("x_block", &PICTURE[..]), ("context_block", &PROMPT[..])] {
        if let Some(layer) = other_name(layer, layers) {
            return Some((of(side, layer), vec![module.to_owned()]));
        }
    }
    let (side, own, parts) = TOGETHER.iter().find(|(.., parts)| parts[0] == layer)?;
    let parts = parts.map(|part| format!("transformer_blocks.{index}.{part}"));
    Some((of(side, own), parts.to_vec()))
}

/// Which half of which block a tensor is of, and its name there.
fn in_block(name: &str) -> Option<(&str, &str, usize)> {
    let (index, inside) = name.strip_prefix("joint_blocks.")?.split_once('.')?;
    let (side, inside) = inside.split_once('.')?;
    matches!(side, "x_block" | "context_block").then_some((side, inside, index.parse().ok()?))
}
