//! Karras et al. 2022, equation 5.

use super::Bounds;

/// ρ of the paper.
const RHO: f64 = 7.0;

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let (low, high) = (
        bounds.lowest.powf(1.0 / RHO),
        bounds.highest.powf(1.0 / RHO),
    );
    (0..steps)
        .map(|i| {
            let ramp = if steps > 1 {
                i as f64 / (steps - 1) as f64
            } else {
                0.0
            };
            (high + ramp * (low - high)).powf(RHO)
        })
        .collect()
}
