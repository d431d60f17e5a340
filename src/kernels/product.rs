//! Rows that lie anywhere in memory, in pieces, times packed weights.

#![expect(
    unsafe_code,
    reason = "rows are read through pointers; their lengths are promised where they are collected"
)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::finish::Finish;
use super::level::{load, store};
use super::panels::Panels;
use super::shared::Shared;
use super::tile::{Sums, VECTORS, accumulate, tile_rows};

/// Values of a panel that stay in a core's second-level cache while rows pass by.
const RESIDENT: usize = 48 << 10;

/// The pieces rows consist of: each of `pieces` has `inner / pieces` values, the last one the rest.
#[derive(Clone, Copy)]
pub(super) struct Pieces {
    pub(super) count: usize,
    /// Of each but the last.
    pub(super) len: usize,
}

/// A product's weights, and where it goes.
#[derive(Clone, Copy)]
pub(super) struct Product<'a> {
    pub(super) weights: &'a Panels,
    pub(super) pieces: Pieces,
    pub(super) out: Shared<'a>,
    /// Columns of the output.
    pub(super) columns: usize,
    pub(super) finish: Finish<'a>,
}

/// Where the pieces of some rows begin: `[row][piece]`.
pub(super) struct Rows<'a> {
    pub(super) starts: &'a [*const f32],
    /// Row of the output the first one belongs to.
    pub(super) first: usize,
}

impl Product<'_> {
    /// Computes some panels of some rows.
    ///
    /// # Safety
    /// Every piece has its length of readable values; nothing else touches these rows of the
    /// output in these panels meanwhile.
    pub(super) unsafe fn run(&self, rows: &Rows<'_>, panels: Range<usize>) {
        assert_eq!(rows.starts.len() % self.pieces.count, 0);
        self.weights.level.run(Block {
            product: self,
            rows,
            panels,
        });
    }
}

struct Block<'a> {
    product: &'a Product<'a>,
    rows: &'a Rows<'a>,
    panels: Range<usize>,
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if tile_rows::<S>() == 12 {
            self.compute::<S, 12>(simd);
        } else {
            self.compute::<S, 6>(simd);
        }
    }
}

impl Block<'_> {
    #[inline(always)]
    fn compute<S: Simd, const ROWS: usize>(&self, simd: S) {
        let Pieces { count, len } = self.product.pieces;
        let width = VECTORS * S::F32_LANES;
        let group = (RESIDENT / (len * width).max(1)).clamp(1, count);
        let rows = self.rows.starts.len() / count;
        for first in (0..count).step_by(group) {
            let pieces = first..count.min(first + group);
            for panel in self.panels.clone() {
                for row in (0..rows).step_by(ROWS) {
                    let rows = row..rows.min(row + ROWS);
                    if self.product.columns - panel * width > S::F32_LANES {
                        self.tile::<S, ROWS, VECTORS>(simd, panel, rows, pieces.clone());
                    } else {
                        self.tile::<S, ROWS, 1>(simd, panel, rows, pieces.clone());
                    }
                }
            }
        }
    }

    /// Adds some pieces of the rows of one tile.
    #[inline(always)]
    fn tile<S: Simd, const ROWS: usize, const WIDE: usize>(
        &self,
        simd: S,
        panel: usize,
        rows: Range<usize>,
        pieces: Range<usize>,
    ) {
        let Product {
            weights,
            pieces: Pieces { count, len },
            columns,
            ..
        } = *self.product;
        let (is_first, is_last) = (pieces.start == 0, pieces.end == count);
        let mut sums: Sums<S, ROWS, WIDE> = [[simd.splat_f32s(0.0); WIDE]; ROWS];
        if !is_first {
            self.load(simd, panel, &rows, &mut sums);
        }
        for piece in pieces {
            let inner = len.min(weights.inner - piece * len);
            let panel = weights.from(panel, piece * len);
            assert!(panel.len() >= inner * VECTORS * S::F32_LANES);
            let starts: [*const f32; ROWS] = std::array::from_fn(|r| {
                // Rows beyond the last one compute what it does, for nobody.
                self.rows.starts[(rows.start + r).min(rows.end - 1) * count + piece]
            });
            // SAFETY: `run`'s caller promises the rows; the panel was measured above.
            unsafe { accumulate(simd, &starts, panel.as_ptr(), inner, &mut sums) };
        }
        let channel = panel * VECTORS * S::F32_LANES;
        let len = (columns - channel).min(WIDE * S::F32_LANES);
        for (r, sums) in sums.iter().enumerate().take(rows.len()) {
            let at = (self.rows.first + rows.start + r) * columns + channel;
            // SAFETY: `run`'s caller promises that nothing else touches it.
            let out = unsafe { self.product.out.part(at, len) };
            for (v, (&sums, out)) in sums.iter().zip(out.chunks_mut(S::F32_LANES)).enumerate() {
                let before = v * S::F32_LANES;
                if is_last {
                    let place = (channel + before, at + before);
                    self.product.finish.write(simd, sums, place, out);
                } else {
                    store(simd, out, sums);
                }
            }
        }
    }

    /// What the pieces before came to.
    #[inline(always)]
    fn load<S: Simd, const ROWS: usize, const WIDE: usize>(
        &self,
        simd: S,
        panel: usize,
        rows: &Range<usize>,
        sums: &mut Sums<S, ROWS, WIDE>,
    ) {
        let columns = self.product.columns;
        let channel = panel * VECTORS * S::F32_LANES;
        let len = (columns - channel).min(WIDE * S::F32_LANES);
        for (r, sums) in sums.iter_mut().enumerate().take(rows.len()) {
            let at = (self.rows.first + rows.start + r) * columns + channel;
            // SAFETY: `run`'s caller promises that nothing else touches it.
            let out = unsafe { self.product.out.part(at, len) };
            for (sums, out) in sums.iter_mut().zip(out.chunks(S::F32_LANES)) {
                *sums = load(simd, out);
            }
        }
    }
}
