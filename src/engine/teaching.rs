//! Lessons: a network is taught a style, step by step, until something else is to be done.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::Tensor;

use super::inference::Inference;
use super::protocol::{
    Failure, Lesson as Asked, LessonStep, NewLesson, Order, PicturePreview, Preview, Teaching,
};
use super::runner::{JobListener, LessonEnding};
use crate::nn::{Interrupt, Products};
use crate::pipelines::{
    CancelToken, Features, FeaturesNeed, LAYER_SETS, StyleEyes, StyleJudge, Wish,
};
use crate::training::quick_style::{
    Contents, FIDELITY, Judge, Judgement, Lesson, LessonError, finished_file, unfinished_file,
};
use crate::weights::{Extras, QUICK_STYLES};

/// Steps from one preview to the next.
const SHOWN_EVERY: u32 = 10;
/// Longest side of a preview, in pixels.
const SHOWN_SIDE: u32 = 256;
/// Steps the time that is left is reckoned from.
const RECENT: usize = 20;

impl Inference {
    /// Teaches until the style is learnt or `token` is raised; its state is on the disk then.
    pub(super) fn teach_style(
        &mut self,
        teaching: &Teaching,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<LessonEnding, Failure> {
        let (mut lesson, path) = self.lesson(&teaching.lesson)?;
        let interrupt = token.interrupt_at(Wish::Stop);
        match self.go_through(&mut lesson, &path, teaching, &interrupt, listener) {
            Err(Failure::Computation { .. }) if interrupt.is_asked() => {}
            gone => gone?,
        }
        if !lesson.is_over() {
            lesson.save(&path)?;
            return Ok(LessonEnding::Paused(path));
        }
        lesson.finish(&finished_file(&path))?;
        if let Err(error) = std::fs::remove_file(&path) {
            log::warn!("the state of a lesson that is over stays on the disk: {error}");
        }
        Ok(LessonEnding::Learnt)
    }

    fn go_through(
        &mut self,
        lesson: &mut Lesson,
        path: &Path,
        teaching: &Teaching,
        interrupt: &Interrupt,
        listener: &mut dyn JobListener,
    ) -> Result<(), Failure> {
        let order = lesson.order().clone();
        let tell = |learnt: (u32, f64, f64), left: Option<Duration>| LessonStep {
            job: teaching.id,
            name: order.name.clone(),
            step: learnt.0,
            steps: order.steps,
            style: learnt.1,
            content: learnt.2,
            left,
        };
        listener.lesson(tell((lesson.done(), 0.0, 0.0), None));
        let features = Features::by_id(&order.features);
        let vgg = if features.is_some_and(|known| known.needs == FeaturesNeed::Vgg) {
            let set = &LAYER_SETS[0];
            Some((
                self.resident
                    .vgg(&self.extras, set.last(), Products::Fast)?
                    .network,
                set,
            ))
        } else {
            None
        };
        let eyes = StyleEyes::new(lesson.style(), vgg, interrupt).map_err(computation)?;
        let judge = eyes.judge(Lesson::SIZE, FIDELITY, interrupt);
        let mut judge = OfStyle(judge.map_err(computation)?);
        let contents = Contents::read(&order.contents);
        let mut recent = VecDeque::with_capacity(RECENT + 1);
        while !lesson.is_over() {
            let started = Instant::now();
            let learnt = lesson.step(&mut judge, &contents, interrupt);
            let learnt = learnt.map_err(computation)?;
            recent.push_back(started.elapsed());
            if recent.len() > RECENT {
                recent.pop_front();
            }
            let pace = recent.iter().sum::<Duration>() / recent.len() as u32;
            let left = pace * (order.steps - learnt.done);
            listener.lesson(tell(
                (learnt.done, learnt.style, learnt.content),
                Some(left),
            ));
            if lesson.is_to_be_saved() && !lesson.is_over() {
                lesson.save(path)?;
            }
            if learnt.done % SHOWN_EVERY == 1 {
                let painted = lesson.preview(&contents, SHOWN_SIDE, interrupt);
                listener.preview(Preview::Picture(PicturePreview {
                    job: teaching.id,
                    step: learnt.done,
                    pixels: Arc::new(painted.map_err(computation)?),
                }));
            }
        }
        Ok(())
    }

    /// The lesson as far as it is, and the file of its state.
    fn lesson(&self, asked: &Asked) -> Result<(Lesson, PathBuf), Failure> {
        match asked {
            Asked::Unfinished(path) => Ok((Lesson::open(path)?, path.clone())),
            Asked::New(new) => {
                let extras = Extras::of(&self.extras);
                let order = order(new, &extras);
                let finished = match &new.file {
                    Some(file) => file.clone(),
                    None => free_file(&self.extras.join(QUICK_STYLES), &new.name),
                };
                let path = unfinished_file(&finished);
                let kept = Lesson::open(&path).ok();
                if let Some(kept) = kept.filter(|kept| *kept.order() == order) {
                    return Ok((kept, path));
                }
                let lesson = Lesson::begin(order, &new.style);
                lesson.save(&path)?;
                Ok((lesson, path))
            }
        }
    }
}

/// The best there is sees the style.
fn order(new: &NewLesson, extras: &Extras) -> Order {
    Order {
        name: new.name.clone(),
        style: new.style.sha256(),
        features: Features::best(extras).id.to_owned(),
        steps: new.steps,
        seed: new.seed,
        contents: new.contents.clone(),
    }
}

/// A file nobody has in a folder, named like the style.
fn free_file(folder: &Path, name: &str) -> PathBuf {
    let name: String = name
        .chars()
        .map(|letter| match letter {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '.' => '-',
            letter if letter.is_control() => '-',
            letter => letter,
        })
        .collect();
    let name = name.trim();
    let named = |number: u32| match number {
        1 => folder.join(format!("{name}.safetensors")),
        _ => folder.join(format!("{name} {number}.safetensors")),
    };
    let free = |path: &PathBuf| !path.exists() && !unfinished_file(path).exists();
    (1..=u32::MAX)
        .map(named)
        .find(free)
        .unwrap_or_else(|| named(1))
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn computation(error: candle_core::Error) -> Failure {
    Failure::Computation {
        reason: error.to_string(),
    }
}

impl From<LessonError> for Failure {
    fn from(error: LessonError) -> Self {
        match error {
            LessonError::Model(error) => Self::Model(error),
            LessonError::File(error) => Self::File(error),
            LessonError::Computation(reason) => Self::Computation { reason },
        }
    }
}

/// Who takes a style as pictures take it judges what learns it.
struct OfStyle<'a>(StyleJudge<'a>);

impl Judge for OfStyle<'_> {
    fn judge(
        &mut self,
        picture: &Tensor,
        content: &Tensor,
        interrupt: &Interrupt,
    ) -> candle_core::Result<Judgement> {
        let (style, content, gradient) = self.0.losses(picture, content, interrupt)?;
        Ok(Judgement {
            style,
            content,
            gradient,
        })
    }
}
