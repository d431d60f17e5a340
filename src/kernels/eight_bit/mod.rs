//! The linear layer with weights and rows of whole numbers of eight bits.
//!
//! Each output's weights are divided by a number of their own so that they lie within ±127, and so is
//! each row when it comes; sums are whole numbers, exact, and the same on every machine. What is lost
//! is what is rounded: Wu et al. 2020, "Integer Quantization for Deep Learning Inference".

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first; tasks write disjoint parts of it"
)]

mod plain;
#[cfg(target_arch = "x86_64")]
mod vnni;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

#[cfg(target_arch = "x86_64")]
use super::amx;
use super::before::Before;
use super::finish::{Finish, Target};
use super::fresh::fresh;
use super::level::{Level, load};
use super::shared::Shared;
use super::{Stop, Stopped};

/// Outputs of a block, and inner values.
pub(super) const WIDTH: usize = 32;
pub(super) const DEPTH: usize = 64;
/// Largest of the numbers.
const MOST: f32 = 127.0;

/// Weights of 64 inner values and 32 outputs: for the first and the second half of the outputs, for
/// each four inner values, for each output, these four.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct EightBlock(pub(super) [[i8; WIDTH / 2 * DEPTH]; 2]);

/// 64 inner values of a row.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct EightPart(pub(super) [i8; DEPTH]);

/// A weight `[outputs, inputs]` of numbers of eight bits.
#[derive(Clone, Debug)]
pub(super) struct EightBit {
    level: Level,
    outputs: usize,
    inputs: usize,
    /// `[panel of outputs][64 inputs]`
    blocks: Vec<EightBlock>,
    /// What each output's sums are multiplied with; as many as the panels have columns.
    scales: Vec<f32>,
    /// Of each output's weights.
    #[cfg(target_arch = "x86_64")]
    sums: Vec<i32>,
}

/// Rows as they are multiplied.
pub(super) struct EightRows {
    /// `[row][depth]`
    parts: Vec<EightPart>,
    /// What each row's sums are multiplied with.
    scales: Vec<f32>,
}

/// Some panels of some rows.
pub(super) struct EightWork<'a> {
    /// `[row][depth]`
    pub(super) rows: &'a [EightPart],
    /// Of a panel.
    pub(super) blocks: &'a [EightBlock],
    pub(super) depth: usize,
}

/// Rows one task computes.
const ROWS: usize = 64;
/// Tasks that keep all cores busy to the end.
const TASKS: usize = 32;
/// Sums of a task's rows and a panel.
pub(super) type Sums = [[i32; WIDTH]; ROWS];

impl EightBit {
    /// Rounds a weight `[outputs, inputs]`.
    pub(super) fn new(level: Level, (outputs, inputs): (usize, usize), weight: &[f32]) -> Self {
        assert_eq!(weight.len(), outputs * inputs);
        let (panels, depth) = (outputs.div_ceil(WIDTH), inputs.div_ceil(DEPTH));
        let mut blocks = vec![EightBlock([[0; WIDTH / 2 * DEPTH]; 2]); panels * depth];
        let mut scales = vec![0.0; panels * WIDTH];
        let mut sums = vec![0; panels * WIDTH];
        blocks
            .par_chunks_exact_mut(depth.max(1))
            .zip(scales.par_chunks_exact_mut(WIDTH))
            .zip(sums.par_chunks_exact_mut(WIDTH))
            .enumerate()
            .for_each(|(panel, ((blocks, scales), sums))| {
                let first = panel * WIDTH;
                for column in 0..WIDTH.min(outputs - first) {
                    let row = &weight[(first + column) * inputs..][..inputs];
                    let most = row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
                    let scale = most / MOST;
                    let times = if scale > 0.0 { 1.0 / scale } else { 0.0 };
                    scales[column] = scale;
                    for (input, value) in row.iter().enumerate() {
                        let rounded = (value * times).round_ties_even() as i8;
                        sums[column] += i32::from(rounded);
                        let (half, output) = (column / (WIDTH / 2), column % (WIDTH / 2));
                        let inner = input % DEPTH;
                        let place = (inner / 4 * (WIDTH / 2) + output) * 4 + inner % 4;
                        blocks[input / DEPTH].0[half][place] = rounded;
                    }
                }
            });
        Self {
            level,
            outputs,
            inputs,
            blocks,
            scales,
            #[cfg(target_arch = "x86_64")]
            sums,
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        Self::bytes_of((self.outputs, self.inputs))
    }

    /// Memory the weights of a layer take.
    pub(super) const fn bytes_of((outputs, inputs): (usize, usize)) -> usize {
        outputs.div_ceil(WIDTH) * inputs.div_ceil(DEPTH) * size_of::<EightBlock>()
    }

    const fn depth(&self) -> usize {
        self.inputs.div_ceil(DEPTH)
    }

    /// Rows of `inputs` values, of so many pictures, to rows of `pitch`, which with `gates` is half
    /// of the outputs.
    pub(super) fn run(
        &self,
        input: &[f32],
        (batch, before): (usize, Before<'_>),
        (finish, pitch, gates): (Finish<'_>, usize, bool),
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let rows = self.rounded(input, batch, before);
        let count = rows.scales.len();
        // SAFETY: every row is written below, or it is stopped.
        let mut out = unsafe { fresh(count * pitch) };
        let target = Target {
            out: Shared::new(&mut out),
            columns: self.outputs,
            pitch,
            finish,
            gates,
        };
        let panels = self.outputs.div_ceil(WIDTH);
        let blocks = count.div_ceil(ROWS).max(1);
        let share = panels.div_ceil((TASKS / blocks).clamp(1, panels.max(1)));
        let shares = panels.div_ceil(share.max(1));
        (0..blocks * shares).into_par_iter().try_for_each(|task| {
            if stop() {
                return Err(Stopped);
            }
            let first = task / shares * ROWS;
            let first_panel = task % shares * share;
            let these = first..count.min(first + ROWS);
            for panel in first_panel..panels.min(first_panel + share) {
                self.panel(panel, these.clone(), &rows, target);
            }
            Ok(())
        })?;
        Ok(out)
    }

    fn panel(
        &self,
        panel: usize,
        which: std::ops::Range<usize>,
        rows: &EightRows,
        target: Target<'_>,
    ) {
        let depth = self.depth();
        let work = EightWork {
            rows: &rows.parts[which.start * depth..which.end * depth],
            blocks: &self.blocks[panel * depth..][..depth],
            depth,
        };
        let mut sums = [[0; WIDTH]; ROWS];
        match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Amx(amx) => amx::multiply_eight(amx, &work, &mut sums),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512(_) if vnni::is_there() => {
                vnni::multiply(&work, &self.sums[panel * WIDTH..][..WIDTH], &mut sums);
            }
            _ => plain::multiply(&work, &mut sums),
        }
        self.level.run(Writing {
            target,
            first_row: which.start,
            column: panel * WIDTH,
            sums: &sums[..which.len()],
            of_rows: &rows.scales[which],
            of_columns: &self.scales[panel * WIDTH..][..WIDTH],
        });
    }

    /// Rows after what comes before, rounded.
    fn rounded(&self, input: &[f32], batch: usize, before: Before<'_>) -> EightRows {
        let (inputs, depth) = (self.inputs, self.depth());
        let values = before.apply(self.level, (batch, inputs), input);
        let count = input.len() / inputs;
        let mut parts = vec![EightPart([0; DEPTH]); count * depth];
        let mut scales = vec![0.0; count];
        parts
            .par_chunks_exact_mut(depth)
            .zip(scales.par_iter_mut())
            .zip(values.par_chunks_exact(inputs))
            .with_min_len(ROWS / 4)
            .for_each(|((parts, scale), row)| {
                *scale = self.level.run(Rounding { row, parts });
            });
        EightRows { parts, scales }
    }
}

/// Whether this machine computes with eight bits faster than with f32.
pub fn eight_bits_win(level: Level) -> bool {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Amx(_) => true,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512(_) => vnni::is_there(),
        _ => false,
    }
}

/// Rounds a row; tells what its sums are to be multiplied with.
struct Rounding<'a> {
    row: &'a [f32],
    parts: &'a mut [EightPart],
}

impl WithSimd for Rounding<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let mut most = simd.splat_f32s(0.0);
        for values in self.row.chunks(S::F32_LANES) {
            most = simd.max_f32s(most, simd.abs_f32s(load(simd, values)));
        }
        let scale = simd.reduce_max_f32s(most) / MOST;
        let times = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        /// Adding and subtracting it rounds to the nearest whole number.
        const ROUND: f32 = 12_582_912.0;
        for (part, values) in self.parts.iter_mut().zip(self.row.chunks(DEPTH)) {
            for (to, value) in part.0.iter_mut().zip(values) {
                let rounded = (value * times + ROUND).to_bits();
                // The lowest bits hold the number.
                *to = rounded as i8;
            }
        }
        scale
    }
}

/// From whole sums to what they stand for.
struct Writing<'a> {
    target: Target<'a>,
    first_row: usize,
    column: usize,
    sums: &'a [[i32; WIDTH]],
    of_rows: &'a [f32],
    of_columns: &'a [f32],
}

impl WithSimd for Writing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (row, (sums, of_row)) in self.sums.iter().zip(self.of_rows).enumerate() {
            let mut values = [0.0f32; WIDTH];
            for ((value, sum), of_column) in values.iter_mut().zip(sums).zip(self.of_columns) {
                *value = *sum as f32 * (of_row * of_column);
            }
            // Two vectors at a time: that is a panel where sums are gated.
            let pairs = S::as_simd_f32s(&values).0.chunks_exact(2).enumerate();
            for (pair, sums) in pairs {
                let column = self.column + pair * 2 * S::F32_LANES;
                if column >= self.target.columns {
                    break;
                }
                let place = (self.first_row + row, column);
                // SAFETY: each task writes rows and panels of its own.
                unsafe { self.target.write(simd, place, sums) };
            }
        }
    }
}
