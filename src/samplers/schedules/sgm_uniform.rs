//! Training steps spaced evenly, the lowest left out: Stability's own samplers.

use super::Bounds;

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let last = (bounds.levels.len() - 1) as f64;
    (0..steps)
        .map(|step| last - last * step as f64 / steps as f64)
        .map(|timestep| bounds.levels.sigma_between(timestep))
        .collect()
}
