//! Weights as the unit takes them.

use std::ops::Range;

use half::{bf16, f16};
use rayon::prelude::*;

use super::Amx;
use super::split::{split, widen};
use super::tiles::{Block, DEPTH, HalfBlock, SIDE, Split};
use crate::kernels::room::room;
use crate::kernels::stored::Stored;

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
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Whole(Vec<Block>),
    /// f16
    Half(Vec<HalfBlock>),
    /// bf16
    Brain(Vec<HalfBlock>),
}

/// Some blocks as they are computed with.
pub(super) enum Part<'a> {
    Whole(&'a [Block]),
    Brain(&'a [HalfBlock]),
}

impl Blocks {
    pub(super) fn zeros((outputs, taps, inputs): (usize, usize, usize)) -> Self {
        let depth = inputs.div_ceil(DEPTH);
        Self {
            outputs,
            taps,
            depth,
            values: Values::Whole(vec![Block::ZERO; outputs.div_ceil(WIDTH) * depth * taps]),
        }
    }

    /// Memory a weight of these sizes takes.
    pub(in crate::kernels) fn bytes_of(
        (outputs, taps, inputs): (usize, usize, usize),
        stored: Stored,
    ) -> usize {
        let blocks = outputs
            .div_ceil(WIDTH)
            .saturating_mul(inputs.div_ceil(DEPTH));
        let size = match stored {
            Stored::Whole => size_of::<Block>(),
            Stored::Half | Stored::Brain => size_of::<HalfBlock>(),
        };
        blocks.saturating_mul(taps).saturating_mul(size)
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
            .whole_mut()
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

    /// Takes rows `[output][depth]`: as many as the panels have columns.
    pub(super) fn take_rows(&mut self, rows: &[Split]) {
        let depth = self.depth;
        for (at, block) in self.whole_mut().iter_mut().enumerate() {
            let (panel, part) = (at / depth, at % depth);
            let rows = rows[panel * WIDTH * depth + part..].iter().step_by(depth);
            for (column, row) in rows.take(WIDTH).enumerate() {
                block.put_column(column, row);
            }
        }
    }

    /// Takes the first outputs of rows `[input][splits]`, a multiple of 32.
    pub(super) fn take_columns(&mut self, rows: &[Split], splits: usize) {
        let depth = self.depth;
        for (at, block) in self.whole_mut().iter_mut().enumerate() {
            let (panel, part) = (at / depth, at % depth);
            let rows = &rows[part * DEPTH * splits..][..DEPTH * splits];
            for (pair, rows) in rows.chunks_exact(2 * splits).enumerate() {
                block.put_pair(pair, [&rows[panel], &rows[splits + panel]]);
            }
        }
    }

    pub(super) fn panels(&self) -> usize {
        self.outputs.div_ceil(WIDTH)
    }

    fn whole_mut(&mut self) -> &mut [Block] {
        match &mut self.values {
            Values::Whole(blocks) => blocks,
            _ => &mut [],
        }
    }

    /// The same kept otherwise.
    pub(in crate::kernels) fn stored(mut self, stored: Stored) -> Self {
        let Values::Whole(blocks) = &self.values else {
            return self;
        };
        match stored {
            Stored::Whole => {}
            Stored::Half => {
                self.values = Values::Half(blocks.par_iter().map(Block::as_half).collect());
            }
            Stored::Brain => {
                self.values = Values::Brain(blocks.par_iter().map(Block::highs).collect());
            }
        }
        self
    }

    /// The blocks of a panel of some parts of the inputs, tap by tap; `room` is used where they are
    /// not kept as they are computed with.
    pub(super) fn part<'a>(
        &'a self,
        panel: usize,
        depth: Range<usize>,
        room: &'a mut Vec<Block>,
    ) -> Part<'a> {
        let first = panel * self.depth;
        let range = (first + depth.start) * self.taps..(first + depth.end) * self.taps;
        match &self.values {
            Values::Whole(blocks) => Part::Whole(&blocks[range]),
            Values::Brain(blocks) => Part::Brain(&blocks[range]),
            Values::Half(blocks) => {
                let room = self::room(room, range.len(), Block::ZERO);
                for (block, half) in room.iter_mut().zip(&blocks[range]) {
                    // SAFETY: blocks are made where `Amx` shows that there are these instructions.
                    unsafe { widen(half, block) };
                }
                Part::Whole(room)
            }
        }
    }

    /// The blocks of a panel from one part of the inputs on, of weights that are kept whole.
    pub(super) fn whole(&self, panel: usize, part: usize) -> &[Block] {
        let len = self.depth * self.taps;
        match &self.values {
            Values::Whole(blocks) => &blocks[panel * len + part * self.taps..(panel + 1) * len],
            _ => &[],
        }
    }

    pub(in crate::kernels) const fn bytes(&self) -> usize {
        match &self.values {
            Values::Whole(blocks) => size_of::<Block>() * blocks.len(),
            Values::Half(blocks) | Values::Brain(blocks) => size_of::<HalfBlock>() * blocks.len(),
        }
    }
}

impl Block {
    /// Sums of high and low parts as f16.
    fn as_half(&self) -> HalfBlock {
        let mut half = HalfBlock::ZERO;
        let [a, b, c, d] = &self.0;
        for (half, (high, low)) in half.0.iter_mut().zip([(a, c), (b, d)]) {
            for (value, (high, low)) in half.iter_mut().zip(high.iter().zip(low)) {
                let sum = bf16::from_bits(*high).to_f32() + bf16::from_bits(*low).to_f32();
                *value = f16::from_f32(sum).to_bits();
            }
        }
        half
    }

    /// High parts alone.
    fn highs(&self) -> HalfBlock {
        HalfBlock([self.0[0], self.0[1]])
    }

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
