//! How much there is to compute in a call.

use super::config::ZImageConfig;
use super::tokens::{SIDE, TOGETHER};
use crate::models::denoiser::{DenoiserWork, Work};

impl DenoiserWork {
    /// `config` must have passed [`ZImageConfig::check`]; `tokens` is the length of a prompt.
    pub fn of_z_image(config: &ZImageConfig, tokens: usize) -> Self {
        let (width, layers) = (config.dim, config.n_layers);
        let prompt = tokens.next_multiple_of(TOGETHER);
        // Queries, keys, values and result; a hidden layer, its gate, and back.
        let block = (4 * width + 3 * config.wide()) * width;
        // Every query meets every key, and is made of every value.
        let seen = 2 * width;
        let patch = SIDE * SIDE;
        let ends = 2 * patch * config.in_channels * width;
        let modulations = 4 * config.told() * width * (layers + config.n_refiner_layers);
        let alone = layers + config.n_refiner_layers;
        let whole = Work {
            fixed: modulations as f64 + prompt as f64 * (layers * (block + seen * prompt)) as f64,
            each: (alone * block + ends + 2 * layers * seen * prompt) as f64 / patch as f64,
            pairs: (alone * seen) as f64 / (patch * patch) as f64,
        };
        Self {
            whole,
            outer: whole,
        }
    }
}
