//! Rows that lie anywhere in memory, in pieces, times packed weights.

#![expect(
    unsafe_code,
    reason = "rows are read through pointers; their lengths are promised where they are collected"
)]

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::finish::Target;
use super::panels::Panels;
use super::tile::{Sums, VECTORS, accumulate, tile_rows};

/// Values of a panel that stay in a core's second cache while rows pass by; less, for the first one,
/// was no faster.
const RESIDENT: usize = 48 << 10;

/// The pieces rows consist of, each of them contiguous.
#[derive(Clone, Copy)]
pub(super) struct Pieces {
    pub(super) count: usize,
    /// Values of each.
    pub(super) len: usize,
}

/// Some whole pieces, or a part of one.
#[derive(Clone)]
struct Stretch {
    pieces: Range<usize>,
    /// What of each piece.
    part: Range<usize>,
}

impl Pieces {
    /// All of them, in stretches of at most so many values unless one piece's least part has more.
    fn stretches(self, most: usize) -> impl Iterator<Item = Stretch> {
        let Self { count, len } = self;
        let together = (most / len.max(1)).max(1);
        let parts = len.div_ceil(most).max(1);
        let part = len.div_ceil(parts).max(1);
        (0..count).step_by(together).flat_map(move |first| {
            (0..parts).map(move |index| Stretch {
                pieces: first..count.min(first + together),
                part: index * part..len.min((index + 1) * part),
            })
        })
    }

    fn ends_with(self, stretch: &Stretch) -> bool {
        stretch.pieces.end == self.count && stretch.part.end == self.len
    }
}

/// A product's weights, and where it goes.
#[derive(Clone, Copy)]
pub(super) struct Product<'a> {
    pub(super) weights: &'a Panels,
    pub(super) pieces: Pieces,
    pub(super) target: Target<'a>,
    /// Adds to what the output holds.
    pub(super) adds: bool,
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
        ROOM.with_borrow_mut(|room| {
            self.weights.level.run(Block {
                product: self,
                rows,
                panels,
                room,
            });
        });
    }
}

struct Block<'a> {
    product: &'a Product<'a>,
    rows: &'a Rows<'a>,
    panels: Range<usize>,
    room: &'a mut Vec<f32>,
}

thread_local! {
    /// For weights that are not kept as they are computed with.
    static ROOM: RefCell<Vec<f32>> = RefCell::default();
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        if tile_rows::<S>() == 12 {
            self.compute::<S, 12>(simd);
        } else {
            self.compute::<S, 6>(simd);
        }
    }
}

impl Block<'_> {
    #[inline(always)]
    fn compute<S: Simd, const ROWS: usize>(&mut self, simd: S) {
        let width = VECTORS * S::F32_LANES;
        let pieces = self.product.pieces;
        let rows = self.rows.starts.len() / pieces.count;
        // What is not whole yet has no room where half of the sums are written.
        let most = if self.product.target.gates {
            usize::MAX
        } else {
            RESIDENT / width
        };
        for stretch in pieces.stretches(most) {
            for panel in self.panels.clone() {
                let first = stretch.pieces.start * pieces.len + stretch.part.start;
                let inner = stretch.pieces.len() * stretch.part.len();
                let weights = self.product.weights;
                let weights = weights.part(panel, first..first + inner, self.room);
                for row in (0..rows).step_by(ROWS) {
                    let tile = Tile {
                        product: self.product,
                        rows: self.rows,
                        which: row..rows.min(row + ROWS),
                        panel,
                        weights,
                        stretch: &stretch,
                    };
                    if self.product.target.columns - panel * width > S::F32_LANES {
                        tile.compute::<S, ROWS, VECTORS>(simd);
                    } else {
                        tile.compute::<S, ROWS, 1>(simd);
                    }
                }
            }
        }
    }
}

/// A stretch of some rows, and the weights of a panel for it.
struct Tile<'a> {
    product: &'a Product<'a>,
    rows: &'a Rows<'a>,
    which: Range<usize>,
    panel: usize,
    weights: &'a [f32],
    stretch: &'a Stretch,
}

impl Tile<'_> {
    #[inline(always)]
    fn compute<S: Simd, const ROWS: usize, const WIDE: usize>(&self, simd: S) {
        let Product {
            pieces,
            target,
            adds,
            ..
        } = *self.product;
        let Self {
            which: rows,
            panel,
            stretch,
            ..
        } = self;
        let panel = *panel;
        let is_first = stretch.pieces.start == 0 && stretch.part.start == 0;
        let is_last = pieces.ends_with(stretch);
        let place = |r: usize| {
            (
                self.rows.first + rows.start + r,
                panel * VECTORS * S::F32_LANES,
            )
        };
        let mut sums: Sums<S, ROWS, WIDE> = [[simd.splat_f32s(0.0); WIDE]; ROWS];
        if adds || !is_first {
            for (r, sums) in sums.iter_mut().enumerate().take(rows.len()) {
                // SAFETY: `run`'s caller promises that nothing else touches it.
                unsafe { target.take_up(simd, place(r), sums) };
            }
        }
        let inner = stretch.part.len();
        let len = inner * VECTORS * S::F32_LANES;
        assert_eq!(self.weights.len(), stretch.pieces.len() * len);
        for (piece, weights) in stretch.pieces.clone().zip(self.weights.chunks_exact(len)) {
            let starts: [*const f32; ROWS] = std::array::from_fn(|r| {
                // Rows beyond the last one compute what it does, for nobody.
                let row = (rows.start + r).min(rows.end - 1);
                let start = self.rows.starts[row * pieces.count + piece];
                // SAFETY: the part lies within the piece, which `run`'s caller promises.
                unsafe { start.add(stretch.part.start) }
            });
            let panel = weights.as_ptr();
            // SAFETY: `run`'s caller promises the rows; the panel was measured above.
            unsafe {
                // The first rows bring the weights, the others find them there.
                if rows.start == 0 {
                    accumulate::<S, ROWS, WIDE, true>(simd, &starts, panel, inner, &mut sums);
                } else {
                    accumulate::<S, ROWS, WIDE, false>(simd, &starts, panel, inner, &mut sums);
                }
            };
        }
        for (r, sums) in sums.iter().enumerate().take(rows.len()) {
            // SAFETY: as above.
            unsafe {
                if is_last {
                    target.write(simd, place(r), sums);
                } else {
                    target.keep(simd, place(r), sums);
                }
            }
        }
    }
}
