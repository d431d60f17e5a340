//! Noise schedules and solvers: how noise becomes latents, step by step.
//!
//! A sampler is a row in [`SOLVERS`], a schedule a row in `schedules`. All samplers agree with the
//! reference named in their file on the same configuration and the same noise.

mod alphas;
mod config;
mod ddim;
mod ddpm;
mod dpm_2;
mod dpmpp_2m;
mod dpmpp_2m_sde;
mod dpmpp_2s;
mod dpmpp_3m_sde;
mod dpmpp_sde;
mod euler;
mod flow;
mod halves;
mod heun;
mod lcm;
mod levels;
mod lms;
mod multistep;
mod noise;
mod plms;
mod prediction;
mod schedules;
mod sigma_scale;
mod tcd;
mod uni_pc;

use candle_core::{Result, Tensor};

pub use config::{
    AlignedFor, BetaSchedule, FinalSigmas, PredictionType, SchedulerConfig, SolverType, Spacing,
    Spread, UnsupportedSchedule, Variance,
};
pub use flow::TimeShift;
use noise::BrownianNoise;
pub use noise::NoiseStream;
pub use schedules::Schedule;

/// One run of a sampler: a fixed path of noise levels and the state carried between calls of the
/// denoiser. Some samplers call it twice in a step; what runs them sees calls alone.
pub trait Sampler: Send {
    /// What the denoiser is told at each call; its length is the number of calls.
    fn timesteps(&self) -> &[f64];

    /// What the drawn noise is multiplied with before the first call; 1 where latents keep the
    /// variance the denoiser was trained with.
    fn init_noise_sigma(&self) -> f64 {
        1.0
    }

    /// Noise-free `latents` at the noise level of `call`; `noise` is of their shape and of unit
    /// variance.
    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor>;

    /// The denoiser's input at `call`, from `latents` `[batch, channels, height, width]`.
    fn scale_input(&self, latents: &Tensor, _call: usize) -> Result<Tensor> {
        Ok(latents.clone())
    }

    /// Moves `latents` on to the level of the next call, given the denoiser's `output` of the same
    /// shape. Noise that a sampler adds is the next of `noise`, the stream the initial latents came
    /// from, or of a Brownian path of its seed.
    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised>;
}

/// What a run asks of a sampler.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    pub config: &'a SchedulerConfig,
    pub schedule: Schedule,
    /// Of the whole path from noise to picture, at least 1.
    pub steps: usize,
    /// The one to begin with, below `steps`: 0 from noise alone.
    pub first_step: usize,
    /// Positions of the picture that the denoiser attends to: flow models may shift their levels by
    /// them.
    pub tokens: usize,
}

/// What one step gives.
#[derive(Debug)]
pub struct Denoised {
    /// The latents at the next noise level.
    pub latents: Tensor,
    /// The picture as the denoiser now sees it, free of noise: what previews show.
    pub prediction: Tensor,
}

/// A solver people can choose.
#[derive(Debug)]
pub struct Solver {
    /// Of its row in [`crate::recipe::SAMPLERS`].
    pub id: &'static str,
    build: fn(&Plan<'_>) -> Box<dyn Sampler>,
    /// Whether it holds where latents lie on the straight line from picture to noise.
    flows: bool,
}

/// Every solver, in the order of the rows.
pub const SOLVERS: &[Solver] = &[
    solver("dpmpp_2m", dpmpp_2m::build),
    flowing("euler", euler::build),
    solver("euler_ancestral", euler::build_ancestral),
    flowing("heun", heun::build),
    flowing("dpm_2", dpm_2::build),
    solver("dpm_2_ancestral", dpm_2::build_ancestral),
    solver("dpmpp_2s_ancestral", dpmpp_2s::build),
    solver("dpmpp_sde", dpmpp_sde::build),
    solver("dpmpp_2m_sde", dpmpp_2m_sde::build),
    solver("dpmpp_3m_sde", dpmpp_3m_sde::build),
    flowing("lms", lms::build),
    solver("ddim", ddim::build),
    solver("ddpm", ddpm::build),
    solver("plms", plms::build),
    solver("uni_pc", uni_pc::build),
    solver("lcm", lcm::build),
    solver("tcd", tcd::build),
];

const fn solver(id: &'static str, build: fn(&Plan<'_>) -> Box<dyn Sampler>) -> Solver {
    Solver {
        id,
        build,
        flows: false,
    }
}

const fn flowing(id: &'static str, build: fn(&Plan<'_>) -> Box<dyn Sampler>) -> Solver {
    Solver {
        id,
        build,
        flows: true,
    }
}

impl Solver {
    /// The solver of the given id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        SOLVERS.iter().find(|solver| solver.id == id)
    }

    /// Those that hold where latents lie on the straight line from picture to noise.
    pub fn flowing() -> impl Iterator<Item = &'static Self> {
        SOLVERS.iter().filter(|solver| solver.flows)
    }

    /// Whether it can take a schedule with a model of the given configuration.
    pub fn suits(&self, schedule: Schedule, config: &SchedulerConfig) -> bool {
        !config.is_flow() || (self.flows && schedule.suits_flow())
    }

    /// A run of it. It must suit the plan's schedule and configuration.
    pub fn start(&self, plan: &Plan<'_>) -> Box<dyn Sampler> {
        (self.build)(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{NoiseSource, SAMPLERS, SCHEDULES, calls_of};

    #[test]
    fn every_sampler_people_can_choose_has_a_solver_and_the_reverse() {
        let rows: Vec<_> = SAMPLERS.iter().map(|row| row.id).collect();
        let solvers: Vec<_> = SOLVERS.iter().map(|solver| solver.id).collect();
        assert_eq!(rows, solvers);
        assert!(
            SCHEDULES
                .iter()
                .all(|row| Schedule::by_id(row.id).is_some())
        );
    }

    /// The sum of absolute latents at the end of a run over a denoiser that halves.
    fn run(solver: &Solver, plan: &Plan<'_>) -> f32 {
        let device = candle_core::Device::Cpu;
        let mut sampler = solver.start(plan);
        let calls = calls_of(solver.id, (plan.steps - plan.first_step) as u32);
        assert_eq!(sampler.timesteps().len(), calls as usize, "{}", solver.id);
        let mut noise = NoiseStream::new(NoiseSource::TorchCpu, 1);
        let drawn = noise.tensor((1, 4, 2, 2), &device).unwrap();
        let mut latents = (drawn * sampler.init_noise_sigma()).unwrap();
        for call in 0..sampler.timesteps().len() {
            let input = sampler.scale_input(&latents, call).unwrap();
            let output = (input * 0.5).unwrap();
            let done = sampler.step(&output, call, &latents, &mut noise).unwrap();
            latents = done.latents;
        }
        let sum = latents.abs().unwrap().sum_all().unwrap();
        sum.to_scalar().unwrap()
    }

    #[test]
    fn every_sampler_takes_any_number_of_steps_from_any_on_and_ends_finite() {
        let config = SchedulerConfig::default();
        for solver in SOLVERS {
            for row in SCHEDULES {
                for (steps, first_step) in [(1, 0), (2, 0), (3, 0), (17, 0), (7, 1), (9, 5), (4, 3)]
                {
                    let plan = Plan {
                        config: &config,
                        schedule: Schedule::by_id(row.id).unwrap(),
                        steps,
                        first_step,
                        tokens: 1,
                    };
                    let sum = run(solver, &plan);
                    let what = format!("{} {} {steps} from {first_step}", solver.id, row.id);
                    assert!(sum.is_finite(), "{what}: {sum}");
                }
            }
        }
    }

    #[test]
    fn flow_models_are_drawn_by_solvers_of_their_line_alone() {
        let config: SchedulerConfig = serde_json::from_str(
            r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}"#,
        )
        .unwrap();
        let karras = Schedule::by_id("karras").unwrap();
        let aligned = Schedule::by_id("align_your_steps").unwrap();
        let euler = Solver::by_id("euler").unwrap();
        assert!(euler.suits(Schedule::NORMAL, &config) && euler.suits(karras, &config));
        assert!(!euler.suits(aligned, &config));
        assert!(euler.suits(aligned, &SchedulerConfig::default()));
        assert!(
            !Solver::by_id("ddim")
                .unwrap()
                .suits(Schedule::NORMAL, &config)
        );
        for solver in SOLVERS.iter().filter(|solver| solver.flows) {
            let plan = Plan {
                config: &config,
                schedule: Schedule::NORMAL,
                steps: 6,
                first_step: 2,
                tokens: 1,
            };
            assert!(run(solver, &plan).is_finite(), "{}", solver.id);
        }
    }
}
