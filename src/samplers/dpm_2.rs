//! DPM-Solver-2, Lu et al. 2022, on the levels of Karras et al.: the second look is halfway in the
//! logarithm. Agrees with k-diffusion's `sample_dpm_2` and, on its own schedules, diffusers'
//! `KDPM2DiscreteScheduler`; the next to last level, which A1111 leaves out, is kept as there.
//!
//! The ancestral form goes further down and adds fresh noise after each step but the last: k-diffusion's
//! `sample_dpm_2_ancestral`, diffusers' `KDPM2AncestralDiscreteScheduler`.

use candle_core::{Result, Tensor};

use super::halves::{self, Begun, Levels, TwoLooks};
use super::prediction::combine;
use super::sigma_scale::{ancestral_levels, sigma_path};
use super::{NoiseStream, Plan, Sampler};

struct Dpm2;

struct Dpm2Ancestral;

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    halves::build(plan, &sigma_path(plan), Dpm2)
}

pub(super) fn build_ancestral(plan: &Plan<'_>) -> Box<dyn Sampler> {
    halves::build(plan, &sigma_path(plan), Dpm2Ancestral)
}

/// From where the step began, in the direction of the second look, to the level `to`.
fn along(
    (latents, prediction): (&Tensor, &Tensor),
    levels: Levels,
    begun: &Begun,
    to: f64,
) -> Result<Tensor> {
    let direction = (latents - prediction)?;
    let way = (to - levels.from) / levels.middle;
    combine(1.0, &begun.latents, way, &direction)
}

impl TwoLooks for Dpm2 {
    fn middle(from: f64, to: f64) -> f64 {
        (from * to).sqrt()
    }

    fn second(
        &mut self,
        levels: Levels,
        begun: &Begun,
        latents: &Tensor,
        prediction: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        along((latents, prediction), levels, begun, levels.to)
    }
}

impl TwoLooks for Dpm2Ancestral {
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
        let moved = along((latents, prediction), levels, begun, down)?;
        combine(1.0, &moved, up, &noise.like(latents)?)
    }
}
