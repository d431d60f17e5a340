//! What the multistep solvers of the variance-preserving scale have in common: their path, on which the
//! denoiser is told whole training steps, and how it is measured.

use super::Plan;
use super::config::{BetaSchedule, FinalSigmas, SchedulerConfig, Spacing};
use super::levels::{
    NoiseLevels, SigmaPath, leading_timesteps, linspace_timesteps, spacing, trailing_timesteps,
};
use super::schedules::Bounds;

/// The path of a run from its first step on. Levels whose logarithm of signal over noise is below
/// `least` are left out.
pub(super) fn path(plan: &Plan<'_>, least: Option<f64>) -> SigmaPath {
    let Plan { config, steps, .. } = *plan;
    let levels = NoiseLevels::new(config);
    let (timesteps, mut sigmas): (Vec<f64>, Vec<f64>) = match plan.schedule.space(config) {
        Some(space) => {
            let bounds = Bounds {
                levels: &levels,
                highest: config.sigma_max.unwrap_or(levels.sigmas[levels.len() - 1]),
                lowest: config.sigma_min.unwrap_or(levels.sigmas[0]),
                aligned_for: config.aligned_for,
            };
            let round = config.beta_schedule != BetaSchedule::SquaredCosine;
            let told = |sigma: f64| {
                let timestep = levels.timestep_at(sigma);
                // The reference rounds except on the cosine schedule, then cuts to an integer.
                if round {
                    timestep.round_ties_even()
                } else {
                    timestep.trunc()
                }
            };
            let sigmas = space(&bounds, steps).into_iter();
            sigmas.map(|sigma| (told(sigma), sigma)).unzip()
        }
        None => own_timesteps(config, &levels, steps, least)
            .into_iter()
            .map(|timestep| (timestep, levels.sigma_at(timestep)))
            .unzip(),
    };
    sigmas.push(match config.final_sigmas_type {
        Some(FinalSigmas::SigmaMin) => levels.sigmas[0],
        Some(FinalSigmas::Zero) | None => 0.0,
    });
    SigmaPath { timesteps, sigmas }.beginning_at(plan.first_step)
}

/// One timestep more than steps is spaced out and the lowest dropped, as the reference does.
fn own_timesteps(
    config: &SchedulerConfig,
    levels: &NoiseLevels,
    steps: usize,
    least: Option<f64>,
) -> Vec<f64> {
    let train = levels.len();
    let lambda = |alpha: f64| (alpha.sqrt() / (1.0 - alpha).sqrt()).ln();
    let clipped = least.map_or(0, |least| {
        levels
            .alphas_cumprod
            .iter()
            .filter(|alpha| lambda(**alpha) < least)
            .count()
    });
    let last = train - clipped;
    let mut timesteps = match spacing(config, Spacing::Linspace) {
        Spacing::Linspace => linspace_timesteps((last - 1) as f64, steps + 1)
            .into_iter()
            .map(f64::round_ties_even)
            .collect(),
        Spacing::Leading => leading_timesteps(last / (steps + 1), steps + 1, config.steps_offset),
        Spacing::Trailing => return trailing_timesteps(last, train, steps),
    };
    timesteps.truncate(steps);
    timesteps
}

/// Signal and noise amplitudes of a variance-preserving level.
pub(super) fn amplitudes(sigma: f64) -> (f64, f64) {
    let alpha = 1.0 / (sigma * sigma + 1.0).sqrt();
    (alpha, sigma * alpha)
}

/// Half the logarithm of the signal-to-noise ratio; infinite at sigma 0.
pub(super) fn lambda(sigma: f64) -> f64 {
    -sigma.ln()
}
