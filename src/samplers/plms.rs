//! Pseudo linear multistep method, Liu et al. 2022. Agrees with diffusers' `PNDMScheduler` that skips
//! its Runge-Kutta steps.
//!
//! The first step is done twice: from the mean of what is seen at its two ends. On other schedules than
//! the model's own the same formula runs on `alpha = 1 / (sigma² + 1)`. A run that begins midway begins
//! at its own level, where the reference begins one step above.

use candle_core::{Result, Tensor};

use super::alphas::{amplitudes, noised, spaced_alphas, trained_timesteps};
use super::config::{PredictionType, SchedulerConfig};
use super::levels::NoiseLevels;
use super::prediction::{combine, denoised_at_alpha, noise_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

/// Adams and Bashforth's weights of the latest outputs, the last one first, by how many there are.
const WEIGHTS: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

/// One call of the denoiser.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// Cumulative alpha where it is called.
    at: f64,
    /// Cumulative alphas of the move after it, which the second call makes from where the first began.
    from: f64,
    to: f64,
}

struct Plms {
    timesteps: Vec<f64>,
    looks: Vec<Look>,
    prediction: PredictionType,
    /// The latest outputs, the last one first.
    outputs: Vec<Tensor>,
    /// Where the first step began.
    begun: Option<Tensor>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, .. } = *plan;
    let levels = NoiseLevels::new(config);
    let (mut timesteps, mut looks) = match plan.schedule.space(config) {
        Some(space) => {
            let (timesteps, alphas) = spaced_alphas(&levels, plan, space);
            let looks = alphas.windows(2).map(|pair| Look {
                at: pair[0],
                from: pair[0],
                to: pair[1],
            });
            (timesteps, looks.collect())
        }
        None => trained_looks(&levels, config, plan.steps),
    };
    timesteps.drain(..plan.first_step);
    looks.drain(..plan.first_step);
    if let [first, second, ..] = looks[..] {
        let again = Look {
            at: second.at,
            from: before(&levels, plan, timesteps[1]).unwrap_or(first.from),
            to: second.at,
        };
        looks.insert(1, again);
        timesteps.insert(1, timesteps[1]);
    }
    Box::new(Plms {
        timesteps,
        looks,
        prediction: config.prediction(),
        outputs: Vec::new(),
        begun: None,
    })
}

/// The cumulative alpha one step above a training step; `None` on other schedules than the model's.
fn before(levels: &NoiseLevels, plan: &Plan<'_>, timestep: f64) -> Option<f64> {
    let stride = (levels.len() / plan.steps) as f64;
    let own = plan.schedule.space(plan.config).is_none();
    own.then(|| levels.alpha_at(timestep + stride))
}

/// Visits training steps only; each move goes `num_train_timesteps / steps` steps down.
fn trained_looks(
    levels: &NoiseLevels,
    config: &SchedulerConfig,
    steps: usize,
) -> (Vec<f64>, Vec<Look>) {
    let timesteps = trained_timesteps(config, steps);
    let last = if config.set_alpha_to_one.unwrap_or(false) {
        1.0
    } else {
        levels.alphas_cumprod[0]
    };
    let looks = timesteps
        .iter()
        .map(|&timestep| {
            let after = timestep as i64 - (levels.len() / steps) as i64;
            let at = levels.alpha_at(timestep);
            Look {
                at,
                from: at,
                to: if after < 0 {
                    last
                } else {
                    levels.alpha_at(after as f64)
                },
            }
        })
        .collect();
    (timesteps, looks)
}

impl Sampler for Plms {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor> {
        noised(latents, noise, self.looks[call].at)
    }

    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let mut latents = latents.clone();
        let mixed = if let Some(begun) = self.begun.take() {
            latents = begun;
            combine(0.5, output, 0.5, &self.outputs[0])?
        } else {
            if call == 0 {
                self.begun = Some(latents.clone());
            }
            self.outputs.truncate(WEIGHTS.len() - 1);
            self.outputs.insert(0, output.clone());
            let weights = WEIGHTS[self.outputs.len() - 1];
            let mut mixed = (&self.outputs[0] * weights[0])?;
            for (output, weight) in self.outputs.iter().zip(weights).skip(1) {
                mixed = combine(1.0, &mixed, *weight, output)?;
            }
            mixed
        };
        let Look { from, to, .. } = self.looks[call];
        let scale = amplitudes(from);
        let prediction = denoised_at_alpha(self.prediction, &mixed, scale, &latents)?;
        let noise = noise_at_alpha(self.prediction, &mixed, scale, &latents)?;
        let (signal, deviation) = amplitudes(to);
        Ok(Denoised {
            latents: combine(signal, &prediction, deviation, &noise)?,
            prediction,
        })
    }
}
