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
}

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
            .values
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

    /// Room for weights.
    pub(super) fn zeros(level: Level, (outputs, inner): (usize, usize)) -> Self {
        let width = level.panel();
        Self {
            level,
            outputs,
            inner,
            values: vec![0.0; outputs.div_ceil(width) * inner * width],
        }
    }

    /// `[panel][inner][width]`
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    pub(super) const fn count(&self) -> usize {
        self.outputs.div_ceil(self.level.panel())
    }

    /// The weights of a panel from an inner index on.
    #[inline(always)]
    pub(super) fn from(&self, panel: usize, inner: usize) -> &[f32] {
        let width = self.level.panel();
        &self.values[(panel * self.inner + inner) * width..(panel + 1) * self.inner * width]
    }

    pub(super) const fn bytes(&self) -> usize {
        self.values.len() * size_of::<f32>()
    }
}
