//! Prompts to embeddings.

use std::sync::Arc;

use candle_core::Result;

use super::{Note, Observer, PipelineError};
use crate::models::{PromptKeys, StableDiffusion, TextEmbeddings, Told};
use crate::nn::Interrupt;
use crate::recipe::{Call, is_guided};

/// What the denoiser is told of the prompts.
#[derive(Clone, Debug)]
pub struct Conditioning {
    /// Of the prompt.
    pub positive: TextEmbeddings,
    /// Of the negative prompt, of the same shape; `None` without guidance.
    pub negative: Option<TextEmbeddings>,
    pub told: Told,
}

/// The prompts as the denoiser reads them, once for all calls.
#[derive(Clone, Debug)]
pub struct ReadPrompts {
    /// Both, the negative one first; `None` where no call is guided.
    guided: Option<Arc<PromptKeys>>,
    /// The prompt alone; `None` where every call is guided.
    alone: Option<Arc<PromptKeys>>,
}

impl ReadPrompts {
    /// Reads what some call needs.
    pub fn of(
        model: &StableDiffusion,
        conditioning: &Conditioning,
        calls: &[Call],
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let read = |guided: bool, embeddings: &[TextEmbeddings]| {
            let needed = calls.iter().any(|call| call.guided == guided);
            let read = || model.prompt_keys(embeddings, conditioning.told, interrupt);
            needed.then(read).transpose()
        };
        let alone = conditioning.positive.clone();
        let both = conditioning
            .negative
            .clone()
            .into_iter()
            .chain([alone.clone()]);
        Ok(Self {
            guided: read(true, &both.collect::<Vec<_>>())?,
            alone: read(false, &[alone])?,
        })
    }

    /// For one of the calls they were read for.
    pub(super) fn for_call(&self, call: Call) -> Result<&PromptKeys> {
        let read = if call.guided {
            &self.guided
        } else {
            &self.alone
        };
        match read {
            Some(keys) => Ok(keys),
            None => candle_core::bail!("prompts were read for other calls"),
        }
    }
}

/// Encodes both prompts; what does not fit the window is told to `observer`.
pub fn encode_prompts(
    model: &StableDiffusion,
    (prompt, negative_prompt): (&str, &str),
    told: Told,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> std::result::Result<Conditioning, PipelineError> {
    let window = model.manifest.tokenizer.window();
    let mut encode = |text: &str, note: fn(usize, String) -> Note| {
        let (tokens, ids) = model.manifest.tokens(text)?;
        if let Some(cut) = tokens.cut {
            observer.note(note(window, cut));
        }
        Ok::<_, PipelineError>(model.embeddings(&ids, interrupt)?)
    };
    let positive = encode(prompt, |window, cut| Note::PromptCut { window, cut })?;
    let mut encode_negative = || {
        if negative_prompt.is_empty() && model.manifest.zeros_for_empty {
            return Ok(positive.zeros_like()?);
        }
        encode(negative_prompt, |window, cut| Note::NegativePromptCut {
            window,
            cut,
        })
    };
    let is_guided = is_guided(told.guidance) && !model.manifest.is_told_guidance();
    let negative = is_guided.then(&mut encode_negative).transpose()?;
    Ok(Conditioning {
        positive,
        negative,
        told,
    })
}
