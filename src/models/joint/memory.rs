//! How much memory a call holds beside its weights.

use super::block::FEED_FORWARD_FACTOR;
use super::config::JointConfig;
use crate::models::held::Held;
use crate::nn::attention_values;

/// Prompts that are read at once: with guidance two of them.
const PROMPTS: usize = 2;

/// Bytes a call holds at once for latents of a height and width and prompts of so many tokens; weights,
/// and what threads keep for their own work, are not in it. Pictures are computed one after the other.
pub fn joint_bytes(config: &JointConfig, (height, width): (usize, usize), tokens: usize) -> u64 {
    let patch = config.patch_size;
    let own = height.div_ceil(patch) * width.div_ceil(patch);
    let wide = config.width();
    let (rows, prompt) = (own * wide, tokens * wide);
    let mut held = Held::default();
    // Both prompts and what they were read as, and the tokens of this call.
    held.add(PROMPTS * (tokens * config.joint_attention_dim + prompt));
    held.add(rows + prompt);
    let attend = |held: &mut Held, tokens: usize| {
        let all = tokens * wide;
        let packed =
            config.num_attention_heads * attention_values(tokens, config.attention_head_dim);
        held.add(3 * all);
        held.pass(all);
        held.add(packed);
        held.add(all);
        held.drop(packed + 3 * all);
    };
    let all = (own + tokens) * wide;
    attend(&mut held, own + tokens);
    // What it becomes, a part of it let through.
    held.pass(rows);
    held.add(rows);
    if !config.dual_attention_layers.is_empty() {
        attend(&mut held, own);
        held.pass(2 * rows);
        held.drop(rows);
    }
    // The feed-forward, its result, and the sum.
    held.pass((FEED_FORWARD_FACTOR + 2) * rows);
    held.drop(all + rows);
    held.bytes()
}
