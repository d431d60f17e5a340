//! How much memory the autoencoder holds beside its weights.

use super::AutoencoderConfig;
use crate::models::held::Held;

/// Bytes that decoding latents of a height and width holds at once; weights, and what threads keep for
/// their own work, are not in it. Encoding holds less.
pub fn decoder_bytes(config: &AutoencoderConfig, (height, width): (usize, usize)) -> u64 {
    let mut channels = config.block_out_channels.clone();
    channels.reverse();
    let widest = channels[0];
    let mut pixels = height * width;
    let mut held = Held::default();
    // The latents, as the first layer reads them.
    held.add(config.latent_channels * pixels);
    held.add(widest * pixels);
    let middle = config.resnet(widest, widest);
    held.resnet(&middle, pixels);
    held.drop(widest * pixels);
    if config.mid_block_add_attention {
        held.self_attention((1, pixels), (1, widest));
        held.drop(widest * pixels);
    }
    held.resnet(&middle, pixels);
    held.drop(widest * pixels);
    let mut inputs = widest;
    for (index, &outputs) in channels.iter().enumerate() {
        for _ in 0..=config.layers_per_block {
            held.resnet(&config.resnet(inputs, outputs), pixels);
            held.drop(inputs * pixels);
            inputs = outputs;
        }
        if index + 1 < channels.len() {
            held.add(outputs * 4 * pixels);
            held.drop(outputs * pixels);
            pixels *= 4;
        }
    }
    // The picture, in both orders.
    held.add(2 * config.out_channels * pixels);
    held.bytes()
}
