//! Keys and values in panels, for vectors.

use std::ops::Range;

use super::{HeadOf, KEYS, SCORES};
use crate::kernels::finish::{Finish, Target};
use crate::kernels::level::Level;
use crate::kernels::panels::Panels;
use crate::kernels::product::{Pieces, Product, Rows};
use crate::kernels::shared::Shared;

/// Queries of a tile.
pub(super) const QUERIES: usize = 24;

/// One head of one picture: for each tile of keys the keys `[keys, head_dim]` and the values
/// `[head_dim, keys]`.
#[derive(Clone, Debug)]
pub(super) struct PanelHead {
    tiles: Vec<(Panels, Panels)>,
    dim: usize,
}

#[derive(Default)]
pub(super) struct Scratch {
    queries: Vec<*const f32>,
    weights: Vec<*const f32>,
}

impl Scratch {
    /// Some queries are what is asked from now on.
    pub(super) fn take(&mut self, head: HeadOf<'_>, queries: Range<usize>) {
        self.queries.clear();
        self.queries
            .extend(queries.map(|query| head.row(query).as_ptr()));
    }
}

impl PanelHead {
    /// Room for keys of `dim` values.
    pub(super) fn zeros(level: Level, (keys, dim): (usize, usize)) -> Self {
        let tiles = (0..keys).step_by(KEYS).map(|first| {
            let count = KEYS.min(keys - first);
            (
                Panels::zeros(level, (count, dim)),
                Panels::zeros(level, (dim, count)),
            )
        });
        Self {
            tiles: tiles.collect(),
            dim,
        }
    }

    pub(super) fn take_keys(&mut self, keys: HeadOf<'_>, values: HeadOf<'_>) {
        for (tile, (of_keys, of_values)) in self.tiles.iter_mut().enumerate() {
            let first = tile * KEYS;
            of_keys.take_columns(|key| keys.row(first + key));
            of_values.take_rows(|key| Some(values.row(first + key)));
        }
    }

    /// Scores of the keys of a tile: `[query][SCORES]`.
    pub(super) fn score(&self, seen: Range<usize>, scratch: &Scratch, scores: &mut [f32]) {
        let product = Product {
            weights: &self.tiles[seen.start / KEYS].0,
            pieces: Pieces {
                count: 1,
                len: self.dim,
            },
            target: Target {
                out: Shared::new(scores),
                columns: seen.len(),
                pitch: SCORES,
                finish: Finish::default(),
                gates: false,
            },
            adds: false,
        };
        multiply(&product, &scratch.queries);
    }

    /// Adds the values of a tile's keys, each by its weight.
    pub(super) fn add(
        &self,
        seen: Range<usize>,
        scratch: &mut Scratch,
        weights: &[f32],
        sums: &mut [f32],
    ) {
        scratch.weights.clear();
        let rows = weights.chunks_exact(SCORES).take(scratch.queries.len());
        scratch.weights.extend(rows.map(<[f32]>::as_ptr));
        let product = Product {
            weights: &self.tiles[seen.start / KEYS].1,
            pieces: Pieces {
                count: 1,
                len: seen.len(),
            },
            target: Target {
                out: Shared::new(sums),
                columns: self.dim,
                pitch: self.dim,
                finish: Finish::default(),
                gates: false,
            },
            adds: true,
        };
        multiply(&product, &scratch.weights);
    }
}

fn multiply(product: &Product<'_>, starts: &[*const f32]) {
    let rows = Rows { starts, first: 0 };
    // SAFETY: every start is that of as many values as the product's pieces have; the output is
    // borrowed by it alone.
    unsafe { product.run(&rows, 0..product.weights.count()) };
}
