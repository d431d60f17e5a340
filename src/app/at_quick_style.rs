//! Makes quick styles at the style table, and uses them.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, TextureHandle, TextureOptions};

use super::App;
use super::canvas::color_image;
use super::style::{Learning, Learnt, Paused, Slot, name_of};
use super::words::{of_style, words};
use crate::engine::{
    Failure, JobId, Lesson, LessonStep, NewLesson, PicturePreview, QuickStyle, Request, Teaching,
    Unfinished,
};
use crate::raster::Pixels;
use crate::recipe::Task;
use crate::training::quick_style::USUAL_STEPS;

/// What there is to do with quick styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuickAction {
    /// Teach a network the style on the table.
    Make,
    /// End the lesson, and keep what was learnt.
    Stop,
    /// Go on with a lesson, by its place.
    Continue(usize),
    /// Remove what is there of a lesson.
    Forget(usize),
    /// Paint with a style, by its place.
    Use(usize),
    /// Ask whether a style, by its place, is to be removed.
    Doubt(usize),
    /// It is.
    Remove,
    /// It is not.
    Spare,
}

impl App {
    pub(super) fn act_on_quick_style(&mut self, action: QuickAction) {
        match action {
            QuickAction::Make => self.make_quick_style(),
            QuickAction::Stop => {
                if let Some(learning) = &mut self.style.quick.learning {
                    learning.ending = true;
                    let job = learning.job;
                    self.send(Request::Stop(job));
                }
            }
            QuickAction::Continue(at) => {
                if let Some(paused) = self.style.quick.paused.get(at) {
                    let (path, title) = (paused.path.clone(), paused.title.clone());
                    let from = Some(path.clone());
                    self.teach(Lesson::Unfinished(path), title, from);
                }
            }
            QuickAction::Forget(at) => {
                if let Some(paused) = self.style.quick.paused.get(at) {
                    let path = paused.path.clone();
                    self.send(Request::ForgetQuickStyle { path });
                }
            }
            QuickAction::Use(at) => {
                let name = self.style.quick.learnt.get(at).map(Learnt::name);
                if let Some(name) = name {
                    self.settings.style.use_quick(name);
                }
            }
            QuickAction::Doubt(at) => {
                let path = self.style.quick.learnt.get(at);
                self.style.quick.doubted = path.map(|style| style.path.clone());
            }
            QuickAction::Remove => {
                if let Some(path) = self.style.quick.doubted.take() {
                    let used = self.settings.style.quick_used(&self.session.extras);
                    if used == Some(name_of(&path)) {
                        // Not another style instead.
                        self.settings.style.leave_quick();
                    }
                    self.send(Request::ForgetQuickStyle { path });
                }
            }
            QuickAction::Spare => self.style.quick.doubted = None,
        }
    }

    /// Asks for the quick styles there are, once.
    pub(super) fn ask_for_quick_styles(&mut self) {
        if !self.style.quick.asked {
            self.style.quick.asked = self.send(Request::ListQuickStyles);
        }
    }

    fn make_quick_style(&mut self) {
        let Some(style) = self.style.given(Slot::Style) else {
            return;
        };
        let usual = words(self.settings.language).quick_style_unnamed;
        let title = style
            .path
            .as_deref()
            .map_or_else(|| usual.to_owned(), name_of);
        let lesson = NewLesson {
            name: title.clone(),
            style: Arc::clone(&style.pixels),
            contents: self.pictures_to_learn_on(),
            steps: USUAL_STEPS,
            seed: 0,
            file: None,
        };
        self.teach(Lesson::New(lesson), title, None);
    }

    /// Pictures the style may be for: contents on the table and what lies on the shelf, but for what
    /// has a style already.
    fn pictures_to_learn_on(&self) -> Vec<PathBuf> {
        let contents = self.style.contents.iter();
        let contents = contents.filter_map(|content| content.path.clone());
        let shelf = self.session.shelf.pictures().iter();
        let plain = shelf.filter(|picture| {
            let recipe = picture.recipe.as_ref();
            !recipe.is_some_and(|recipe| matches!(recipe.task, Task::Style(_)))
        });
        let styles: Vec<_> = self.style.styles.iter().map(|style| &style.path).collect();
        let mut paths: Vec<PathBuf> = Vec::new();
        for path in contents.chain(plain.filter_map(|picture| picture.path.clone())) {
            let is_style = styles.iter().any(|style| style.as_ref() == Some(&path));
            if !is_style && !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    fn teach(&mut self, lesson: Lesson, title: String, from: Option<PathBuf>) {
        if self.style.quick.learning.is_some() {
            return;
        }
        let id = JobId(self.next_job);
        let teaching = Teaching {
            id,
            lesson,
            threads: self.settings.threads,
        };
        self.style.quick.failure = None;
        if self.send(Request::Teach(Box::new(teaching))) {
            self.next_job += 1;
            self.style.quick.learning = Some(Learning::new(id, title, from));
        }
    }

    pub(super) fn hear_lesson(&mut self, step: LessonStep) {
        if let Some(learning) = self.style.quick.learning_of(step.job) {
            learning.take(step);
        }
    }

    pub(super) fn hear_lesson_waits(&mut self, job: JobId) {
        if let Some(learning) = self.style.quick.learning_of(job) {
            learning.waits = true;
        }
    }

    /// Whether the preview is that of a lesson.
    pub(super) fn hear_lesson_preview(&mut self, preview: &PicturePreview, ctx: &Context) -> bool {
        let Some(learning) = self.style.quick.learning_of(preview.job) else {
            return false;
        };
        let image = color_image(&preview.pixels);
        match &mut learning.preview {
            Some(texture) => texture.set(image, TextureOptions::LINEAR),
            none => *none = Some(ctx.load_texture("lesson", image, TextureOptions::LINEAR)),
        }
        true
    }

    /// Whether a job that ended is the lesson; `ending` tells whether the style is learnt, or why not.
    pub(super) fn hear_lesson_ended(
        &mut self,
        job: JobId,
        ending: Result<bool, &Failure>,
        ctx: &Context,
    ) -> bool {
        let quick = &mut self.style.quick;
        let Some(learning) = quick.learning.take_if(|learning| learning.job == job) else {
            return false;
        };
        match ending {
            Ok(learnt) => quick.use_newest |= learnt,
            Err(failure) => quick.failure = Some(failure.clone()),
        }
        if ending == Ok(true) {
            let text = of_style::learnt(self.settings.language, &learning.title);
            self.toast(ctx, text, false);
        }
        true
    }

    pub(super) fn hear_quick_styles(
        &mut self,
        styles: Vec<QuickStyle>,
        unfinished: Vec<Unfinished>,
        ctx: &Context,
    ) {
        let texture = |pixels: &Pixels| -> TextureHandle {
            ctx.load_texture("quick style", color_image(pixels), TextureOptions::LINEAR)
        };
        let learnt = styles.into_iter().map(|style| Learnt {
            texture: style.thumbnail.as_ref().map(texture),
            path: style.path,
            title: style.name,
        });
        let learnt: Vec<_> = learnt.collect();
        let paused = unfinished.into_iter().map(|lesson| Paused {
            texture: texture(&lesson.thumbnail),
            title: lesson.order.name,
            steps: lesson.order.steps,
            done: lesson.done,
            path: lesson.path,
        });
        let quick = &mut self.style.quick;
        quick.paused = paused.collect();
        let known = std::mem::replace(&mut quick.learnt, learnt);
        let is_new = |style: &&Learnt| !known.iter().any(|known| known.path == style.path);
        let newest = quick.learnt.iter().find(is_new).map(Learnt::name);
        let paths = quick.learnt.iter().map(|style| style.path.clone());
        self.session.extras.quick_styles = paths.collect();
        if let (true, Some(name)) = (std::mem::take(&mut quick.use_newest), newest) {
            self.settings.style.use_quick(name);
            self.save_settings();
        }
    }
}
