//! What a model has read of prompts: pictures of the same ones need not read them again.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::{Result, TensorId};

use super::prompt_text::{PromptText, read_text};
use super::{Denoiser, DenoiserPrompt, TextEmbeddings, TextEncoders, Told};
use crate::nn::Interrupt;

/// A prompt and a negative prompt, and what either changes to.
const TEXTS: usize = 8;
/// Both in one batch, and the prompt alone.
const BATCHES: usize = 2;

/// What a batch of prompts is known by.
type Batch = (Vec<TensorId>, Told);

/// The last things that were read, the newest last.
#[derive(Debug, Default)]
pub(super) struct PromptMemory {
    /// By what the encoders were told.
    texts: RefCell<Vec<(PromptText, TextEmbeddings)>>,
    /// By the embeddings they are of, and what else was told.
    batches: RefCell<Vec<(Batch, Arc<DenoiserPrompt>)>>,
}

impl PromptMemory {
    /// The embeddings of a text; the encoders are asked for where it is not known.
    pub(super) fn embeddings<'a>(
        &self,
        encoders: impl FnOnce() -> Result<&'a TextEncoders>,
        text: &PromptText,
        interrupt: &Interrupt,
    ) -> Result<TextEmbeddings> {
        recalled(&self.texts, TEXTS, text.clone(), || {
            read_text(encoders()?, text, interrupt)
        })
    }

    /// What the denoiser reads of embeddings that become one batch.
    pub(super) fn prompt(
        &self,
        denoiser: &Denoiser,
        embeddings: &[TextEmbeddings],
        told: Told,
        interrupt: &Interrupt,
    ) -> Result<Arc<DenoiserPrompt>> {
        let ids = embeddings.iter().map(|text| text.tokens.id()).collect();
        recalled(&self.batches, BATCHES, (ids, told), || {
            Ok(Arc::new(denoiser.read(embeddings, told, interrupt)?))
        })
    }
}

/// What is known of a key, or is found out and known from now on.
fn recalled<Key: PartialEq, Known: Clone>(
    memory: &RefCell<Vec<(Key, Known)>>,
    most: usize,
    key: Key,
    find_out: impl FnOnce() -> Result<Known>,
) -> Result<Known> {
    let mut memory = memory.borrow_mut();
    let place = memory.iter().position(|(known, _)| *known == key);
    let known = match place {
        Some(place) => memory.remove(place),
        None => (key, find_out()?),
    };
    let found = known.1.clone();
    memory.push(known);
    if memory.len() > most {
        memory.remove(0);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_known() {
        let memory = RefCell::default();
        let mut asked = Vec::new();
        for key in [1, 2, 1, 3, 1, 2] {
            let found = recalled(&memory, 2, key, || {
                asked.push(key);
                Ok(key * 10)
            });
            assert_eq!(found.unwrap(), key * 10);
        }
        assert_eq!(asked, [1, 2, 3, 2]);
    }

    #[test]
    fn what_could_not_be_found_out_is_asked_again() {
        let memory = RefCell::default();
        assert!(recalled::<_, u32>(&memory, 2, 1, || candle_core::bail!("stopped")).is_err());
        assert_eq!(recalled(&memory, 2, 1, || Ok(7)).unwrap(), 7);
    }
}
