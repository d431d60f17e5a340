//! Latent consistency models, Luo et al. 2023: each step goes to the picture at once, and back up by
//! fresh noise. Agrees with diffusers' `LCMScheduler`; on other schedules than the model's own the
//! training steps nearest to their levels are visited.

use candle_core::{Result, Tensor};

use super::alphas::{amplitudes, clip, clipped, nearest_timesteps, noised};
use super::config::{PredictionType, SchedulerConfig};
use super::levels::NoiseLevels;
use super::prediction::{combine, denoised_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

/// The deviation of pictures that consistency models are scaled for.
const SIGMA_DATA: f64 = 0.5;

struct Lcm {
    timesteps: Vec<f64>,
    alphas: Vec<f64>,
    prediction: PredictionType,
    clip: Option<f64>,
    scaling: f64,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, steps, .. } = *plan;
    let levels = NoiseLevels::new(config);
    let timesteps = nearest_timesteps(&levels, plan, || distilled_timesteps(config, steps));
    Box::new(Lcm {
        alphas: timesteps.iter().map(|&t| levels.alpha_at(t)).collect(),
        timesteps,
        prediction: config.prediction(),
        clip: clip(config, false),
        scaling: config.timestep_scaling.unwrap_or(10.0),
    })
}

/// Some of the steps a consistency model was distilled from, 50 if its file does not say how many.
/// More steps than those, which the reference refuses, are taken from as many.
pub(super) fn distilled_timesteps(config: &SchedulerConfig, steps: usize) -> Vec<f64> {
    let train = config.num_train_timesteps;
    let distilled = config.original_inference_steps.unwrap_or(50);
    let distilled = distilled.max(steps).min(train).max(1);
    let stride = train / distilled;
    (0..steps)
        .map(|step| distilled - (step * distilled) / steps)
        .map(|place| (place * stride) as f64 - 1.0)
        .collect()
}

impl Sampler for Lcm {
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
        let prediction = clipped(prediction, self.clip)?;
        let told = self.timesteps[call] * self.scaling;
        let squares = told * told + SIGMA_DATA * SIGMA_DATA;
        let (kept, seen) = (SIGMA_DATA * SIGMA_DATA / squares, told / squares.sqrt());
        let denoised = combine(seen, &prediction, kept, latents)?;
        let latents = match self.alphas.get(call + 1) {
            Some(&next) => self::noised(&denoised, &noise.like(latents)?, next)?,
            None => denoised.clone(),
        };
        Ok(Denoised {
            latents,
            prediction: denoised,
        })
    }
}
