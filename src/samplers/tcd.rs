//! Trajectory consistency distillation, Zheng et al. 2024: each step goes below the next level, and back
//! up by fresh noise. Agrees with diffusers' `TCDScheduler` at its usual eta; on other schedules than the
//! model's own the training steps nearest to their levels are visited.

use candle_core::{Result, Tensor};

use super::alphas::{amplitudes, nearest_timesteps, noised};
use super::config::PredictionType;
use super::lcm::distilled_timesteps;
use super::levels::NoiseLevels;
use super::prediction::{combine, denoised_at_alpha, noise_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

/// How much of the way is noise: none at 0, all at 1; γ of the paper.
const ETA: f64 = 0.3;

struct Tcd {
    timesteps: Vec<f64>,
    /// Cumulative alpha at each step.
    alphas: Vec<f64>,
    /// Cumulative alpha that each step goes to before noise.
    below: Vec<f64>,
    prediction: PredictionType,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, steps, .. } = *plan;
    let levels = NoiseLevels::new(config);
    let timesteps = nearest_timesteps(&levels, plan, || distilled_timesteps(config, steps));
    let after = timesteps.iter().skip(1).copied().chain([0.0]);
    // In f32, as the reference counts: the product may lie on either side of a whole number.
    let part = (1.0 - ETA) as f32;
    let below = after.map(|timestep| levels.alpha_at((part * timestep as f32).floor().into()));
    Box::new(Tcd {
        below: below.collect(),
        alphas: timesteps.iter().map(|&t| levels.alpha_at(t)).collect(),
        timesteps,
        prediction: config.prediction(),
    })
}

impl Sampler for Tcd {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor> {
        noised(latents, noise, self.alphas[call])
    }

    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let scale = amplitudes(self.alphas[call]);
        let prediction = denoised_at_alpha(self.prediction, output, scale, latents)?;
        let seen = noise_at_alpha(self.prediction, output, scale, latents)?;
        let below = self.below[call];
        let moved = self::noised(&prediction, &seen, below)?;
        let latents = match self.alphas.get(call + 1) {
            Some(&next) => {
                let kept = next / below;
                let (signal, deviation) = (kept.sqrt(), (1.0 - kept).max(0.0).sqrt());
                combine(signal, &moved, deviation, &noise.like(latents)?)?
            }
            None => moved,
        };
        Ok(Denoised {
            latents,
            prediction,
        })
    }
}
