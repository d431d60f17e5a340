//! Tensors of text encoders: from the names of `OpenCLIP` to those of transformers.

use super::shapes::MOST;
use super::unet_names::renamed;
use crate::weights::{Seen, View, Weights};

/// Layers that Stable Diffusion 2 looks at, of 24; a file that was written from a folder has only them.
const LAYERS_OF_SD2: usize = 23;

/// Of the layers of a block: `OpenCLIP`, transformers.
const LAYER: [(&str, &str); 5] = [
    ("ln_1.", "layer_norm1."),
    ("ln_2.", "layer_norm2."),
    ("mlp.c_fc.", "mlp.fc1."),
    ("mlp.c_proj.", "mlp.fc2."),
    ("attn.out_proj.", "self_attn.out_proj."),
];

/// Of the tensors outside of blocks: `OpenCLIP`, transformers.
const ENDS: [(&str, &str); 3] = [
    ("token_embedding.", "text_model.embeddings.token_embedding."),
    (
        "positional_embedding",
        "text_model.embeddings.position_embedding.weight",
    ),
    ("ln_final.", "text_model.final_layer_norm."),
];

/// Tensors under new names.
pub(super) type Tensors = Vec<(String, Seen)>;

/// The tensors of a text encoder that transformers named.
pub(super) fn of_transformers(weights: &Weights, prefix: &str) -> Tensors {
    let one = |name: &str| {
        let own = name.strip_prefix(prefix)?;
        // Whole numbers from 0 on, which nobody needs to read.
        if own.ends_with("position_ids") {
            return None;
        }
        // Some programs that merge checkpoints lose it.
        let new = match own.split_once('.')?.0 {
            "embeddings" | "encoder" | "final_layer_norm" => format!("text_model.{own}"),
            _ => own.to_owned(),
        };
        let view = View::Whole;
        Some((
            new,
            Seen {
                name: name.to_owned(),
                view,
            },
        ))
    };
    weights.names().filter_map(one).collect()
}

/// Blocks of a text encoder that `OpenCLIP` named.
pub(super) fn blocks_of_open_clip(weights: &Weights, prefix: &str) -> usize {
    let has = |index: &usize| {
        let name = format!("{prefix}transformer.resblocks.{index}.ln_1.weight");
        weights.shape(&name).is_some()
    };
    (0..MOST).take_while(has).count()
}

/// How many blocks Stable Diffusion 2 uses: it looks at the last but one of `OpenCLIP`.
pub(super) const fn penultimate(blocks: usize) -> usize {
    if blocks == LAYERS_OF_SD2 {
        blocks
    } else {
        blocks.saturating_sub(1)
    }
}

/// The tensors of a text encoder that `OpenCLIP` named, up to a block; the projection to the space of
/// pictures where it `is_projected`.
pub(super) fn of_open_clip(
    weights: &Weights,
    prefix: &str,
    blocks: usize,
    is_projected: bool,
) -> Tensors {
    let mut tensors = Tensors::new();
    for name in weights.names() {
        let Some(own) = name.strip_prefix(prefix) else {
            continue;
        };
        let seen = |view| Seen {
            name: name.to_owned(),
            view,
        };
        if own == "text_projection" {
            if is_projected {
                tensors.push(("text_projection.weight".to_owned(), seen(View::Transposed)));
            }
        } else if own == "text_projection.weight" {
            if is_projected {
                tensors.push((own.to_owned(), seen(View::Whole)));
            }
        } else if let Some(new) = renamed(own, &ENDS) {
            tensors.push((new, seen(View::Whole)));
        } else if let Some((index, layer)) = in_block(own).filter(|(index, _)| *index < blocks) {
            let start = format!("text_model.encoder.layers.{index}");
            if let Some(kind) = layer.strip_prefix("attn.in_proj_") {
                // Query, key and value lie one upon the other.
                let rows = weights.shape(name).and_then(|shape| shape.first());
                let width = rows.map_or(0, |rows| rows / 3);
                for (part, letter) in ["q", "k", "v"].into_iter().enumerate() {
                    let rows = View::Rows(part * width..(part + 1) * width);
                    tensors.push((
                        format!("{start}.self_attn.{letter}_proj.{kind}"),
                        seen(rows),
                    ));
                }
            } else if let Some(layer) = renamed(layer, &LAYER) {
                tensors.push((format!("{start}.{layer}"), seen(View::Whole)));
            }
        }
    }
    tensors
}

fn in_block(own: &str) -> Option<(usize, &str)> {
    let (index, layer) = own
        .strip_prefix("transformer.resblocks.")?
        .split_once('.')?;
    Some((index.parse().ok()?, layer))
}
