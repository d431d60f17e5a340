//! How much memory a call of the denoiser holds beside its weights.

use super::config::UNetConfig;
use super::layout::{LayerConfig, down_layers, mid_layers, up_layers};
use super::transformer::{FEED_FORWARD_FACTOR, TransformerConfig};
use crate::models::held::Held;
use crate::nn::attention_values;

/// Bytes a call holds at once for `batch` latents of a height and width; weights, and what threads
/// keep for their own work, are not in it.
pub fn denoiser_bytes(config: &UNetConfig, batch: usize, size: (usize, usize)) -> u64 {
    let blocks = config.block_out_channels.len();
    // Half of an odd side, rounded up, as a strided convolution leaves it.
    let pixels = |level: usize| {
        let side = |pixels: usize| (0..level).fold(pixels, |side, _| side.div_ceil(2));
        side(size.0) * side(size.1)
    };
    let map = |level: usize, channels: usize| batch * pixels(level) * channels;
    let mut held = Held::default();
    let mut skips = Vec::new();
    let mut skip = |held: &mut Held, values: usize| {
        held.add(values);
        skips.push(values);
    };
    skip(&mut held, map(0, config.block_out_channels[0]));
    for block in 0..blocks {
        let channels = config.block_out_channels[block];
        for config in down_layers(config, block) {
            layer(&mut held, &config, (batch, pixels(block)));
            // Already held: it is what the layer gave.
            held.drop(map(block, channels));
            skip(&mut held, map(block, channels));
        }
        if block + 1 < blocks {
            skip(&mut held, map(block + 1, channels));
        }
    }
    let lowest = blocks - 1;
    let mut hidden = map(lowest, config.block_out_channels[lowest]);
    if config.mid_block_type.is_some() {
        let (resnet, attention) = mid_layers(config);
        let pixels = (batch, pixels(lowest));
        held.resnet(&resnet, pixels.0 * pixels.1);
        transformer(&mut held, attention, pixels);
        held.drop(hidden);
        held.resnet(&resnet, pixels.0 * pixels.1);
        held.drop(hidden);
    } else {
        held.add(hidden);
    }
    for index in 0..blocks {
        let block = config.mirrored(index);
        let channels = config.block_out_channels[block];
        for config in up_layers(config, index) {
            let beside = skips.pop().unwrap_or_default();
            let joined = hidden + beside;
            held.add(joined);
            held.drop(hidden + beside);
            layer(&mut held, &config, (batch, pixels(block)));
            held.drop(joined);
            hidden = map(block, channels);
        }
        if block > 0 {
            let larger = map(block - 1, channels);
            held.add(larger);
            held.drop(hidden);
            hidden = larger;
        }
    }
    held.bytes()
}

/// Bytes that what the denoiser reads of a text of so many tokens takes, for as long as it is drawn
/// with.
pub fn prompt_bytes(config: &UNetConfig, tokens: usize) -> u64 {
    let blocks = 0..config.block_out_channels.len();
    let layers = blocks.flat_map(|block| {
        let down = down_layers(config, block);
        down.into_iter().chain(up_layers(config, block))
    });
    let mid = config.mid_block_type.as_ref().map(|_| mid_layers(config).1);
    let attentions = layers.filter_map(|layer| layer.attention).chain(mid);
    let values = attentions.map(|attention| {
        let TransformerConfig {
            channels,
            heads,
            layers,
            ..
        } = attention;
        layers * heads * attention_values(tokens, channels / heads)
    });
    (values.sum::<usize>() * size_of::<f32>()) as u64
}

/// Its input is held by others; its output is added.
fn layer(held: &mut Held, config: &LayerConfig, (batch, pixels): (usize, usize)) {
    held.resnet(&config.resnet, batch * pixels);
    if let Some(attention) = config.attention {
        transformer(held, attention, (batch, pixels));
        held.drop(batch * pixels * config.resnet.outputs);
    }
}

/// Its input is held by others; its output is added.
fn transformer(held: &mut Held, config: TransformerConfig, (batch, pixels): (usize, usize)) {
    let rows = batch * pixels * config.channels;
    held.add(rows);
    for _ in 0..config.layers {
        held.self_attention((batch, pixels), (config.heads, config.channels));
        held.drop(rows);
        // Queries to the prompt, what they see, and the sum with the rows.
        held.pass(3 * rows);
        // The hidden layer, and the sum of what it gives with the rows.
        held.pass((FEED_FORWARD_FACTOR + 1) * rows);
    }
    held.add(rows);
    held.drop(rows);
}
