//! Weights in the order in which the innermost loop reads them.

use std::ops::Range;

use half::slice::HalfFloatSliceExt as _;
use half::{bf16, f16};
use rayon::prelude::*;

use super::level::Level;
use super::room::room;
use super::stored::Stored;

/// A weight matrix `[outputs, inner]` in panels of some outputs: within a panel the outputs of one
/// inner index lie side by side; outputs that are not there are zero.
#[derive(Clone, Debug)]
pub(super) struct Panels {
    pub(super) level: Level,
    pub(super) outputs: usize,
    pub(super) inner: usize,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Whole {
        values: Vec<f32>,
        /// The first of them, at the beginning of a cache line.
        start: usize,
    },
    Half(Vec<f16>),
    Brain(Vec<bf16>),
}

/// Values of a cache line.
pub(super) const LINE: usize = 16;

impl Panels {
    /// Packs `weight(output, inner)`.
    pub(super) fn pack(
        level: Level,
        (outputs, inner): (usize, usize),
        weight: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Self {
        let mut panels = Self::zeros(level, (outputs, inner));
        let width = level.panel();
        panels
            .values_mut()
            .par_chunks_exact_mut((inner * width).max(1))
            .enumerate()
            .for_each(|(panel, values)| {
                let there = width.min(outputs - panel * width);
                for (at, values) in values.chunks_exact_mut(width).enumerate() {
                    for (o, value) in values[..there].iter_mut().enumerate() {
                        *value = weight(panel * width + o, at);
                    }
                }
            });
        panels
    }

    /// Takes rows, one for each inner index, of all outputs; what was there stays where there is none.
    pub(super) fn take_rows<'a>(&mut self, row: impl Fn(usize) -> Option<&'a [f32]>) {
        let (width, inner, outputs) = (self.level.panel(), self.inner, self.outputs);
        let to = self.values_mut();
        for at in 0..inner {
            let Some(row) = row(at) else { continue };
            for (panel, values) in row[..outputs].chunks(width).enumerate() {
                let first = (panel * inner + at) * width;
                to[first..first + values.len()].copy_from_slice(values);
            }
        }
    }

    /// Takes columns, one for each output, of all inner indices.
    pub(super) fn take_columns<'a>(&mut self, column: impl Fn(usize) -> &'a [f32]) {
        let (width, inner, outputs) = (self.level.panel(), self.inner, self.outputs);
        let panels = self.values_mut().chunks_exact_mut((inner * width).max(1));
        for (panel, to) in panels.enumerate() {
            let first = panel * width;
            for output in first..outputs.min(first + width) {
                let to = to.iter_mut().skip(output - first).step_by(width);
                for (to, value) in to.zip(column(output)) {
                    *to = *value;
                }
            }
        }
    }

    /// Room for weights.
    pub(super) fn zeros(level: Level, (outputs, inner): (usize, usize)) -> Self {
        let width = level.panel();
        let values = vec![0.0; outputs.div_ceil(width) * inner * width + LINE];
        // The vectors of a panel lie in as few lines as they can.
        let start = values
            .as_ptr()
            .align_offset(LINE * size_of::<f32>())
            .min(LINE);
        Self {
            level,
            outputs,
            inner,
            values: Values::Whole { values, start },
        }
    }

    /// The same kept otherwise.
    pub(super) fn stored(mut self, stored: Stored) -> Self {
        let Values::Whole { values, start } = &self.values else {
            return self;
        };
        let values = &values[*start..][..values.len() - LINE];
        match stored {
            Stored::Whole => {}
            Stored::Half => {
                let mut half = vec![f16::ZERO; values.len()];
                half.convert_from_f32_slice(values);
                self.values = Values::Half(half);
            }
            Stored::Brain => {
                let mut brain = vec![bf16::ZERO; values.len()];
                brain.convert_from_f32_slice(values);
                self.values = Values::Brain(brain);
            }
        }
        self
    }

    /// `[panel][inner][width]`, where they are kept whole.
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        match &mut self.values {
            Values::Whole { values, start } => {
                let len = values.len() - LINE;
                &mut values[*start..][..len]
            }
            _ => &mut [],
        }
    }

    pub(super) const fn count(&self) -> usize {
        self.outputs.div_ceil(self.level.panel())
    }

    /// The weights of a panel of some inner indices; `room` is used where they are not kept whole.
    pub(super) fn part<'a>(
        &'a self,
        panel: usize,
        inner: Range<usize>,
        room: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        let width = self.level.panel();
        let first = panel * self.inner;
        let range = (first + inner.start) * width..(first + inner.end) * width;
        if let Values::Whole { values, start } = &self.values {
            return &values[start + range.start..start + range.end];
        }
        let room = self::room(room, range.len(), 0.0);
        match &self.values {
            Values::Half(values) => values[range].convert_to_f32_slice(room),
            Values::Brain(values) => values[range].convert_to_f32_slice(room),
            Values::Whole { .. } => {}
        }
        room
    }

    pub(super) const fn bytes(&self) -> usize {
        match &self.values {
            Values::Whole { values, .. } => size_of::<f32>() * values.len(),
            Values::Half(values) => size_of::<f16>() * values.len(),
            Values::Brain(values) => size_of::<bf16>() * values.len(),
        }
    }
}
