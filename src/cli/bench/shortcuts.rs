//! What shortcuts and fewer bits of the weights save, and what they cost in quality: pictures of Sprout's held-out prompts with and
//! without them, from the same seeds.

use std::time::Duration;

use candle_core::Device;

use super::say_machine;
use super::widened::write_widened;
use crate::cli::{CommandError, console::say, failed};
use crate::models::{Manifest, Measured, SPROUT, ShortcutCost, StableDiffusion, WeightCost};
use crate::nn::Interrupt;
use crate::pipelines::{CancelToken, Note, Observer, Outcome, Stage, StepDone, text_to_image};
use crate::recipe::{Draft, Limits, Recipe, Shortcuts, Span, WeightBits};
use crate::weights::{FolderFiles, ModelError, ModelFiles};

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
    max_side: 256,
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
    let model = load(&SPROUT, WeightBits::AsStored).map_err(failed)?;
    let all = all();
    let mut sums = vec![Sums::default(); all.len()];
    for (seed, prompt) in (0..).zip(prompts().take(pictures)) {
        let mut full = None;
        // One after the other for each prompt: what else the machine does meets all alike.
        for (shortcuts, sums) in all.iter().zip(&mut sums) {
            let recipe = recipe(prompt, seed, *shortcuts)?;
            let drawn = draw(&model, &recipe)?;
            sums.add(full.get_or_insert_with(|| drawn.clone()), &drawn);
        }
    }
    say(&ShortcutCost::columns())?;
    for (shortcuts, sums) in all.into_iter().zip(sums).skip(1) {
        let measured = sums.measured();
        let cost = ShortcutCost {
            shortcuts,
            measured,
        };
        say(&cost.to_string())?;
    }
    fewer_bits(pictures)
}

/// Prints a row for every way to keep the weights in fewer bits, of a model that stores 32.
fn fewer_bits(pictures: usize) -> Result<(), CommandError> {
    let folder = tempfile::tempdir().map_err(failed)?;
    write_widened(folder.path())?;
    let widened = FolderFiles::new(folder.path());
    let models = WeightBits::ALL.map(|bits| load(&widened, bits));
    let mut sums = WeightBits::ALL.map(|_| Sums::default());
    for (seed, prompt) in (0..).zip(prompts().take(pictures)) {
        let recipe = recipe(prompt, seed, Shortcuts::default())?;
        let mut full = None;
        for (model, sums) in models.iter().zip(&mut sums) {
            let drawn = match model {
                Ok(model) => draw(model, &recipe)?,
                Err(error) => return Err(failed(error)),
            };
            sums.add(full.get_or_insert_with(|| drawn.clone()), &drawn);
        }
    }
    say(&WeightCost::columns())?;
    for (bits, sums) in WeightBits::ALL.into_iter().zip(sums).skip(1) {
        let measured = sums.measured();
        say(&WeightCost { bits, measured }.to_string())?;
    }
    Ok(())
}

fn load(files: &dyn ModelFiles, bits: WeightBits) -> Result<StableDiffusion, ModelError> {
    let manifest = Manifest::read(files)?;
    StableDiffusion::load(manifest, &Device::Cpu, bits.into(), &Interrupt::never())
}

fn prompts() -> impl Iterator<Item = &'static str> {
    let rows = CAPTIONS.lines();
    rows.filter_map(|line| Some(line.split_once('\t')?.1))
}

fn recipe(prompt: &str, seed: u64, shortcuts: Shortcuts) -> Result<Recipe, CommandError> {
    let draft = Draft {
        prompt: prompt.to_owned(),
        shortcuts,
        seed,
        ..Draft::default()
    };
    draft
        .recipe(LIMITS)
        .map_err(|problems| failed(format!("{problems:?}")))
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
    fn measured(mut self) -> Measured {
        self.times.sort_by(f64::total_cmp);
        let middle = self.times.get(self.times.len() / 2);
        Measured {
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
        let cost = sums.measured();
        assert_eq!((cost.time, cost.difference), (0.5, 2.0));
        // Of mean square 28 / 6.
        assert!((cost.psnr - 41.441).abs() < 1e-3, "{}", cost.psnr);
    }
}
