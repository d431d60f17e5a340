//! Scaled dot-product attention, a tile of queries and keys at a time: Milakov and Gimelshein 2018,
//! "Online normalizer calculation for softmax"; Dao et al. 2022, "`FlashAttention`". No matrix of
//! all scores is ever made.

#![expect(unsafe_code, reason = "tasks write disjoint rows of one output")]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::exp::exp;
use super::finish::Finish;
use super::level::Level;
use super::panels::Panels;
use super::product::{Pieces, Product, Rows};
use super::shared::Shared;
use super::{Stop, Stopped};

/// Queries of a tile.
const QUERIES: usize = 48;
/// Keys of a tile: a multiple of every panel's width.
const KEYS: usize = 256;

/// Sizes of an attention over `[batch, tokens, heads * head_dim]`.
#[derive(Clone, Copy, Debug)]
pub struct AttentionShape {
    pub batch: usize,
    pub queries: usize,
    pub keys: usize,
    pub heads: usize,
    pub head_dim: usize,
    /// Query `i` sees keys `0..=i` alone.
    pub causal: bool,
}

/// The scores of a query: which, and of the keys from one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    pub image: usize,
    pub head: usize,
    pub query: usize,
    /// The first key.
    pub from: usize,
}

/// Adds to the scaled scores of a query.
pub type Bias<'a> = &'a (dyn Fn(ScoreRow, &mut [f32]) + Sync);

/// One head of one picture: keys and values in panels.
struct Head {
    /// For each tile of keys: `[keys, head_dim]`.
    keys: Vec<Panels>,
    /// For each tile of keys: `[head_dim, keys]`.
    values: Vec<Panels>,
}

/// `softmax(q kᵀ / √head_dim + bias) v`, head by head; all of `[batch, tokens, heads * head_dim]`.
pub fn attention(
    level: Level,
    shape: &AttentionShape,
    (q, k, v): (&[f32], &[f32], &[f32]),
    bias: Option<Bias<'_>>,
    out: &mut [f32],
    stop: Stop<'_>,
) -> Result<(), Stopped> {
    let width = shape.heads * shape.head_dim;
    assert_eq!(q.len(), shape.batch * shape.queries * width);
    assert_eq!(k.len(), shape.batch * shape.keys * width);
    assert_eq!(v.len(), k.len());
    assert_eq!(out.len(), q.len());
    let shared = Shared::new(out);
    let blocks = shape.queries.div_ceil(QUERIES);
    let heads: Vec<Head> = (0..shape.batch * shape.heads)
        .into_par_iter()
        .map(|index| {
            packed(
                level,
                shape,
                (k, v),
                (index / shape.heads, index % shape.heads),
            )
        })
        .collect();
    // All queries of a head one after the other: its keys and values stay in the cache meanwhile.
    (0..heads.len() * blocks).into_par_iter().try_for_each_init(
        Scratch::default,
        |scratch, task| {
            if stop() {
                return Err(Stopped);
            }
            let (index, first) = (task / blocks, task % blocks * QUERIES);
            Tile {
                level,
                shape,
                packed: &heads[index],
                place: (index / shape.heads, index % shape.heads),
                first,
                count: QUERIES.min(shape.queries - first),
                bias,
            }
            .run(q, shared, scratch);
            Ok(())
        },
    )
}

fn packed(
    level: Level,
    shape: &AttentionShape,
    (k, v): (&[f32], &[f32]),
    (image, head): (usize, usize),
) -> Head {
    let width = shape.heads * shape.head_dim;
    let at = |key: usize, i: usize| (image * shape.keys + key) * width + head * shape.head_dim + i;
    let tiles = (0..shape.keys).step_by(KEYS);
    let tiles: Vec<_> = tiles
        .map(|first| (first, KEYS.min(shape.keys - first)))
        .collect();
    Head {
        keys: tiles
            .iter()
            .map(|&(first, count)| {
                Panels::pack(level, (count, shape.head_dim), |key, i| {
                    k[at(first + key, i)]
                })
            })
            .collect(),
        values: tiles
            .iter()
            .map(|&(first, count)| {
                Panels::pack(level, (shape.head_dim, count), |i, key| {
                    v[at(first + key, i)]
                })
            })
            .collect(),
    }
}

#[derive(Default)]
struct Scratch {
    /// `[query][key of a tile]`
    scores: Vec<f32>,
    /// Of one tile of keys: `[query][head_dim]`.
    part: Vec<f32>,
    /// Of all so far.
    sums: Vec<f32>,
    starts: Vec<*const f32>,
}

/// Some queries of a head.
struct Tile<'a> {
    level: Level,
    shape: &'a AttentionShape,
    packed: &'a Head,
    /// Image and head.
    place: (usize, usize),
    first: usize,
    count: usize,
    bias: Option<Bias<'a>>,
}

impl Tile<'_> {
    fn run(&self, q: &[f32], out: Shared<'_>, scratch: &mut Scratch) {
        let dim = self.shape.head_dim;
        let width = self.shape.heads * dim;
        let (image, head) = self.place;
        let row = |query: usize| (image * self.shape.queries + query) * width + head * dim;
        let mut highest = [f32::NEG_INFINITY; QUERIES];
        let mut weights = [0.0f32; QUERIES];
        scratch.sums.clear();
        scratch.sums.resize(self.count * dim, 0.0);
        scratch.part.resize(self.count * dim, 0.0);
        let tiles = self.packed.keys.iter().zip(&self.packed.values);
        for (index, (keys, values)) in tiles.enumerate() {
            let from = index * KEYS;
            if self.shape.causal && from >= self.first + self.count {
                break;
            }
            let seen = keys.outputs;
            scratch.scores.resize(self.count * seen, 0.0);
            scratch.starts.clear();
            for query in self.first..self.first + self.count {
                scratch.starts.push(q[row(query)..][..dim].as_ptr());
            }
            multiply(keys, dim, &scratch.starts, &mut scratch.scores);
            for (i, scores) in scratch.scores.chunks_exact_mut(seen).enumerate() {
                let query = self.first + i;
                let place = ScoreRow {
                    image,
                    head,
                    query,
                    from,
                };
                let visible = if self.shape.causal {
                    (query + 1).saturating_sub(from).min(seen)
                } else {
                    seen
                };
                self.level.run(Weigh {
                    scale: 1.0 / (dim as f32).sqrt(),
                    bias: self.bias.map(|bias| (bias, place)),
                    scores,
                    visible,
                    highest: &mut highest[i],
                    weight: &mut weights[i],
                    sums: &mut scratch.sums[i * dim..][..dim],
                });
            }
            scratch.starts.clear();
            let rows = scratch.scores.chunks_exact(seen);
            scratch.starts.extend(rows.map(<[f32]>::as_ptr));
            multiply(values, seen, &scratch.starts, &mut scratch.part);
            for (sum, part) in scratch.sums.iter_mut().zip(&scratch.part) {
                *sum += part;
            }
        }
        for (i, sums) in scratch.sums.chunks_exact(dim).enumerate() {
            // SAFETY: each task owns its queries' rows of its head.
            let out = unsafe { out.part(row(self.first + i), dim) };
            let scale = 1.0 / weights[i];
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum * scale;
            }
        }
    }
}

fn multiply(panels: &Panels, inner: usize, starts: &[*const f32], out: &mut [f32]) {
    let product = Product {
        weights: panels,
        pieces: Pieces {
            count: 1,
            len: inner,
        },
        columns: panels.outputs,
        out: Shared::new(out),
        finish: Finish::default(),
    };
    let rows = Rows { starts, first: 0 };
    // SAFETY: every start is that of `inner` values; the output is borrowed here alone.
    unsafe { product.run(&rows, 0..panels.count()) };
}

/// From scores to weights, relative to the highest score so far: what came before is scaled down
/// where a higher one comes.
struct Weigh<'a> {
    scale: f32,
    bias: Option<(Bias<'a>, ScoreRow)>,
    scores: &'a mut [f32],
    /// Keys the query sees, from the first one on.
    visible: usize,
    highest: &'a mut f32,
    weight: &'a mut f32,
    sums: &'a mut [f32],
}

const LANES: usize = 16;

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (scores, hidden) = self.scores.split_at_mut(self.visible);
        hidden.fill(0.0);
        let mut scale = self.scale;
        if let Some((bias, place)) = self.bias {
            for score in scores.iter_mut() {
                *score *= scale;
            }
            scale = 1.0;
            bias(place, scores);
        }
        let mut lanes = [f32::NEG_INFINITY; LANES];
        let (chunks, rest) = scores.as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, &score) in lanes.iter_mut().zip(chunk) {
                *lane = if score > *lane { score } else { *lane };
            }
        }
        let here = lanes
            .iter()
            .chain(rest)
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        let highest = self.highest.max(here * scale);
        if highest == f32::NEG_INFINITY {
            scores.fill(0.0);
            return;
        }
        let shrink = exp(*self.highest - highest);
        if shrink < 1.0 {
            for sum in self.sums {
                *sum *= shrink;
            }
        }
        let mut total = [0.0f32; LANES];
        let (chunks, rest) = scores.as_chunks_mut::<LANES>();
        for chunk in chunks {
            for (sum, score) in total.iter_mut().zip(chunk) {
                *score = exp(*score * scale - highest);
                *sum += *score;
            }
        }
        for (sum, score) in total.iter_mut().zip(rest) {
            *score = exp(*score * scale - highest);
            *sum += *score;
        }
        *self.weight = *self.weight * shrink + total.iter().sum::<f32>();
        *self.highest = highest;
    }
}
