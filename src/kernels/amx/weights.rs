//! Weights as the unit takes them.

use std::array::from_fn;
use std::ops::Range;

use half::{bf16, f16};
use rayon::prelude::*;

use super::Amx;
use super::split::{split, widen};
use super::tiles::{Block, DEPTH, HalfBlock, SIDE, Split};
use super::turn::turn;
use crate::kernels::fresh::fresh;
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
    /// Room for a weight.
    ///
    /// # Safety
    /// Rows or columns are taken before anything is computed.
    pub(super) unsafe fn fresh((outputs, taps, inputs): (usize, usize, usize)) -> Self {
        let depth = inputs.div_ceil(DEPTH);
        // SAFETY: any bits are numbers; the rest by the caller's promise.
        let blocks = unsafe { fresh(outputs.div_ceil(WIDTH) * depth * taps) };
        Self {
            outputs,
            taps,
            depth,
            values: Values::Whole(blocks),
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
        // SAFETY: every block of every panel is written below.
        let mut blocks = unsafe { Self::fresh((outputs, taps, inputs)) };
        let depth = blocks.depth;
        blocks
            .whole_mut()
            .par_chunks_exact_mut((depth * taps).max(1))
            .enumerate()
            .for_each(|(panel, blocks)| {
                let (mut row, mut rows) = (vec![0.0; inputs], vec![Split::ZERO; SIDE * depth]);
                for (tap, half) in (0..taps).flat_map(|tap| [(tap, 0), (tap, 1)]) {
                    let first = panel * WIDTH + half * SIDE;
                    for (output, parts) in (first..).zip(rows.chunks_exact_mut(depth)) {
                        if output >= outputs {
                            parts.fill(Split::ZERO);
                            continue;
                        }
                        for (input, value) in row.iter_mut().enumerate() {
                            *value = weight(output, tap, input);
                        }
                        // SAFETY: `Amx` shows that there are these instructions.
                        unsafe { split(&row, parts) };
                    }
                    let blocks = blocks.iter_mut().skip(tap).step_by(taps);
                    for (part, block) in blocks.enumerate() {
                        block.put_columns(half, from_fn(|row| &rows[row * depth + part]));
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
            let rows = &rows[panel * WIDTH * depth..][..WIDTH * depth];
            for (half, rows) in rows.chunks_exact(SIDE * depth).enumerate() {
                block.put_columns(half, from_fn(|row| &rows[row * depth + part]));
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

    /// The 32 inner values of half of the outputs.
    fn put_columns(&mut self, half: usize, rows: [&Split; SIDE]) {
        // SAFETY: blocks are made where `Amx` shows that there are these instructions.
        unsafe {
            turn(rows.map(Split::high), &mut self.0[half]);
            turn(rows.map(Split::low), &mut self.0[2 + half]);
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
