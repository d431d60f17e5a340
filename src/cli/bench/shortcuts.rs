//! What shortcuts save, and what they cost in quality: pictures of Sprout's held-out prompts with and
//! without them, from the same seeds.

use std::time::Duration;

use candle_core::Device;

use super::say_machine;
use crate::cli::{CommandError, console::say, failed};
use crate::models::{Manifest, SPROUT, ShortcutCost, StableDiffusion};
use crate::nn::{Interrupt, Keep};
use crate::pipelines::{CancelToken, Note, Observer, Outcome, Stage, StepDone, text_to_image};
use crate::recipe::{Draft, Limits, Recipe, Shortcuts, Span};

/// Prompts with subjects, colours, places and times that were never trained on together.
const CAPTIONS: &str = include_str!("../../../assets/sprout/sheet/captions.tsv");

/// Parts of the run that are guided.
const SPANS: [(f64, f64); 8] = [
    (0.0, 1.0),
    (0.0, 0.8),
    (0.0, 0.6),
    (0.0, 0.4),
    (0.1, 1.0),
    (0.2, 1.0),
    (0.1, 0.8),
    (0.2, 0.6),
];
const INTERVALS: [u32; 5] = [1, 2, 3, 5, 10];

const LIMITS: Limits = Limits {
    size_factor: 8,
    max_side: 128,
    max_steps: 1000,
};

/// Every measured pair of the two; the first leaves nothing out.
fn all() -> Vec<Shortcuts> {
    let of = |(from, to), cache_interval| Shortcuts {
        guidance: Span { from, to },
        cache_interval,
    };
    let spans = INTERVALS
        .iter()
        .flat_map(|&interval| SPANS.map(|span| of(span, interval)));
    spans.collect()
}

/// Prints a row for every way to leave something out, over so many prompts.
pub(super) fn run(pictures: usize) -> Result<(), CommandError> {
    say_machine()?;
    let manifest = Manifest::read(&SPROUT).map_err(failed)?;
    let model = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &Interrupt::never());
    let model = model.map_err(failed)?;
    let all = all();
    let mut sums = vec![Sums::default(); all.len()];
    let prompts = CAPTIONS
        .lines()
        .filter_map(|line| Some(line.split_once('\t')?.1));
    for (seed, prompt) in (0..).zip(prompts.take(pictures)) {
        let mut full = None;
        // One after the other for each prompt: what else the machine does meets all alike.
        for (shortcuts, sums) in all.iter().zip(&mut sums) {
            let draft = Draft {
                prompt: prompt.to_owned(),
                shortcuts: *shortcuts,
                seed,
                ..Draft::default()
            };
            let recipe = draft
                .recipe(LIMITS)
                .map_err(|problems| failed(format!("{problems:?}")))?;
            let drawn = draw(&model, &recipe)?;
            sums.add(full.get_or_insert_with(|| drawn.clone()), &drawn);
        }
    }
    say(ShortcutCost::COLUMNS)?;
    for (shortcuts, sums) in all.into_iter().zip(sums).skip(1) {
        say(&sums.cost(shortcuts).to_string())?;
    }
    Ok(())
}

/// A picture, and the time its steps took.
#[derive(Clone, Debug)]
struct Drawn {
    rgb: Vec<u8>,
    took: Duration,
}

fn draw(model: &StableDiffusion, recipe: &Recipe) -> Result<Drawn, CommandError> {
    let mut clock = StepClock::default();
    let outcome = text_to_image(model, recipe, &CancelToken::new(), &mut clock).map_err(failed)?;
    match outcome {
        Outcome::Made(made) => Ok(Drawn {
            rgb: made.pixels.rgb(),
            took: clock.0,
        }),
        Outcome::Cancelled => Err(CommandError::Failed("the run was cancelled".to_owned())),
    }
}

/// Adds up the time of steps.
#[derive(Debug, Default)]
struct StepClock(Duration);

impl Observer for StepClock {
    fn stage(&mut self, _stage: Stage) {}
    fn note(&mut self, _note: Note) {}
    fn step(&mut self, step: StepDone<'_>) {
        self.0 += step.took;
    }
}

/// What was measured of one way to leave something out.
#[derive(Clone, Debug, Default)]
struct Sums {
    values: f64,
    absolute: f64,
    squares: f64,
    /// Of each picture, the part of the time of the full one.
    times: Vec<f64>,
}

impl Sums {
    fn add(&mut self, full: &Drawn, drawn: &Drawn) {
        for (a, b) in full.rgb.iter().zip(&drawn.rgb) {
            let gap = f64::from(a.abs_diff(*b));
            self.absolute += gap;
            self.squares += gap * gap;
        }
        self.values += full.rgb.len() as f64;
        let time = drawn.took.as_secs_f64() / full.took.as_secs_f64();
        self.times.push(time);
    }

    /// The time is the median, since a machine that does other things too stalls now and then.
    fn cost(mut self, shortcuts: Shortcuts) -> ShortcutCost {
        self.times.sort_by(f64::total_cmp);
        let middle = self.times.get(self.times.len() / 2);
        ShortcutCost {
            shortcuts,
            time: middle.copied().unwrap_or(1.0),
            difference: self.absolute / self.values,
            psnr: 10.0 * (255.0 * 255.0 * self.values / self.squares).log10(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_leaves_nothing_out_and_each_other_something() {
        let all = all();
        assert!(all[0].are_off());
        assert!(all[1..].iter().all(|shortcuts| !shortcuts.are_off()));
    }

    #[test]
    fn differences_are_told_in_steps_of_255_and_decibels_and_time_without_stalls() {
        let drawn = |rgb: [u8; 2], seconds| Drawn {
            rgb: rgb.to_vec(),
            took: Duration::from_secs(seconds),
        };
        let mut sums = Sums::default();
        sums.add(&drawn([10, 20], 4), &drawn([13, 17], 2));
        sums.add(&drawn([0, 255], 4), &drawn([1, 254], 2));
        sums.add(&drawn([7, 7], 4), &drawn([9, 9], 60));
        let cost = sums.cost(Shortcuts::default());
        assert_eq!((cost.time, cost.difference), (0.5, 2.0));
        // Of mean square 28 / 6.
        assert!((cost.psnr - 41.441).abs() < 1e-3, "{}", cost.psnr);
    }
}
