//! DPM-Solver++ (2M), Lu et al. 2022: a second-order multistep solver in the data prediction.
//! Agrees with diffusers' `DPMSolverMultistepScheduler`.

use candle_core::{Result, Tensor};

use super::config::{FinalSigmas, PredictionType, SchedulerConfig, SolverType, Spacing};
use super::prediction::{combine, denoised_at_alpha};
use super::schedule::{
    NoiseLevels, SigmaPath, karras_sigmas, leading_timesteps, linspace_timesteps, spacing,
    trailing_timesteps,
};
use super::{Denoised, NoiseStream, Sampler, Schedule};

/// Below this many steps the last one is of first order, for stability.
const FEW_STEPS: usize = 15;

struct DpmSolver {
    path: SigmaPath,
    prediction: PredictionType,
    solver: SolverType,
    first_order_only: bool,
    first_order_last: bool,
    previous: Option<Tensor>,
}

pub(super) fn build(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
) -> Box<dyn Sampler> {
    let ends_at_zero = config.final_sigmas_type != Some(FinalSigmas::SigmaMin);
    Box::new(DpmSolver {
        path: sigma_path(config, schedule, steps),
        prediction: config.prediction_type,
        solver: config.solver_type.unwrap_or(SolverType::Midpoint),
        first_order_only: config.solver_order == Some(1),
        first_order_last: ends_at_zero
            || config.euler_at_final == Some(true)
            || (config.lower_order_final.unwrap_or(true) && steps < FEW_STEPS),
        previous: None,
    })
}

fn sigma_path(config: &SchedulerConfig, schedule: Schedule, steps: usize) -> SigmaPath {
    let levels = NoiseLevels::new(config);
    let (timesteps, mut sigmas): (Vec<f64>, Vec<f64>) = if schedule.is_karras(config) {
        let lowest = config.sigma_min.unwrap_or(levels.sigmas[0]);
        let highest = config.sigma_max.unwrap_or(levels.sigmas[levels.len() - 1]);
        let round = config.beta_schedule != super::BetaSchedule::SquaredCosine;
        karras_sigmas(lowest, highest, steps)
            .into_iter()
            .map(|sigma| {
                let timestep = levels.timestep_at(sigma);
                // The reference rounds except on the cosine schedule, then cuts to an integer.
                let timestep = if round {
                    timestep.round_ties_even()
                } else {
                    timestep.trunc()
                };
                (timestep, sigma)
            })
            .unzip()
    } else {
        own_timesteps(config, &levels, steps)
            .into_iter()
            .map(|timestep| (timestep, levels.sigma_at(timestep)))
            .unzip()
    };
    sigmas.push(match config.final_sigmas_type {
        Some(FinalSigmas::SigmaMin) => levels.sigmas[0],
        Some(FinalSigmas::Zero) | None => 0.0,
    });
    SigmaPath { timesteps, sigmas }
}

/// One timestep more than steps is spaced out and the lowest dropped, as the reference does.
fn own_timesteps(config: &SchedulerConfig, levels: &NoiseLevels, steps: usize) -> Vec<f64> {
    let train = levels.len();
    // Levels noisier than `lambda_min_clipped` (log of signal over noise) are left out.
    let lambda = |alpha: f64| (alpha.sqrt() / (1.0 - alpha).sqrt()).ln();
    let clipped = config.lambda_min_clipped.map_or(0, |least| {
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
fn amplitudes(sigma: f64) -> (f64, f64) {
    let alpha = 1.0 / (sigma * sigma + 1.0).sqrt();
    (alpha, sigma * alpha)
}

/// Half the logarithm of the signal-to-noise ratio; infinite at sigma 0.
fn lambda(sigma: f64) -> f64 {
    -sigma.ln()
}

impl DpmSolver {
    fn second_order(
        &self,
        step: usize,
        prediction: &Tensor,
        before: &Tensor,
    ) -> Result<(Tensor, f64)> {
        let sigmas = &self.path.sigmas;
        let h = lambda(sigmas[step + 1]) - lambda(sigmas[step]);
        let h_before = lambda(sigmas[step]) - lambda(sigmas[step - 1]);
        let slope = combine(h / h_before, prediction, -h / h_before, before)?;
        let weight = match self.solver {
            SolverType::Midpoint => 0.5,
            // ((e^-h - 1) / h + 1) over -(e^-h - 1)
            SolverType::Heun => -(((-h).exp_m1() / h + 1.0) / (-h).exp_m1()),
        };
        Ok((slope, weight))
    }
}

impl Sampler for DpmSolver {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, step: usize) -> Result<Tensor> {
        let (alpha, sigma) = amplitudes(self.path.sigmas[step]);
        combine(alpha, latents, sigma, noise)
    }

    fn step(
        &mut self,
        output: &Tensor,
        step: usize,
        latents: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (sigma, next) = (self.path.sigmas[step], self.path.sigmas[step + 1]);
        let (from, (alpha, to)) = (amplitudes(sigma), amplitudes(next));
        let prediction = denoised_at_alpha(self.prediction, output, from, latents)?;
        let h = lambda(next) - lambda(sigma);
        let weight = -alpha * (-h).exp_m1();
        let mut moved = combine(to / from.1, latents, weight, &prediction)?;
        let is_last = step + 1 == self.path.timesteps.len();
        if let Some(before) = &self.previous
            && !self.first_order_only
            && !(is_last && self.first_order_last)
        {
            let (slope, share) = self.second_order(step, &prediction, before)?;
            moved = combine(1.0, &moved, weight * share, &slope)?;
        }
        self.previous = Some(prediction.clone());
        Ok(Denoised {
            latents: moved,
            prediction,
        })
    }
}
