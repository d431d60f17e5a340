//! How much memory a call holds beside its weights.

use super::config::ZImageConfig;
use super::tokens::{SIDE, TOGETHER};
use crate::models::held::Held;
use crate::nn::attention_values;

/// Prompts that are read at once: with guidance two of them.
const PROMPTS: usize = 2;

/// Bytes a call holds at once for latents of a height and width and prompts of so many tokens; weights,
/// and what threads keep for their own work, are not in it. Pictures are computed one after the other.
pub fn z_image_bytes(config: &ZImageConfig, (height, width): (usize, usize), tokens: usize) -> u64 {
    let own = (height.div_ceil(SIDE) * width.div_ceil(SIDE)).next_multiple_of(TOGETHER);
    let prompt = tokens.next_multiple_of(TOGETHER);
    let all = (own + prompt) * config.dim;
    let packed = config.n_heads * attention_values(own + prompt, config.head_dim());
    let mut held = Held::default();
    held.add(PROMPTS * prompt * config.dim);
    // The tokens of this call; normed; asked, and as attention takes them.
    held.add(2 * all);
    held.pass(6 * all);
    held.add(3 * all);
    held.add(packed);
    held.add(all);
    held.drop(packed + 3 * all);
    held.pass(2 * all);
    // What was seen is added; the hidden layer, its gate and their product.
    held.pass(3 * (own + prompt) * config.wide());
    held.bytes()
}
