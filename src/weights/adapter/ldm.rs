//! How the first published checkpoints, and those who train on them, call a denoiser's layers.
//!
//! There blocks are counted through: `input_blocks` begin with the first convolution, and every pair
//! of resnet and attention, and every downsampler, has a number of its own.

use std::collections::{BTreeMap, BTreeSet};

/// Layers outside of blocks.
const SINGLE: [(&str, &str); 7] = [
    ("conv_in", "input_blocks.0.0"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("add_embedding.linear_1", "label_emb.0.0"),
    ("add_embedding.linear_2", "label_emb.0.2"),
];

/// Layers of a resnet.
const RESNET: [(&str, &str); 6] = [
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
];

/// The modules of a denoiser that have such a name, with that.
pub(super) fn spellings<'a>(modules: &BTreeSet<&'a str>) -> Vec<(&'a str, String)> {
    let blocks = blocks(modules);
    let spelling = |module: &str| {
        if let Some((_, spelling)) = SINGLE.iter().find(|(name, _)| *name == module) {
            return Some((*spelling).to_owned());
        }
        let (block, layer) = block_of(module)?;
        let (kind, ldm) = blocks.get(block)?;
        let layer = match kind {
            Kind::Resnet => RESNET.iter().find(|(name, _)| *name == layer)?.1,
            Kind::Downsampler => "op",
            Kind::Other => layer,
        };
        Some(format!("{ldm}.{layer}"))
    };
    let modules = modules.iter();
    modules
        .filter_map(|module| Some((*module, spelling(module)?)))
        .collect()
}

/// What is spelled anew within a block.
#[derive(Clone, Copy)]
enum Kind {
    Resnet,
    Downsampler,
    Other,
}

/// `down_blocks.1.resnets.0.conv1` is the layer `conv1` of the block before it.
fn block_of(module: &str) -> Option<(&str, &str)> {
    let parts = if module.starts_with("mid_block.") {
        3
    } else {
        4
    };
    let (at, _) = module.match_indices('.').nth(parts - 1)?;
    Some((&module[..at], &module[at + 1..]))
}

/// The name of every block there is.
fn blocks(modules: &BTreeSet<&str>) -> BTreeMap<String, (Kind, String)> {
    let there: BTreeSet<&str> = modules
        .iter()
        .filter_map(|module| Some(block_of(module)?.0))
        .collect();
    let mut names = BTreeMap::new();
    let mut name = |block: String, kind: Kind, ldm: String| {
        let is_there = there.contains(block.as_str());
        if is_there {
            names.insert(block, (kind, ldm));
        }
        is_there
    };
    // The first convolution is input block 0.
    let mut number = 1;
    for down in 0.. {
        let block = format!("down_blocks.{down}");
        let first = number;
        for pair in 0.. {
            let ldm = format!("input_blocks.{number}");
            if !name(
                format!("{block}.resnets.{pair}"),
                Kind::Resnet,
                format!("{ldm}.0"),
            ) {
                break;
            }
            name(
                format!("{block}.attentions.{pair}"),
                Kind::Other,
                format!("{ldm}.1"),
            );
            number += 1;
        }
        let sampler = format!("{block}.downsamplers.0");
        if name(
            sampler,
            Kind::Downsampler,
            format!("input_blocks.{number}.0"),
        ) {
            number += 1;
        }
        if number == first {
            break;
        }
    }
    for index in 0.. {
        let ldm = format!("middle_block.{}", 2 * index);
        if !name(format!("mid_block.resnets.{index}"), Kind::Resnet, ldm) {
            break;
        }
        let ldm = format!("middle_block.{}", 2 * index + 1);
        name(format!("mid_block.attentions.{index}"), Kind::Other, ldm);
    }
    let mut number = 0;
    for up in 0.. {
        let block = format!("up_blocks.{up}");
        let first = number;
        // Place of what follows the last resnet and attention.
        let mut next = 1;
        for pair in 0.. {
            let ldm = format!("output_blocks.{number}");
            if !name(
                format!("{block}.resnets.{pair}"),
                Kind::Resnet,
                format!("{ldm}.0"),
            ) {
                break;
            }
            let attention = format!("{block}.attentions.{pair}");
            next = 1 + usize::from(name(attention, Kind::Other, format!("{ldm}.1")));
            number += 1;
        }
        if number == first {
            break;
        }
        let ldm = format!("output_blocks.{}.{next}", number - 1);
        name(format!("{block}.upsamplers.0"), Kind::Other, ldm);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of Stable Diffusion 1.
    fn modules() -> Vec<String> {
        let mut modules = vec!["conv_in".to_owned(), "time_embedding.linear_2".to_owned()];
        let mut add = |name: String| modules.push(name);
        for block in 0..4 {
            for pair in 0..2 {
                add(format!("down_blocks.{block}.resnets.{pair}.conv1"));
                if block < 3 {
                    add(format!("down_blocks.{block}.attentions.{pair}.proj_in"));
                }
            }
            if block < 3 {
                add(format!("down_blocks.{block}.downsamplers.0.conv"));
            }
            for pair in 0..3 {
                add(format!("up_blocks.{block}.resnets.{pair}.conv_shortcut"));
                if block > 0 {
                    add(format!("up_blocks.{block}.attentions.{pair}.proj_in"));
                }
            }
            if block < 3 {
                add(format!("up_blocks.{block}.upsamplers.0.conv"));
            }
        }
        for name in ["resnets.0.conv2", "attentions.0.norm", "resnets.1.conv2"] {
            add(format!("mid_block.{name}"));
        }
        modules
    }

    #[test]
    fn blocks_are_counted_as_in_the_first_checkpoints() {
        let modules = modules();
        let modules: BTreeSet<&str> = modules.iter().map(String::as_str).collect();
        let spellings: BTreeMap<_, _> = spellings(&modules).into_iter().collect();
        assert_eq!(spellings.len(), modules.len());
        for (module, expected) in [
            ("conv_in", "input_blocks.0.0"),
            ("time_embedding.linear_2", "time_embed.2"),
            (
                "down_blocks.0.resnets.0.conv1",
                "input_blocks.1.0.in_layers.2",
            ),
            ("down_blocks.0.downsamplers.0.conv", "input_blocks.3.0.op"),
            (
                "down_blocks.2.attentions.1.proj_in",
                "input_blocks.8.1.proj_in",
            ),
            (
                "down_blocks.3.resnets.1.conv1",
                "input_blocks.11.0.in_layers.2",
            ),
            ("mid_block.attentions.0.norm", "middle_block.1.norm"),
            ("mid_block.resnets.1.conv2", "middle_block.2.out_layers.3"),
            (
                "up_blocks.0.resnets.0.conv_shortcut",
                "output_blocks.0.0.skip_connection",
            ),
            ("up_blocks.0.upsamplers.0.conv", "output_blocks.2.1.conv"),
            ("up_blocks.1.upsamplers.0.conv", "output_blocks.5.2.conv"),
            (
                "up_blocks.3.attentions.2.proj_in",
                "output_blocks.11.1.proj_in",
            ),
        ] {
            assert_eq!(spellings[module], expected);
        }
    }
}
