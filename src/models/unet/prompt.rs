//! What the denoiser reads of a prompt before the first step.

use std::collections::BTreeMap;

use candle_core::{Result, Tensor};

use crate::nn::Keys;

/// Keys and values that every attention over prompts makes of them: the same at every step, whatever
/// the picture is like by then.
#[derive(Debug, Default)]
pub struct PromptKeys {
    /// By where the attention's weights lie in the file.
    of: BTreeMap<String, Keys>,
    /// Of sizes and pooled prompt, `[batch, time_width]`.
    pub(super) added: Option<Tensor>,
    /// Of the guidance, `[1, first]`.
    pub(super) guidance: Option<Tensor>,
    /// Of each text of a batch that is computed one after the other; nothing else is known then.
    parts: Vec<Self>,
}

impl PromptKeys {
    /// Of texts that were read one by one, to be computed so.
    pub(super) fn apart(parts: Vec<Self>) -> Self {
        Self {
            parts,
            ..Self::default()
        }
    }

    /// Nothing where all texts are computed together.
    pub(super) fn parts(&self) -> &[Self] {
        &self.parts
    }

    pub(super) fn add(&mut self, attention: &str, keys: Keys) {
        self.of.insert(attention.to_owned(), keys);
    }

    pub(super) fn of(&self, attention: &str) -> Result<&Keys> {
        match self.of.get(attention) {
            Some(keys) => Ok(keys),
            None => candle_core::bail!("a prompt was read by another denoiser than {attention}'s"),
        }
    }
}
