//! Attention's products.

use std::cell::RefCell;
use std::ops::Range;

use super::Amx;
use super::split::split;
use super::tiles::{Block, DEPTH, SIDE, Split, Tiles};
use super::weights::{Blocks, WIDTH};
use crate::kernels::attention::{HeadOf, KEYS};
use crate::kernels::room::room;

/// Queries of a tile: two groups.
pub(in crate::kernels) const QUERIES: usize = 2 * SIDE;

/// One head of one picture: keys `[keys, head_dim]` and values `[head_dim, keys]`.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct AmxHead {
    keys: Blocks,
    values: Blocks,
}

#[derive(Default)]
pub(in crate::kernels) struct QueryScratch {
    /// `[query][depth]`
    queries: Vec<Split>,
    /// `[query][KEYS]`
    weights: Vec<Split>,
}

thread_local! {
    /// Memory a thread uses again for every head.
    static ROWS: RefCell<Vec<Split>> = RefCell::default();
}

impl AmxHead {
    /// Room for keys of `dim` values.
    pub(in crate::kernels) fn zeros((keys, dim): (usize, usize)) -> Self {
        Self {
            keys: Blocks::zeros((keys, 1, dim)),
            values: Blocks::zeros((dim, 1, keys)),
        }
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
            split_all(keys, &mut |rows| self.keys.take_rows(rows));
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
        let depth = self.keys.depth;
        scratch.queries.resize(QUERIES * depth, Split::ZERO);
        for (query, row) in queries.zip(scratch.queries.chunks_exact_mut(depth)) {
            // SAFETY: `Amx` shows that there are these instructions.
            unsafe { split(head.row(query), row) };
        }
    }

    /// Scores of some keys, the first of which begins a panel: `[query][KEYS]`.
    pub(in crate::kernels) fn score(
        &self,
        seen: Range<usize>,
        scratch: &QueryScratch,
        scores: &mut [f32],
    ) {
        // SAFETY: `Amx` shows that there is the unit.
        let mut tiles = unsafe { Tiles::shape() };
        let depth = self.keys.depth;
        for panel in seen.start / WIDTH..seen.end.div_ceil(WIDTH) {
            let column = panel * WIDTH - seen.start;
            tiles.clear();
            multiply(
                &mut tiles,
                &scratch.queries,
                depth,
                self.keys.whole(panel, 0),
            );
            tiles.store(&mut scores[column..], KEYS);
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
        const DEPTHS: usize = KEYS / DEPTH;
        scratch.weights.resize(QUERIES * DEPTHS, Split::ZERO);
        let depth = seen.len().div_ceil(DEPTH);
        let rows = weights.chunks_exact(KEYS);
        for (weights, row) in rows.zip(scratch.weights.chunks_exact_mut(DEPTHS)) {
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
            multiply(&mut tiles, &scratch.weights, DEPTHS, &blocks[..depth]);
            tiles.store(sums, pitch);
        }
    }
}

/// Adds what blocks make of rows, `depth` splits apart.
#[inline(always)]
fn multiply(tiles: &mut Tiles, rows: &[Split], depth: usize, blocks: &[Block]) {
    assert!(rows.len() >= QUERIES * depth);
    for (at, block) in blocks.iter().enumerate().take(depth) {
        let start = rows[at..].as_ptr();
        // SAFETY: all rows of both groups are there, by the assertion.
        unsafe {
            let starts = [start, start.add(SIDE * depth)];
            tiles.step::<2, 2>(starts, depth * size_of::<Split>(), block);
        }
    }
}
