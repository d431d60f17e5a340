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
pub(super) use self::weigh::{Row, Sees, Weigh};
#[cfg(target_arch = "x86_64")]
use super::amx::AmxHead;
use super::fresh::fresh;
use super::level::Level;
use super::panels::LINE;
use super::room::room;
use super::shared::Shared;
use super::{Stop, Stopped};

/// Keys whose values are summed in one step at most; each tile of keys is a multiple.
const SUMMED: usize = 32;
/// Groups of queries that see a tile of keys one after the other, as long as it is in the cache.
const GROUPS: usize = 4;
/// Tasks a thread gets before there are several groups in one.
const MOST_TASKS: usize = 4;
/// Values from one query's scores of a tile of so many keys to the next one's: rows of a power of two
/// would all want the same few lines of the cache.
pub(super) const fn pitch_of_scores(keys: usize) -> usize {
    keys + LINE
}

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
                let lines = 2 * keys.div_ceil(panels::KEYS) * LINE;
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
            // SAFETY: keys are taken below.
            Level::Amx(_) => Head::Amx(unsafe { AmxHead::fresh(sizes) }),
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
        let group = match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Amx(_) => super::amx::QUERIES,
            _ => panels::QUERIES,
        };
        // As many as leave every thread some tasks.
        let tasks = MOST_TASKS * rayon::current_num_threads();
        let groups = self.heads.len() * count.div_ceil(group) / tasks;
        let together = groups.clamp(1, GROUPS) * group;
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
                    count,
                    group,
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
                SCRATCH.with_borrow_mut(|scratch| match &self.heads[index] {
                    Head::Panels(keys) => {
                        let asked =
                            keys.asked(self.level, head, &tile.queries, &mut scratch.panels);
                        tile.run(asked, shared, &mut scratch.rows);
                    }
                    #[cfg(target_arch = "x86_64")]
                    Head::Amx(keys) => {
                        let asked = keys.asked(head, &tile.queries, &mut scratch.amx);
                        tile.run(asked, shared, &mut scratch.rows);
                    }
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
    rows: RowScratch,
    panels: panels::Scratch,
    #[cfg(target_arch = "x86_64")]
    amx: super::amx::QueryScratch,
}

#[derive(Default)]
struct RowScratch {
    /// Of a group: `[query][pitch]`, the first ones of each those of a tile's keys.
    scores: Vec<Line>,
    /// `[query][pitch]`, the pitch being the head's.
    sums: Vec<f32>,
    /// `[query]`
    so_far: Vec<Row>,
}

/// A line of the cache.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// Some queries of a head, and the products with its keys as a level computes them.
pub(super) trait Asked {
    /// Keys of a tile: a multiple of every panel's width.
    const KEYS: usize;

    /// What scores are to be multiplied by, to be what the exponential is taken of.
    fn scale(&self) -> f32;

    /// A query that has seen nothing, the first of these being 0.
    fn start(&self, query: usize) -> Row;

    /// Values of a row of sums.
    fn pitch(&self) -> usize;

    /// Scores of some keys, the first of which begins a tile, with a group of queries: `[query]` as
    /// far apart as [`pitch_of_scores`] says.
    fn score(&mut self, group: usize, seen: Range<usize>, scores: &mut [f32]);

    /// Leaves weights where the scores of a group were.
    fn weigh(&self, weigh: Weigh<'_>);

    /// Adds the values of some keys, each by its weight: `[query][pitch]`.
    fn add(&mut self, seen: Range<usize>, weights: &[f32], sums: &mut [f32]);

    /// A query's values, of its row of sums, each by a scale.
    fn finish(&self, sums: &[f32], scale: f32, out: &mut [f32]);
}

/// Some groups of queries of a head.
struct Tile<'a> {
    keys: &'a PackedKeys,
    /// Image and head.
    place: (usize, usize),
    queries: Range<usize>,
    /// Queries of the head.
    count: usize,
    /// Queries that are scored together.
    group: usize,
    causal: bool,
    bias: Option<Bias<'a>>,
}

impl Tile<'_> {
    fn run<A: Asked>(&self, mut asked: A, out: Shared<'_>, scratch: &mut RowScratch) {
        let pitch_of_scores = pitch_of_scores(A::KEYS);
        let groups = self.queries.len().div_ceil(self.group);
        let (rows, pitch) = (groups * self.group, asked.pitch());
        let scores = room(
            &mut scratch.scores,
            self.group * pitch_of_scores / LINE,
            Line([0.0; LINE]),
        );
        // SAFETY: lines are their numbers, side by side.
        let scores = unsafe {
            std::slice::from_raw_parts_mut(scores.as_mut_ptr().cast(), self.group * pitch_of_scores)
        };
        let sums = room(&mut scratch.sums, rows * pitch, 0.0);
        sums.fill(0.0);
        let so_far = room(&mut scratch.so_far, rows, Row::FAR);
        so_far.fill(Row::FAR);
        // What a bias adds to scores may be anything.
        if self.bias.is_none() {
            for (query, so_far) in so_far[..self.queries.len()].iter_mut().enumerate() {
                *so_far = asked.start(query);
            }
        }
        for from in (0..self.keys.keys).step_by(A::KEYS) {
            let seen = from..self.keys.keys.min(from + A::KEYS);
            let of_groups = so_far
                .chunks_exact_mut(self.group)
                .zip(sums.chunks_exact_mut(self.group * pitch));
            for (group, (so_far, sums)) in of_groups.enumerate() {
                let first = self.queries.start + group * self.group;
                let queries = first..self.queries.end.min(first + self.group);
                if self.causal && from >= queries.end {
                    continue;
                }
                asked.score(group, seen.clone(), scores);
                let count = queries.len();
                let sees = Sees {
                    keys: seen.len(),
                    growing: self
                        .causal
                        .then(|| queries.start as isize + 1 - from as isize),
                };
                let mut scale = asked.scale();
                if let Some(bias) = self.bias {
                    for (query, scores) in scores
                        .chunks_exact_mut(pitch_of_scores)
                        .take(count)
                        .enumerate()
                    {
                        let scores = &mut scores[..sees.of(query)];
                        self.add_bias(bias, scale, (queries.start + query, from), scores);
                    }
                    scale = 1.0;
                }
                asked.weigh(Weigh {
                    scale,
                    scores: &mut scores[..count * pitch_of_scores],
                    pitch: pitch_of_scores,
                    keys: seen.len().next_multiple_of(SUMMED),
                    sees,
                    so_far: &mut so_far[..count],
                    sums: &mut sums[..count * pitch],
                });
                asked.add(seen.clone(), scores, sums);
            }
        }
        let (image, head) = self.place;
        let HeadShape {
            heads, head_dim, ..
        } = self.keys.shape;
        let of_rows = sums.chunks_exact(pitch).zip(so_far);
        for (query, (sums, so_far)) in self.queries.clone().zip(of_rows) {
            let at = ((image * self.count + query) * heads + head) * head_dim;
            // SAFETY: each task owns its queries' rows of its head.
            let out = unsafe { out.part(at, head_dim) };
            asked.finish(sums, 1.0 / so_far.weight(), out);
        }
    }

    /// Scales the scores of a query with the keys from one on, and adds the bias to them.
    fn add_bias(
        &self,
        bias: Bias<'_>,
        scale: f32,
        (query, from): (usize, usize),
        scores: &mut [f32],
    ) {
        for score in scores.iter_mut() {
            *score *= scale;
        }
        let (image, head) = self.place;
        let place = ScoreRow {
            image,
            head,
            query,
            from,
        };
        bias(place, scores);
    }
}
