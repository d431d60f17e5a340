//! Denoising diffusion implicit models, Song et al. 2020, with eta 0. Agrees with diffusers'
//! `DDIMScheduler`.
//!
//! On other schedules than the model's own, which the reference class does not offer, the same formula
//! runs on `alpha = 1 / (sigma² + 1)`.

use candle_core::{Result, Tensor};

use super::alphas::{amplitudes, clip, clipped, noised, spaced_alphas, trained_timesteps};
use super::config::{PredictionType, SchedulerConfig};
use super::levels::NoiseLevels;
use super::prediction::{combine, denoised_at_alpha, noise_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

struct Ddim {
    timesteps: Vec<f64>,
    /// Cumulative alpha at each step and after it.
    alphas: Vec<(f64, f64)>,
    prediction: PredictionType,
    clip: Option<f64>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, .. } = *plan;
    let levels = NoiseLevels::new(config);
    let (mut timesteps, mut alphas) = match plan.schedule.space(config) {
        Some(space) => {
            let (timesteps, alphas) = spaced_alphas(&levels, plan, space);
            let pairs = alphas.windows(2).map(|pair| (pair[0], pair[1]));
            (timesteps, pairs.collect())
        }
        None => trained_alphas(&levels, config, plan.steps),
    };
    timesteps.drain(..plan.first_step);
    alphas.drain(..plan.first_step);
    Box::new(Ddim {
        timesteps,
        alphas,
        prediction: config.prediction(),
        clip: clip(config, true),
    })
}

/// Visits training steps only; the level after each is `num_train_timesteps / steps` steps below.
fn trained_alphas(
    levels: &NoiseLevels,
    config: &SchedulerConfig,
    steps: usize,
) -> (Vec<f64>, Vec<(f64, f64)>) {
    let timesteps = trained_timesteps(config, steps);
    let last = if config.set_alpha_to_one.unwrap_or(true) {
        1.0
    } else {
        levels.alphas_cumprod[0]
    };
    let alphas = timesteps
        .iter()
        .map(|&timestep| {
            let before = timestep as i64 - (levels.len() / steps) as i64;
            let next = if before < 0 {
                last
            } else {
                levels.alpha_at(before as f64)
            };
            (levels.alpha_at(timestep), next)
        })
        .collect();
    (timesteps, alphas)
}

impl Sampler for Ddim {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor> {
        noised(latents, noise, self.alphas[call].0)
    }

    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (alpha, next) = self.alphas[call];
        let scale = amplitudes(alpha);
        let prediction = denoised_at_alpha(self.prediction, output, scale, latents)?;
        let prediction = clipped(prediction, self.clip)?;
        let noise = noise_at_alpha(self.prediction, output, scale, latents)?;
        let latents = combine(next.sqrt(), &prediction, (1.0 - next).sqrt(), &noise)?;
        Ok(Denoised {
            latents,
            prediction,
        })
    }
}
