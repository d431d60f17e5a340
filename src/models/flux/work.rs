//! How much there is to compute in a call.

use super::config::{FluxConfig, PACKED};
use super::double::FEED_FORWARD_FACTOR;
use super::told::TIME_WIDTH;
use crate::models::denoiser::{DenoiserWork, Work};

impl DenoiserWork {
    /// `config` must have passed [`FluxConfig::check`]; `tokens` is the length of a prompt.
    pub fn of_flux(config: &FluxConfig, tokens: usize) -> Self {
        let (width, layers) = (config.width(), config.num_layers + config.num_single_layers);
        let square = width * width;
        // Queries, keys, values and result; a hidden layer, there and back. In a block of one stream
        // they are other matrices of the same sizes.
        let each = layers * (4 + 2 * FEED_FORWARD_FACTOR) * square;
        let ends = 2 * config.in_channels * width;
        // Every query meets every key, and is made of every value.
        let seen = layers * 2 * width;
        let told = 2 * (TIME_WIDTH + width) * width;
        let modulations = (12 * config.num_layers + 3 * config.num_single_layers + 2) * square;
        let whole = Work {
            fixed: (told + modulations) as f64 + tokens as f64 * (each + seen * tokens) as f64,
            each: (each + ends + 2 * seen * tokens) as f64 / PACKED as f64,
            pairs: seen as f64 / (PACKED * PACKED) as f64,
        };
        Self {
            whole,
            outer: whole,
        }
    }
}
