//! What the text encoder is told, and what weights do to what it answers.

use candle_core::{DType, Result, Tensor};

use super::{Chunk, ClipTextEncoder};
use crate::nn::Interrupt;
use crate::recipe::Emphasis;

/// A text of one step as the encoder is told it.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptText {
    /// At least one.
    pub chunks: Vec<Chunk>,
    pub emphasis: Emphasis,
    /// Layers at the end that are not listened to.
    pub skipped: usize,
    /// The tokens of a chunk without text.
    pub empty: Vec<u32>,
}

/// `[1, tokens of all chunks, width]`
pub(super) fn read_text(
    encoder: &ClipTextEncoder,
    text: &PromptText,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    let encode = |ids: &[u32]| encoder.forward_skipping(ids, text.skipped, interrupt);
    let is_plain = |chunk: &Chunk| chunk.weights.iter().all(|&weight| weight == 1.0);
    // Of the empty text only where something is compared with it.
    let empty = (text.emphasis == Emphasis::Comfy && !text.chunks.iter().all(is_plain))
        .then(|| encode(&text.empty))
        .transpose()?;
    let chunks = text.chunks.iter().map(|chunk| {
        let answer = encode(&chunk.ids)?;
        if is_plain(chunk) {
            return Ok(answer);
        }
        let weights = Tensor::new(chunk.weights.as_slice(), answer.device())?
            .to_dtype(answer.dtype())?
            .reshape((1, chunk.weights.len(), 1))?;
        match (text.emphasis, &empty) {
            (Emphasis::A1111, _) => weighed_to_mean(&answer, &weights),
            (Emphasis::Comfy, Some(empty)) => away_from(empty, &answer, &weights),
            _ => answer.broadcast_mul(&weights),
        }
    });
    let chunks = chunks.collect::<Result<Vec<_>>>()?;
    match chunks.as_slice() {
        [only] => Ok(only.clone()),
        several => Tensor::cat(several, 1),
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
