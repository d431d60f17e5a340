//! What solvers on k-diffusion's scale have in common: `latents = picture + sigma * noise`, or for a
//! flow `latents = (1 - sigma) * picture + sigma * noise`.
//!
//! A [`SigmaSolver`] says how latents move on; [`OnSigmas`] makes a sampler of it.

use candle_core::{Result, Tensor};

use super::config::{FinalSigmas, PredictionType, SchedulerConfig, Spacing};
use super::levels::{NoiseLevels, SigmaPath, sigma_family_timesteps, spacing};
use super::prediction::{combine, denoised_at_sigma};
use super::schedules::Bounds;
use super::{Denoised, NoiseStream, Plan, Sampler, flow};

/// How latents move on.
pub(super) trait SigmaSolver: Send {
    /// From the level of call `call` of the path to that of the next one; `prediction` is the picture
    /// as the denoiser sees it in `latents`.
    fn advance(
        &mut self,
        levels: &[f64],
        call: usize,
        latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor>;
}

/// A solver on its path.
pub(super) struct OnSigmas<S> {
    path: SigmaPath,
    init_noise_sigma: f64,
    prediction: PredictionType,
    solver: S,
}

impl<S> OnSigmas<S> {
    /// A solver that calls the denoiser once at each level of `path`.
    pub(super) fn new(plan: &Plan<'_>, path: SigmaPath, solver: S) -> Self {
        Self {
            init_noise_sigma: init_noise_sigma(plan.config, &path),
            path,
            prediction: plan.config.prediction(),
            solver,
        }
    }
}

/// The levels of a run, to no noise at all, from its first step on.
pub(super) fn sigma_path(plan: &Plan<'_>) -> SigmaPath {
    sigma_path_to(plan, None)
}

/// As [`sigma_path`], to the level `last` says.
pub(super) fn sigma_path_to(plan: &Plan<'_>, last: Option<FinalSigmas>) -> SigmaPath {
    if plan.config.is_flow() {
        return flow::path(plan);
    }
    path_on(&NoiseLevels::new(plan.config), plan, last)
}

/// As [`sigma_path`], for solvers that follow a Brownian path, which no flow has.
pub(super) fn brownian_path(plan: &Plan<'_>) -> SigmaPath {
    path_on(&NoiseLevels::in_f32(plan.config), plan, None)
}

fn path_on(levels: &NoiseLevels, plan: &Plan<'_>, last: Option<FinalSigmas>) -> SigmaPath {
    let Plan { config, steps, .. } = *plan;
    let mut timesteps = sigma_family_timesteps(config, steps);
    let mut sigmas: Vec<f64> = timesteps.iter().map(|&t| levels.sigma_at(t)).collect();
    if let (Some(space), Some(&highest), Some(&lowest)) =
        (plan.schedule.space(config), sigmas.first(), sigmas.last())
    {
        let bounds = Bounds {
            levels,
            highest: config.sigma_max.unwrap_or(highest),
            lowest: config.sigma_min.unwrap_or(lowest),
            aligned_for: config.aligned_for,
        };
        sigmas = space(&bounds, steps);
        timesteps = sigmas.iter().map(|&s| levels.timestep_at(s)).collect();
    }
    sigmas.push(match last {
        Some(FinalSigmas::SigmaMin) => levels.sigmas[0],
        Some(FinalSigmas::Zero) | None => 0.0,
    });
    SigmaPath { timesteps, sigmas }.beginning_at(plan.first_step)
}

/// What the denoiser is told at a level.
pub(super) fn timestep_of(config: &SchedulerConfig) -> impl Fn(f64) -> f64 {
    let levels = (!config.is_flow()).then(|| NoiseLevels::new(config));
    let train = config.num_train_timesteps as f64;
    move |sigma| match &levels {
        Some(levels) => levels.timestep_at(sigma),
        None => sigma * train,
    }
}

/// The deviation of the initial latents: the highest level, and for leading spacing, which does not
/// begin at the last training step, that of picture and noise together.
fn init_noise_sigma(config: &SchedulerConfig, path: &SigmaPath) -> f64 {
    if config.is_flow() {
        return 1.0;
    }
    let highest = path.sigmas.iter().copied().fold(0.0, f64::max);
    match spacing(config, Spacing::Linspace) {
        Spacing::Linspace | Spacing::Trailing => highest,
        Spacing::Leading => (highest * highest + 1.0).sqrt(),
    }
}

/// Along the straight line from `latents` at the level `from` through the picture, to the level `to`.
pub(super) fn towards(
    prediction: &Tensor,
    latents: &Tensor,
    (from, to): (f64, f64),
) -> Result<Tensor> {
    // latents + (latents - prediction) / from * (to - from)
    let ratio = to / from;
    combine(ratio, latents, 1.0 - ratio, prediction)
}

/// The level a step goes down to before `up` of fresh noise brings it back to `to`: `(down, up)`.
pub(super) fn ancestral_levels(from: f64, to: f64) -> (f64, f64) {
    let up = (to * to * (from * from - to * to) / (from * from)).sqrt();
    let down = (to * to - up * up).max(0.0).sqrt();
    (down, up)
}

impl<S: SigmaSolver> Sampler for OnSigmas<S> {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor> {
        let sigma = self.path.sigmas[call];
        let kept = match self.prediction {
            PredictionType::Flow => 1.0 - sigma,
            _ => 1.0,
        };
        combine(kept, latents, sigma, noise)
    }

    fn scale_input(&self, latents: &Tensor, call: usize) -> Result<Tensor> {
        if self.prediction == PredictionType::Flow {
            return Ok(latents.clone());
        }
        // Variance 1, as the denoiser was trained.
        latents / (self.path.sigmas[call].powi(2) + 1.0).sqrt()
    }

    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let sigmas = &self.path.sigmas;
        let prediction = denoised_at_sigma(self.prediction, output, sigmas[call], latents)?;
        let solver = &mut self.solver;
        let latents = solver.advance(sigmas, call, latents, &prediction, noise)?;
        Ok(Denoised {
            latents,
            prediction,
        })
    }
}
