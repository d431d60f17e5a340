//! Euler's method on the probability-flow ODE: algorithm 2 of Karras et al. 2022 without churn.
//! Agrees with diffusers' `EulerDiscreteScheduler` and k-diffusion's `sample_euler`.

use candle_core::{Result, Tensor};

use super::config::{FinalSigmas, PredictionType, SchedulerConfig, Spacing};
use super::prediction::{combine, denoised_at_sigma};
use super::schedule::{NoiseLevels, SigmaPath, karras_sigmas, sigma_family_timesteps, spacing};
use super::{Denoised, NoiseStream, Sampler, Schedule};

struct Euler {
    path: SigmaPath,
    init_noise_sigma: f64,
    prediction: PredictionType,
}

pub(super) fn build(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
) -> Box<dyn Sampler> {
    let path = sigma_path(config, schedule, steps, config.final_sigmas_type);
    Box::new(Euler {
        init_noise_sigma: init_noise_sigma(config, &path),
        path,
        prediction: config.prediction_type,
    })
}

/// The path shared by Euler and Euler ancestral.
pub(super) fn sigma_path(
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
pub(super) fn init_noise_sigma(config: &SchedulerConfig, path: &SigmaPath) -> f64 {
    let highest = path.sigmas.iter().copied().fold(0.0, f64::max);
    match spacing(config, Spacing::Linspace) {
        Spacing::Linspace | Spacing::Trailing => highest,
        Spacing::Leading => (highest * highest + 1.0).sqrt(),
    }
}

/// `latents / sqrt(sigma² + 1)`: variance 1, as the denoiser was trained.
pub(super) fn scale_to_unit_variance(latents: &Tensor, sigma: f64) -> Result<Tensor> {
    latents / (sigma * sigma + 1.0).sqrt()
}

impl Sampler for Euler {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    fn scale_input(&self, latents: &Tensor, step: usize) -> Result<Tensor> {
        scale_to_unit_variance(latents, self.path.sigmas[step])
    }

    fn step(
        &mut self,
        output: &Tensor,
        step: usize,
        latents: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (sigma, next) = (self.path.sigmas[step], self.path.sigmas[step + 1]);
        let prediction = denoised_at_sigma(self.prediction, output, sigma, latents)?;
        // latents + (latents - prediction) / sigma * (next - sigma)
        let ratio = next / sigma;
        let latents = combine(ratio, latents, 1.0 - ratio, &prediction)?;
        Ok(Denoised {
            latents,
            prediction,
        })
    }
}
