//! Attention's products.

use std::cell::RefCell;
use std::f32::consts::{LN_2, LOG2_E};
use std::ops::Range;

use super::Amx;
use super::abreast::{self, Part};
use super::narrow;
use super::near;
use super::split::{split, split_scaled};
use super::tiles::{Block, DEPTH, HalfBlock, Narrow, SIDE, Split, Tiles};
use super::weigh::{place_of, weigh};
use super::weights::{Blocks, WIDTH};
use crate::kernels::attention::{Asked, HeadOf, Row, Weigh, pitch_of_scores};
use crate::kernels::fresh::fresh;
use crate::kernels::room::room;

/// Queries of a group: those of two tiles.
pub(in crate::kernels) const QUERIES: usize = 2 * SIDE;
/// Keys of a tile: the scores of a group with so many stay in a core's first cache.
const KEYS: usize = 256;
const SCORES: usize = pitch_of_scores(KEYS);
/// Bytes from one query's scores, or weights, to the next one's.
const STRIDE: usize = SCORES * size_of::<f32>();

/// One head of one picture: keys `[keys, head_dim]` and values `[head_dim, keys]`.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct AmxHead {
    keys: Keys,
    /// Whole panels of values.
    values: Blocks,
    /// The last ones, where they are few: `[32 keys][tile]`, as [`Tiles::step_narrow`] takes them.
    last: Vec<Narrow>,
    dim: usize,
    /// The square of the longest key's length.
    longest: f32,
}

#[derive(Clone, Debug)]
enum Keys {
    /// High and low parts apart: three products for every 32 values.
    Apart(Blocks),
    /// Where that leaves much of the last 32 empty: `[panel of 32 keys][depth]`.
    Abreast(Vec<HalfBlock>),
}

/// Queries, multiplied so that a score is the power of two its weight is.
#[derive(Default)]
pub(in crate::kernels) struct QueryScratch {
    /// Squares of their lengths: `[query]`.
    squares: Vec<f32>,
    /// `[query][depth]`
    queries: Vec<Split>,
    /// Where keys are so: `[query][depth]`.
    abreast: Vec<Part>,
}

/// Some queries of a head.
pub(in crate::kernels) struct AmxAsked<'a> {
    head: &'a AmxHead,
    scratch: &'a QueryScratch,
    tiles: Tiles,
}

thread_local! {
    /// Memory a thread uses again for every head.
    static ROWS: RefCell<Vec<Split>> = RefCell::default();
}

impl AmxHead {
    /// Room for keys of `dim` values.
    ///
    /// # Safety
    /// Keys are taken before any query is asked.
    pub(in crate::kernels) unsafe fn fresh((keys, dim): (usize, usize)) -> Self {
        let panels = keys.div_ceil(WIDTH);
        // SAFETY: any bits are numbers; all are written where keys are taken, as the caller promises.
        unsafe {
            Self {
                keys: if abreast::wins(dim) {
                    Keys::Abreast(fresh(panels * abreast::depth_of(dim)))
                } else {
                    Keys::Apart(Blocks::fresh((keys, 1, dim)))
                },
                values: Blocks::fresh((narrow::whole_panels(dim) * WIDTH, 1, keys)),
                last: fresh(narrow::tiles_of(dim) * keys.div_ceil(DEPTH)),
                dim,
                longest: 0.0,
            }
        }
    }

    /// Values of f32 it takes.
    pub(in crate::kernels) const fn size((keys, dim): (usize, usize)) -> usize {
        let keys = keys.next_multiple_of(WIDTH);
        let of_keys = if abreast::wins(dim) {
            abreast::depth_of(dim) * DEPTH / 2
        } else {
            dim.next_multiple_of(DEPTH)
        };
        let of_values = narrow::whole_panels(dim) * WIDTH + narrow::tiles_of(dim) * SIDE / 2;
        keys * (of_keys + of_values)
    }

    pub(in crate::kernels) fn take_keys(&mut self, _: Amx, keys: HeadOf<'_>, values: HeadOf<'_>) {
        let depth = keys.dim.div_ceil(DEPTH);
        let len = keys.count.next_multiple_of(WIDTH) * depth;
        ROWS.with_borrow_mut(|rows| {
            match &mut self.keys {
                Keys::Apart(blocks) => {
                    let rows = room(rows, len, Split::ZERO);
                    split_all(keys, rows, |key| key);
                    blocks.take_rows(rows);
                }
                // SAFETY: `Amx` shows that there are these instructions.
                Keys::Abreast(blocks) => unsafe { abreast::take_keys(blocks, keys) },
            }
            if self.values.panels() > 0 {
                let rows = room(rows, len, Split::ZERO);
                split_all(values, rows, place_of);
                self.values.take_columns(rows, depth);
            }
        });
        // SAFETY: as above.
        unsafe {
            narrow::take(&mut self.last, values);
            self.longest = near::longest(keys);
        }
    }

    /// Some queries are asked.
    pub(in crate::kernels) fn asked<'a>(
        &'a self,
        head: HeadOf<'_>,
        queries: &Range<usize>,
        scratch: &'a mut QueryScratch,
    ) -> AmxAsked<'a> {
        let QueryScratch {
            squares,
            queries: rows,
            abreast,
        } = scratch;
        let whole = queries.len().next_multiple_of(QUERIES);
        let factor = LOG2_E / (self.dim as f32).sqrt();
        let squares = room(squares, queries.len(), 0.0);
        for (query, square) in queries.clone().zip(squares) {
            // SAFETY: heads are asked where `Amx` shows that there are these instructions.
            *square = factor * factor * unsafe { near::square(head.row(query)) };
        }
        if abreast::wins(self.dim) {
            let depth = abreast::depth_of(self.dim);
            let parts = room(abreast, whole * depth, Part::ZERO);
            for (query, parts) in queries.clone().zip(parts.chunks_exact_mut(depth)) {
                // SAFETY: as above.
                unsafe { abreast::lay_query(head.row(query), factor, parts) };
            }
        } else {
            let depth = self.dim.div_ceil(DEPTH);
            let rows = room(rows, whole * depth, Split::ZERO);
            for (query, row) in queries.clone().zip(rows.chunks_exact_mut(depth)) {
                // SAFETY: as above.
                unsafe { split_scaled(head.row(query), factor, row) };
            }
        }
        AmxAsked {
            head: self,
            scratch,
            // SAFETY: `Amx` shows that there is the unit.
            tiles: unsafe { Tiles::shape() },
        }
    }
}

impl Asked for AmxAsked<'_> {
    const KEYS: usize = KEYS;

    fn scale(&self) -> f32 {
        LN_2
    }

    fn start(&self, query: usize) -> Row {
        near::row_of(self.scratch.squares[query], self.head.longest)
    }

    fn pitch(&self) -> usize {
        let narrow = usize::from(narrow::tiles_of(self.head.dim) > 0);
        (narrow::whole_panels(self.head.dim) + narrow) * WIDTH
    }

    fn score(&mut self, group: usize, seen: Range<usize>, scores: &mut [f32]) {
        let dim = self.head.dim;
        let first = group * QUERIES;
        for panel in seen.start / WIDTH..seen.end.div_ceil(WIDTH) {
            self.tiles.clear();
            match &self.head.keys {
                Keys::Apart(blocks) => {
                    let depth = dim.div_ceil(DEPTH);
                    let rows = &self.scratch.queries[first * depth..];
                    multiply(&mut self.tiles, rows, blocks.whole(panel, 0));
                }
                Keys::Abreast(blocks) => {
                    let parts = abreast::depth_of(dim);
                    let rows = &self.scratch.abreast[first * parts..];
                    multiply_abreast(&mut self.tiles, rows, &blocks[panel * parts..][..parts]);
                }
            }
            let column = panel * WIDTH - seen.start;
            self.tiles.store(&mut scores[column..], SCORES);
        }
    }

    fn weigh(&self, scores: Weigh<'_>) {
        // SAFETY: `Amx` shows that there are these instructions.
        unsafe { weigh(scores) };
    }

    fn add(&mut self, seen: Range<usize>, weights: &[f32], sums: &mut [f32]) {
        let (pitch, depth) = (self.pitch(), seen.len().div_ceil(DEPTH));
        let part = seen.start / DEPTH;
        let Self { head, tiles, .. } = self;
        let panels = narrow::whole_panels(head.dim);
        for panel in 0..panels {
            let sums = &mut sums[panel * WIDTH..];
            tiles.load(sums, pitch);
            let blocks = &head.values.whole(panel, part)[..depth];
            let starts = starts(weights, depth * DEPTH);
            for (at, block) in blocks.iter().enumerate() {
                // SAFETY: weights of all keys of 32 queries are there, as `starts` looked.
                unsafe { tiles.step::<2, 2>(starts.map(|start| start.add(at)), STRIDE, block) };
            }
            tiles.store(sums, pitch);
        }
        let few = match narrow::tiles_of(head.dim) {
            0 => return,
            few => few,
        };
        let sums = &mut sums[panels * WIDTH..];
        tiles.load(sums, pitch);
        let blocks = &head.last[part * few..][..depth * few];
        let starts = starts(weights, depth * DEPTH);
        for (at, block) in blocks.chunks_exact(few).enumerate() {
            let starts = starts.map(|start| start.wrapping_add(at));
            // SAFETY: as above; a block is as many tiles as there are few.
            unsafe {
                match few {
                    1 => tiles.step_narrow::<1>(starts, STRIDE, block.as_ptr()),
                    _ => tiles.step_narrow::<2>(starts, STRIDE, block.as_ptr()),
                }
            }
        }
        tiles.store(sums, pitch);
    }

    fn finish(&self, sums: &[f32], scale: f32, out: &mut [f32]) {
        let (panels, few) = (
            narrow::whole_panels(self.head.dim),
            narrow::tiles_of(self.head.dim),
        );
        let (out, last) = out.split_at_mut(self.head.dim.min(panels * WIDTH));
        let (sums, of_last) = sums.split_at(panels * WIDTH);
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = sum * scale;
        }
        if let Some(of_last) = of_last.first_chunk() {
            // SAFETY: there is the unit, whose vectors these are.
            unsafe { narrow::finish(of_last, few, scale, last) };
        }
    }
}

/// Splits all rows of a head, each 32 of them in the order of their places; zeros follow.
fn split_all(head: HeadOf<'_>, rows: &mut [Split], place: fn(usize) -> usize) {
    let depth = head.dim.div_ceil(DEPTH);
    rows[head.count / WIDTH * WIDTH * depth..].fill(Split::ZERO);
    for token in 0..head.count {
        let at = token / WIDTH * WIDTH + place(token % WIDTH);
        // SAFETY: heads are split where `Amx` shows that there are these instructions.
        unsafe { split(head.row(token), &mut rows[at * depth..][..depth]) };
    }
}

/// Where the weights of two groups of 16 queries begin, each with so many keys.
fn starts(weights: &[f32], keys: usize) -> [*const Split; 2] {
    assert!(weights.len() >= (QUERIES - 1) * SCORES + keys);
    [0, SIDE].map(|query| weights[query * SCORES..].as_ptr().cast())
}

/// Adds what blocks make of rows of as many splits.
#[inline(always)]
fn multiply(tiles: &mut Tiles, rows: &[Split], blocks: &[Block]) {
    let depth = blocks.len();
    assert!(rows.len() >= QUERIES * depth);
    for (at, block) in blocks.iter().enumerate() {
        let start = rows[at..].as_ptr();
        // SAFETY: all rows of both groups are there, by the assertion.
        unsafe {
            let starts = [start, start.add(SIDE * depth)];
            tiles.step::<2, 2>(starts, depth * size_of::<Split>(), block);
        }
    }
}

/// Adds what blocks make of rows whose parts lie abreast.
#[inline(always)]
fn multiply_abreast(tiles: &mut Tiles, rows: &[Part], blocks: &[HalfBlock]) {
    let depth = blocks.len();
    assert!(rows.len() >= QUERIES * depth);
    for (at, block) in blocks.iter().enumerate() {
        let start = rows[at..].as_ptr();
        // SAFETY: all rows of both groups are there, by the assertion.
        unsafe {
            let starts = [start, start.add(SIDE * depth)].map(<*const Part>::cast);
            tiles.step_highs(starts, depth * size_of::<Part>(), block);
        }
    }
}
