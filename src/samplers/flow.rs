//! The noise levels of flow matching: latents lie on the straight line from picture to noise, and the
//! level is the place on it. Agrees with diffusers' `FlowMatchEulerDiscreteScheduler`.

use serde::Deserialize;

use super::config::{SchedulerConfig, Spread};
use super::levels::{NoiseLevels, SigmaPath, rounded};
use super::schedules::Bounds;
use super::{Plan, Schedule};

/// How levels move towards the noise for a larger picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeShift {
    Exponential,
    Linear,
}

/// The factor levels move by: the model's, or for a shift by size that of a picture of so many tokens.
fn shift(config: &SchedulerConfig, tokens: usize) -> f64 {
    if config.use_dynamic_shifting != Some(true) {
        return config.shift.or(config.flow_shift).unwrap_or(1.0);
    }
    let (small, large) = (
        config.base_image_seq_len.unwrap_or(256.0),
        config.max_image_seq_len.unwrap_or(4096.0),
    );
    let (least, most) = (
        config.base_shift.unwrap_or(0.5),
        config.max_shift.unwrap_or(1.15),
    );
    let mu = least + (most - least) * (tokens as f64 - small) / (large - small);
    match config.time_shift_type.unwrap_or(TimeShift::Exponential) {
        TimeShift::Exponential => mu.exp(),
        TimeShift::Linear => mu,
    }
}

fn shifted(shift: f64, level: f64) -> f64 {
    shift * level / (1.0 + (shift - 1.0) * level)
}

impl NoiseLevels {
    /// Of a flow: those of training, moved by `shift`.
    fn of_flow(config: &SchedulerConfig, shift: f64) -> Self {
        let train = config.num_train_timesteps;
        let sigmas = (1..=train).map(|step| rounded(shifted(shift, step as f64 / train as f64)));
        let sigmas: Vec<f64> = sigmas.collect();
        Self {
            alphas_cumprod: sigmas.iter().map(|sigma| (1.0 - sigma).powi(2)).collect(),
            sigmas,
        }
    }
}

/// The levels of a run, to no noise at all.
///
/// On the model's own schedule those that move with the picture's size are spaced from 1 to where the
/// pipelines of its family end, and others down to the lowest level of training.
pub(super) fn path(plan: &Plan<'_>) -> SigmaPath {
    let Plan { config, steps, .. } = *plan;
    let shift = shift(config, plan.tokens);
    let levels = NoiseLevels::of_flow(config, shift);
    let spread = |lowest: f64| {
        let step = (1.0 - lowest) / steps.saturating_sub(1).max(1) as f64;
        let level = move |at: usize| shifted(shift, 1.0 - step * at as f64);
        (0..steps).map(level).collect::<Vec<_>>()
    };
    let moves = config.use_dynamic_shifting == Some(true);
    let mut own = match (moves, config.spread) {
        (true, Spread::AsMoved) | (_, Spread::ToOneStep) => spread(1.0 / steps as f64),
        // Moved as a level is, but not the lowest one, which the scheduler holds unmoved.
        (true, Spread::ToLowest) => spread(1.0 / config.num_train_timesteps as f64),
        (false, _) => spread(levels.sigmas[0]),
    };
    if let Some(terminal) = config.shift_terminal
        && let Some(&last) = own.last()
        && last < 1.0
    {
        let scale = (1.0 - last) / (1.0 - terminal);
        for level in &mut own {
            *level = 1.0 - (1.0 - *level) / scale;
        }
    }
    let mut sigmas = match plan.schedule.space(config) {
        None => own,
        Some(space) => space(
            &Bounds {
                levels: &levels,
                highest: own[0],
                lowest: own[steps - 1],
                aligned_for: config.aligned_for,
            },
            steps,
        ),
    };
    let train = config.num_train_timesteps as f64;
    let timesteps = sigmas.iter().map(|sigma| sigma * train).collect();
    sigmas.push(0.0);
    SigmaPath { timesteps, sigmas }.beginning_at(plan.first_step)
}

impl Schedule {
    /// Whether its levels mean anything on the straight line from picture to noise.
    pub(super) fn suits_flow(self) -> bool {
        self.id != "align_your_steps"
    }
}
