//! DPM-Solver++ (2M), Lu et al. 2022: a second-order multistep solver in the data prediction.
//! Agrees with diffusers' `DPMSolverMultistepScheduler`, also where a model's file asks for another
//! order or for the stochastic form.
//!
//! On other schedules than the model's own and Karras' the denoiser is told the nearest training step,
//! where the reference tells the one below.

use candle_core::{Result, Tensor};

use super::config::{PredictionType, SolverType};
use super::levels::SigmaPath;
use super::multistep::{amplitudes, lambda, path};
use super::prediction::{combine, denoised_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

/// Below this many steps the last ones are of lower order, for stability.
const FEW_STEPS: usize = 15;

struct DpmSolver {
    path: SigmaPath,
    prediction: PredictionType,
    solver: SolverType,
    order: usize,
    first_order_last: bool,
    second_order_next_to_last: bool,
    /// 1 where each step adds fresh noise, and goes down twice as fast.
    eta: f64,
    /// Pictures seen at the latest steps, the last one first.
    seen: Vec<Tensor>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, steps, .. } = *plan;
    let ends_at_zero = config.final_sigmas_type != Some(super::FinalSigmas::SigmaMin);
    let few = config.lower_order_final.unwrap_or(true) && steps < FEW_STEPS;
    Box::new(DpmSolver {
        path: path(plan, config.lambda_min_clipped),
        prediction: config.prediction(),
        solver: config.solver_type.unwrap_or(SolverType::Midpoint),
        order: config.solver_order.unwrap_or(2),
        first_order_last: ends_at_zero || config.euler_at_final == Some(true) || few,
        second_order_next_to_last: few,
        eta: if config.is_stochastic() { 1.0 } else { 0.0 },
        seen: Vec::new(),
    })
}

impl DpmSolver {
    /// The order of a step, as far as there are steps before it.
    fn order_at(&self, call: usize) -> usize {
        let left = self.path.timesteps.len() - call;
        let most = match left {
            1 if self.first_order_last => 1,
            2 if self.second_order_next_to_last => 2,
            _ => self.order,
        };
        most.min(self.seen.len())
    }

    /// What steps before add to the move of a step of length `h`, and how much of it; `fast` is the
    /// length the picture is approached by, and `weight` the first-order move.
    fn bend(
        &self,
        call: usize,
        h: f64,
        (fast, weight): (f64, f64),
    ) -> Result<Option<(Tensor, f64)>> {
        let length = |back: usize| {
            let sigmas = &self.path.sigmas[call - back..];
            lambda(sigmas[1]) - lambda(sigmas[0])
        };
        let phi_2 = 1.0 + (-fast).exp_m1() / fast;
        let found = match (self.order_at(call), &self.seen[..]) {
            (2, [now, before, ..]) => {
                let share = h / length(1);
                let slope = combine(share, now, -share, before)?;
                let weight = match self.solver {
                    // UniPC's formulas are not this solver's, which takes its usual one.
                    SolverType::Midpoint | SolverType::Bh1 | SolverType::Bh2 => 0.5 * weight,
                    SolverType::Heun => phi_2,
                };
                Some((slope, weight))
            }
            (3, [now, one, two]) => {
                let (r0, r1) = (length(1) / h, length(2) / h);
                let near = combine(1.0 / r0, now, -1.0 / r0, one)?;
                let far = combine(1.0 / r1, one, -1.0 / r1, two)?;
                let turn = ((&near - &far)? / (r0 + r1))?;
                let slope = combine(1.0, &near, r0, &turn)?;
                let phi_3 = phi_2 / fast - 0.5;
                Some((combine(phi_2, &slope, -phi_3, &turn)?, 1.0))
            }
            _ => None,
        };
        Ok(found)
    }
}

impl Sampler for DpmSolver {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor> {
        let (alpha, sigma) = amplitudes(self.path.sigmas[call]);
        combine(alpha, latents, sigma, noise)
    }

    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (sigma, next) = (self.path.sigmas[call], self.path.sigmas[call + 1]);
        let (from, (alpha, to)) = (amplitudes(sigma), amplitudes(next));
        let prediction = denoised_at_alpha(self.prediction, output, from, latents)?;
        self.seen.truncate(self.order.max(1) - 1);
        self.seen.insert(0, prediction.clone());
        let h = lambda(next) - lambda(sigma);
        let fast = h * (1.0 + self.eta);
        let weight = -(-fast).exp_m1();
        let mut kept = to / from.1;
        if self.eta > 0.0 {
            kept *= (-self.eta * h).exp();
        }
        let mut moved = combine(kept, latents, alpha * weight, &prediction)?;
        if let Some((bend, share)) = self.bend(call, h, (fast, weight))? {
            moved = combine(1.0, &moved, alpha * share, &bend)?;
        }
        if self.eta > 0.0 {
            let drawn = noise.like(latents)?;
            moved = combine(1.0, &moved, to * weight.sqrt(), &drawn)?;
        }
        Ok(Denoised {
            latents: moved,
            prediction,
        })
    }
}
