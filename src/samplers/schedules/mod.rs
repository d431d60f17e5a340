//! Schedules: which noise levels a run visits. Each is a file and a row in [`SPACES`].
//!
//! `normal` has no row: it is what the model's own configuration says.

mod align_your_steps;
mod beta;
mod ddim_uniform;
mod exponential;
mod karras;
mod polyexponential;
mod sgm_uniform;
mod simple;

use super::config::{AlignedFor, SchedulerConfig};
use super::levels::NoiseLevels;

/// Which path a sampler takes through the noise levels.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pub(super) id: &'static str,
    space: Option<Space>,
}

/// `steps` noise levels, highest first, without the one after the last step.
pub(super) type Space = fn(&Bounds<'_>, usize) -> Vec<f64>;

/// What levels are spaced within.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'a> {
    /// Of training.
    pub(super) levels: &'a NoiseLevels,
    /// What a schedule of two ends begins with.
    pub(super) highest: f64,
    /// What a schedule of two ends ends with.
    pub(super) lowest: f64,
    pub(super) aligned_for: AlignedFor,
}

/// Every schedule but `normal`, by the id of its row in [`crate::recipe::SCHEDULES`].
const SPACES: &[(&str, Space)] = &[
    ("karras", karras::space),
    ("exponential", exponential::space),
    ("polyexponential", polyexponential::space),
    ("sgm_uniform", sgm_uniform::space),
    ("align_your_steps", align_your_steps::space),
    ("simple", simple::space),
    ("ddim_uniform", ddim_uniform::space),
    ("beta", beta::space),
];

impl Schedule {
    /// The model's own, from its `scheduler_config.json`.
    pub const NORMAL: Self = Self {
        id: "normal",
        space: None,
    };

    /// The schedule a recipe names.
    pub fn by_id(id: &str) -> Option<Self> {
        if id == Self::NORMAL.id {
            return Some(Self::NORMAL);
        }
        let (id, space) = SPACES.iter().find(|(name, _)| *name == id)?;
        Some(Self {
            id,
            space: Some(*space),
        })
    }

    /// How levels are spaced, where it is not as in training. A model's own schedule may itself be one
    /// of ours.
    pub(super) fn space(self, config: &SchedulerConfig) -> Option<Space> {
        let own = [
            (config.use_karras_sigmas, karras::space as Space),
            (config.use_exponential_sigmas, exponential::space),
            (config.use_beta_sigmas, beta::space),
        ];
        let own = own.iter().find(|(asked, _)| *asked == Some(true));
        self.space.or_else(|| own.map(|(_, space)| *space))
    }
}

/// From 0 at the first of some steps to 1 at the last.
fn ramp(steps: usize) -> impl Iterator<Item = f64> {
    let last = steps.saturating_sub(1).max(1) as f64;
    (0..steps).map(move |step| step as f64 / last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::SCHEDULES;

    #[test]
    fn every_schedule_people_can_choose_is_there_and_the_reverse() {
        let rows: Vec<_> = SCHEDULES.iter().map(|row| row.id).collect();
        let spaces: Vec<_> = SPACES.iter().map(|(id, _)| *id).collect();
        assert_eq!(rows[0], "normal");
        assert_eq!(rows[1..], spaces);
    }

    #[test]
    fn every_schedule_gives_as_many_levels_as_there_are_steps_each_below_the_last() {
        let config = SchedulerConfig::default();
        let levels = NoiseLevels::new(&config);
        let bounds = Bounds {
            levels: &levels,
            highest: levels.sigmas[levels.len() - 1],
            lowest: levels.sigmas[0],
            aligned_for: AlignedFor::StableDiffusion,
        };
        for (id, space) in SPACES {
            for steps in [1, 2, 7, 30, 500] {
                let sigmas = space(&bounds, steps);
                assert_eq!(sigmas.len(), steps, "{id}");
                assert!(
                    sigmas.windows(2).all(|pair| pair[0] > pair[1]),
                    "{id}: {sigmas:?}"
                );
                assert!(sigmas.iter().all(|sigma| *sigma > 0.0), "{id}");
            }
        }
    }

    #[test]
    fn a_models_own_schedule_may_be_one_of_ours_and_what_people_choose_goes_before_it() {
        let config = SchedulerConfig {
            use_beta_sigmas: Some(true),
            ..SchedulerConfig::default()
        };
        let same = |a: Option<Space>, b: Space| a.is_some_and(|a| std::ptr::fn_addr_eq(a, b));
        assert!(same(Schedule::NORMAL.space(&config), beta::space));
        let chosen = Schedule::by_id("karras").unwrap();
        assert!(same(chosen.space(&config), karras::space));
        let plain = SchedulerConfig::default();
        assert!(Schedule::NORMAL.space(&plain).is_none());
    }
}
