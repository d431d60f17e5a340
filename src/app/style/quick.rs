//! Styles networks have learnt, and the one that is being learnt.

use std::path::{Path, PathBuf};

use egui::TextureHandle;

use crate::engine::{Failure, JobId, LessonStep};

/// What the newest loss counts in what is told: those of single steps jump.
const NEWEST: f64 = 0.05;

/// A style a network has learnt.
pub(in crate::app) struct Learnt {
    pub(in crate::app) path: PathBuf,
    /// How people call it.
    pub(in crate::app) title: String,
    /// Small; other programs do not tell how their styles look.
    pub(in crate::app) texture: Option<TextureHandle>,
}

impl Learnt {
    /// As recipes call it.
    pub(in crate::app) fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// A lesson that can go on.
pub(in crate::app) struct Paused {
    pub(in crate::app) path: PathBuf,
    pub(in crate::app) title: String,
    pub(in crate::app) done: u32,
    pub(in crate::app) steps: u32,
    pub(in crate::app) texture: TextureHandle,
}

/// The lesson that goes on.
pub(in crate::app) struct Learning {
    pub(in crate::app) job: JobId,
    pub(in crate::app) title: String,
    /// The file it went on from, if it did.
    pub(in crate::app) from: Option<PathBuf>,
    /// Its newest step.
    pub(in crate::app) step: Option<LessonStep>,
    /// What the network paints by now.
    pub(in crate::app) preview: Option<TextureHandle>,
    /// A picture goes first.
    pub(in crate::app) waits: bool,
    /// People have ended it.
    pub(in crate::app) ending: bool,
}

impl Learning {
    pub(in crate::app) const fn new(job: JobId, title: String, from: Option<PathBuf>) -> Self {
        Self {
            job,
            title,
            from,
            step: None,
            preview: None,
            waits: false,
            ending: false,
        }
    }

    /// Takes a step, its losses evened out over those before.
    pub(in crate::app) fn take(&mut self, mut step: LessonStep) {
        if let Some(before) = self.step.as_ref().filter(|before| before.style > 0.0) {
            let even = |before: f64, now: f64| {
                let now = if now > 0.0 { now } else { before };
                before + NEWEST * (now - before)
            };
            step.style = even(before.style, step.style);
            step.content = even(before.content, step.content);
        }
        self.step = Some(step);
        self.waits = false;
    }
}

/// All of them.
#[derive(Default)]
pub(in crate::app) struct QuickStyles {
    pub(in crate::app) learnt: Vec<Learnt>,
    pub(in crate::app) paused: Vec<Paused>,
    pub(in crate::app) learning: Option<Learning>,
    /// Why the last lesson came to nothing.
    pub(in crate::app) failure: Option<Failure>,
    /// They have been asked for.
    pub(in crate::app) asked: bool,
    /// A learnt style people are asked about: whether its file is to be removed.
    pub(in crate::app) doubted: Option<PathBuf>,
    /// A lesson has just ended well: what is new among the learnt ones is to be used.
    pub(in crate::app) use_newest: bool,
}

impl QuickStyles {
    /// The lesson, if it is that one.
    pub(in crate::app) fn learning_of(&mut self, job: JobId) -> Option<&mut Learning> {
        self.learning
            .as_mut()
            .filter(|learning| learning.job == job)
    }

    pub(in crate::app) fn by_name(&self, name: &str) -> Option<&Learnt> {
        self.learnt.iter().find(|learnt| learnt.name() == name)
    }

    /// Lessons nobody works on.
    pub(in crate::app) fn idle(&self) -> impl Iterator<Item = (usize, &Paused)> {
        let at_work = |paused: &Paused| {
            let learning = self.learning.as_ref();
            learning.is_some_and(|learning| match &learning.from {
                Some(path) => *path == paused.path,
                None => learning.title == paused.title,
            })
        };
        let paused = self.paused.iter().enumerate();
        paused.filter(move |(_, paused)| !at_work(paused))
    }
}

/// The name of a file of weights, as the engine finds it.
pub(in crate::app) fn name_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_told_evenly_and_a_lesson_that_goes_on_does_not_begin_at_nothing() {
        let mut learning = Learning::new(JobId(1), "Night".to_owned(), None);
        let step = |step: u32, style: f64| LessonStep {
            job: JobId(1),
            name: "Night".to_owned(),
            step,
            steps: 10,
            style,
            content: 2.0 * style,
            left: None,
        };
        learning.take(step(0, 0.0));
        learning.take(step(1, 100.0));
        learning.take(step(2, 0.0));
        learning.take(step(3, 200.0));
        let told = learning.step.unwrap();
        assert_eq!((told.step, told.style, told.content), (3, 105.0, 210.0));
    }
}
