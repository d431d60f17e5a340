//! Prompts to embeddings.

use candle_core::Tensor;

use super::{Note, Observer, PipelineError};
use crate::models::StableDiffusion;
use crate::nn::Interrupt;
use crate::recipe::is_guided;

/// What the denoiser is told of the prompts.
#[derive(Clone, Debug)]
pub struct Conditioning {
    /// Of the prompt: `[1, tokens, width]`.
    pub positive: Tensor,
    /// Of the negative prompt, of the same shape; `None` without guidance.
    pub negative: Option<Tensor>,
}

impl Conditioning {
    /// One batch for one call: `[1 or 2, tokens, width]`, the negative prompt first.
    pub fn batch(&self) -> candle_core::Result<Tensor> {
        match &self.negative {
            Some(negative) => Tensor::cat(&[negative, &self.positive], 0),
            None => Ok(self.positive.clone()),
        }
    }
}

/// Encodes both prompts; what does not fit the window is told to `observer`.
pub fn encode_prompts(
    model: &StableDiffusion,
    (prompt, negative_prompt): (&str, &str),
    guidance: f32,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> Result<Conditioning, PipelineError> {
    let window = model.manifest.tokenizer.window();
    let mut encode = |text: &str, note: fn(usize, String) -> Note| {
        let tokens = model.manifest.tokenizer.encode(text)?;
        if let Some(cut) = tokens.cut {
            observer.note(note(window, cut));
        }
        Ok::<_, PipelineError>(model.text_encoder.forward(&tokens.ids, interrupt)?)
    };
    let positive = encode(prompt, |window, cut| Note::PromptCut { window, cut })?;
    let negative = is_guided(guidance)
        .then(|| {
            encode(negative_prompt, |window, cut| Note::NegativePromptCut {
                window,
                cut,
            })
        })
        .transpose()?;
    Ok(Conditioning { positive, negative })
}
