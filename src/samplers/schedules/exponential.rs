//! Levels whose logarithms are spaced evenly.

use super::{Bounds, ramp};

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let (low, high) = (bounds.lowest.ln(), bounds.highest.ln());
    ramp(steps)
        .map(|done| (high + done * (low - high)).exp())
        .collect()
}
