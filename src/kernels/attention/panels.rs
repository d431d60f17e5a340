//! Keys and values in panels, for vectors.

use std::ops::Range;

use super::{Asked, HeadOf, Row, Weigh, pitch_of_scores};
use crate::kernels::finish::{Finish, Target};
use crate::kernels::level::Level;
use crate::kernels::panels::Panels;
use crate::kernels::product::{Pieces, Product, Rows};
use crate::kernels::shared::Shared;

/// Queries of a tile.
pub(super) const QUERIES: usize = 24;
/// Keys of a tile.
pub(super) const KEYS: usize = 512;
const SCORES: usize = pitch_of_scores(KEYS);

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

/// Some queries of a head.
pub(super) struct PanelAsked<'a> {
    level: Level,
    head: &'a PanelHead,
    scratch: &'a mut Scratch,
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

    /// Some queries are asked.
    pub(super) fn asked<'a>(
        &'a self,
        level: Level,
        head: HeadOf<'_>,
        queries: &Range<usize>,
        scratch: &'a mut Scratch,
    ) -> PanelAsked<'a> {
        scratch.queries.clear();
        let starts = queries.clone().map(|query| head.row(query).as_ptr());
        scratch.queries.extend(starts);
        PanelAsked {
            level,
            head: self,
            scratch,
        }
    }
}

impl Asked for PanelAsked<'_> {
    const KEYS: usize = KEYS;

    fn scale(&self) -> f32 {
        1.0 / (self.head.dim as f32).sqrt()
    }

    fn start(&self, _: usize) -> Row {
        Row::FAR
    }

    fn pitch(&self) -> usize {
        self.head.dim
    }

    fn score(&mut self, group: usize, seen: Range<usize>, scores: &mut [f32]) {
        let product = Product {
            weights: &self.head.tiles[seen.start / KEYS].0,
            pieces: Pieces {
                count: 1,
                len: self.head.dim,
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
        let queries = &self.scratch.queries[group * QUERIES..];
        multiply(&product, &queries[..queries.len().min(QUERIES)]);
    }

    fn weigh(&self, weigh: Weigh<'_>) {
        self.level.run(weigh);
    }

    fn add(&mut self, seen: Range<usize>, weights: &[f32], sums: &mut [f32]) {
        let starts = &mut self.scratch.weights;
        starts.clear();
        starts.extend(weights.chunks_exact(SCORES).map(<[f32]>::as_ptr));
        let product = Product {
            weights: &self.head.tiles[seen.start / KEYS].1,
            pieces: Pieces {
                count: 1,
                len: seen.len(),
            },
            target: Target {
                out: Shared::new(sums),
                columns: self.head.dim,
                pitch: self.head.dim,
                finish: Finish::default(),
                gates: false,
            },
            adds: true,
        };
        multiply(&product, starts);
    }

    fn finish(&self, sums: &[f32], scale: f32, out: &mut [f32]) {
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = sum * scale;
        }
    }
}

fn multiply(product: &Product<'_>, starts: &[*const f32]) {
    let rows = Rows { starts, first: 0 };
    // SAFETY: every start is that of as many values as the product's pieces have; the output is
    // borrowed by it alone.
    unsafe { product.run(&rows, 0..product.weights.count()) };
}
