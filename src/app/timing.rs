//! How long pictures take on this machine, as measured in earlier runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::{Figures, Stage};
use crate::recipe::{Draft, Recipe, WeightBits, calls_of, is_guided};

/// Measurements kept; the oldest go first.
const KEPT: usize = 24;

/// Measurements of earlier runs, newest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Timings(Vec<Timing>);

/// What one picture took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Timing {
    model: String,
    width: u32,
    height: u32,
    /// With guidance each step runs the network twice.
    guided: bool,
    /// How the weights were kept.
    #[serde(default)]
    weight_bits: WeightBits,
    /// Of a step without shortcuts.
    seconds_per_step: f64,
    /// Everything that is not a step, per picture; loading the model aside.
    seconds_around: f64,
}

impl Timings {
    /// Keeps what a finished job took for the work of `steps` steps without shortcuts.
    pub(super) fn learn(&mut self, recipe: &Recipe, steps: f64, pictures: u32, figures: &Figures) {
        if steps == 0.0 || pictures == 0 {
            return;
        }
        let spent = |wanted: &[Stage]| -> f64 {
            figures
                .stages
                .iter()
                .filter(|(stage, _)| wanted.contains(stage))
                .map(|(_, took)| took.as_secs_f64())
                .sum()
        };
        let timing = Timing {
            model: recipe.model.name.clone(),
            width: recipe.width,
            height: recipe.height,
            guided: is_guided(recipe.guidance),
            weight_bits: recipe.weight_bits,
            seconds_per_step: spent(&[Stage::Denoise]) / steps,
            seconds_around: spent(&[
                Stage::EncodePrompt,
                Stage::EncodePicture,
                Stage::Decode,
                Stage::Save,
            ]) / f64::from(pictures),
        };
        self.0.retain(|old| !old.same_work(&timing));
        self.0.push(timing);
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// Seconds a draft will take whose shortcuts leave `effort` of the work, from runs of the same
    /// model; `None` before the first.
    pub(super) fn estimate(&self, draft: &Draft, effort: f64) -> Option<f64> {
        let area = f64::from(draft.width) * f64::from(draft.height);
        let work = (is_guided(draft.guidance), draft.weight_bits);
        let measured = self.nearest(&draft.model, area, work)?;
        let share = area / measured.area();
        let steps = f64::from(calls_of(&draft.sampler, draft.steps)) * effort;
        let picture = measured.seconds_per_step * steps + measured.seconds_around;
        Some(picture * share * f64::from(draft.count))
    }

    /// Seconds around the steps of one picture of a recipe; 0 before anything was measured.
    pub(super) fn around(&self, recipe: &Recipe) -> f64 {
        let area = f64::from(recipe.width) * f64::from(recipe.height);
        let work = (is_guided(recipe.guidance), recipe.weight_bits);
        self.nearest(&recipe.model.name, area, work)
            .map_or(0.0, |timing| timing.seconds_around * area / timing.area())
    }

    /// The measurement of the size nearest to `area`, of weights kept so or, where there is none, in
    /// another way.
    fn nearest(
        &self,
        model: &str,
        area: f64,
        (guided, bits): (bool, WeightBits),
    ) -> Option<&Timing> {
        let distance = |timing: &Timing| (timing.area() / area).ln().abs();
        self.0
            .iter()
            .filter(|timing| timing.model == model && timing.guided == guided)
            .min_by(|a, b| {
                let others = |timing: &Timing| timing.weight_bits != bits;
                let order = others(a).cmp(&others(b));
                order.then(distance(a).total_cmp(&distance(b)))
            })
    }
}

impl Timing {
    fn same_work(&self, other: &Self) -> bool {
        self.model == other.model
            && self.width == other.width
            && self.height == other.height
            && self.guided == other.guided
            && self.weight_bits == other.weight_bits
    }

    fn area(&self) -> f64 {
        f64::from(self.width) * f64::from(self.height)
    }
}

/// Steps that tell the rate: enough to smooth, few enough to follow a machine that gets busy.
const NEWEST: usize = 8;

/// Mean of the newest steps.
pub(super) fn seconds_per_step(steps: &[Duration]) -> Option<f64> {
    let newest = &steps[steps.len().saturating_sub(NEWEST)..];
    (!newest.is_empty())
        .then(|| newest.iter().map(Duration::as_secs_f64).sum::<f64>() / newest.len() as f64)
}

/// The time of a step without shortcuts by the newest steps of some pictures, each step of which is
/// as much work as `efforts` says.
pub(super) fn seconds_per_whole_step(steps: &[Duration], efforts: &[f64]) -> Option<f64> {
    let newest = steps.len().saturating_sub(NEWEST)..steps.len();
    let work: f64 = newest
        .clone()
        .filter_map(|at| efforts.get(at % efforts.len().max(1)))
        .sum();
    (work > 0.0).then(|| steps[newest].iter().map(Duration::as_secs_f64).sum::<f64>() / work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Limits;

    fn draft() -> Draft {
        Draft {
            steps: 10,
            ..Draft::default()
        }
    }

    fn recipe(draft: &Draft) -> Recipe {
        let limits = Limits {
            size_factor: 8,
            max_side: 2048,
            max_steps: 1000,
        };
        draft.recipe(limits).unwrap()
    }

    fn figures() -> Figures {
        Figures {
            stages: vec![
                (Stage::LoadModel, Duration::from_secs(9)),
                (Stage::Denoise, Duration::from_secs(4)),
                (Stage::Decode, Duration::from_secs(1)),
            ],
            peak_memory: None,
        }
    }

    #[test]
    fn nothing_is_promised_before_anything_was_measured() {
        assert_eq!(Timings::default().estimate(&draft(), 1.0), None);
    }

    #[test]
    fn an_estimate_counts_steps_and_pictures_and_leaves_loading_out() {
        let mut timings = Timings::default();
        timings.learn(&recipe(&draft()), 20.0, 2, &figures());
        let estimate = timings.estimate(&draft(), 1.0).unwrap();
        assert!((estimate - 2.5).abs() < 1e-9, "{estimate}");
        let twice = Draft {
            count: 2,
            ..draft()
        };
        assert!((timings.estimate(&twice, 1.0).unwrap() - 5.0).abs() < 1e-9);
    }

    #[test]
    fn shortcuts_shorten_the_steps_alone_and_are_not_mistaken_for_a_faster_machine() {
        let mut timings = Timings::default();
        // Twenty steps were the work of ten.
        timings.learn(&recipe(&draft()), 10.0, 2, &figures());
        let estimate = |effort| timings.estimate(&draft(), effort).unwrap();
        assert!((estimate(1.0) - 4.5).abs() < 1e-9);
        assert!((estimate(0.5) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn larger_pictures_take_longer_and_other_models_are_unknown() {
        let mut timings = Timings::default();
        timings.learn(&recipe(&draft()), 20.0, 2, &figures());
        let large = Draft {
            width: 2 * draft().width,
            ..draft()
        };
        assert!((timings.estimate(&large, 1.0).unwrap() - 5.0).abs() < 1e-9);
        let other = Draft {
            model: "/models/other".to_owned(),
            ..draft()
        };
        assert_eq!(timings.estimate(&other, 1.0), None);
    }

    #[test]
    fn other_bits_of_the_weights_take_times_of_their_own() {
        let mut timings = Timings::default();
        let eight = Draft {
            weight_bits: WeightBits::EightBit,
            ..draft()
        };
        let estimate = |timings: &Timings, draft: &Draft| timings.estimate(draft, 1.0).unwrap();
        timings.learn(&recipe(&draft()), 20.0, 2, &figures());
        assert!((estimate(&timings, &eight) - 2.5).abs() < 1e-9);
        timings.learn(&recipe(&eight), 40.0, 2, &figures());
        assert!((estimate(&timings, &eight) - 1.5).abs() < 1e-9);
        assert!((estimate(&timings, &draft()) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn the_newest_steps_tell_the_rate() {
        let mut steps = vec![Duration::from_secs(100)];
        steps.extend([Duration::from_millis(500); 8]);
        assert_eq!(seconds_per_step(&steps), Some(0.5));
        assert_eq!(seconds_per_step(&[]), None);
    }

    #[test]
    fn the_newest_steps_tell_what_a_whole_one_takes() {
        let efforts = [1.0, 0.25, 0.25];
        let of = |seconds: &[u64]| {
            let steps: Vec<_> = seconds.iter().map(|&s| Duration::from_secs(s)).collect();
            seconds_per_whole_step(&steps, &efforts)
        };
        assert_eq!(of(&[8]), Some(8.0));
        assert_eq!(of(&[8, 2, 2, 8]), Some(8.0));
        // The first of eleven is no longer looked at.
        assert_eq!(of(&[99, 2, 2, 8, 2, 2, 8, 2, 2, 8, 2]), Some(8.0));
        assert_eq!(of(&[]), None);
        assert_eq!(seconds_per_whole_step(&[Duration::from_secs(1)], &[]), None);
    }
}
