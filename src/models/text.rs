//! A prompt as its denoiser takes it: of one text encoder, or of several together.

use candle_core::{Result, Tensor};

use super::{
    ClipTextEncoder, LearntRows, PromptTokenizer, TextParts, TextPlan, WholeEncoder, WindowIds,
};
use crate::nn::Interrupt;
use crate::weights::ModelError;

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

/// The marks a tokenizer sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marks {
    /// Ends the text.
    end: u32,
    /// Fills the window behind it.
    padding: u32,
}

impl Marks {
    /// Another tokenizer's ids, whose end mark is the same, with the window filled as this one does.
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

/// An encoder of CLIP's kind, and what its tokenizer marks texts by.
#[derive(Debug)]
pub(super) struct ClipReader {
    encoder: ClipTextEncoder,
    marks: Marks,
}

impl ClipReader {
    pub(super) fn new(encoder: ClipTextEncoder, tokenizer: &PromptTokenizer) -> Self {
        Self {
            encoder,
            marks: Marks {
                end: tokenizer.end(),
                padding: tokenizer.padding(),
            },
        }
    }

    /// What it answers before its last layers but `skipped`, and the whole window projected.
    fn early_and_pooled(
        &self,
        window: WindowIds<'_>,
        skipped: usize,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Tensor)> {
        let text = self.encoder.both(window, skipped, interrupt)?;
        let pooled = self.encoder.pooled(&text, self.marks.end_of(window.ids))?;
        Ok((text.early, pooled))
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
    first: Option<ClipReader>,
    second: Option<ClipReader>,
    whole: Option<WholeEncoder>,
    plan: TextPlan,
    /// Of the tokens the denoiser takes.
    width: usize,
    /// Zeros in place of an absent encoder's tokens.
    absent_tokens: usize,
}

impl TextEncoders {
    /// `width`: of the tokens the denoiser takes. Encoders whose whole
    /// text is asked for must give it as wide as they promise.
    pub(super) fn new(
        parts: &TextParts,
        (first, second): (Option<ClipReader>, Option<ClipReader>),
        whole: Option<WholeEncoder>,
        width: usize,
    ) -> std::result::Result<Self, ModelError> {
        let asked = [
            (parts.plan == TextPlan::Joint, &first, &parts.first),
            (parts.plan != TextPlan::One, &second, &parts.second),
        ];
        for (is_asked, reader, part) in asked {
            let (Some(reader), Some(part), true) = (reader, part, is_asked) else {
                continue;
            };
            // Without a projection tokens stay as wide as they are.
            if part.config.projection_dim != Some(reader.encoder.pooled_width()) {
                let error = candle_core::Error::msg("it has no tensor text_projection.weight");
                return Err(part.weights.mismatch(&error));
            }
        }
        Ok(Self {
            first,
            second,
            whole,
            plan: parts.plan,
            width,
            absent_tokens: parts.absent_tokens(),
        })
    }

    /// The first encoder that reads windows.
    pub fn first(&self) -> Option<&ClipTextEncoder> {
        self.first.as_ref().map(|reader| &reader.encoder)
    }

    /// What each encoder of windows answers to a text's tokens, without the `skipped` last layers. One
    /// encoder alone gives what comes after its final norm; of several the last layer is never listened
    /// to.
    pub(super) fn answers(
        &self,
        ids: &PromptIds,
        learnt: &LearntRows,
        skipped: usize,
        interrupt: &Interrupt,
    ) -> Result<Answers> {
        let Some(reader) = &self.first else {
            return Ok(Answers {
                tokens: Vec::new(),
                pooled: None,
            });
        };
        let first = WindowIds {
            ids: &ids.first,
            learnt: &learnt.first,
        };
        if self.plan == TextPlan::PooledAndWhole {
            let (_, pooled) = reader.early_and_pooled(first, 0, interrupt)?;
            return Ok(Answers {
                tokens: Vec::new(),
                pooled: Some(pooled),
            });
        }
        let Some(second) = &self.second else {
            let tokens = reader.encoder.forward_skipping(first, skipped, interrupt)?;
            return Ok(Answers {
                tokens: vec![tokens],
                pooled: None,
            });
        };
        let skipped = skipped + 1;
        let ids = match &ids.second {
            Some(ids) => ids.clone(),
            None => second.marks.refilled(&ids.first),
        };
        let window = WindowIds {
            ids: &ids,
            learnt: &learnt.second,
        };
        let (own, pooled) = if self.plan == TextPlan::Joint {
            let (early, pooled) = reader.early_and_pooled(first, skipped, interrupt)?;
            (early, Some(pooled))
        } else {
            let early = reader.encoder.unnormed(first, skipped, interrupt)?;
            (early, None)
        };
        let (early, theirs) = second.early_and_pooled(window, skipped, interrupt)?;
        Ok(Answers {
            tokens: vec![own, early],
            pooled: Some(match pooled {
                Some(pooled) => Tensor::cat(&[&pooled, &theirs], 1)?,
                None => theirs,
            }),
        })
    }

    /// What the encoder that reads a text as a whole answers: `[1, ids.len(), width]`; `None` where
    /// there is none.
    pub(super) fn whole_answer(
        &self,
        ids: &[u32],
        interrupt: &Interrupt,
    ) -> Result<Option<Tensor>> {
        let encoder = self.whole.as_ref();
        encoder
            .map(|encoder| encoder.forward(ids, interrupt))
            .transpose()
    }

    /// The tokens the denoiser is told: `windows`, where any are listened to, and `whole`, each
    /// `[1, tokens, width]`.
    pub(super) fn arranged(
        &self,
        windows: Option<Tensor>,
        whole: Option<Tensor>,
    ) -> Result<Tensor> {
        let missing = || candle_core::Error::msg("a text encoder is missing");
        match self.plan {
            TextPlan::One | TextPlan::Two => windows.ok_or_else(missing),
            TextPlan::PooledAndWhole | TextPlan::Whole => whole.ok_or_else(missing),
            TextPlan::Joint => {
                let windows = windows.ok_or_else(missing)?;
                let (device, dtype) = (windows.device().clone(), windows.dtype());
                let zeros = |shape| Tensor::zeros(shape, dtype, &device);
                let (_, tokens, width) = windows.dims3()?;
                let beside = zeros((1, tokens, self.width.saturating_sub(width)))?;
                let windows = Tensor::cat(&[&windows, &beside], 2)?;
                let whole = match whole {
                    Some(whole) => whole,
                    None => zeros((1, self.absent_tokens, self.width))?,
                };
                Tensor::cat(&[&windows, &whole], 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_tokenizer_fills_the_window_with_its_own_mark() {
        let marks = Marks { end: 9, padding: 0 };
        assert_eq!(marks.refilled(&[8, 3, 4, 9, 9, 9]), [8, 3, 4, 9, 0, 0]);
        assert_eq!(marks.refilled(&[8, 3, 4, 9]), [8, 3, 4, 9]);
        assert_eq!(marks.end_of(&[8, 3, 4, 9, 0, 0]), 3);
    }
}
