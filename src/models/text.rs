//! A prompt as its denoiser takes it: of one text encoder, or of two beside each other.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{ClipTextConfig, ClipTextEncoder, LearntRows, WindowIds};
use crate::nn::Interrupt;

/// What a denoiser is told of one text.
#[derive(Clone, Debug)]
pub struct TextEmbeddings {
    /// `[1, tokens, width]`
    pub tokens: Tensor,
    /// The whole text, `[1, width]`, where the denoiser takes it.
    pub pooled: Option<Tensor>,
}

impl TextEmbeddings {
    /// Of the same shapes, and nothing but zeros.
    pub fn zeros_like(&self) -> Result<Self> {
        Ok(Self {
            tokens: self.tokens.zeros_like()?,
            pooled: self.pooled.as_ref().map(Tensor::zeros_like).transpose()?,
        })
    }

    /// Several texts as one batch.
    pub(super) fn cat(texts: &[Self]) -> Result<Self> {
        let tokens: Vec<_> = texts.iter().map(|text| &text.tokens).collect();
        let pooled: Option<Vec<_>> = texts.iter().map(|text| text.pooled.as_ref()).collect();
        Ok(Self {
            tokens: Tensor::cat(&tokens, 0)?,
            pooled: pooled.map(|all| Tensor::cat(&all, 0)).transpose()?,
        })
    }
}

/// A text's tokens, as many as the window has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptIds {
    pub first: Vec<u32>,
    /// As the second tokenizer gives them, where they are known; else they are those of the first with
    /// the window filled its way.
    pub second: Option<Vec<u32>>,
}

impl PromptIds {
    /// Of the first tokenizer's.
    pub const fn of(first: Vec<u32>) -> Self {
        Self {
            first,
            second: None,
        }
    }
}

/// The marks the second tokenizer of Stable Diffusion XL sets otherwise than the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SecondMarks {
    /// Ends the text, in both.
    pub(super) end: u32,
    /// Fills the window behind it.
    pub(super) padding: u32,
}

impl SecondMarks {
    /// The first tokenizer's ids with the window filled as the second one does.
    fn refilled(self, ids: &[u32]) -> Vec<u32> {
        let end = self.end_of(ids);
        let mut ids = ids.to_vec();
        if let Some(behind) = ids.get_mut(end + 1..) {
            behind.fill(self.padding);
        }
        ids
    }

    /// Where the text ends.
    fn end_of(self, ids: &[u32]) -> usize {
        let end = ids.iter().position(|id| *id == self.end);
        end.unwrap_or_else(|| ids.len().saturating_sub(1))
    }
}

/// What the encoders answer to one window.
#[derive(Debug)]
pub(super) struct Answers {
    /// Of each encoder, `[1, tokens, width]`.
    pub(super) tokens: Vec<Tensor>,
    /// The whole window, `[1, width]`, where the denoiser takes it.
    pub(super) pooled: Option<Tensor>,
}

/// The text encoders of one model.
#[derive(Debug)]
pub struct TextEncoders {
    pub first: ClipTextEncoder,
    second: Option<(ClipTextEncoder, SecondMarks)>,
}

impl TextEncoders {
    pub(super) fn new(
        first: ClipTextEncoder,
        second: Option<(ClipTextEncoder, SecondMarks)>,
    ) -> Self {
        Self { first, second }
    }

    /// The second encoder, whose text becomes one embedding too.
    pub(super) fn read_second(
        config: &ClipTextConfig,
        vb: &VarBuilder<'_>,
    ) -> Result<ClipTextEncoder> {
        let encoder = ClipTextEncoder::new(config, vb)?;
        if encoder.pooled_width().is_none() {
            candle_core::bail!("it has no tensor text_projection.weight")
        }
        Ok(encoder)
    }

    /// What each encoder answers to a text's tokens, without the `skipped` last layers. One encoder
    /// alone gives what comes after its final norm; of two the last layer is never listened to.
    pub(super) fn answers(
        &self,
        ids: &PromptIds,
        learnt: &LearntRows,
        skipped: usize,
        interrupt: &Interrupt,
    ) -> Result<Answers> {
        let first = WindowIds {
            ids: &ids.first,
            learnt: &learnt.first,
        };
        let Some((second, marks)) = &self.second else {
            let tokens = self.first.forward_skipping(first, skipped, interrupt)?;
            return Ok(Answers {
                tokens: vec![tokens],
                pooled: None,
            });
        };
        let skipped = skipped + 1;
        let first = self.first.unnormed(first, skipped, interrupt)?;
        let ids = match &ids.second {
            Some(ids) => ids.clone(),
            None => marks.refilled(&ids.first),
        };
        let window = WindowIds {
            ids: &ids,
            learnt: &learnt.second,
        };
        let text = second.both(window, skipped, interrupt)?;
        let pooled = second.pooled(&text, marks.end_of(&ids))?;
        Ok(Answers {
            tokens: vec![first, text.early],
            pooled: Some(pooled),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_tokenizer_fills_the_window_with_its_own_mark() {
        let marks = SecondMarks { end: 9, padding: 0 };
        assert_eq!(marks.refilled(&[8, 3, 4, 9, 9, 9]), [8, 3, 4, 9, 0, 0]);
        assert_eq!(marks.refilled(&[8, 3, 4, 9]), [8, 3, 4, 9]);
        assert_eq!(marks.end_of(&[8, 3, 4, 9, 0, 0]), 3);
    }
}
