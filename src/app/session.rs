//! What the engine told the window: models, the queue, the run, the pictures.

use std::time::Duration;

use egui::TextureHandle;

use super::shelf::{Picture, PictureId, Shelf};
use super::timing::seconds_per_step;
use super::work::Work;
use crate::engine::{Extras, Failure, JobId, LatentPreview, ModelCard, Note, Stage, Waiting};
use crate::recipe::{Limits, Recipe};

/// What a draft may ask before its model has been read.
const LIMITS_UNTIL_READ: Limits = Limits {
    size_factor: 8,
    max_side: 2048,
    max_steps: 1000,
};

/// What is known of the model the form names.
#[derive(Debug, Default)]
pub(super) enum Card {
    #[default]
    Reading,
    Known(Box<ModelCard>),
    Failed(Failure),
}

/// What the canvas shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    Nothing,
    /// Whatever the run makes: previews and pictures as they come.
    Run,
    Picture(PictureId),
    /// The picture on the easel, with its mask.
    Easel,
}

/// The job that runs, or the last one that did.
pub(super) struct Run {
    pub(super) job: JobId,
    pub(super) recipe: Recipe,
    pub(super) count: u32,
    /// The picture being made, from 0.
    pub(super) picture: u32,
    pub(super) stage: Option<Stage>,
    /// Steps done of the picture being made.
    pub(super) step: u32,
    pub(super) steps: u32,
    /// Time of each step of the run.
    pub(super) took: Vec<Duration>,
    /// Finished pictures.
    pub(super) pictures: Vec<PictureId>,
    /// The newest state of the picture being made, small.
    pub(super) preview: Option<TextureHandle>,
    /// The same as it came.
    pub(super) latent: Option<LatentPreview>,
    /// The picture that arrived after the last preview.
    pub(super) latest: Option<PictureId>,
    /// People asked it to end.
    pub(super) ending: bool,
    pub(super) ended: bool,
}

impl Run {
    pub(super) fn new(job: JobId, recipe: Recipe, count: u32) -> Self {
        Self {
            job,
            steps: recipe.steps,
            recipe,
            count,
            picture: 0,
            stage: None,
            step: 0,
            took: Vec::new(),
            pictures: Vec::new(),
            preview: None,
            latent: None,
            latest: None,
            ending: false,
            ended: false,
        }
    }

    /// Mean time of the newest steps, in seconds.
    pub(super) fn seconds_per_step(&self) -> Option<f64> {
        seconds_per_step(&self.took)
    }

    /// Seconds until the run ends, once a step has been measured; `around` is the time one picture
    /// takes beside its steps.
    pub(super) fn seconds_left(&self, around: f64) -> Option<f64> {
        let per_step = self.seconds_per_step()?;
        let steps_now = f64::from(self.steps.saturating_sub(self.step));
        let later = f64::from(self.count.saturating_sub(self.picture + 1));
        let each = per_step * f64::from(self.steps) + around;
        Some(steps_now * per_step + around + later * each)
    }
}

/// A message that has no other place.
pub(super) struct Toast {
    pub(super) text: String,
    pub(super) bad: bool,
    /// Settings can be brought back.
    pub(super) undo: bool,
    /// When it goes, in egui's time.
    pub(super) until: f64,
}

/// What the engine told, in the window's words.
#[derive(Default)]
pub(super) struct Session {
    pub(super) card: Card,
    /// Tokens of the prompt, and how many the model takes.
    pub(super) tokens: Option<(usize, usize)>,
    /// What people should know about the run.
    pub(super) notes: Vec<Note>,
    pub(super) queue: Vec<Waiting>,
    pub(super) run: Option<Run>,
    /// Why the last job came to nothing.
    pub(super) failure: Option<Failure>,
    /// The engine takes no requests.
    pub(super) unavailable: bool,
    pub(super) settings_failure: Option<Failure>,
    pub(super) shelf: Shelf,
    pub(super) shown: Shown,
    pub(super) work: Work,
    /// The picture at the easel is seen beside what was there before.
    pub(super) comparing: bool,
    /// Which further weights there are.
    pub(super) extras: Extras,
    pub(super) toast: Option<Toast>,
}

impl Session {
    pub(super) fn limits(&self) -> Limits {
        self.model().map_or(LIMITS_UNTIL_READ, |card| card.limits)
    }

    pub(super) fn model(&self) -> Option<&ModelCard> {
        match &self.card {
            Card::Known(card) => Some(card),
            Card::Reading | Card::Failed(_) => None,
        }
    }

    /// The run, while it goes on.
    pub(super) fn running(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| !run.ended)
    }

    /// Whether people watch what is being made: the run, its last picture, or nothing yet.
    pub(super) fn looks_at_the_run(&self) -> bool {
        match self.shown {
            Shown::Nothing | Shown::Run => true,
            Shown::Easel => false,
            Shown::Picture(id) => {
                let last = self.run.as_ref().and_then(|run| run.pictures.last());
                last == Some(&id)
            }
        }
    }

    /// The finished picture people look at.
    pub(super) fn current(&self) -> Option<&Picture> {
        self.shelf.get(self.current_id()?)
    }

    pub(super) fn current_id(&self) -> Option<PictureId> {
        match self.shown {
            Shown::Nothing => None,
            Shown::Run => self.run.as_ref().and_then(|run| run.latest),
            Shown::Picture(id) => Some(id),
            Shown::Easel => self.work.picture,
        }
    }

    /// The recipe of what people look at.
    pub(super) fn current_recipe(&self) -> Option<Recipe> {
        match (self.current(), &self.run) {
            (Some(picture), _) => picture.recipe.clone(),
            (None, Some(run)) if self.shown == Shown::Run => {
                Some(run.recipe.for_picture(run.picture))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Draft;

    fn run(count: u32) -> Run {
        let draft = Draft {
            steps: 10,
            ..Draft::default()
        };
        Run::new(JobId(1), draft.recipe(LIMITS_UNTIL_READ).unwrap(), count)
    }

    #[test]
    fn time_left_comes_from_measured_steps_alone() {
        let mut run = run(1);
        assert_eq!(run.seconds_left(1.0), None);
        run.took.push(Duration::from_millis(500));
        run.step = 4;
        assert_eq!(run.seconds_left(1.0), Some(4.0));
    }

    #[test]
    fn time_left_counts_the_pictures_to_come() {
        let mut run = run(3);
        run.took.push(Duration::from_millis(500));
        run.step = 10;
        assert_eq!(run.seconds_left(1.0), Some(1.0 + 2.0 * 6.0));
    }
}
