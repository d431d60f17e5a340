//! Weights in the order in which the innermost loop reads them.

use rayon::prelude::*;

use super::level::Level;

/// A weight matrix `[outputs, inner]` in panels of some outputs: within a panel the outputs of one
/// inner index lie side by side; outputs that are not there are zero.
#[derive(Clone, Debug)]
pub(super) struct Panels {
    pub(super) level: Level,
    pub(super) outputs: usize,
    pub(super) inner: usize,
    values: Vec<f32>,
    /// The first of them, at the beginning of a cache line.
    start: usize,
}

/// Values of a cache line.
const LINE: usize = 16;

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

    /// Packs rows, one for each inner index, of all outputs; zeros where there is none.
    pub(super) fn of_rows<'a>(
        level: Level,
        (outputs, inner): (usize, usize),
        row: impl Fn(usize) -> Option<&'a [f32]>,
    ) -> Self {
        let mut panels = Self::zeros(level, (outputs, inner));
        let width = level.panel();
        for at in 0..inner {
            let Some(row) = row(at) else { continue };
            for (panel, values) in row[..outputs].chunks(width).enumerate() {
                let to = (panel * inner + at) * width;
                panels.values_mut()[to..to + values.len()].copy_from_slice(values);
            }
        }
        panels
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
            values,
            start,
        }
    }

    /// `[panel][inner][width]`
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        let len = self.values.len() - LINE;
        &mut self.values[self.start..][..len]
    }

    pub(super) const fn count(&self) -> usize {
        self.outputs.div_ceil(self.level.panel())
    }

    /// The weights of a panel from an inner index on.
    #[inline(always)]
    pub(super) fn from(&self, panel: usize, inner: usize) -> &[f32] {
        let width = self.level.panel();
        let first = self.start + (panel * self.inner + inner) * width;
        &self.values[first..self.start + (panel + 1) * self.inner * width]
    }

    pub(super) const fn bytes(&self) -> usize {
        self.values.len() * size_of::<f32>()
    }
}
