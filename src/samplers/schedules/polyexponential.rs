//! Levels whose logarithms follow a power of the way: k-diffusion's `get_sigmas_polyexponential`.

use super::{Bounds, ramp};

/// The power k-diffusion and A1111 take where none is given: the levels are those of `exponential`.
const RHO: f64 = 1.0;

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let (low, high) = (bounds.lowest.ln(), bounds.highest.ln());
    ramp(steps)
        .map(|done| (low + (1.0 - done).powf(RHO) * (high - low)).exp())
        .collect()
}
