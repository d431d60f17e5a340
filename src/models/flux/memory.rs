//! How much memory a call holds beside its weights.

use super::config::FluxConfig;
use super::double::FEED_FORWARD_FACTOR;
use super::pack::SIDE;
use crate::models::held::Held;
use crate::nn::attention_values;

/// Prompts that are read at once: with guidance two of them.
const PROMPTS: usize = 2;

/// Bytes a call holds at once for latents of a height and width and prompts of so many tokens; weights,
/// and what threads keep for their own work, are not in it. Pictures are computed one after the other.
pub fn flux_bytes(config: &FluxConfig, (height, width): (usize, usize), tokens: usize) -> u64 {
    let own = height.div_ceil(SIDE) * width.div_ceil(SIDE);
    let wide = config.width();
    let (picture, all) = (own * wide, (own + tokens) * wide);
    let packed =
        config.num_attention_heads * attention_values(own + tokens, config.attention_head_dim);
    let mut held = Held::default();
    held.add(PROMPTS * tokens * wide);
    // The tokens of this call.
    held.add(all);
    let attend = |held: &mut Held| {
        // As they are normed; as they are asked; as attention takes them.
        held.pass(4 * all);
        held.pass(6 * all);
        held.add(3 * all);
        held.add(packed);
        held.add(all);
        held.drop(packed + 3 * all);
    };
    if config.num_layers > 0 {
        attend(&mut held);
        // Both sums, and what the feed-forward widens and norms.
        held.pass((FEED_FORWARD_FACTOR + 4) * picture);
        held.drop(all);
    }
    if config.num_single_layers > 0 {
        held.add(all);
        attend(&mut held);
        // What was seen and what is widened, beside each other once more.
        held.pass((2 * FEED_FORWARD_FACTOR + 1) * all);
        held.drop(all);
    }
    held.bytes()
}
