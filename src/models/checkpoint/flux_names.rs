//! FLUX's tensors: from the names of Black Forest Labs to those of diffusers.

use super::authors::{Spelling, other_name};
use super::text_names::Tensors;
use super::unet_names::renamed;
use crate::weights::{Seen, View, Weights};

/// Of the tensors outside of blocks: file, diffusers. The last norm keeps its name, since its halves
/// are the other way around.
const ENDS: [(&str, &str); 10] = [
    (
        "time_in.in_layer.",
        "time_text_embed.timestep_embedder.linear_1.",
    ),
    (
        "time_in.out_layer.",
        "time_text_embed.timestep_embedder.linear_2.",
    ),
    (
        "guidance_in.in_layer.",
        "time_text_embed.guidance_embedder.linear_1.",
    ),
    (
        "guidance_in.out_layer.",
        "time_text_embed.guidance_embedder.linear_2.",
    ),
    (
        "vector_in.in_layer.",
        "time_text_embed.text_embedder.linear_1.",
    ),
    (
        "vector_in.out_layer.",
        "time_text_embed.text_embedder.linear_2.",
    ),
    ("txt_in.", "context_embedder."),
    ("img_in.", "x_embedder."),
    ("final_layer.linear.", "proj_out."),
    (
        "final_layer.adaLN_modulation.1.",
        "final_layer.adaLN_modulation.1.",
    ),
];

/// What stays as it is, in files that were written by diffusers.
const OF_DIFFUSERS: [&str; 7] = [
    "time_text_embed.",
    "context_embedder.",
    "x_embedder.",
    "transformer_blocks.",
    "single_transformer_blocks.",
    "norm_out.",
    "proj_out.",
];

/// Of a block with two streams: file, diffusers.
const DOUBLE: [(&str, &str); 12] = [
    ("img_mod.lin.", "norm1.linear."),
    ("txt_mod.lin.", "norm1_context.linear."),
    ("img_attn.norm.query_norm.scale", "attn.norm_q.weight"),
    ("img_attn.norm.key_norm.scale", "attn.norm_k.weight"),
    ("txt_attn.norm.query_norm.scale", "attn.norm_added_q.weight"),
    ("txt_attn.norm.key_norm.scale", "attn.norm_added_k.weight"),
    ("img_attn.proj.", "attn.to_out.0."),
    ("txt_attn.proj.", "attn.to_add_out."),
    ("img_mlp.0.", "ff.net.0.proj."),
    ("img_mlp.2.", "ff.net.2."),
    ("txt_mlp.0.", "ff_context.net.0.proj."),
    ("txt_mlp.2.", "ff_context.net.2."),
];

/// Of a block with one.
const SINGLE: [(&str, &str); 4] = [
    ("modulation.lin.", "norm.linear."),
    ("norm.query_norm.scale", "attn.norm_q.weight"),
    ("norm.key_norm.scale", "attn.norm_k.weight"),
    ("linear2.", "proj_out."),
];

/// Layers that lie one upon the other: the file's name, those of diffusers and the share of the rows
/// each has.
struct Stack {
    own: &'static str,
    parts: &'static [(&'static str, usize)],
}

const OF_DOUBLE: [Stack; 2] = [
    Stack {
        own: "img_attn.qkv.",
        parts: &[("attn.to_q.", 1), ("attn.to_k.", 1), ("attn.to_v.", 1)],
    },
    Stack {
        own: "txt_attn.qkv.",
        parts: &[
            ("attn.add_q_proj.", 1),
            ("attn.add_k_proj.", 1),
            ("attn.add_v_proj.", 1),
        ],
    },
];

/// The hidden layer of the feed-forward is four times as wide.
const OF_SINGLE: [Stack; 1] = [Stack {
    own: "linear1.",
    parts: &[
        ("attn.to_q.", 1),
        ("attn.to_k.", 1),
        ("attn.to_v.", 1),
        ("proj_mlp.", 4),
    ],
}];

/// The tensors of the denoiser whose names begin so in a checkpoint; what diffusers does not have is
/// left out.
pub(super) fn of_flux(weights: &Weights, start: &str) -> Tensors {
    let names = weights.names();
    let own = names.filter_map(|name| Some((name, name.strip_prefix(start)?)));
    own.flat_map(|(name, own)| seen(weights, name, own))
        .collect()
}

fn seen(weights: &Weights, name: &str, own: &str) -> Tensors {
    let whole = |new: String| {
        let view = View::Whole;
        let name = name.to_owned();
        vec![(new, Seen { name, view })]
    };
    if let Some(new) = renamed(own, &ENDS) {
        return whole(new);
    }
    if OF_DIFFUSERS.iter().any(|start| own.starts_with(start)) {
        return whole(own.to_owned());
    }
    let kinds = [
        (
            "double_blocks.",
            "transformer_blocks",
            &DOUBLE[..],
            &OF_DOUBLE[..],
        ),
        (
            "single_blocks.",
            "single_transformer_blocks",
            &SINGLE[..],
            &OF_SINGLE[..],
        ),
    ];
    for (of_file, blocks, layers, stacks) in kinds {
        let inside = own
            .strip_prefix(of_file)
            .and_then(|own| own.split_once('.'));
        let Some((index, layer)) = inside else {
            continue;
        };
        let start = format!("{blocks}.{index}");
        if let Some(new) = renamed(layer, layers) {
            return whole(format!("{start}.{new}"));
        }
        for stack in stacks {
            if let Some(kind) = layer.strip_prefix(stack.own) {
                let rows = weights.shape(name).and_then(|shape| shape.first());
                return parts(stack, rows.copied().unwrap_or_default())
                    .map(|(part, rows)| {
                        let (name, view) = (name.to_owned(), View::Rows(rows));
                        (format!("{start}.{part}{kind}"), Seen { name, view })
                    })
                    .collect();
            }
        }
    }
    Tensors::new()
}

/// What a module of diffusers' is called; of a stack the first one tells.
pub(super) fn spelling(module: &str) -> Option<Spelling> {
    if let Some(own) = other_name(module, &ENDS) {
        return Some((own.to_owned(), vec![module.to_owned()]));
    }
    let kinds = [
        (
            "transformer_blocks",
            "double_blocks",
            &DOUBLE[..],
            &OF_DOUBLE[..],
        ),
        (
            "single_transformer_blocks",
            "single_blocks",
            &SINGLE[..],
            &OF_SINGLE[..],
        ),
    ];
    kinds.into_iter().find_map(|(blocks, own, layers, stacks)| {
        let (index, layer) = module
            .strip_prefix(blocks)?
            .strip_prefix('.')?
            .split_once('.')?;
        let other = |layer: &str| format!("{own}.{index}.{layer}");
        if let Some(layer) = other_name(layer, layers) {
            return Some((other(layer), vec![module.to_owned()]));
        }
        let begins = |stack: &&Stack| stack.parts[0].0.strip_suffix('.') == Some(layer);
        let stack = stacks.iter().find(begins)?;
        let parts = stack
            .parts
            .iter()
            .map(|(part, _)| part.trim_end_matches('.'));
        let parts = parts.map(|part| format!("{blocks}.{index}.{part}"));
        Some((other(stack.own.trim_end_matches('.')), parts.collect()))
    })
}

/// What each layer of a stack of so many rows is called, and which of them are its own.
fn parts(
    stack: &Stack,
    rows: usize,
) -> impl Iterator<Item = (&'static str, std::ops::Range<usize>)> {
    let shares: usize = stack.parts.iter().map(|(_, share)| share).sum();
    let share = rows / shares;
    let mut from = 0;
    stack.parts.iter().map(move |(name, shares)| {
        let rows = from..from + shares * share;
        from = rows.end;
        (*name, rows)
    })
}
