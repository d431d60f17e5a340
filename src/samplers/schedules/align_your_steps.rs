//! Align Your Steps, Sabour et al. 2024: levels its authors optimised for a family of models, and for
//! another number of steps the logarithms between them. A1111's meaning: the table's last level, too,
//! is a step.

use super::Bounds;
use crate::samplers::config::AlignedFor;

const STABLE_DIFFUSION: [f64; 11] = [
    14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029,
];
const STABLE_DIFFUSION_XL: [f64; 11] = [
    14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029,
];

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let table = match bounds.aligned_for {
        AlignedFor::StableDiffusion => &STABLE_DIFFUSION,
        AlignedFor::StableDiffusionXl => &STABLE_DIFFUSION_XL,
    };
    if steps == 1 {
        return vec![table[0]];
    }
    let last = table.len() - 1;
    (0..steps)
        .map(|step| {
            let place = (last * step) as f64 / (steps - 1) as f64;
            let above = (place as usize).min(last - 1);
            let part = place - above as f64;
            let (from, to) = (table[above].ln(), table[above + 1].ln());
            (from + part * (to - from)).exp()
        })
        .collect()
}
