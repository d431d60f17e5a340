//! How much there is to compute in a call, whole or its outermost layers alone.

use super::config::UNetConfig;
use super::layout::{LayerConfig, TIME_FACTOR, down_layers, mid_layers, up_layers};
use super::transformer::TransformerConfig;
use crate::models::denoiser::{DenoiserWork, Work};
use crate::models::resnet::ResnetConfig;

impl DenoiserWork {
    /// `config` must have passed [`UNetConfig::check`]; `tokens` is the length of a prompt.
    pub fn of_unet(config: &UNetConfig, tokens: usize) -> Self {
        let blocks = config.block_out_channels.len();
        let layers = |configs: Vec<LayerConfig>, level: usize| -> Work {
            let works = configs
                .into_iter()
                .map(|config| layer(config, tokens, level));
            works.sum()
        };
        let smooth = |level: usize, block: usize| {
            let channels = config.block_out_channels[block];
            conv(3, (channels, channels), level)
        };
        let down = |block: usize| {
            let halved = (block + 1 < blocks).then(|| smooth(block + 1, block));
            layers(down_layers(config, block), block) + halved.unwrap_or_default()
        };
        let up = |index: usize| {
            let block = config.mirrored(index);
            let doubled = (block > 0).then(|| smooth(block - 1, block));
            layers(up_layers(config, index), block) + doubled.unwrap_or_default()
        };
        let mid = config.mid_block_type.as_ref().map(|_| {
            let (block, attention) = mid_layers(config);
            let level = blocks - 1;
            resnet(block, level) + transformer(attention, tokens, level) + resnet(block, level)
        });
        let ends = ends(config);
        let last = up_layers(config, blocks - 1).pop();
        Self {
            whole: ends
                + (0..blocks).map(down).sum::<Work>()
                + mid.unwrap_or_default()
                + (0..blocks).map(up).sum::<Work>(),
            outer: ends + last.map_or_else(Work::default, |config| layer(config, tokens, 0)),
        }
    }
}

/// A map at level `level` has a pixel for every `4^level` latent ones.
fn each(multiplications: usize, level: usize) -> Work {
    Work {
        each: multiplications as f64 / 4f64.powi(level as i32),
        ..Work::default()
    }
}

fn pairs(multiplications: usize, level: usize) -> Work {
    Work {
        pairs: multiplications as f64 / 16f64.powi(level as i32),
        ..Work::default()
    }
}

/// The timestep's embedding and both convolutions at the ends.
fn ends(config: &UNetConfig) -> Work {
    let first = config.block_out_channels[0];
    let time = TIME_FACTOR * first;
    Work::fixed(first * time + time * time)
        + conv(config.conv_in_kernel, (config.in_channels, first), 0)
        + conv(config.conv_out_kernel, (first, config.out_channels), 0)
}

fn conv(kernel: usize, (inputs, outputs): (usize, usize), level: usize) -> Work {
    each(kernel * kernel * inputs * outputs, level)
}

fn layer(config: LayerConfig, tokens: usize, level: usize) -> Work {
    let attention = config.attention;
    let attention = attention.map(|config| transformer(config, tokens, level));
    resnet(config.resnet, level) + attention.unwrap_or_default()
}

fn resnet(config: ResnetConfig, level: usize) -> Work {
    let (inputs, outputs) = (config.inputs, config.outputs);
    let shortcut = (inputs != outputs).then(|| conv(1, (inputs, outputs), level));
    Work::fixed(config.time_width.unwrap_or(0) * outputs)
        + conv(3, (inputs, outputs), level)
        + conv(3, (outputs, outputs), level)
        + shortcut.unwrap_or_default()
}

/// Of each pixel: the ways in and out; in each block queries, keys, values and result of its own
/// attention, queries and result of the prompt's, three matrices four times as wide in between.
fn transformer(config: TransformerConfig, tokens: usize, level: usize) -> Work {
    let width = config.channels;
    let square = width * width;
    let matrices = 2 + config.layers * (4 + 2 + 3 * 4);
    let seen = config.layers * 2 * width;
    each(matrices * square + seen * tokens, level)
        + pairs(seen, level)
        + Work::fixed(config.layers * 2 * tokens * config.context_width * width)
}
