//! Attention's products.

use std::cell::RefCell;
use std::ops::Range;

use super::Amx;
use super::split::split;
use super::tiles::{Block, DEPTH, HalfBlock, SIDE, Split, Tiles};
use super::weights::{Blocks, WIDTH};
use crate::kernels::attention::{HeadOf, KEYS, SCORES};
use crate::kernels::room::room;

/// Splits from one query's weights to the next one's: an odd number, as of [`SCORES`].
const WEIGHTS: usize = KEYS / DEPTH + 1;

/// Queries of a tile: two groups.
pub(in crate::kernels) const QUERIES: usize = 2 * SIDE;

/// One head of one picture: keys `[keys, head_dim]` and values `[head_dim, keys]`.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct AmxHead {
    keys: Keys,
    values: Blocks,
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

#[derive(Default)]
pub(in crate::kernels) struct QueryScratch {
    /// `[query][depth]`
    queries: Vec<Split>,
    /// Where keys are so: `[query][depth]`
    abreast: Vec<Part>,
    /// `[query][WEIGHTS]`
    weights: Vec<Split>,
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
            values: Blocks::zeros((dim, 1, keys)),
            dim,
        }
    }

    /// Values of f32 it takes.
    pub(in crate::kernels) const fn size((keys, dim): (usize, usize)) -> usize {
        let (keys, whole) = (keys.next_multiple_of(WIDTH), dim.next_multiple_of(DEPTH));
        let of_keys = if are_abreast(dim) {
            keys * abreast_depth(dim) * DEPTH / 2
        } else {
            keys * whole
        };
        of_keys + keys * whole
    }

    pub(in crate::kernels) fn take_keys(&mut self, _: Amx, keys: HeadOf<'_>, values: HeadOf<'_>) {
        let depth = keys.dim.div_ceil(DEPTH);
        let len = keys.count.next_multiple_of(WIDTH) * depth;
        ROWS.with_borrow_mut(|rows| {
            let mut split_all = |head: HeadOf<'_>, take: &mut dyn FnMut(&[Split])| {
                let rows = room(rows, len, Split::ZERO);
                let (there, beyond) = rows.split_at_mut(head.count * depth);
                for (token, row) in there.chunks_exact_mut(depth).enumerate() {
                    // SAFETY: `Amx` shows that there are these instructions.
                    unsafe { split(head.row(token), row) };
                }
                beyond.fill(Split::ZERO);
                take(rows);
            };
            split_all(keys, &mut |rows| match &mut self.keys {
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
            });
            split_all(values, &mut |rows| self.values.take_columns(rows));
        });
    }

    /// Values of a row of sums.
    pub(in crate::kernels) fn pitch(&self) -> usize {
        self.values.panels() * WIDTH
    }

    /// Some queries are what is asked from now on.
    pub(in crate::kernels) fn take(
        &self,
        head: HeadOf<'_>,
        queries: Range<usize>,
        scratch: &mut QueryScratch,
    ) {
        let depth = self.dim.div_ceil(DEPTH);
        scratch.queries.resize(QUERIES * depth, Split::ZERO);
        for (query, row) in queries.zip(scratch.queries.chunks_exact_mut(depth)) {
            // SAFETY: `Amx` shows that there are these instructions.
            unsafe { split(head.row(query), row) };
        }
        if are_abreast(self.dim) {
            let parts = abreast_depth(self.dim);
            scratch.abreast.resize(QUERIES * parts, Part([0; DEPTH]));
            let rows = scratch.queries.chunks_exact(depth);
            for (row, all) in rows.zip(scratch.abreast.chunks_exact_mut(parts)) {
                lay_abreast(row, self.dim, false, Part::values(all));
            }
        }
    }

    /// Scores of some keys, the first of which begins a panel: `[query][SCORES]`.
    pub(in crate::kernels) fn score(
        &self,
        seen: Range<usize>,
        scratch: &QueryScratch,
        scores: &mut [f32],
    ) {
        // SAFETY: `Amx` shows that there is the unit.
        let mut tiles = unsafe { Tiles::shape() };
        let depth = self.dim.div_ceil(DEPTH);
        for panel in seen.start / WIDTH..seen.end.div_ceil(WIDTH) {
            let column = panel * WIDTH - seen.start;
            tiles.clear();
            match &self.keys {
                Keys::Apart(blocks) => {
                    let blocks = blocks.whole(panel, 0);
                    multiply::<2>(&mut tiles, &scratch.queries, depth, blocks);
                }
                Keys::Abreast(blocks) => {
                    let parts = abreast_depth(self.dim);
                    multiply_abreast(
                        &mut tiles,
                        &scratch.abreast,
                        &blocks[panel * parts..][..parts],
                    );
                }
            }
            tiles.store(&mut scores[column..], SCORES);
        }
    }

    /// Adds the values of some keys, each by its weight: `[query][pitch]`.
    pub(in crate::kernels) fn add(
        &self,
        seen: Range<usize>,
        scratch: &mut QueryScratch,
        weights: &[f32],
        sums: &mut [f32],
    ) {
        scratch.weights.resize(QUERIES * WEIGHTS, Split::ZERO);
        let depth = seen.len().div_ceil(DEPTH);
        let rows = weights.chunks_exact(SCORES);
        for (weights, row) in rows.zip(scratch.weights.chunks_exact_mut(WEIGHTS)) {
            // SAFETY: `Amx` shows that there are these instructions.
            unsafe { split(&weights[..depth * DEPTH], &mut row[..depth]) };
        }
        let pitch = self.pitch();
        // SAFETY: as above.
        let mut tiles = unsafe { Tiles::shape() };
        for panel in 0..self.values.panels() {
            let sums = &mut sums[panel * WIDTH..];
            let blocks = self.values.whole(panel, seen.start / DEPTH);
            tiles.load(sums, pitch);
            let blocks = &blocks[..depth];
            if self.dim - panel * WIDTH <= SIDE {
                // Nothing is in the second half.
                multiply::<1>(&mut tiles, &scratch.weights, WEIGHTS, blocks);
            } else {
                multiply::<2>(&mut tiles, &scratch.weights, WEIGHTS, blocks);
            }
            tiles.store(sums, pitch);
        }
    }
}

/// Adds what `HALVES` of blocks make of rows, `depth` splits apart.
#[inline(always)]
fn multiply<const HALVES: usize>(
    tiles: &mut Tiles,
    rows: &[Split],
    depth: usize,
    blocks: &[Block],
) {
    assert!(rows.len() >= QUERIES * depth);
    for (at, block) in blocks.iter().enumerate().take(depth) {
        let start = rows[at..].as_ptr();
        // SAFETY: all rows of both groups are there, by the assertion.
        unsafe {
            let starts = [start, start.add(SIDE * depth)];
            tiles.step::<2, HALVES>(starts, depth * size_of::<Split>(), block);
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
