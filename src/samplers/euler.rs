//! Euler's method on the probability-flow ODE: algorithm 2 of Karras et al. 2022 without churn.
//! Agrees with diffusers' `EulerDiscreteScheduler` and k-diffusion's `sample_euler`, and on a flow
//! model with diffusers' `FlowMatchEulerDiscreteScheduler`.
//!
//! The ancestral form goes further down and adds fresh noise after each step. Agrees with
//! diffusers' `EulerAncestralDiscreteScheduler`, and with k-diffusion's `sample_euler_ancestral` at
//! eta 1.

use candle_core::{Result, Tensor};

use super::prediction::combine;
use super::sigma_scale::{
    OnSigmas, SigmaSolver, ancestral_levels, sigma_path, sigma_path_to, towards,
};
use super::{NoiseStream, Plan, Sampler};

struct Euler;

struct EulerAncestral;

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let path = sigma_path_to(plan, plan.config.final_sigmas_type);
    Box::new(OnSigmas::new(plan, path, Euler))
}

pub(super) fn build_ancestral(plan: &Plan<'_>) -> Box<dyn Sampler> {
    // The reference class always ends at 0, whatever `final_sigmas_type` says.
    Box::new(OnSigmas::new(plan, sigma_path(plan), EulerAncestral))
}

impl SigmaSolver for Euler {
    fn advance(
        &mut self,
        levels: &[f64],
        call: usize,
        latents: &Tensor,
        prediction: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        towards(prediction, latents, (levels[call], levels[call + 1]))
    }
}

impl SigmaSolver for EulerAncestral {
    fn advance(
        &mut self,
        levels: &[f64],
        call: usize,
        latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        let (down, up) = ancestral_levels(levels[call], levels[call + 1]);
        let moved = towards(prediction, latents, (levels[call], down))?;
        // Drawn after the last step too, where its weight is 0: the stream stays that of diffusers.
        combine(1.0, &moved, up, &noise.like(latents)?)
    }
}
