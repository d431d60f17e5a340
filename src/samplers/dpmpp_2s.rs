//! DPM-Solver++ (2S), Lu et al. 2022, in its ancestral form: two looks at each step, then fresh noise.
//! Agrees with k-diffusion's `sample_dpmpp_2s_ancestral` at eta 1.

use candle_core::{Result, Tensor};

use super::halves::{self, Begun, Levels, TwoLooks};
use super::prediction::combine;
use super::sigma_scale::{ancestral_levels, sigma_path, towards};
use super::{NoiseStream, Plan, Sampler};

struct Dpmpp2s;

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    halves::build(plan, &sigma_path(plan), Dpmpp2s)
}

impl TwoLooks for Dpmpp2s {
    fn middle(from: f64, to: f64) -> f64 {
        (from * ancestral_levels(from, to).0).sqrt()
    }

    fn second(
        &mut self,
        levels: Levels,
        begun: &Begun,
        latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        let (down, up) = ancestral_levels(levels.from, levels.to);
        let moved = towards(prediction, &begun.latents, (levels.from, down))?;
        combine(1.0, &moved, up, &noise.like(latents)?)
    }
}
