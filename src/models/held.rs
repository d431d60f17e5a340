//! How much memory a network holds at once, told from its sizes.

use super::resnet::ResnetConfig;
use crate::nn::{attention_values, copies_normed};

/// Values of f32 a network holds, counted as it would compute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    now: usize,
    peak: usize,
}

impl Held {
    pub(super) fn add(&mut self, values: usize) {
        self.now += values;
        self.peak = self.peak.max(self.now);
    }

    pub(super) fn drop(&mut self, values: usize) {
        self.now -= values;
    }

    /// For the time of one operation.
    pub(super) fn pass(&mut self, values: usize) {
        self.add(values);
        self.drop(values);
    }

    /// The most that was held at once, in bytes.
    pub(super) const fn bytes(self) -> u64 {
        (self.peak * size_of::<f32>()) as u64
    }

    /// A residual block's input is held by others; its output is added.
    pub(super) fn resnet(&mut self, config: &ResnetConfig, pixels: usize) {
        let (inputs, outputs) = (config.inputs * pixels, config.outputs * pixels);
        // A copy of the normed input, where the convolution reads its rows in place.
        let copy = |inputs: usize| {
            let copied = copies_normed(inputs, config.outputs, 3);
            if copied { inputs * pixels } else { 0 }
        };
        self.pass(copy(config.inputs) + outputs);
        self.add(outputs);
        let shortcut = if inputs == outputs { 0 } else { outputs };
        self.add(shortcut);
        self.pass(copy(config.outputs) + outputs);
        self.add(outputs);
        if config.output_scale != 1.0 {
            self.pass(outputs);
        }
        self.drop(outputs + shortcut);
    }

    /// Self-attention of `batch` pictures of `tokens` each, whose rows others hold: queries, keys and
    /// values, and what was seen; the sum with the rows is added.
    pub(super) fn self_attention(
        &mut self,
        (batch, tokens): (usize, usize),
        (heads, width): (usize, usize),
    ) {
        let rows = batch * tokens * width;
        let packed = batch * heads * attention_values(tokens, width / heads);
        self.add(3 * rows);
        self.add(packed);
        self.add(rows);
        self.drop(packed);
        self.pass(rows);
        self.drop(4 * rows);
        self.add(rows);
    }
}
