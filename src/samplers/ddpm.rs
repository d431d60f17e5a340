//! Denoising diffusion probabilistic models, Ho et al. 2020. Agrees with diffusers' `DDPMScheduler`; on
//! other schedules than the model's own the training steps nearest to their levels are visited.

use candle_core::{Result, Tensor};

use super::alphas::{amplitudes, clip, clipped, nearest_timesteps, noised, trained_timesteps};
use super::config::{PredictionType, Variance};
use super::levels::NoiseLevels;
use super::prediction::{combine, denoised_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

/// Below this a variance is taken for it, as the reference does to have a logarithm.
const LEAST_VARIANCE: f64 = 1e-20;

struct Ddpm {
    timesteps: Vec<f64>,
    /// Cumulative alpha at each step, and after the last one.
    alphas: Vec<f64>,
    prediction: PredictionType,
    clip: Option<f64>,
    variance: Variance,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, steps, .. } = *plan;
    let levels = NoiseLevels::new(config);
    let timesteps = nearest_timesteps(&levels, plan, || trained_timesteps(config, steps));
    let alphas = timesteps.iter().map(|&timestep| levels.alpha_at(timestep));
    Box::new(Ddpm {
        alphas: alphas.chain([1.0]).collect(),
        timesteps,
        prediction: config.prediction(),
        clip: clip(config, true),
        variance: config.variance_type.unwrap_or(Variance::Small),
    })
}

impl Sampler for Ddpm {
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
        let (alpha, next) = (self.alphas[call], self.alphas[call + 1]);
        let scale = amplitudes(alpha);
        let prediction = denoised_at_alpha(self.prediction, output, scale, latents)?;
        let prediction = clipped(prediction, self.clip)?;
        // Of this step alone, not cumulative.
        let own = alpha / next;
        let beta = 1.0 - own;
        let of_picture = next.sqrt() * beta / (1.0 - alpha);
        let of_latents = own.sqrt() * (1.0 - next) / (1.0 - alpha);
        let mut moved = combine(of_picture, &prediction, of_latents, latents)?;
        if self.timesteps[call] > 0.0 {
            let variance = match self.variance {
                Variance::Large => beta,
                Variance::Small => (beta * (1.0 - next) / (1.0 - alpha)).max(LEAST_VARIANCE),
            };
            moved = combine(1.0, &moved, variance.sqrt(), &noise.like(latents)?)?;
        }
        Ok(Denoised {
            latents: moved,
            prediction,
        })
    }
}
