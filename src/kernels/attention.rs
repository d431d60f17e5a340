//! Scaled dot-product attention, a tile of queries at a time: no matrix of all queries by all keys
//! is ever held, and no head is transposed.

#![expect(unsafe_code, reason = "tiles write disjoint rows of one output")]

use multiversion::multiversion;
use rayon::prelude::*;

use super::exp::exp;
use super::gemm::{SharedOut, Sizes, Threads, View, product_shared};
use super::{Stop, Stopped};

/// Sizes of an attention: queries `[batch, queries, heads * head_dim]`, keys and values
/// `[batch, keys, heads * head_dim]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionShape {
    pub batch: usize,
    pub queries: usize,
    pub keys: usize,
    pub heads: usize,
    pub head_dim: usize,
    /// Query `i` sees keys `0..=i` alone.
    pub causal: bool,
}

/// The scores of one query with every key, in one head of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    pub image: usize,
    pub head: usize,
    pub query: usize,
}

/// Changes the scaled scores of a row, one for each key, before they become weights.
pub type Bias<'a> = &'a (dyn Fn(ScoreRow, &mut [f32]) + Sync);

/// Elements of one tile of scores: about a megabyte.
const TILE_ELEMENTS: usize = 1 << 18;

/// `out[batch, queries, heads * head_dim] = softmax(q kᵀ / sqrt(head_dim) + bias) v`, head by head.
pub fn attention(
    shape: &AttentionShape,
    (q, k, v): (&[f32], &[f32], &[f32]),
    bias: Option<Bias<'_>>,
    out: &mut [f32],
    stop: Stop<'_>,
) -> Result<(), Stopped> {
    let width = shape.heads * shape.head_dim;
    assert_eq!(q.len(), shape.batch * shape.queries * width);
    assert_eq!(k.len(), shape.batch * shape.keys * width);
    assert_eq!((v.len(), out.len()), (k.len(), q.len()));
    let rows = (TILE_ELEMENTS / shape.keys).clamp(1, shape.queries);
    let tiles: Vec<(usize, usize, usize)> = (0..shape.batch)
        .flat_map(|image| (0..shape.heads).map(move |head| (image, head)))
        .flat_map(|(image, head)| {
            (0..shape.queries)
                .step_by(rows)
                .map(move |first| (image, head, first))
        })
        .collect();
    let out = SharedOut::new(out);
    tiles
        .par_iter()
        .try_for_each_init(Vec::new, |scores, &(image, head, first)| {
            if stop() {
                return Err(Stopped);
            }
            let len = rows.min(shape.queries - first);
            let queries = View {
                offset: (image * shape.queries + first) * width + head * shape.head_dim,
                row_stride: width,
                col_stride: 1,
            };
            let keys = View {
                offset: image * shape.keys * width + head * shape.head_dim,
                row_stride: width,
                col_stride: 1,
            };
            let keys_transposed = View {
                row_stride: 1,
                col_stride: width,
                ..keys
            };
            let scores_view = View {
                offset: 0,
                row_stride: shape.keys,
                col_stride: 1,
            };
            scores.resize(len * shape.keys, 0.0);
            let score_sizes = Sizes {
                rows: len,
                inner: shape.head_dim,
                cols: shape.keys,
            };
            let out_sizes = Sizes {
                rows: len,
                inner: shape.keys,
                cols: shape.head_dim,
            };
            let scale = 1.0 / (shape.head_dim as f32).sqrt();
            // SAFETY: the scores belong to this task.
            unsafe {
                product_shared(
                    score_sizes,
                    (SharedOut::new(scores), scores_view),
                    (q, queries),
                    (k, keys_transposed),
                    (scale, false),
                    Threads::One,
                );
            }
            for (row, scores) in scores.chunks_exact_mut(shape.keys).enumerate() {
                if let Some(bias) = bias {
                    let query = first + row;
                    bias(ScoreRow { image, head, query }, scores);
                }
                let seen = if shape.causal {
                    (first + row + 1).min(shape.keys)
                } else {
                    shape.keys
                };
                softmax(&mut scores[..seen]);
                scores[seen..].fill(0.0);
            }
            // SAFETY: each tile is run once and owns its queries' rows of its head.
            unsafe {
                product_shared(
                    out_sizes,
                    (out, queries),
                    (scores, scores_view),
                    (v, keys),
                    (1.0, false),
                    Threads::One,
                );
            }
            Ok(())
        })
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn softmax(row: &mut [f32]) {
    let mut lanes = [f32::NEG_INFINITY; 16];
    let (chunks, rest) = row.as_chunks::<16>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    let highest = lanes
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0f32; 16];
    let (chunks, rest) = row.as_chunks_mut::<16>();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *value = exp(*value - highest);
            *sum += *value;
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *value = exp(*value - highest);
        *sum += *value;
    }
    let scale = 1.0 / sums.iter().sum::<f32>();
    for value in row {
        *value *= scale;
    }
}
