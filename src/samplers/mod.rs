//! Noise schedules and solvers: how noise becomes latents, step by step.
//!
//! A sampler is a row in [`SOLVERS`]. All of them agree with the diffusers scheduler named in their
//! file on the same configuration and the same noise.

mod config;
mod ddim;
mod dpmpp_2m;
mod euler;
mod noise;
mod prediction;
mod schedule;

use candle_core::{Result, Tensor};

pub use config::{
    BetaSchedule, FinalSigmas, PredictionType, SchedulerConfig, SolverType, Spacing,
    UnsupportedSchedule,
};
pub use noise::NoiseStream;

/// One run of a sampler: a fixed path of noise levels and the state carried between steps.
pub trait Sampler: Send {
    /// What the denoiser is told at each step; its length is the number of steps.
    fn timesteps(&self) -> &[f64];

    /// What the drawn noise is multiplied with before the first step; 1 where latents keep the
    /// variance the denoiser was trained with.
    fn init_noise_sigma(&self) -> f64 {
        1.0
    }

    /// Noise-free `latents` at the noise level `step` begins with; `noise` is of their shape and of
    /// unit variance.
    fn noised(&self, latents: &Tensor, noise: &Tensor, step: usize) -> Result<Tensor>;

    /// The denoiser's input at `step`, from `latents` `[batch, channels, height, width]`.
    fn scale_input(&self, latents: &Tensor, _step: usize) -> Result<Tensor> {
        Ok(latents.clone())
    }

    /// Moves `latents` one step on, given the denoiser's `output` of the same shape. Noise that an
    /// ancestral sampler adds is the next of `noise`, the stream the initial latents came from.
    fn step(
        &mut self,
        output: &Tensor,
        step: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised>;
}

/// What one step gives.
#[derive(Debug)]
pub struct Denoised {
    /// The latents at the next noise level.
    pub latents: Tensor,
    /// The picture as the denoiser now sees it, free of noise: what previews show.
    pub prediction: Tensor,
}

/// Which path a sampler takes through the noise levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// The model's own, from its `scheduler_config.json`.
    Normal,
    /// Karras et al. 2022, equation 5, with ρ = 7.
    Karras,
}

impl Schedule {
    /// The schedule a recipe names.
    pub fn by_id(id: &str) -> Option<Self> {
        match id {
            "normal" => Some(Self::Normal),
            "karras" => Some(Self::Karras),
            _ => None,
        }
    }

    /// A model's own schedule may itself be Karras'.
    fn is_karras(self, config: &SchedulerConfig) -> bool {
        self == Self::Karras || config.use_karras_sigmas == Some(true)
    }
}

/// A sampler's constructor: configuration, schedule, number of steps (at least 1).
pub type BuildSampler = fn(&SchedulerConfig, Schedule, usize) -> Box<dyn Sampler>;

/// Every solver, by the id of its row in [`crate::recipe::SAMPLERS`].
pub const SOLVERS: &[(&str, BuildSampler)] = &[
    ("dpmpp_2m", dpmpp_2m::build),
    ("euler", euler::build),
    ("euler_ancestral", euler::build_ancestral),
    ("ddim", ddim::build),
];

/// The solver of the given id.
pub fn solver_by_id(id: &str) -> Option<BuildSampler> {
    SOLVERS
        .iter()
        .find(|(name, _)| *name == id)
        .map(|(_, build)| *build)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{SAMPLERS, SCHEDULES};

    #[test]
    fn every_sampler_people_can_choose_has_a_solver_and_the_reverse() {
        let rows: Vec<_> = SAMPLERS.iter().map(|row| row.id).collect();
        let solvers: Vec<_> = SOLVERS.iter().map(|(id, _)| *id).collect();
        assert_eq!(rows, solvers);
        assert!(
            SCHEDULES
                .iter()
                .all(|row| Schedule::by_id(row.id).is_some())
        );
    }

    #[test]
    fn every_sampler_takes_any_number_of_steps_and_ends_finite() {
        let device = candle_core::Device::Cpu;
        let config = SchedulerConfig::default();
        for (id, build) in SOLVERS {
            for schedule in [Schedule::Normal, Schedule::Karras] {
                for steps in [1, 2, 3, 17] {
                    let mut sampler = build(&config, schedule, steps);
                    assert_eq!(sampler.timesteps().len(), steps, "{id}");
                    let mut noise = NoiseStream::new(crate::recipe::NoiseSource::TorchCpu, 1);
                    let drawn = noise.tensor((1, 4, 2, 2), &device).unwrap();
                    let mut latents = (drawn * sampler.init_noise_sigma()).unwrap();
                    for step in 0..steps {
                        let input = sampler.scale_input(&latents, step).unwrap();
                        let output = (input * 0.5).unwrap();
                        latents = sampler
                            .step(&output, step, &latents, &mut noise)
                            .unwrap()
                            .latents;
                    }
                    let sum = latents
                        .abs()
                        .unwrap()
                        .sum_all()
                        .unwrap()
                        .to_scalar::<f32>()
                        .unwrap();
                    assert!(sum.is_finite(), "{id} {schedule:?} {steps}: {sum}");
                }
            }
        }
    }
}
