//! Queries, keys and values on their way from the products that make them to attention.
//!
//! In one pass heads are normed, turned by where their tokens lie, repeated where several queries
//! share a key, and the tokens of several streams are put one after the other.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use multiversion::multiversion;
use rayon::prelude::*;

use super::fresh::fresh;

/// How a row of a stream is divided: queries, then keys, then values, each of some heads.
#[derive(Clone, Copy, Debug)]
pub struct HeadRow {
    /// Heads of queries; keys and values of fewer are shared by as many neighbouring ones each.
    pub queries: usize,
    /// Heads of keys, and of values; divides the number of queries.
    pub keys: usize,
    /// Values of a head.
    pub dim: usize,
}

impl HeadRow {
    /// Values of a row as it comes.
    pub const fn width(&self) -> usize {
        (self.queries + 2 * self.keys) * self.dim
    }

    /// Values of a row as attention takes it.
    pub const fn width_after(&self) -> usize {
        3 * self.queries * self.dim
    }
}

/// Tokens that come from one product: `[batch, tokens, width]`.
#[derive(Clone, Copy, Debug)]
pub struct HeadStream<'a> {
    pub values: &'a [f32],
    pub norms: Option<HeadNorm<'a>>,
}

/// Brings every head to mean square 1: Zhang & Sennrich 2019, "Root Mean Square Layer Normalization".
#[derive(Clone, Copy, Debug)]
pub struct HeadNorm<'a> {
    /// What queries are multiplied with then, `[dim]`.
    pub queries: &'a [f32],
    /// The same of keys.
    pub keys: &'a [f32],
    pub eps: f32,
}

/// Angles by which pairs of a head's values are turned: Su et al. 2021, "`RoFormer`".
#[derive(Clone, Copy, Debug)]
pub struct Turns<'a> {
    /// `[tokens of all streams, dim / 2]`
    pub cosines: &'a [f32],
    /// As many.
    pub sines: &'a [f32],
    pub pairs: Pairs,
}

/// Which two values of a head make a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// One and the next.
    Neighbours,
    /// One and that half a head behind it.
    Halves,
}

/// `[batch, tokens of all streams, 3 * queries * dim]`: normed and turned queries, the same of keys,
/// and values. Every stream has the tokens of `batch` pictures.
pub fn join_heads(
    streams: &[HeadStream<'_>],
    batch: usize,
    row: HeadRow,
    turns: Option<Turns<'_>>,
) -> Vec<f32> {
    assert!(row.keys > 0 && row.queries.is_multiple_of(row.keys) && row.dim.is_multiple_of(2));
    let tokens: Vec<usize> = streams
        .iter()
        .map(|stream| {
            let tokens = stream.values.len() / row.width() / batch;
            assert_eq!(stream.values.len(), tokens * row.width() * batch);
            if let Some(norms) = stream.norms {
                assert_eq!((norms.queries.len(), norms.keys.len()), (row.dim, row.dim));
            }
            tokens
        })
        .collect();
    let all: usize = tokens.iter().sum();
    if let Some(turns) = turns {
        let count = all * row.dim / 2;
        assert_eq!((turns.cosines.len(), turns.sines.len()), (count, count));
    }
    // SAFETY: every row is written below.
    let mut out = unsafe { fresh(batch * all * row.width_after()) };
    out.par_chunks_exact_mut(row.width_after())
        .enumerate()
        .for_each(|(at, out)| {
            let (picture, place) = (at / all, at % all);
            let (mut stream, mut token) = (0, place);
            while token >= tokens[stream] {
                token -= tokens[stream];
                stream += 1;
            }
            let from = (picture * tokens[stream] + token) * row.width();
            let turn = turns.map(|turns| {
                let angles = place * row.dim / 2..(place + 1) * row.dim / 2;
                Turns {
                    cosines: &turns.cosines[angles.clone()],
                    sines: &turns.sines[angles],
                    ..turns
                }
            });
            let stream = &streams[stream];
            join_row(row, stream.norms, turn, &stream.values[from..], out);
        });
    out
}

fn join_row(
    row: HeadRow,
    norms: Option<HeadNorm<'_>>,
    turns: Option<Turns<'_>>,
    values: &[f32],
    out: &mut [f32],
) {
    let HeadRow { queries, keys, dim } = row;
    let mut heads = out.chunks_exact_mut(dim);
    let parts = [
        (0, queries, norms.map(|norms| (norms.queries, norms.eps))),
        (queries, keys, norms.map(|norms| (norms.keys, norms.eps))),
    ];
    for (first, count, norm) in parts {
        for (head, out) in heads.by_ref().take(queries).enumerate() {
            let at = (first + head / (queries / count)) * dim;
            out.copy_from_slice(&values[at..at + dim]);
            if let Some((weight, eps)) = norm {
                norm_head(out, weight, eps);
            }
            match turns {
                Some(turns) if turns.pairs == Pairs::Halves => {
                    turn_halves(out, turns.cosines, turns.sines);
                }
                Some(turns) => turn_neighbours(out, turns.cosines, turns.sines),
                None => {}
            }
        }
    }
    for (head, out) in heads.enumerate() {
        let at = (queries + keys + head / (queries / keys)) * dim;
        out.copy_from_slice(&values[at..at + dim]);
    }
}

/// Sums that do not wait for each other.
const LANES: usize = 16;

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn norm_head(head: &mut [f32], weight: &[f32], eps: f32) {
    let mut sums = [0f32; LANES];
    for values in head.chunks(LANES) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value * value;
        }
    }
    let square = sums.iter().sum::<f32>() / head.len() as f32;
    let scale = 1.0 / (square + eps).sqrt();
    for (value, weight) in head.iter_mut().zip(weight) {
        *value *= scale * weight;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn turn_neighbours(head: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let angles = cosines.iter().zip(sines);
    for (pair, (cosine, sine)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
        let [first, second] = *pair;
        *pair = [
            first * cosine - second * sine,
            second * cosine + first * sine,
        ];
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn turn_halves(head: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let (firsts, seconds) = head.split_at_mut(head.len() / 2);
    let angles = cosines.iter().zip(sines);
    for ((first, second), (cosine, sine)) in firsts.iter_mut().zip(seconds).zip(angles) {
        (*first, *second) = (
            *first * cosine - *second * sine,
            *second * cosine + *first * sine,
        );
    }
}
