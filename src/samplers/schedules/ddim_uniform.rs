//! Every so many training steps, counted up from the second: the steps of DDIM.
//!
//! ComfyUI goes on up to the noisiest step, and makes more steps than were asked for where their
//! number does not divide that of training; here it is always the number asked for.

use super::Bounds;

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let sigmas = &bounds.levels.sigmas;
    let stride = (sigmas.len() / steps).max(1);
    (0..steps)
        .rev()
        .map(|step| sigmas[(1 + step * stride).min(sigmas.len() - 1)])
        .collect()
}
