//! Scaled dot-product attention, a tile of queries and keys at a time: Milakov and Gimelshein 2018,
//! "Online normalizer calculation for softmax"; Dao et al. 2022, "`FlashAttention`". No matrix of
//! all scores is ever made.

#![expect(unsafe_code, reason = "tasks write disjoint rows of one output")]

mod panels;
mod weigh;

use std::cell::RefCell;
use std::ops::Range;

use rayon::prelude::*;

use self::panels::PanelHead;
use self::weigh::{Row, Weigh};
#[cfg(target_arch = "x86_64")]
use super::amx::AmxHead;
use super::fresh::fresh;
use super::level::Level;
use super::panels::LINE;
use super::shared::Shared;
use super::{Stop, Stopped};

/// Keys of a tile: a multiple of every panel's width.
pub(super) const KEYS: usize = 256;
/// Values from one query's scores to the next one's: rows of a power of two would all want the same
/// few lines of the cache.
pub(super) const SCORES: usize = KEYS + LINE;

/// Some values of every token: `[batch, tokens, pitch]`, of each token those from `offset` on.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    pub values: &'a [f32],
    pub pitch: usize,
    pub offset: usize,
}

impl<'a> Tokens<'a> {
    /// All values of tokens of a width.
    pub const fn whole(values: &'a [f32], width: usize) -> Self {
        Self {
            values,
            pitch: width,
            offset: 0,
        }
    }

    /// So many values of a token from one on.
    #[inline(always)]
    pub(super) fn of(&self, token: usize, first: usize, len: usize) -> &'a [f32] {
        &self.values[token * self.pitch + self.offset + first..][..len]
    }

    fn count(&self) -> usize {
        self.values.len() / self.pitch.max(1)
    }
}

/// How tokens are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadShape {
    pub batch: usize,
    pub heads: usize,
    pub head_dim: usize,
}

impl HeadShape {
    /// Values of a token.
    pub const fn width(&self) -> usize {
        self.heads * self.head_dim
    }
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

/// Keys and values as the products read them; may be asked by any number of queries.
#[derive(Clone, Debug)]
pub struct PackedKeys {
    level: Level,
    shape: HeadShape,
    keys: usize,
    /// `[image][head]`
    heads: Vec<Head>,
}

#[derive(Clone, Debug)]
enum Head {
    Panels(PanelHead),
    #[cfg(target_arch = "x86_64")]
    Amx(AmxHead),
}

/// One head of one picture.
#[derive(Clone, Copy)]
pub(super) struct HeadOf<'a> {
    pub(super) tokens: Tokens<'a>,
    /// The first token, and how many there are.
    pub(super) first: usize,
    pub(super) count: usize,
    /// Where the head's values begin within a token's.
    pub(super) at: usize,
    pub(super) dim: usize,
}

impl<'a> HeadOf<'a> {
    #[inline(always)]
    pub(super) fn row(&self, token: usize) -> &'a [f32] {
        self.tokens.of(self.first + token, self.at, self.dim)
    }
}

impl PackedKeys {
    /// Values of f32 that the keys of a head of so many keys and values take.
    pub fn head_values(level: Level, (keys, dim): (usize, usize)) -> usize {
        let pad = |side: usize, to: usize| side.next_multiple_of(to);
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Amx(_) => AmxHead::size((keys, dim)),
            _ => {
                // Panels of keys and those of values each begin at a cache line.
                let lines = 2 * keys.div_ceil(KEYS) * LINE;
                let panel = level.panel();
                pad(keys, panel) * dim + keys * pad(dim, panel) + lines
            }
        }
    }

    /// Packs keys and values of `shape.batch` pictures.
    pub fn new(level: Level, shape: HeadShape, keys: Tokens<'_>, values: Tokens<'_>) -> Self {
        let count = keys.count() / shape.batch;
        assert_eq!(keys.count(), shape.batch * count);
        assert_eq!(values.count(), keys.count());
        let sizes = (count, shape.head_dim);
        // All memory is asked for by the caller: an arena belongs to one thread.
        let room = || match level {
            #[cfg(target_arch = "x86_64")]
            Level::Amx(_) => Head::Amx(AmxHead::zeros(sizes)),
            _ => Head::Panels(PanelHead::zeros(level, sizes)),
        };
        let mut heads: Vec<Head> = (0..shape.batch * shape.heads).map(|_| room()).collect();
        heads.par_iter_mut().enumerate().for_each(|(index, head)| {
            let of = |tokens| HeadOf {
                tokens,
                first: index / shape.heads * count,
                count,
                at: index % shape.heads * shape.head_dim,
                dim: shape.head_dim,
            };
            match (head, level) {
                (Head::Panels(head), _) => head.take_keys(of(keys), of(values)),
                #[cfg(target_arch = "x86_64")]
                (Head::Amx(head), Level::Amx(amx)) => head.take_keys(amx, of(keys), of(values)),
                #[cfg(target_arch = "x86_64")]
                (Head::Amx(_), _) => {}
            }
        });
        Self {
            level,
            shape,
            keys: count,
            heads,
        }
    }

    /// `softmax(q kᵀ / √head_dim + bias) v`, head by head: `[batch, queries, width]`; of a causal one
    /// query `i` sees keys `0..=i` alone.
    pub fn ask(
        &self,
        queries: Tokens<'_>,
        causal: bool,
        bias: Option<Bias<'_>>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let shape = self.shape;
        let count = queries.count() / shape.batch;
        assert_eq!(queries.count(), shape.batch * count);
        // SAFETY: every head of every query is written below, or it is stopped.
        let mut out = unsafe { fresh(queries.count() * shape.width()) };
        let shared = Shared::new(&mut out);
        let together = match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Amx(_) => super::amx::QUERIES,
            _ => panels::QUERIES,
        };
        let blocks = count.div_ceil(together);
        // All queries of a head one after the other: its keys and values stay in the cache meanwhile.
        (0..self.heads.len() * blocks)
            .into_par_iter()
            .try_for_each(|task| {
                if stop() {
                    return Err(Stopped);
                }
                let (index, first) = (task / blocks, task % blocks * together);
                let tile = Tile {
                    keys: self,
                    place: (index / shape.heads, index % shape.heads),
                    queries: first..count.min(first + together),
                    causal,
                    bias,
                };
                let head = HeadOf {
                    tokens: queries,
                    first: tile.place.0 * count,
                    count,
                    at: tile.place.1 * shape.head_dim,
                    dim: shape.head_dim,
                };
                SCRATCH.with_borrow_mut(|scratch| {
                    tile.run(&self.heads[index], head, shared, scratch);
                });
                Ok(())
            })?;
        Ok(out)
    }
}

thread_local! {
    /// Memory a thread uses again for every tile.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    /// `[query][SCORES]`, the first [`KEYS`] of them.
    scores: Vec<f32>,
    /// `[query][pitch]`, the pitch being the head's.
    sums: Vec<f32>,
    panels: panels::Scratch,
    #[cfg(target_arch = "x86_64")]
    amx: super::amx::QueryScratch,
}

/// Some queries of a head.
struct Tile<'a> {
    keys: &'a PackedKeys,
    /// Image and head.
    place: (usize, usize),
    queries: Range<usize>,
    causal: bool,
    bias: Option<Bias<'a>>,
}

impl Tile<'_> {
    fn run(&self, packed: &Head, queries: HeadOf<'_>, out: Shared<'_>, scratch: &mut Scratch) {
        let (dim, rows) = (queries.dim, self.queries.len());
        let Scratch {
            scores,
            sums,
            panels,
            #[cfg(target_arch = "x86_64")]
            amx,
        } = scratch;
        let (pitch, high) = match packed {
            Head::Panels(_) => (dim, rows),
            #[cfg(target_arch = "x86_64")]
            Head::Amx(head) => (head.pitch(), super::amx::QUERIES),
        };
        scores.resize(high * SCORES, 0.0);
        sums.clear();
        sums.resize(high * pitch, 0.0);
        let mut so_far = [Row::NOTHING; 64];
        match packed {
            Head::Panels(_) => panels.take(queries, self.queries.clone()),
            #[cfg(target_arch = "x86_64")]
            Head::Amx(head) => head.take(queries, self.queries.clone(), amx),
        }
        for from in (0..self.keys.keys).step_by(KEYS) {
            if self.causal && from >= self.queries.end {
                break;
            }
            let seen = from..self.keys.keys.min(from + KEYS);
            match packed {
                Head::Panels(head) => head.score(seen.clone(), panels, scores),
                #[cfg(target_arch = "x86_64")]
                Head::Amx(head) => head.score(seen.clone(), amx, scores),
            }
            let of_rows = scores.chunks_exact_mut(SCORES).zip(&mut so_far);
            let of_rows = of_rows.zip(sums.chunks_exact_mut(pitch));
            for ((query, _), ((scores, so_far), sums)) in
                self.queries.clone().zip(0..rows).zip(of_rows)
            {
                let visible = if self.causal {
                    (query + 1).saturating_sub(from).min(seen.len())
                } else {
                    seen.len()
                };
                let (image, head) = self.place;
                let place = ScoreRow {
                    image,
                    head,
                    query,
                    from,
                };
                self.keys.level.run(Weigh {
                    scale: 1.0 / (dim as f32).sqrt(),
                    bias: self.bias.map(|bias| (bias, place)),
                    scores: &mut scores[..KEYS],
                    visible,
                    so_far,
                    sums,
                });
            }
            match packed {
                Head::Panels(head) => head.add(seen, panels, scores, sums),
                #[cfg(target_arch = "x86_64")]
                Head::Amx(head) => head.add(seen, amx, scores, sums),
            }
        }
        let (image, head) = self.place;
        let width = self.keys.shape.width();
        for ((query, sums), so_far) in self
            .queries
            .clone()
            .zip(sums.chunks_exact(pitch))
            .zip(&so_far)
        {
            let at = (image * queries.count + query) * width + head * dim;
            // SAFETY: each task owns its queries' rows of its head.
            let out = unsafe { out.part(at, dim) };
            let scale = 1.0 / so_far.weight;
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum * scale;
            }
        }
    }
}
