//! What the engine told the window: models, the queue, the run, the pictures.

use std::collections::HashMap;
use std::time::Duration;

use egui::TextureHandle;

use super::ranking::Ranker;
use super::shelf::{Picture, PictureId, Shelf};
use super::timing::{seconds_per_step, seconds_per_whole_step};
use super::upscaling::Upscaling;
use super::work::Work;
use crate::engine::{
    Extras, Failure, JobId, LatentPreview, ModelCard, Note, Stage, TokenCount, Waiting,
};
use crate::raster::Extent;
use crate::recipe::{Draft, Finish, Limits, Recipe, Shortcuts, calls_of, is_guided};

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
    /// The picture that is made larger, or what came of it.
    Upscale,
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
    /// The part of the denoiser's work that its outermost layers are.
    pub(super) outer_share: f64,
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
    pub(super) fn new(job: JobId, recipe: Recipe, count: u32, outer_share: f64) -> Self {
        Self {
            job,
            steps: recipe.calls(),
            outer_share,
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
        let efforts = self.efforts();
        let per_step = seconds_per_whole_step(&self.took, &efforts)?;
        let now: f64 = efforts.iter().skip(self.step as usize).sum();
        let later = f64::from(self.count.saturating_sub(self.picture + 1));
        let each = per_step * efforts.iter().sum::<f64>() + around;
        Some(now * per_step + around + later * each)
    }

    /// The work of each step of a picture, as a part of that of a step without shortcuts.
    pub(super) fn efforts(&self) -> Vec<f64> {
        let guided = is_guided(self.recipe.guidance);
        let shortcuts = self.recipe.shortcuts;
        shortcuts.efforts(self.steps, guided, self.outer_share)
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
    /// How long the prompt is for the model.
    pub(super) tokens: Option<TokenCount>,
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
    /// The last touch of each picture that has one.
    pub(super) finishes: HashMap<PictureId, Finish>,
    pub(super) work: Work,
    pub(super) upscaling: Upscaling,
    pub(super) ranker: Ranker,
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

    /// The part of a model's denoiser that its outermost layers are, for pictures of a size; all of it
    /// as long as the model is not known.
    pub(super) fn outer_share(&self, model: &str, picture: Extent) -> f64 {
        let card = self.model().filter(|card| card.name == model);
        card.map_or(1.0, |card| card.outer_share(picture))
    }

    /// The part of the denoiser's work that is left of a draft's where these shortcuts are taken.
    pub(super) fn effort(&self, draft: &Draft, shortcuts: Shortcuts) -> f64 {
        let picture = Extent::new(draft.width, draft.height);
        let outer_share = self.outer_share(&draft.model, picture);
        let calls = calls_of(&draft.sampler, draft.steps);
        shortcuts.effort(calls, is_guided(draft.guidance), outer_share)
    }

    /// The run, while it goes on.
    pub(super) fn running(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| !run.ended)
    }

    /// Whether people watch what is being made: the run, its last picture, or nothing yet.
    pub(super) fn looks_at_the_run(&self) -> bool {
        match self.shown {
            Shown::Nothing | Shown::Run => true,
            Shown::Easel | Shown::Upscale => false,
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
            Shown::Upscale => self.upscaling.shown(),
        }
    }

    /// The last touch of what people look at; at the easel nothing is touched.
    pub(super) fn finish(&self) -> Finish {
        let id = self.current_id().filter(|_| self.shown != Shown::Easel);
        let finish = id.and_then(|id| self.finishes.get(&id));
        finish.copied().unwrap_or_default()
    }

    /// What people look at has another last touch from now on.
    pub(super) fn touch(&mut self, finish: &Finish) {
        if let Some(id) = self.current_id() {
            self.finishes.insert(id, *finish);
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
    use crate::recipe::Span;

    fn run(count: u32) -> Run {
        let draft = Draft {
            steps: 10,
            ..Draft::default()
        };
        let recipe = draft.recipe(LIMITS_UNTIL_READ).unwrap();
        Run::new(JobId(1), recipe, count, 0.2)
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

    #[test]
    fn time_left_knows_which_steps_are_short() {
        let mut run = run(1);
        run.recipe.shortcuts.guidance = Span { from: 0.0, to: 0.5 };
        run.took = vec![Duration::from_secs(2); 5];
        run.step = 5;
        assert_eq!(run.seconds_left(1.0), Some(5.0 + 1.0));
    }
}
