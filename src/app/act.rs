//! Does what people ask.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Context, ViewportCommand};

use super::action::{Action, Activity, Zoom};
use super::at_easel::EaselAction;
use super::at_ranking::RankAction;
use super::at_upscale::UpscaleAction;
use super::hear::Opening;
use super::path_sheet::{PathSheet, Purpose, ToSave, suggested_name};
use super::session::{Run, Shown, Toast};
use super::shelf::PictureId;
use super::words::{phrases, words};
use super::{App, reveal};
use crate::engine::{Destination, Inputs, Job, JobId, Request};
use crate::models::vae_beside;
use crate::raster::Pixels;
use crate::recipe::{Recipe, Task, sampler_by_id, write_parameters};

/// How long a message without a place stays, in seconds.
const TOAST_SECONDS: f64 = 8.0;

impl App {
    pub(super) fn act(&mut self, action: Action, ctx: &Context) {
        match action {
            Action::Go(activity) => self.go(activity, ctx),
            Action::Generate if self.activity == Activity::Canvas => self.run_at_easel(ctx),
            Action::Generate if self.activity == Activity::Style => self.run_style(false),
            Action::Generate if self.activity == Activity::Upscale => self.upscale(),
            Action::Compare => match self.activity {
                Activity::Canvas => self.act_at_easel(&EaselAction::Compare, ctx),
                Activity::Upscale => self.act_at_upscale(&UpscaleAction::Compare, ctx),
                Activity::Create | Activity::Style | Activity::Models | Activity::Settings => {}
            },
            Action::AtModels(action) => self.act_on_models(action, ctx),
            Action::Rank(action) => self.act_on_ranking(&action, ctx),
            Action::AtUpscale(action) => self.act_at_upscale(&action, ctx),
            Action::Generate => self.generate(),
            Action::AtEasel(action) => self.act_at_easel(&action, ctx),
            Action::AtStyle(action) => self.act_at_style(action, ctx),
            Action::Undo | Action::Redo => self.undo_or_redo(action == Action::Undo, ctx),
            Action::Stop | Action::Discard => self.end_run(action == Action::Stop),
            Action::RemoveWaiting(job) => {
                self.send(Request::Discard(job));
            }
            Action::MoveWaiting(job, place) => {
                self.send(Request::Move { job, place });
            }
            Action::Look(id) if self.activity == Activity::Style => self.lay_from_shelf(id, ctx),
            Action::Look(id) => self.look_in(id, ctx),
            Action::FollowRun => self.follow_run(),
            Action::Neighbour(by) => {
                let here = self.session.current_id();
                let id = if self.activity == Activity::Canvas {
                    // At the easel they go along the results: no key takes the picture away.
                    self.session.work.neighbour(here, by)
                } else {
                    self.session.shelf.neighbour(here, by)
                };
                if let Some(id) = id {
                    self.look_in(id, ctx);
                }
            }
            Action::ChooseModel(model) => self.choose_model(model),
            Action::OwnVae => self.choose_vae(None),
            Action::NewSeed => self.settings.form.new_seed(),
            Action::ToggleLive => self.toggle_live(),
            Action::ToggleLock => {
                self.settings.form.seed_locked = !self.settings.form.seed_locked;
            }
            Action::Ask(purpose) => self.ask(purpose),
            Action::ConfirmPath { replace } => self.confirm_path(replace, ctx),
            Action::Browse => {
                if let Some(sheet) = &self.sheet {
                    let at = sheet.path().unwrap_or_default();
                    let texts = words(self.settings.language);
                    self.dialogs.open(sheet.purpose, &at, texts);
                }
            }
            Action::CloseSheet => self.sheet = None,
            Action::CloseTop => self.close_top(ctx),
            Action::OpenPicture(path) if self.activity == Activity::Style => {
                self.open_for_style(path, self.style.next);
            }
            Action::OpenPicture(path) => {
                if self.send(Request::Open { path: path.clone() }) {
                    self.opening.push(Opening::adopt(path));
                }
            }
            other => self.act_beside(&other, ctx),
        }
    }

    /// Actions that touch neither the engine's work nor the form's model.
    fn act_beside(&mut self, action: &Action, ctx: &Context) {
        match action {
            Action::CopyImage => self.copy_image(),
            Action::CopyRecipe => {
                if let Some(recipe) = self.session.current_recipe() {
                    ctx.copy_text(write_parameters(&recipe, env!("CARGO_PKG_VERSION")));
                    self.tell_copied(ctx);
                }
            }
            Action::UseRecipe => {
                if let Some(recipe) = self.session.current_recipe() {
                    self.adopt(&recipe, ctx);
                }
            }
            Action::UndoAdopt => {
                if let Some(form) = self.before_adopting.take() {
                    self.settings.form = form;
                    self.session.toast = None;
                }
            }
            Action::Reveal => {
                let path = self.session.current().and_then(|shown| shown.path.clone());
                if let Some(path) = path {
                    self.reveal(&path, ctx);
                }
            }
            Action::RevealFolder => {
                // A file's folder is what is shown; any name will do.
                self.reveal(&self.pictures_folder.join("*"), ctx);
            }
            Action::DismissFailure => self.session.failure = None,
            Action::DismissToast => self.dismiss_toast(),
            Action::Speak(language) => {
                self.settings.speak(*language);
                self.save_settings();
            }
            Action::Theme(theme) => {
                self.settings.theme = *theme;
                self.save_settings();
            }
            Action::Threads(threads) => {
                self.settings.threads = *threads;
                self.save_settings();
            }
            Action::Scale(scale) => {
                ctx.set_zoom_factor(*scale);
                self.settings.scale = *scale;
            }
            Action::Touch(finish) => self.session.touch(finish),
            Action::ScaleStep { larger: true } => egui::gui_zoom::zoom_in(ctx),
            Action::ScaleStep { larger: false } => egui::gui_zoom::zoom_out(ctx),
            Action::Zoom(zoom) => self.zoom(*zoom),
            Action::LookAlong(direction) => self.canvas.look_along(*direction),
            Action::TogglePanels => self.panels_hidden = !self.panels_hidden,
            Action::ToggleFullScreen => {
                self.full_screen = !self.full_screen;
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(self.full_screen));
            }
            Action::ToggleKeys => self.keys_shown = !self.keys_shown,
            Action::Keys(change) => self.change_keys(change),
            Action::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            _ => log::error!("{action:?} is done elsewhere"),
        }
    }

    fn zoom(&mut self, zoom: Zoom) {
        if self.session.shown == Shown::Nothing {
            return;
        }
        match zoom {
            Zoom::In => self.canvas.zoom_in(),
            Zoom::Out => self.canvas.zoom_out(),
            Zoom::Fit => self.canvas.fit(),
            Zoom::Actual => self.canvas.actual_size(),
        }
    }

    fn go(&mut self, activity: Activity, ctx: &Context) {
        self.activity = activity;
        match activity {
            Activity::Create => {
                // People may have brought embeddings or wildcards meanwhile.
                self.send(Request::ListExtras);
                self.session.ranker.asked = false;
                self.leave_easel();
                self.leave_upscale();
            }
            Activity::Upscale => {
                self.leave_easel();
                // People may have brought networks meanwhile.
                self.send(Request::ListExtras);
                self.enter_upscale();
            }
            Activity::Canvas => {
                self.leave_upscale();
                // People may have brought weights meanwhile.
                self.send(Request::ListExtras);
                self.enter_easel(ctx);
            }
            Activity::Style => {
                self.leave_easel();
                self.send(Request::ListExtras);
                self.enter_style();
            }
            Activity::Models => {
                self.enter_models();
                return;
            }
            Activity::Settings => return,
        }
        let here = activity == Activity::Canvas;
        if self.settings.easel.here != here {
            self.settings.easel.here = here;
            self.save_settings();
        }
    }

    fn generate(&mut self) {
        let form = &mut self.settings.form;
        if !form.seed_locked {
            form.new_seed();
        }
        // What is wrong is shown already: problems beside their fields, too little memory above the
        // button.
        if !self.fits(&self.settings.form.draft) {
            return;
        }
        let form = &self.settings.form;
        let Ok(recipe) = form.recipe(self.session.limits()) else {
            return;
        };
        let id = JobId(self.next_job);
        let job = Job {
            id,
            recipe,
            count: form.draft.count,
            inputs: Inputs::default(),
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: self.settings.threads,
        };
        let count = job.count;
        if self.send(Request::Submit(Box::new(job))) {
            self.next_job += 1;
            self.rank_later(id, count);
            if self.session.running().is_none() && self.follow_next.is_none() {
                self.follow_next = Some(id);
            }
            self.session.failure = None;
            self.activity = Activity::Create;
            self.save_settings();
        }
    }

    fn end_run(&mut self, keep: bool) {
        let Some(job) = self.session.running().map(|run| run.job) else {
            return;
        };
        let request = if keep {
            Request::Stop(job)
        } else {
            Request::Discard(job)
        };
        if self.send(request)
            && let Some(run) = &mut self.session.run
        {
            run.ending = true;
        }
    }

    /// Shows a picture, where people are.
    pub(super) fn look_in(&mut self, id: PictureId, ctx: &Context) {
        let on_easel = self.easel.is_some() && self.session.work.picture == Some(id);
        if self.activity == Activity::Canvas && on_easel {
            // It is there already, with its mask.
            self.session.shown = Shown::Easel;
            return;
        }
        self.look(id);
        let pixels = self
            .session
            .shelf
            .get(id)
            .and_then(|shown| shown.whole().cloned());
        match pixels {
            Some(pixels) if self.activity == Activity::Upscale => self.take_to_upscale(id, &pixels),
            Some(pixels) if self.is_for_easel(id) => self.put_on_easel(id, pixels, ctx),
            _ => {}
        }
    }

    /// Shows a picture; one that is not in memory is read from its file first.
    pub(super) fn look(&mut self, id: PictureId) {
        let Some(picture) = self.session.shelf.get(id) else {
            return;
        };
        self.session.shown = Shown::Picture(id);
        if let Some(pixels) = &picture.pixels {
            self.canvas.show_picture(Arc::clone(pixels));
        } else if let Some(path) = picture.path.clone()
            && self.send(Request::Open { path: path.clone() })
        {
            self.opening.push(Opening::look(path, id));
        }
        self.session.shelf.forget_pixels_except(Some(id));
    }

    fn follow_run(&mut self) {
        // At the easel the picture stays, and the run is seen on it; so is what is made larger.
        if matches!(self.activity, Activity::Canvas | Activity::Upscale) {
            return;
        }
        let Some(run) = self.session.running() else {
            return;
        };
        if let Some(latent) = run.latent.clone() {
            self.canvas.show_preview(latent);
        }
        self.session.shown = Shown::Run;
    }

    fn choose_model(&mut self, model: String) {
        if Path::new(&model).is_absolute() {
            self.settings.remember_model(&model);
        }
        self.take_model_defaults = model != self.settings.form.draft.model;
        if self.take_model_defaults {
            self.settings.form.draft.vae = vae_beside(&model);
        }
        self.settings.form.draft.model = model;
        // A model chosen again is read again: its files may have changed.
        self.inspected = None;
    }

    /// `None` is the model's own.
    fn choose_vae(&mut self, vae: Option<String>) {
        self.settings.form.draft.vae = vae;
        self.inspected = None;
    }

    pub(super) fn take_model_defaults(&mut self) {
        if let Some(card) = self.session.model() {
            let (native, usual) = (card.native, card.usual);
            let draft = &mut self.settings.form.draft;
            (draft.width, draft.height) = (native.width, native.height);
            (draft.guidance, draft.steps) = (usual.guidance, usual.steps);
            if let Some(sampler) = usual.sampler.filter(|id| sampler_by_id(id).is_some()) {
                sampler.clone_into(&mut draft.sampler);
            }
        }
    }

    fn ask(&mut self, purpose: Purpose) {
        let path = match purpose {
            Purpose::OpenPicture | Purpose::LoadMask => self.pictures_folder.join(""),
            Purpose::SaveMask => {
                let Some(easel) = self.easel.as_ref().filter(|easel| !easel.is_busy()) else {
                    return;
                };
                self.to_save = Some(ToSave::Mask(easel.mask().clone()));
                self.pictures_folder.join("mask.png")
            }
            Purpose::ClipFolder => self.session.extras.folder.join(""),
            Purpose::Network => self.session.extras.folder.join("upscale").join(""),
            Purpose::ModelsFolder => etcetera::home_dir().unwrap_or_default().join(""),
            Purpose::ModelFolder | Purpose::ModelFile | Purpose::Vae => {
                match self.settings.recent_models.first() {
                    Some(folder) => PathBuf::from(folder),
                    None => etcetera::home_dir().unwrap_or_default().join(""),
                }
            }
            Purpose::SaveAs => {
                let Some(pixels) = self.pixels_shown() else {
                    return;
                };
                let picture = self.session.current();
                let recipe = picture.and_then(|shown| shown.recipe.clone());
                let path = self.pictures_folder.join(suggested_name(recipe.as_ref()));
                self.to_save = Some(ToSave::Picture {
                    id: picture.map(|shown| shown.id),
                    pixels,
                    finish: Box::new(self.session.finish()),
                    recipe: recipe.map(Box::new),
                });
                path
            }
        };
        self.sheet = Some(PathSheet::new(purpose, &path));
    }

    /// A system dialog's answer goes the same way as a typed path; it has asked about replacing.
    pub(super) fn path_chosen(&mut self, purpose: Purpose, path: &Path, ctx: &Context) {
        let sheet = PathSheet::new(purpose, path);
        let same_name = sheet.path().as_deref() == Some(path);
        self.sheet = Some(sheet);
        self.confirm_path(same_name, ctx);
    }

    fn confirm_path(&mut self, replace: bool, ctx: &Context) {
        let Some((purpose, path)) = self
            .sheet
            .as_ref()
            .and_then(|sheet| Some((sheet.purpose, sheet.path()?)))
        else {
            return;
        };
        match purpose {
            Purpose::OpenPicture => {
                if self.activity == Activity::Upscale {
                    let sources = &mut self.session.upscaling.sources;
                    sources.add_files([path.clone()]);
                }
                self.act(Action::OpenPicture(path), ctx);
                self.sheet = None;
            }
            Purpose::ModelFolder | Purpose::ModelFile => {
                self.choose_model(path.display().to_string());
                self.sheet = None;
            }
            Purpose::Vae => {
                self.choose_vae(Some(path.display().to_string()));
            }
            Purpose::ModelsFolder => {
                self.add_models_folder(path);
                self.sheet = None;
            }
            Purpose::ClipFolder => {
                self.act_on_ranking(&RankAction::Choose(path.display().to_string()), ctx);
                self.sheet = None;
            }
            Purpose::Network => {
                self.choose_network(&path);
                self.sheet = None;
            }
            Purpose::SaveAs | Purpose::SaveMask => self.save_as(path, replace),
            Purpose::LoadMask => {
                let at_style = self.activity == Activity::Style;
                if self.send(Request::Open { path: path.clone() }) {
                    self.opening.push(if at_style {
                        Opening::style_mask(path)
                    } else {
                        Opening::mask(path)
                    });
                }
                self.sheet = None;
            }
        }
    }

    fn save_as(&mut self, path: PathBuf, overwrite: bool) {
        let Some(to_save) = &self.to_save else {
            return;
        };
        let id = to_save.picture();
        let request = to_save.request(path.clone(), overwrite);
        if self.send(request) {
            self.opening.push(Opening::saving(path, id));
            if let Some(sheet) = &mut self.sheet {
                sheet.busy = true;
                sheet.failure = None;
            }
        }
    }

    /// What people look at, if it is in memory.
    fn pixels_shown(&self) -> Option<Arc<Pixels>> {
        match (&self.easel, self.session.shown) {
            (Some(easel), Shown::Easel) => Some(Arc::clone(easel.image())),
            _ => self.session.current()?.whole().cloned(),
        }
    }

    fn copy_image(&mut self) {
        if let Some(pixels) = self.pixels_shown() {
            let finish = Box::new(self.session.finish());
            self.send(Request::Copy { pixels, finish });
        }
    }

    pub(super) fn tell_copied(&mut self, ctx: &Context) {
        let texts = words(self.settings.language);
        self.toast(ctx, texts.copied.to_owned(), false);
    }

    pub(super) fn reveal(&mut self, path: &Path, ctx: &Context) {
        if let Err(reason) = reveal::reveal(path) {
            let text = phrases::not_shown(self.settings.language, &reason);
            self.toast(ctx, text, true);
        }
    }

    /// Takes over all settings of a picture; they can be brought back.
    pub(super) fn adopt(&mut self, recipe: &Recipe, ctx: &Context) {
        if let Task::Style(styling) = &recipe.task {
            self.settings.style.adopt(recipe, styling);
            self.go(Activity::Style, ctx);
            let text = words(self.settings.language).style_adopted;
            self.toast(ctx, text.to_owned(), false);
            return;
        }
        self.before_adopting = Some(self.settings.form.clone());
        self.take_model_defaults = false;
        self.settings.form.adopt(recipe);
        self.go(Activity::Create, ctx);
        let texts = words(self.settings.language);
        let text = match recipe.task {
            Task::TextToImage => texts.made_here,
            Task::ImageToImage(_)
            | Task::Inpaint(_)
            | Task::Remove(_)
            | Task::Style(_)
            | Task::Upscale(_) => texts.made_from_another,
        };
        self.toast(ctx, text.to_owned(), false);
        if let Some(toast) = &mut self.session.toast {
            toast.undo = true;
        }
    }

    pub(super) fn toast(&mut self, ctx: &Context, text: String, bad: bool) {
        self.session.toast = Some(Toast {
            text,
            bad,
            undo: false,
            until: ctx.time() + TOAST_SECONDS,
        });
        ctx.request_repaint();
    }

    /// What the canvas shows when a run ends without a picture.
    pub(super) fn leave_run(&mut self, ctx: &Context) {
        if self.session.shown != Shown::Run {
            return;
        }
        let last = self
            .session
            .run
            .as_ref()
            .and_then(|run: &Run| run.pictures.last().copied());
        if let Some(id) = last.or(self.before_run) {
            self.look_in(id, ctx);
        } else {
            self.session.shown = Shown::Nothing;
            self.canvas.clear();
        }
    }
}
