//! What the text encoders are told, and what weights do to what they answer.

use std::sync::Arc;

use candle_core::{DType, Result, Tensor};

use super::text::{PromptIds, TextEmbeddings, TextEncoders};
use super::{Chunk, LearntRows};
use crate::nn::Interrupt;
use crate::recipe::Emphasis;

/// A text of one step as the encoders are told it.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptText {
    /// At least one.
    pub chunks: Vec<Chunk>,
    pub emphasis: Emphasis,
    /// Layers at the end that are not listened to.
    pub skipped: usize,
    /// The tokens of a chunk without text.
    pub empty: PromptIds,
    /// What learnt ids stand for.
    pub learnt: Arc<LearntRows>,
}

/// The tokens of all chunks one after the other; the whole text is what the first chunk is.
pub(super) fn read_text(
    encoders: &TextEncoders,
    text: &PromptText,
    interrupt: &Interrupt,
) -> Result<TextEmbeddings> {
    let encode = |ids: &PromptIds| encoders.answers(ids, &text.learnt, text.skipped, interrupt);
    let is_plain = |chunk: &Chunk| chunk.weights.iter().all(|&weight| weight == 1.0);
    // Of the empty text only where something is compared with it.
    let empty = (text.emphasis == Emphasis::Comfy && !text.chunks.iter().all(is_plain))
        .then(|| encode(&text.empty))
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
                if is_plain(chunk) {
                    return Ok(answer);
                }
                let weights = Tensor::new(chunk.weights.as_slice(), answer.device())?
                    .to_dtype(answer.dtype())?
                    .reshape((1, chunk.weights.len(), 1))?;
                match (text.emphasis, &empty) {
                    (Emphasis::A1111, _) => weighed_to_mean(&answer, &weights),
                    (Emphasis::Comfy, Some(empty)) => {
                        away_from(&empty.tokens[encoder], &answer, &weights)
                    }
                    _ => answer.broadcast_mul(&weights),
                }
            });
        chunks.push(joined(weighed.collect::<Result<Vec<_>>>()?, 2)?);
    }
    Ok(TextEmbeddings {
        tokens: joined(chunks, 1)?,
        pooled,
    })
}

/// What stands alone stays the tensor it is.
fn joined(mut parts: Vec<Tensor>, dimension: usize) -> Result<Tensor> {
    match parts.len() {
        1 => Ok(parts.swap_remove(0)),
        _ => Tensor::cat(&parts, dimension),
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
