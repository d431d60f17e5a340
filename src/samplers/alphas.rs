//! What samplers of the variance-preserving scale have in common that visit training steps:
//! `latents = sqrt(alpha) * picture + sqrt(1 - alpha) * noise`.

use candle_core::{Result, Tensor};

use super::Plan;
use super::config::{SchedulerConfig, Spacing};
use super::levels::{
    NoiseLevels, leading_timesteps, linspace_timesteps, spacing, trailing_timesteps,
};
use super::prediction::combine;
use super::schedules::{Bounds, Space};

/// Signal and noise amplitudes of a cumulative alpha.
pub(super) fn amplitudes(alpha: f64) -> (f64, f64) {
    (alpha.sqrt(), (1.0 - alpha).sqrt())
}

/// Noise-free latents as noisy as a cumulative alpha says.
pub(super) fn noised(latents: &Tensor, noise: &Tensor, alpha: f64) -> Result<Tensor> {
    let (signal, deviation) = amplitudes(alpha);
    combine(signal, latents, deviation, noise)
}

/// The range a predicted picture is held to, if it is.
pub(super) fn clip(config: &SchedulerConfig, default: bool) -> Option<f64> {
    config
        .clip_sample
        .unwrap_or(default)
        .then(|| config.clip_sample_range.unwrap_or(1.0))
}

pub(super) fn clipped(prediction: Tensor, clip: Option<f64>) -> Result<Tensor> {
    match clip {
        Some(range) => prediction.clamp(-range, range),
        None => Ok(prediction),
    }
}

/// Whole training steps of the model's own spacing, highest first.
pub(super) fn trained_timesteps(config: &SchedulerConfig, steps: usize) -> Vec<f64> {
    let train = config.num_train_timesteps;
    match spacing(config, Spacing::Leading) {
        Spacing::Linspace => linspace_timesteps((train - 1) as f64, steps)
            .into_iter()
            .map(f64::round_ties_even)
            .collect(),
        Spacing::Leading => leading_timesteps(train / steps, steps, config.steps_offset),
        Spacing::Trailing => trailing_timesteps(train, train, steps),
    }
}

/// The noise levels of a schedule that is not the model's own, over the whole range of training.
pub(super) fn spaced(levels: &NoiseLevels, plan: &Plan<'_>, space: Space) -> Vec<f64> {
    let bounds = Bounds {
        levels,
        highest: levels.sigmas[levels.len() - 1],
        lowest: levels.sigmas[0],
        aligned_for: plan.config.aligned_for,
    };
    space(&bounds, plan.steps)
}

/// What the denoiser is told at each step and the cumulative alpha there, at the very levels of a
/// schedule; the last alpha, of no noise, is one more.
pub(super) fn spaced_alphas(
    levels: &NoiseLevels,
    plan: &Plan<'_>,
    space: Space,
) -> (Vec<f64>, Vec<f64>) {
    let sigmas = spaced(levels, plan, space);
    let timesteps = sigmas.iter().map(|&sigma| levels.step_at(sigma) as f64);
    let alphas = sigmas.iter().map(|sigma| 1.0 / (sigma * sigma + 1.0));
    (timesteps.collect(), alphas.chain([1.0]).collect())
}

/// The training steps nearest to the levels of a schedule, or `own` on the model's own one.
pub(super) fn nearest_timesteps(
    levels: &NoiseLevels,
    plan: &Plan<'_>,
    own: impl FnOnce() -> Vec<f64>,
) -> Vec<f64> {
    let mut timesteps = match plan.schedule.space(plan.config) {
        None => own(),
        Some(space) => {
            let sigmas = spaced(levels, plan, space).into_iter();
            sigmas.map(|sigma| levels.step_at(sigma) as f64).collect()
        }
    };
    timesteps.drain(..plan.first_step);
    timesteps
}

impl NoiseLevels {
    /// The cumulative alpha at a whole training step.
    pub(super) fn alpha_at(&self, timestep: f64) -> f64 {
        self.alphas_cumprod[(timestep.max(0.0) as usize).min(self.len() - 1)]
    }
}
