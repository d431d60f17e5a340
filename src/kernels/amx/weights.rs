//! Weights as the unit takes them.

use rayon::prelude::*;

use super::Amx;
use super::split::split;
use super::tiles::{Block, DEPTH, SIDE, Split};

/// Outputs of a block.
pub(super) const WIDTH: usize = 2 * SIDE;

/// A weight `[outputs, taps, inputs]` in blocks: `[panel of outputs][32 inputs][tap]`; what is not
/// there is zero.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Blocks {
    outputs: usize,
    pub(super) taps: usize,
    /// Blocks that hold the inputs of a tap.
    pub(super) depth: usize,
    values: Vec<Block>,
}

impl Blocks {
    fn zeros((outputs, taps, inputs): (usize, usize, usize)) -> Self {
        let depth = inputs.div_ceil(DEPTH);
        Self {
            outputs,
            taps,
            depth,
            values: vec![Block::ZERO; outputs.div_ceil(WIDTH) * depth * taps],
        }
    }

    /// Memory a weight of these sizes takes.
    pub(in crate::kernels) fn bytes_of((outputs, taps, inputs): (usize, usize, usize)) -> usize {
        let blocks = outputs
            .div_ceil(WIDTH)
            .saturating_mul(inputs.div_ceil(DEPTH));
        blocks
            .saturating_mul(taps)
            .saturating_mul(size_of::<Block>())
    }

    /// Packs `weight(output, tap, input)`.
    pub(in crate::kernels) fn pack(
        _: Amx,
        (outputs, taps, inputs): (usize, usize, usize),
        weight: impl Fn(usize, usize, usize) -> f32 + Sync,
    ) -> Self {
        let mut blocks = Self::zeros((outputs, taps, inputs));
        let depth = blocks.depth;
        blocks
            .values
            .par_chunks_exact_mut((depth * taps).max(1))
            .enumerate()
            .for_each(|(panel, blocks)| {
                let (mut row, mut parts) = (vec![0.0; inputs], vec![Split::ZERO; depth]);
                let first = panel * WIDTH;
                for (column, output) in (first..outputs.min(first + WIDTH)).enumerate() {
                    for tap in 0..taps {
                        for (input, value) in row.iter_mut().enumerate() {
                            *value = weight(output, tap, input);
                        }
                        // SAFETY: `Amx` shows that there are these instructions.
                        unsafe { split(&row, &mut parts) };
                        let blocks = blocks.iter_mut().skip(tap).step_by(taps);
                        for (block, part) in blocks.zip(&parts) {
                            block.put_column(column, part);
                        }
                    }
                }
            });
        blocks
    }

    /// Of rows `[output][depth]`: as many as the panels have columns.
    pub(super) fn of_rows((outputs, inputs): (usize, usize), rows: &[Split]) -> Self {
        let mut blocks = Self::zeros((outputs, 1, inputs));
        let depth = blocks.depth;
        for (at, block) in blocks.values.iter_mut().enumerate() {
            let (panel, part) = (at / depth, at % depth);
            let rows = rows[panel * WIDTH * depth + part..].iter().step_by(depth);
            for (column, row) in rows.take(WIDTH).enumerate() {
                block.put_column(column, row);
            }
        }
        blocks
    }

    /// Of rows `[input][depth of the outputs]`, a multiple of 32.
    pub(super) fn of_columns((outputs, inputs): (usize, usize), rows: &[Split]) -> Self {
        let mut blocks = Self::zeros((outputs, 1, inputs));
        let (depth, panels) = (blocks.depth, blocks.panels());
        for (at, block) in blocks.values.iter_mut().enumerate() {
            let (panel, part) = (at / depth, at % depth);
            let rows = &rows[part * DEPTH * panels..][..DEPTH * panels];
            for (pair, rows) in rows.chunks_exact(2 * panels).enumerate() {
                block.put_pair(pair, [&rows[panel], &rows[panels + panel]]);
            }
        }
        blocks
    }

    pub(super) fn panels(&self) -> usize {
        self.outputs.div_ceil(WIDTH)
    }

    /// The blocks of a panel from one part of the inputs on, tap by tap.
    pub(super) fn from(&self, panel: usize, part: usize) -> &[Block] {
        let len = self.depth * self.taps;
        &self.values[panel * len + part * self.taps..(panel + 1) * len]
    }

    pub(in crate::kernels) const fn bytes(&self) -> usize {
        self.values.len() * size_of::<Block>()
    }
}

impl Block {
    /// The 32 inner values of an output.
    fn put_column(&mut self, output: usize, values: &Split) {
        let (half, column) = (output / SIDE, output % SIDE);
        let (highs, lows) = values.0.split_at(DEPTH);
        for (tile, values) in [(half, highs), (2 + half, lows)] {
            let places = self.0[tile].as_chunks_mut::<2>().0;
            let places = places.iter_mut().skip(column).step_by(SIDE);
            for (place, pair) in places.zip(values.as_chunks::<2>().0) {
                *place = *pair;
            }
        }
    }

    /// Two inner values of all 32 outputs.
    fn put_pair(&mut self, pair: usize, rows: [&Split; 2]) {
        for (tile, values) in self.0.iter_mut().enumerate() {
            let from = tile * SIDE;
            let [a, b] = rows.map(|row| &row.0[from..from + SIDE]);
            let places = values[pair * DEPTH..][..DEPTH].as_chunks_mut::<2>().0;
            for ((place, a), b) in places.iter_mut().zip(a).zip(b) {
                *place = [*a, *b];
            }
        }
    }
}
