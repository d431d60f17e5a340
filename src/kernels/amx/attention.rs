//! Attention's products.

use std::cell::RefCell;
use std::ops::Range;

use super::Amx;
use super::split::split;
use super::tiles::{Block, DEPTH, HalfBlock, Narrow, SIDE, Split, Tiles};
use super::weigh::{place_of, weigh};
use super::weights::{Blocks, WIDTH};
use crate::kernels::attention::{Asked, HeadOf, SCORES, Weigh};
use crate::kernels::room::room;

/// Queries of a group: those of two tiles.
pub(in crate::kernels) const QUERIES: usize = 2 * SIDE;
/// Bytes from one query's scores, or weights, to the next one's.
const STRIDE: usize = SCORES * size_of::<f32>();

/// One head of one picture: keys `[keys, head_dim]` and values `[head_dim, keys]`.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct AmxHead {
    keys: Keys,
    /// Whole panels of values.
    values: Blocks,
    /// The last ones: `[32 keys][tile]`, as [`Tiles::step_narrow`] takes them.
    last: Vec<Narrow>,
    dim: usize,
}

#[derive(Clone, Debug)]
enum Keys {
    /// High and low parts apart: three products for every 32 values.
    Apart(Blocks),
    /// Where that leaves much of the last 32 empty: beside a query's high, high and low parts lie a
    /// key's high, low and high ones, for one product. `[panel of 32 keys][depth]`
    Abreast(Vec<HalfBlock>),
}

/// Products that take parts of so many values abreast, of 32 each.
const fn abreast_depth(dim: usize) -> usize {
    (3 * dim).div_ceil(DEPTH)
}

/// Whether keys of so many values are [`Keys::Abreast`].
const fn are_abreast(dim: usize) -> bool {
    abreast_depth(dim) < 3 * dim.div_ceil(DEPTH)
}

/// Lays high, high and low parts of a row abreast, or, `of_key`, high, low and high ones; zeros
/// follow.
fn lay_abreast(row: &[Split], dim: usize, of_key: bool, out: &mut [u16]) {
    let from = if of_key { [0, DEPTH, 0] } else { [0, 0, DEPTH] };
    let (parts, beyond) = out.split_at_mut(3 * dim);
    for (out, from) in parts.chunks_exact_mut(dim).zip(from) {
        for (out, split) in out.chunks_mut(DEPTH).zip(row) {
            out.copy_from_slice(&split.0[from..from + out.len()]);
        }
    }
    beyond.fill(0);
}

/// Narrow tiles of a head's last values, where they are few enough.
const fn narrow_tiles(dim: usize) -> usize {
    match dim % WIDTH {
        1..=8 => 1,
        9..=16 => 2,
        _ => 0,
    }
}

/// The most values whose high and low parts so many tiles take.
const fn narrow_values(tiles: usize) -> usize {
    tiles * SIDE / 2
}

/// Whole panels of a head's values.
const fn whole_panels(dim: usize) -> usize {
    if narrow_tiles(dim) > 0 {
        dim / WIDTH
    } else {
        dim.div_ceil(WIDTH)
    }
}

#[derive(Default)]
pub(in crate::kernels) struct QueryScratch {
    /// `[query][depth]`
    queries: Vec<Split>,
    /// Where keys are so: `[query][depth]`
    abreast: Vec<Part>,
}

/// Some queries of a head.
pub(in crate::kernels) struct AmxAsked<'a> {
    head: &'a AmxHead,
    scratch: &'a QueryScratch,
    tiles: Tiles,
}

/// 32 parts of a row.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Part([u16; DEPTH]);

impl Part {
    fn values(parts: &mut [Self]) -> &mut [u16] {
        // SAFETY: parts are 32 numbers each, side by side.
        unsafe { std::slice::from_raw_parts_mut(parts.as_mut_ptr().cast(), parts.len() * DEPTH) }
    }
}

thread_local! {
    /// Memory a thread uses again for every head.
    static ROWS: RefCell<Vec<Split>> = RefCell::default();
}

impl AmxHead {
    /// Room for keys of `dim` values.
    pub(in crate::kernels) fn zeros((keys, dim): (usize, usize)) -> Self {
        Self {
            keys: if are_abreast(dim) {
                let count = keys.div_ceil(WIDTH) * abreast_depth(dim);
                Keys::Abreast(vec![HalfBlock::ZERO; count])
            } else {
                Keys::Apart(Blocks::zeros((keys, 1, dim)))
            },
            values: Blocks::zeros((whole_panels(dim) * WIDTH, 1, keys)),
            last: vec![Narrow::ZERO; narrow_tiles(dim) * keys.div_ceil(DEPTH)],
            dim,
        }
    }

    /// Values of f32 it takes.
    pub(in crate::kernels) const fn size((keys, dim): (usize, usize)) -> usize {
        let keys = keys.next_multiple_of(WIDTH);
        let of_keys = if are_abreast(dim) {
            abreast_depth(dim) * DEPTH / 2
        } else {
            dim.next_multiple_of(DEPTH)
        };
        let of_values = whole_panels(dim) * WIDTH + narrow_tiles(dim) * SIDE / 2;
        keys * (of_keys + of_values)
    }

    pub(in crate::kernels) fn take_keys(&mut self, _: Amx, keys: HeadOf<'_>, values: HeadOf<'_>) {
        let depth = keys.dim.div_ceil(DEPTH);
        let len = keys.count.next_multiple_of(WIDTH) * depth;
        ROWS.with_borrow_mut(|rows| {
            let rows = room(rows, len, Split::ZERO);
            split_all(keys, rows, |key| key);
            match &mut self.keys {
                Keys::Apart(blocks) => blocks.take_rows(rows),
                Keys::Abreast(blocks) => {
                    let mut all = vec![0; abreast_depth(self.dim) * DEPTH];
                    for (key, row) in rows.chunks_exact(depth).enumerate() {
                        lay_abreast(row, self.dim, true, &mut all);
                        let parts = all.as_chunks::<DEPTH>().0;
                        let first = key / WIDTH * parts.len();
                        for (block, part) in blocks[first..].iter_mut().zip(parts) {
                            block.put_column(key % WIDTH, part);
                        }
                    }
                }
            }
            split_all(values, rows, place_of);
            self.values.take_columns(rows, depth);
            take_last(&mut self.last, self.dim, rows);
        });
    }

    /// Some queries are asked.
    pub(in crate::kernels) fn asked<'a>(
        &'a self,
        head: HeadOf<'_>,
        queries: &Range<usize>,
        scratch: &'a mut QueryScratch,
    ) -> AmxAsked<'a> {
        let depth = self.dim.div_ceil(DEPTH);
        let whole = queries.len().next_multiple_of(QUERIES);
        let rows = room(&mut scratch.queries, whole * depth, Split::ZERO);
        for (query, row) in queries.clone().zip(rows.chunks_exact_mut(depth)) {
            // SAFETY: `Amx` shows that there are these instructions.
            unsafe { split(head.row(query), row) };
        }
        if are_abreast(self.dim) {
            let parts = abreast_depth(self.dim);
            let abreast = room(&mut scratch.abreast, whole * parts, Part([0; DEPTH]));
            let rows = rows.chunks_exact(depth);
            for (row, all) in rows.zip(abreast.chunks_exact_mut(parts)) {
                lay_abreast(row, self.dim, false, Part::values(all));
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
    fn pitch(&self) -> usize {
        let narrow = usize::from(narrow_tiles(self.head.dim) > 0);
        (whole_panels(self.head.dim) + narrow) * WIDTH
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
                    let parts = abreast_depth(dim);
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
        let panels = whole_panels(head.dim);
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
        let few = match narrow_tiles(head.dim) {
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
        let (panels, few) = (whole_panels(self.head.dim), narrow_tiles(self.head.dim));
        let (out, last) = out.split_at_mut(self.head.dim.min(panels * WIDTH));
        let (sums, of_last) = sums.split_at(panels * WIDTH);
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = sum * scale;
        }
        // Those of high and of low parts were kept apart.
        let Some(of_last) = of_last.first_chunk::<WIDTH>() else {
            return;
        };
        let mut folded: [f32; SIDE] = std::array::from_fn(|at| of_last[at] + of_last[SIDE + at]);
        if few == 1 {
            let (first, second) = folded.split_at_mut(narrow_values(few));
            for (sum, more) in first.iter_mut().zip(second) {
                *sum += *more;
            }
        }
        for (out, sum) in last.iter_mut().zip(folded) {
            *out = sum * scale;
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

/// Takes the last values of rows `[key][splits]`, a multiple of 32 keys, where they are few.
fn take_last(last: &mut [Narrow], dim: usize, rows: &[Split]) {
    let (few, splits) = (narrow_tiles(dim), dim.div_ceil(DEPTH));
    if few == 0 {
        return;
    }
    // High parts are followed by low ones, in the same tile or in the next one.
    let wide = narrow_values(few);
    let rows = rows.chunks_exact(DEPTH * splits);
    for (tiles, rows) in last.chunks_exact_mut(few).zip(rows) {
        for (key, row) in rows.chunks_exact(splits).enumerate() {
            let (highs, lows) = row[splits - 1].0.split_at(DEPTH);
            let parts = highs[..wide].iter().chain(&lows[..wide]);
            for (column, part) in parts.enumerate() {
                let place = key / 2 * DEPTH + column % SIDE * 2 + key % 2;
                tiles[column / SIDE].0[place] = *part;
            }
        }
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
