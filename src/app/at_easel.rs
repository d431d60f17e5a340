//! Does what people ask at the easel.

use std::sync::Arc;

use egui::Context;

use super::App;
use super::action::Activity;
use super::easel::{Easel, State, Tool, Verb};
use super::session::Shown;
use super::shelf::PictureId;
use super::words::failures;
use super::work::{Candidate, Deed, Painter, Past, Search};
use crate::engine::{
    Destination, Failure, FinishedPicture, Job, JobId, Kept, KeptStep, MaskChange, Request,
    Reshape, Selection,
};
use crate::raster::{Pixels, TiledMask};

/// What people can do at the easel.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum EaselAction {
    Take(Tool),
    /// The next larger or smaller brush.
    Size {
        larger: bool,
    },
    /// From brush to eraser and back.
    Swap,
    Mask(MaskChange),
    /// The polygon that is being drawn.
    CloseShape,
    Undo,
    Redo,
    ShowMask,
    /// See the picture beside what was there before, or no more.
    Compare,
    /// The result people look at becomes the picture; the mask stays if it is to be refined.
    Accept {
        refine: bool,
    },
    /// All results are left in the library.
    Dismiss,
    /// Back to a state accepted before, by its place.
    GoBack(usize),
    Choose(Verb),
}

impl App {
    pub(super) fn act_at_easel(&mut self, action: &EaselAction, ctx: &Context) {
        match *action {
            EaselAction::Take(tool) => {
                if let Some(easel) = &mut self.easel {
                    easel.abandon();
                }
                self.session.comparing &= self.session.shown != Shown::Easel;
                self.settings.easel.tools.tool = tool;
            }
            EaselAction::Size { larger } => {
                let tools = &mut self.settings.easel.tools;
                tools.size = tools.resized(larger);
            }
            EaselAction::Swap => {
                if let Some(easel) = &mut self.easel {
                    easel.abandon();
                }
                let tools = &mut self.settings.easel.tools;
                tools.tool = if tools.tool == Tool::Eraser {
                    Tool::Brush
                } else {
                    Tool::Eraser
                };
            }
            EaselAction::Mask(change) => {
                if let Some(easel) = &mut self.easel {
                    easel.reshape(Reshape::Change(change));
                }
            }
            EaselAction::CloseShape => {
                if let Some(easel) = &mut self.easel {
                    easel.close();
                }
            }
            EaselAction::Undo | EaselAction::Redo => self.step_back(*action == EaselAction::Undo),
            EaselAction::ShowMask => {
                self.settings.easel.mask_shown = !self.settings.easel.mask_shown;
            }
            EaselAction::Compare => {
                let session = &mut self.session;
                let can = self
                    .easel
                    .as_ref()
                    .is_some_and(|easel| session.work.compared(session.shown, easel).is_some());
                session.comparing = can && !session.comparing;
            }
            EaselAction::Accept { refine } => self.accept(refine, ctx),
            EaselAction::Dismiss => self.dismiss_candidates(),
            EaselAction::GoBack(place) => self.go_back(place),
            EaselAction::Choose(verb) => {
                if let Some(easel) = &mut self.easel {
                    easel.release();
                    easel.abandon();
                    self.session.shown = Shown::Easel;
                }
                self.session.comparing = false;
                self.settings.easel.verb = verb;
            }
        }
    }

    /// A picture comes with people to the easel.
    pub(super) fn enter_easel(&mut self, ctx: &Context) {
        let current = self.session.current();
        let picture = current.and_then(|shown| Some((shown.id, shown.whole()?.clone())));
        match picture {
            // A result is looked at: nothing is accepted by coming here.
            Some((id, _)) if self.session.work.candidate(id).is_some() => {}
            Some((id, _)) if self.easel.is_some() && self.session.work.picture == Some(id) => {
                self.session.shown = Shown::Easel;
            }
            Some((id, pixels)) => self.put_on_easel(id, pixels, ctx),
            None if self.easel.is_some() => self.session.shown = Shown::Easel,
            None => {}
        }
    }

    /// Elsewhere the easel's picture is seen as any other.
    pub(super) fn leave_easel(&mut self) {
        self.canvas.end_fill();
        if self.session.shown == Shown::Easel {
            self.session.shown = Shown::Nothing;
            match self.session.work.picture {
                Some(id) => self.look(id),
                None => self.canvas.clear(),
            }
        }
    }

    /// Whether a picture that is looked at goes onto the easel.
    pub(super) fn is_for_easel(&self, id: PictureId) -> bool {
        self.activity == Activity::Canvas && self.session.work.candidate(id).is_none()
    }

    /// Works on a picture from now on, with nothing masked.
    pub(super) fn put_on_easel(&mut self, id: PictureId, pixels: Arc<Pixels>, ctx: &Context) {
        let name = self
            .session
            .shelf
            .get(id)
            .map(super::shelf::Picture::file_name);
        let state = State {
            mask: TiledMask::empty(pixels.extent()),
            image: pixels,
        };
        self.take_state(Deed::Opened(name.unwrap_or_default()), state, id, ctx);
    }

    fn take_state(&mut self, deed: Deed, state: State, picture: PictureId, ctx: &Context) {
        let state = if let Some(easel) = &mut self.easel {
            easel.replace(state);
            easel.kept_state()
        } else {
            let easel = Easel::new(state.image, self.render.clone());
            self.easel.insert(easel).kept_state()
        };
        let work = &mut self.session.work;
        work.picture = Some(picture);
        work.leave_picture();
        self.settings.easel.leave_picture();
        self.session.comparing = false;
        self.canvas.end_fill();
        if let Some(shown) = self.session.shelf.get(picture) {
            work.remember(Past {
                deed,
                state,
                picture: Some(picture),
                thumbnail: Some(shown.thumbnail.clone()),
            });
        }
        self.session.shown = Shown::Easel;
        self.session.shelf.forget_pixels_except(Some(picture));
        ctx.request_repaint();
    }

    /// What was done since the last frame goes to disk.
    pub(super) fn keep_easel(&mut self) {
        let entries = self.easel.as_mut().map(Easel::take_unkept);
        for entry in entries.into_iter().flatten() {
            self.session.work.must_rest = true;
            self.send(Request::Keep(Box::new(entry)));
        }
    }

    /// The easel is as it was, unless people were quicker.
    pub(super) fn hear_easel(&mut self, kept: Result<Option<Box<Kept>>, Failure>, ctx: &Context) {
        match kept {
            Ok(Some(kept)) if self.easel.is_none() => {
                let later = kept.steps[..kept.done]
                    .iter()
                    .filter_map(|step| match step {
                        KeptStep::Picture { after, .. } => Some(after),
                        KeptStep::Mask(_) => None,
                    });
                let accepted = std::iter::once(&kept.first).chain(later);
                let past = accepted.map(|state| Past {
                    deed: Deed::Opened(String::new()),
                    state: state.clone(),
                    picture: None,
                    thumbnail: None,
                });
                let work = &mut self.session.work;
                work.past = past.collect();
                let pictures = work.past.iter().map(|past| past.state.picture.clone());
                work.without_small = pictures.collect();
                work.must_rest = true;
                self.ask_small();
                self.easel = Some(Easel::restored(*kept, self.render.clone()));
                if self.settings.easel.here && self.session.shown == Shown::Nothing {
                    self.activity = Activity::Canvas;
                    self.session.shown = Shown::Easel;
                }
            }
            Ok(_) => {}
            Err(failure) => {
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
        }
    }

    /// Has the thing looked for that people pointed at since the last frame, and nothing any more
    /// in a picture that has left the easel.
    pub(super) fn search(&mut self) {
        let image = self.easel.as_ref().map(Easel::image);
        let gone = |search: &mut Search| !image.is_some_and(|it| Arc::ptr_eq(it, &search.image));
        if let Some(Search { number, .. }) = self.session.work.search.take_if(gone) {
            self.send(Request::EndSearch { number });
        }
        let Some((wanted, image)) = self
            .easel
            .as_mut()
            .and_then(|easel| Some((easel.take_wanted()?, Arc::clone(easel.image()))))
        else {
            return;
        };
        let number = self.next_search;
        let selection = Selection {
            number,
            image: Arc::clone(&image),
            hint: wanted.hint,
        };
        if self.send(Request::Select(selection)) {
            self.next_search += 1;
            let ink = wanted.ink;
            self.session.work.search = Some(Search { number, image, ink });
        }
    }

    fn step_back(&mut self, back: bool) {
        let Some(easel) = &mut self.easel else {
            return;
        };
        let before = easel.picture().clone();
        if back {
            easel.undo();
        } else {
            easel.redo();
        }
        if *easel.picture() != before {
            self.another_picture();
        }
        self.session.shown = Shown::Easel;
    }

    fn go_back(&mut self, place: usize) {
        let Some(past) = self.session.work.past.get(place) else {
            return;
        };
        let state = past.state.clone();
        let Some(easel) = &mut self.easel else {
            return;
        };
        easel.go_back_to(state);
        if easel.is_busy() {
            // All the rest stays until the picture has been read.
            self.session.work.leave_reshaping();
        } else {
            self.another_picture();
        }
        self.session.shown = Shown::Easel;
    }

    /// After a step through the history: which picture is on the easel, and nothing made of the one
    /// before.
    pub(super) fn another_picture(&mut self) {
        self.session.work.leave_picture();
        self.settings.easel.leave_picture();
        self.canvas.end_fill();
        let Some(easel) = &self.easel else {
            return;
        };
        let same = |past: &&Past| past.state.picture == *easel.picture();
        let found = self.session.work.past.iter().rev().find(same);
        let picture = found.and_then(|past| past.picture);
        self.session.work.picture = picture;
        self.session.shelf.forget_pixels_except(picture);
    }

    /// Asks for what the form says.
    pub(super) fn run_at_easel(&mut self, ctx: &Context) {
        match self.settings.easel.verb {
            Verb::Extend => return self.extend(ctx),
            Verb::Crop => return self.crop(ctx),
            Verb::Fill | Verb::Change | Verb::Remove => {}
        }
        let Some(easel) = &mut self.easel else {
            return;
        };
        easel.release();
        if easel.is_busy() {
            return;
        }
        if !self.settings.form.seed_locked {
            self.settings.form.new_seed();
        }
        let (form, draft) = (&self.settings.easel, &self.settings.form.draft);
        let (card, limits) = (self.session.model(), self.session.limits());
        // What is wrong is shown above the button already.
        let Ok(asked) = form.ask(draft, easel, card, limits, &self.session.extras) else {
            return;
        };
        let count = draft.count;
        for recipe in asked.recipes {
            let id = JobId(self.next_job);
            let job = Job {
                id,
                count: if recipe.is_drawn() { count } else { 1 },
                recipe,
                inputs: asked.inputs.clone(),
                destination: Destination::Library,
                dump_latents: Vec::new(),
                threads: self.settings.threads,
            };
            if !self.send(Request::Submit(Box::new(job))) {
                return;
            }
            self.next_job += 1;
            if let Some(image) = asked.inputs.image.clone() {
                self.session.work.painters.push(Painter {
                    job: id,
                    image,
                    mask: asked.inputs.mask.clone(),
                });
            }
        }
        self.session.failure = None;
        self.session.shown = Shown::Easel;
        self.save_settings();
    }

    /// A picture of one of the easel's jobs is a candidate, unless people went on meanwhile.
    pub(super) fn hear_candidate(&mut self, finished: &FinishedPicture, id: PictureId) {
        let work = &mut self.session.work;
        let Some(painter) = work.painter(finished.job) else {
            return;
        };
        let current = self
            .easel
            .as_ref()
            .is_some_and(|easel| Arc::ptr_eq(easel.image(), &painter.image));
        let Some(picture) = self.session.shelf.get(id).filter(|_| current) else {
            return;
        };
        let first = work.candidates.is_empty();
        work.offer(Candidate {
            id,
            pixels: Arc::clone(&finished.pixels),
            thumbnail: picture.thumbnail.clone(),
            task: finished.recipe.task.clone(),
        });
        self.canvas.end_fill();
        let drawing = self.easel.as_ref().is_some_and(Easel::is_drawing);
        if first && !drawing && self.session.shown == Shown::Easel {
            self.session.shown = Shown::Picture(id);
        }
    }

    fn accept(&mut self, refine: bool, ctx: &Context) {
        let Shown::Picture(id) = self.session.shown else {
            return;
        };
        if self.easel.as_ref().is_some_and(Easel::is_busy) {
            return;
        }
        let Some(candidate) = self.session.work.candidate(id) else {
            return;
        };
        let image = Arc::clone(&candidate.pixels);
        let deed = Deed::of(&candidate.task);
        let mask = match &self.easel {
            Some(easel) if refine && easel.mask().extent() == image.extent() => {
                easel.mask().clone()
            }
            _ => TiledMask::empty(image.extent()),
        };
        self.take_state(deed, State { image, mask }, id, ctx);
    }

    fn dismiss_candidates(&mut self) {
        self.session.work.candidates.clear();
        self.session.shown = Shown::Easel;
    }
}
