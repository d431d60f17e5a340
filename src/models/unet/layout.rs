//! Which layers each block has, and their sizes: what is built, and what its work is counted by.

use super::config::{BlockType, UNetConfig};
use super::transformer::TransformerConfig;
use crate::models::resnet::ResnetConfig;

/// The timestep embedding is this many times wider than the first block.
pub(super) const TIME_FACTOR: usize = 4;

/// Sizes of a residual block and of the attention after it, where there is any.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerConfig {
    pub(super) resnet: ResnetConfig,
    pub(super) attention: Option<TransformerConfig>,
}

/// The layers of block `block` on the way down, counted from the outermost.
pub(super) fn down_layers(config: &UNetConfig, block: usize) -> Vec<LayerConfig> {
    let channels = &config.block_out_channels;
    let outputs = channels[block];
    let from_above = channels[block.saturating_sub(1)];
    let attends = config.down_block_types[block] == BlockType::CrossAttnDown;
    (0..config.layers_per_block.at(block))
        .map(|layer| LayerConfig {
            resnet: resnet(
                config,
                if layer == 0 { from_above } else { outputs },
                outputs,
            ),
            attention: attends.then(|| transformer(config, block)),
        })
        .collect()
}

/// Both residual blocks of the middle, and the attention between them.
pub(super) fn mid_layers(config: &UNetConfig) -> (ResnetConfig, TransformerConfig) {
    let block = config.block_out_channels.len() - 1;
    let channels = config.block_out_channels[block];
    let resnet = ResnetConfig {
        output_scale: config.mid_block_scale_factor,
        ..resnet(config, channels, channels)
    };
    (resnet, transformer(config, block))
}

/// The layers of block `index` on the way up, counted from the lowest; each takes a skip.
pub(super) fn up_layers(config: &UNetConfig, index: usize) -> Vec<LayerConfig> {
    let channels = &config.block_out_channels;
    let block = config.mirrored(index);
    let outputs = channels[block];
    let from_below = channels[(block + 1).min(channels.len() - 1)];
    let last_skip = channels[block.saturating_sub(1)];
    let attends = config.up_block_types[index] == BlockType::CrossAttnUp;
    let count = config.layers_per_block.at(block) + 1;
    (0..count)
        .map(|layer| {
            let hidden = if layer == 0 { from_below } else { outputs };
            let skip = if layer + 1 == count {
                last_skip
            } else {
                outputs
            };
            LayerConfig {
                resnet: resnet(config, hidden + skip, outputs),
                attention: attends.then(|| transformer(config, block)),
            }
        })
        .collect()
}

fn resnet(config: &UNetConfig, inputs: usize, outputs: usize) -> ResnetConfig {
    ResnetConfig {
        inputs,
        outputs,
        time_width: Some(TIME_FACTOR * config.block_out_channels[0]),
        groups: config.groups(),
        eps: config.norm_eps,
        output_scale: 1.0,
    }
}

fn transformer(config: &UNetConfig, block: usize) -> TransformerConfig {
    TransformerConfig {
        channels: config.block_out_channels[block],
        heads: config.heads().at(block),
        layers: config.transformer_layers_per_block.at(block),
        context_width: config.cross_attention_dim.at(block),
        groups: config.groups(),
    }
}
