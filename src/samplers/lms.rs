//! Linear multistep method of up to fourth order in k-diffusion's derivative. Agrees with k-diffusion's
//! `sample_lms` and, on its own schedules, diffusers' `LMSDiscreteScheduler`.

use std::collections::VecDeque;

use candle_core::{Result, Tensor};

use super::prediction::combine;
use super::sigma_scale::{OnSigmas, SigmaSolver, sigma_path};
use super::{NoiseStream, Plan, Sampler};

const ORDER: usize = 4;

struct Lms {
    /// Derivatives of the latest steps, the last one first.
    derivatives: VecDeque<Tensor>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let solver = Lms {
        derivatives: VecDeque::new(),
    };
    Box::new(OnSigmas::new(plan, sigma_path(plan), solver))
}

impl SigmaSolver for Lms {
    fn advance(
        &mut self,
        levels: &[f64],
        call: usize,
        latents: &Tensor,
        prediction: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        let derivative = ((latents - prediction)? / levels[call])?;
        self.derivatives.truncate(ORDER - 1);
        self.derivatives.push_front(derivative);
        let seen: Vec<f64> = (0..self.derivatives.len())
            .map(|back| levels[call - back])
            .collect();
        let mut moved = latents.clone();
        for (which, derivative) in self.derivatives.iter().enumerate() {
            let share = coefficient(&seen, which, (levels[call], levels[call + 1]));
            moved = combine(1.0, &moved, share, derivative)?;
        }
        Ok(moved)
    }
}

/// The integral over a step of the polynomial that is 1 at level `which` of some levels and 0 at the
/// others. Gauss' rule of two points is exact up to the third degree, which four levels make.
fn coefficient(levels: &[f64], which: usize, (from, to): (f64, f64)) -> f64 {
    let value = |sigma: f64| {
        let others = levels.iter().enumerate().filter(|(at, _)| *at != which);
        others
            .map(|(_, level)| (sigma - level) / (levels[which] - level))
            .product::<f64>()
    };
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    let offset = half / 3.0f64.sqrt();
    half * (value(centre - offset) + value(centre + offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_add_up_to_the_step() {
        let levels = [3.0, 4.0, 6.0, 10.0];
        for order in 1..=ORDER {
            let sum: f64 = (0..order)
                .map(|which| coefficient(&levels[..order], which, (3.0, 2.5)))
                .sum();
            assert!((sum + 0.5).abs() < 1e-12, "{order}: {sum}");
        }
    }
}
