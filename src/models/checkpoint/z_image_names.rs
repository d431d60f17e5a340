//! Z-Image's tensors: from the names it was published with in one file to those of diffusers.

use super::authors::Spelling;
use super::text_names::Tensors;
use crate::weights::{Seen, View, Weights};

/// The only size of squares and of films there is: sides of two pixels, one picture.
const PATCH: &str = "2-1";

/// Layers of attention: file, diffusers.
const ATTENTION: [(&str, &str); 3] = [
    (".attention.q_norm.", ".attention.norm_q."),
    (".attention.k_norm.", ".attention.norm_k."),
    (".attention.out.", ".attention.to_out.0."),
];
/// Queries, keys and values, one upon the other.
const STACK: &str = ".attention.qkv.";

/// The tensors of the denoiser whose names begin so in a checkpoint.
pub(super) fn of_z_image(weights: &Weights, start: &str) -> Tensors {
    let names = weights.names();
    let own = names.filter_map(|name| Some((name, name.strip_prefix(start)?)));
    own.flat_map(|(name, own)| seen(weights, name, own))
        .collect()
}

fn seen(weights: &Weights, name: &str, own: &str) -> Tensors {
    let one = |new: String, view: View| {
        let name = name.to_owned();
        (new, Seen { name, view })
    };
    if let Some((block, kind)) = own.split_once(STACK) {
        let rows = weights.shape(name).and_then(|shape| shape.first());
        let share = rows.map_or(0, |rows| rows / 3);
        let part = |(at, letter)| {
            let rows = View::Rows(at * share..(at + 1) * share);
            one(format!("{block}.attention.to_{letter}.{kind}"), rows)
        };
        return ["q", "k", "v"].into_iter().enumerate().map(part).collect();
    }
    for end in ["x_embedder.", "final_layer."] {
        if let Some(rest) = own.strip_prefix(end) {
            let part = end.trim_end_matches('.');
            return vec![one(format!("all_{part}.{PATCH}.{rest}"), View::Whole)];
        }
    }
    for (of_file, of_diffusers) in ATTENTION {
        if own.contains(of_file) {
            return vec![one(own.replacen(of_file, of_diffusers, 1), View::Whole)];
        }
    }
    // A norm that nothing uses.
    if own == "norm_final.weight" {
        return Tensors::new();
    }
    vec![one(own.to_owned(), View::Whole)]
}

/// What a module of diffusers' is called; of queries, keys and values the first one tells.
pub(super) fn spelling(module: &str) -> Option<Spelling> {
    if let Some(block) = module.strip_suffix(".attention.to_q") {
        let parts = ["q", "k", "v"].map(|letter| format!("{block}.attention.to_{letter}"));
        return Some((format!("{block}.attention.qkv"), parts.to_vec()));
    }
    let block = module.strip_suffix(".attention.to_out.0")?;
    Some((format!("{block}.attention.out"), vec![module.to_owned()]))
}
