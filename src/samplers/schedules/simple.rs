//! Every so many training steps from the noisiest down, as ComfyUI counts them.

use super::Bounds;

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let sigmas = &bounds.levels.sigmas;
    let stride = sigmas.len() as f64 / steps as f64;
    (0..steps)
        .map(|step| sigmas[sigmas.len() - 1 - (step as f64 * stride) as usize])
        .collect()
}
