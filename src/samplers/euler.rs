//! Euler's method on the probability-flow ODE: algorithm 2 of Karras et al. 2022 without churn.
//! Agrees with diffusers' `EulerDiscreteScheduler` and k-diffusion's `sample_euler`.
//!
//! The ancestral form goes further down and adds fresh noise after each step. Agrees with
//! diffusers' `EulerAncestralDiscreteScheduler`, and with k-diffusion's `sample_euler_ancestral` at
//! eta 1.

use candle_core::{Result, Tensor};

use super::config::{FinalSigmas, PredictionType, SchedulerConfig, Spacing};
use super::prediction::{combine, denoised_at_sigma};
use super::schedule::{NoiseLevels, SigmaPath, karras_sigmas, sigma_family_timesteps, spacing};
use super::{Denoised, NoiseStream, Sampler, Schedule};

struct Euler {
    path: SigmaPath,
    init_noise_sigma: f64,
    prediction: PredictionType,
    ancestral: bool,
}

pub(super) fn build(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
) -> Box<dyn Sampler> {
    let path = sigma_path(config, schedule, steps, config.final_sigmas_type);
    Box::new(Euler::new(config, path, false))
}

pub(super) fn build_ancestral(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
) -> Box<dyn Sampler> {
    // The reference class always ends at 0, whatever `final_sigmas_type` says.
    let path = sigma_path(config, schedule, steps, None);
    Box::new(Euler::new(config, path, true))
}

fn sigma_path(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
    last: Option<FinalSigmas>,
) -> SigmaPath {
    let levels = NoiseLevels::new(config);
    let mut timesteps = sigma_family_timesteps(config, steps);
    let mut sigmas: Vec<f64> = timesteps.iter().map(|&t| levels.sigma_at(t)).collect();
    if schedule.is_karras(config)
        && let (Some(&highest), Some(&lowest)) = (sigmas.first(), sigmas.last())
    {
        let lowest = config.sigma_min.unwrap_or(lowest);
        let highest = config.sigma_max.unwrap_or(highest);
        sigmas = karras_sigmas(lowest, highest, steps);
        timesteps = sigmas.iter().map(|&s| levels.timestep_at(s)).collect();
    }
    sigmas.push(match last {
        Some(FinalSigmas::SigmaMin) => levels.sigmas[0],
        Some(FinalSigmas::Zero) | None => 0.0,
    });
    SigmaPath { timesteps, sigmas }
}

/// The deviation of the initial latents: the highest level, and for leading spacing, which does not
/// begin at the last training step, that of picture and noise together.
fn init_noise_sigma(config: &SchedulerConfig, path: &SigmaPath) -> f64 {
    let highest = path.sigmas.iter().copied().fold(0.0, f64::max);
    match spacing(config, Spacing::Linspace) {
        Spacing::Linspace | Spacing::Trailing => highest,
        Spacing::Leading => (highest * highest + 1.0).sqrt(),
    }
}

/// The level a step goes down to before `up` of fresh noise brings it back to `to`: `(down, up)`.
fn ancestral_levels(from: f64, to: f64) -> (f64, f64) {
    let up = (to * to * (from * from - to * to) / (from * from)).sqrt();
    let down = (to * to - up * up).max(0.0).sqrt();
    (down, up)
}

impl Euler {
    fn new(config: &SchedulerConfig, path: SigmaPath, ancestral: bool) -> Self {
        Self {
            init_noise_sigma: init_noise_sigma(config, &path),
            path,
            prediction: config.prediction_type,
            ancestral,
        }
    }
}

impl Sampler for Euler {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, step: usize) -> Result<Tensor> {
        combine(1.0, latents, self.path.sigmas[step], noise)
    }

    fn scale_input(&self, latents: &Tensor, step: usize) -> Result<Tensor> {
        // Variance 1, as the denoiser was trained.
        latents / (self.path.sigmas[step].powi(2) + 1.0).sqrt()
    }

    fn step(
        &mut self,
        output: &Tensor,
        step: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (from, to) = (self.path.sigmas[step], self.path.sigmas[step + 1]);
        let (down, up) = if self.ancestral {
            ancestral_levels(from, to)
        } else {
            (to, 0.0)
        };
        let prediction = denoised_at_sigma(self.prediction, output, from, latents)?;
        // latents + (latents - prediction) / from * (down - from)
        let ratio = down / from;
        let mut latents = combine(ratio, latents, 1.0 - ratio, &prediction)?;
        if self.ancestral {
            // Drawn after the last step too, where its weight is 0: the stream stays that of diffusers.
            let drawn = noise.tensor(latents.shape(), latents.device())?;
            latents = combine(1.0, &latents, up, &drawn)?;
        }
        Ok(Denoised {
            latents,
            prediction,
        })
    }
}
