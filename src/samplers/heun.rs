//! Heun's method: algorithm 2 of Karras et al. 2022 without churn. Agrees with k-diffusion's
//! `sample_heun` and, on its own schedules, diffusers' `HeunDiscreteScheduler`.

use candle_core::{Result, Tensor};

use super::halves::{self, Begun, Levels, TwoLooks};
use super::prediction::combine;
use super::sigma_scale::sigma_path;
use super::{NoiseStream, Plan, Sampler};

struct Heun;

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    halves::build(plan, &sigma_path(plan), Heun)
}

impl TwoLooks for Heun {
    fn middle(_from: f64, to: f64) -> f64 {
        to
    }

    fn second(
        &mut self,
        levels: Levels,
        begun: &Begun,
        latents: &Tensor,
        prediction: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        let at_start = (&begun.latents - &begun.prediction)?;
        let at_end = (latents - prediction)?;
        let half = 0.5 * (levels.to - levels.from);
        let along = combine(half / levels.from, &at_start, half / levels.to, &at_end)?;
        &begun.latents + along
    }
}
