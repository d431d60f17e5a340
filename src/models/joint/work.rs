//! How much there is to compute in a call.

use super::TIME_WIDTH;
use super::block::FEED_FORWARD_FACTOR;
use super::config::JointConfig;
use crate::models::denoiser::{DenoiserWork, Work};

impl DenoiserWork {
    /// `config` must have passed [`JointConfig::check`]; `tokens` is the length of a prompt.
    pub fn of_joint(config: &JointConfig, tokens: usize) -> Self {
        let (width, layers) = (config.width(), config.num_layers);
        let dual = config.dual_attention_layers.len().min(layers);
        let square = width * width;
        let patch = config.patch_size * config.patch_size;
        // Queries, keys, values and result; a hidden layer, there and back.
        let (attention, dense) = (4 * square, 2 * FEED_FORWARD_FACTOR * square);
        let ends = patch * (config.in_channels + config.output_channels()) * width;
        let own = layers * (attention + dense) + dual * attention + ends;
        // Every query meets every key, and is made of every value.
        let seen = 2 * width;
        let told = (TIME_WIDTH + width) * width;
        let modulations = (layers * 6 + dual * 3 + (layers - 1) * 6 + 2 + 2) * square;
        // In the last layer nothing becomes of the prompt.
        let prompt = (layers - 1) * (attention + dense) + 3 * square;
        let whole = Work {
            fixed: (told + modulations) as f64
                + tokens as f64 * (prompt + layers * seen * tokens) as f64,
            each: (own + 2 * layers * seen * tokens) as f64 / patch as f64,
            pairs: ((layers + dual) * seen) as f64 / (patch * patch) as f64,
        };
        Self {
            whole,
            outer: whole,
        }
    }
}
