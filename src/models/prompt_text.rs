//! What the text encoders are told, and what weights do to what they answer.

use std::sync::Arc;

use candle_core::{DType, Result, Tensor};

use super::text::{PromptIds, TextEmbeddings, TextEncoders};
use super::{Chunk, LearntRows, WholeText};
use crate::nn::Interrupt;
use crate::recipe::Emphasis;

/// A text of one step as the encoders are told it.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptText {
    /// For encoders of windows: at least one where there are any.
    pub chunks: Vec<Chunk>,
    /// For the encoder that reads a text as a whole, where there is one.
    pub whole: Option<WholeText>,
    pub emphasis: Emphasis,
    /// Layers at the end that are not listened to.
    pub skipped: usize,
    pub empty: EmptyText,
    /// What learnt ids stand for.
    pub learnt: Arc<LearntRows>,
}

/// The tokens of no text.
#[derive(Clone, Debug, PartialEq)]
pub struct EmptyText {
    pub window: PromptIds,
    pub whole: Option<Vec<u32>>,
}

/// The tokens of all chunks one after the other, and of the text as a whole; the pooled text is that of
/// the first chunk.
pub(super) fn read_text(
    encoders: &TextEncoders,
    text: &PromptText,
    interrupt: &Interrupt,
) -> Result<TextEmbeddings> {
    let encode = |ids: &PromptIds| encoders.answers(ids, &text.learnt, text.skipped, interrupt);
    let is_plain = |chunk: &Chunk| are_usual(&chunk.weights);
    // Of the empty text only where something is compared with it.
    let empty = (text.emphasis == Emphasis::Comfy && !text.chunks.iter().all(is_plain))
        .then(|| encode(&text.empty.window))
        .transpose()?;
    let mut pooled = None;
    let mut chunks = Vec::with_capacity(text.chunks.len());
    for (index, chunk) in text.chunks.iter().enumerate() {
        let answers = encode(&chunk.ids)?;
        if index == 0 {
            pooled = answers.pooled;
        }
        let weighed = answers
            .tokens
            .into_iter()
            .enumerate()
            .map(|(encoder, answer)| {
                let empty = empty.as_ref().map(|empty| &empty.tokens[encoder]);
                weighed(answer, &chunk.weights, text.emphasis, empty)
            });
        chunks.extend(joined(weighed.collect::<Result<Vec<_>>>()?, 2)?);
    }
    let whole = whole(encoders, text, interrupt)?;
    Ok(TextEmbeddings {
        tokens: encoders.arranged(joined(chunks, 1)?, whole)?,
        pooled,
    })
}

/// What the encoder that reads the text as a whole answers.
fn whole(
    encoders: &TextEncoders,
    text: &PromptText,
    interrupt: &Interrupt,
) -> Result<Option<Tensor>> {
    let Some(whole) = &text.whole else {
        return Ok(None);
    };
    let Some(answer) = encoders.whole_answer(&whole.ids, interrupt)? else {
        return Ok(None);
    };
    let empty = match &text.empty.whole {
        Some(empty) if text.emphasis == Emphasis::Comfy && !are_usual(&whole.weights) => {
            encoders.whole_answer(empty, interrupt)?
        }
        _ => None,
    };
    weighed(answer, &whole.weights, text.emphasis, empty.as_ref()).map(Some)
}

fn are_usual(weights: &[f32]) -> bool {
    weights.iter().all(|&weight| weight == 1.0)
}

/// An answer `[1, tokens, width]`, each token as much as its weight says; `empty` is what the encoder
/// answers without text.
fn weighed(
    answer: Tensor,
    weights: &[f32],
    emphasis: Emphasis,
    empty: Option<&Tensor>,
) -> Result<Tensor> {
    if are_usual(weights) {
        return Ok(answer);
    }
    let weights = Tensor::new(weights, answer.device())?
        .to_dtype(answer.dtype())?
        .reshape((1, weights.len(), 1))?;
    match (emphasis, empty) {
        (Emphasis::A1111, _) => weighed_to_mean(&answer, &weights),
        (Emphasis::Comfy, Some(empty)) => away_from(empty, &answer, &weights),
        _ => answer.broadcast_mul(&weights),
    }
}

/// What stands alone stays the tensor it is; nothing is made of nothing.
fn joined(mut parts: Vec<Tensor>, dimension: usize) -> Result<Option<Tensor>> {
    match parts.len() {
        0 | 1 => Ok(parts.pop()),
        _ => Tensor::cat(&parts, dimension).map(Some),
    }
}

/// Multiplied, and then scaled as a whole so that the mean stays.
fn weighed_to_mean(answer: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let mean = |tensor: &Tensor| {
        let exact = tensor.to_dtype(DType::F64)?;
        exact.mean_all()?.to_scalar::<f64>()
    };
    let weighed = answer.broadcast_mul(weights)?;
    let scale = mean(answer)? / mean(&weighed)?;
    if scale.is_finite() {
        weighed * scale
    } else {
        Ok(weighed)
    }
}

/// As far from what the encoder answers without text as weights say. What has the usual weight stays
/// to the bit.
fn away_from(empty: &Tensor, answer: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let moved = ((answer - empty)?.broadcast_mul(weights)? + empty)?;
    let usual = weights.eq(1.0)?.broadcast_as(answer.shape())?;
    usual.where_cond(answer, &moved)
}
