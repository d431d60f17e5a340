//! Denoising diffusion implicit models, Song et al. 2020, with eta 0. Agrees with diffusers'
//! `DDIMScheduler`.
//!
//! On Karras' schedule, which the reference class does not offer, the same formula runs on
//! `alpha = 1 / (sigma² + 1)`.

use candle_core::{Result, Tensor};

use super::config::{PredictionType, SchedulerConfig, Spacing};
use super::prediction::{combine, denoised_at_alpha, noise_at_alpha};
use super::schedule::{
    NoiseLevels, karras_sigmas, leading_timesteps, linspace_timesteps, spacing, trailing_timesteps,
};
use super::{Denoised, NoiseStream, Sampler, Schedule};

struct Ddim {
    timesteps: Vec<f64>,
    /// Cumulative alpha at each step and after it.
    alphas: Vec<(f64, f64)>,
    prediction: PredictionType,
    clip: Option<f64>,
}

pub(super) fn build(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
) -> Box<dyn Sampler> {
    let levels = NoiseLevels::new(config);
    let (timesteps, alphas) = if schedule.is_karras(config) {
        karras_alphas(&levels, steps)
    } else {
        trained_alphas(&levels, config, steps)
    };
    Box::new(Ddim {
        timesteps,
        alphas,
        prediction: config.prediction_type,
        clip: config
            .clip_sample
            .unwrap_or(true)
            .then(|| config.clip_sample_range.unwrap_or(1.0)),
    })
}

/// Visits training steps only; the level after each is `num_train_timesteps / steps` steps below.
fn trained_alphas(
    levels: &NoiseLevels,
    config: &SchedulerConfig,
    steps: usize,
) -> (Vec<f64>, Vec<(f64, f64)>) {
    let train = levels.len();
    let timesteps: Vec<f64> = match spacing(config, Spacing::Leading) {
        Spacing::Linspace => linspace_timesteps((train - 1) as f64, steps)
            .into_iter()
            .map(f64::round_ties_even)
            .collect(),
        Spacing::Leading => leading_timesteps(train / steps, steps, config.steps_offset),
        Spacing::Trailing => trailing_timesteps(train, train, steps),
    };
    let last = if config.set_alpha_to_one.unwrap_or(true) {
        1.0
    } else {
        levels.alphas_cumprod[0]
    };
    let alphas = timesteps
        .iter()
        .map(|&timestep| {
            let index = (timestep as usize).min(train - 1);
            let before = timestep as i64 - (train / steps) as i64;
            let next = usize::try_from(before).map_or(last, |index| levels.alphas_cumprod[index]);
            (levels.alphas_cumprod[index], next)
        })
        .collect();
    (timesteps, alphas)
}

fn karras_alphas(levels: &NoiseLevels, steps: usize) -> (Vec<f64>, Vec<(f64, f64)>) {
    let alpha = |sigma: f64| 1.0 / (sigma * sigma + 1.0);
    let sigmas = karras_sigmas(levels.sigmas[0], levels.sigmas[levels.len() - 1], steps);
    let timesteps = sigmas
        .iter()
        .map(|&sigma| levels.timestep_at(sigma).round_ties_even())
        .collect();
    let after = sigmas.iter().skip(1).map(|&s| alpha(s)).chain([1.0]);
    let alphas = sigmas.iter().map(|&s| alpha(s)).zip(after).collect();
    (timesteps, alphas)
}

impl Sampler for Ddim {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, step: usize) -> Result<Tensor> {
        let (alpha, _) = self.alphas[step];
        combine(alpha.sqrt(), latents, (1.0 - alpha).sqrt(), noise)
    }

    fn step(
        &mut self,
        output: &Tensor,
        step: usize,
        latents: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (alpha, next) = self.alphas[step];
        let scale = (alpha.sqrt(), (1.0 - alpha).sqrt());
        let mut prediction = denoised_at_alpha(self.prediction, output, scale, latents)?;
        if let Some(range) = self.clip {
            prediction = prediction.clamp(-range, range)?;
        }
        let noise = noise_at_alpha(self.prediction, output, scale, latents)?;
        let latents = combine(next.sqrt(), &prediction, (1.0 - next).sqrt(), &noise)?;
        Ok(Denoised {
            latents,
            prediction,
        })
    }
}
