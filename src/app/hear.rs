//! Takes what the engine tells.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ColorImage, Context, TextureOptions};

use super::App;
use super::action::Activity;
use super::at_style_again::Again;
use super::canvas::color_image;
use super::easel::Easel;
use super::path_sheet::Purpose;
use super::session::{Card, Run, Shown};
use super::shelf::{Arrival, PictureId};
use super::style::Slot;
use super::words::{failures, phrases, words};
use crate::engine::{
    Event, Failure, Figures, FinishedPicture, JobId, LatentPreview, LibraryEntry, OpenedPicture,
    Origin,
};
use crate::gpu::Latents;
use crate::raster::Extent;
use crate::recipe::Recipe;

/// A file the engine was asked about, and what for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opening {
    path: PathBuf,
    goal: Goal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
    /// Show it and take over its settings.
    Adopt,
    /// Show it.
    Look(PictureId),
    /// Take it as the easel's mask.
    Mask,
    /// Lay it on a side of the style table.
    Style(Slot),
    /// Take it as that table's mask.
    StyleMask,
    /// Show it among the styles people keep.
    KeptStyle,
    /// It lay on that table before.
    Again(Again),
    /// It is being written; a mask is no picture of the shelf.
    Save(Option<PictureId>),
}

impl Opening {
    pub(super) fn adopt(path: PathBuf) -> Self {
        let goal = Goal::Adopt;
        Self { path, goal }
    }

    pub(super) fn look(path: PathBuf, id: PictureId) -> Self {
        let goal = Goal::Look(id);
        Self { path, goal }
    }

    pub(super) fn style(path: PathBuf, slot: Slot) -> Self {
        let goal = Goal::Style(slot);
        Self { path, goal }
    }

    pub(super) fn style_mask(path: PathBuf) -> Self {
        let goal = Goal::StyleMask;
        Self { path, goal }
    }

    pub(super) fn again(path: PathBuf, again: Again) -> Self {
        let goal = Goal::Again(again);
        Self { path, goal }
    }

    pub(super) fn kept_style(path: PathBuf) -> Self {
        let goal = Goal::KeptStyle;
        Self { path, goal }
    }

    pub(super) fn mask(path: PathBuf) -> Self {
        let goal = Goal::Mask;
        Self { path, goal }
    }

    pub(super) fn saving(path: PathBuf, id: Option<PictureId>) -> Self {
        let goal = Goal::Save(id);
        Self { path, goal }
    }
}

impl App {
    pub(super) fn hear(&mut self, event: Event, ctx: &Context) {
        match event {
            Event::Model { model, card } => {
                if model == self.settings.form.draft.model {
                    self.session.card = match card {
                        Ok(card) => Card::Known(Box::new(card)),
                        Err(failure) => Card::Failed(failure),
                    };
                    if std::mem::take(&mut self.take_model_defaults) {
                        self.take_model_defaults();
                    }
                }
            }
            Event::Tokens { asked, count } => {
                if asked.prompt == self.settings.form.draft.prompt {
                    self.session.tokens = Some(count);
                }
            }
            Event::Queue(queue) => self.session.queue = queue,
            Event::Opened { path, picture } => self.hear_opened(&path, picture, ctx),
            Event::Seen { path, seen } => self.hear_seen(&path, seen, ctx),
            Event::Imported { picture, saved } => self.hear_imported(*picture, saved, ctx),
            Event::Saved { path, result } => self.hear_saved(&path, result, ctx),
            Event::Copied(Ok(())) => self.tell_copied(ctx),
            Event::Easel(kept) => self.hear_easel(kept, ctx),
            Event::NotKept(failure) | Event::Copied(Err(failure)) => {
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
            Event::Recalled { picture, pixels } => self.hear_recalled(&picture, pixels, ctx),
            Event::Small { picture, small } => self.hear_small(&picture, small, ctx),
            Event::Selected { number, mask } => self.hear_selected(number, mask, ctx),
            Event::Extras(extras) => self.session.extras = extras,
            Event::QuickStyles { styles, unfinished } => {
                self.hear_quick_styles(styles, unfinished, ctx);
            }
            Event::Stock(event) => self.hear_stock(*event, ctx),
            Event::Likeness(event) => self.hear_likeness(event, ctx),
            Event::Upscaler { name, card } => self.hear_network(name, card),
            Event::Reshaped { number, result } => self.hear_reshaped(number, result, ctx),
            Event::Library(entries) => self.hear_library(entries, ctx),
            Event::SettingsNotSaved(failure) => self.session.settings_failure = Some(failure),
            job => self.hear_of_job(job, ctx),
        }
    }

    fn hear_of_job(&mut self, event: Event, ctx: &Context) {
        match event {
            Event::Started { job, recipe, count } => self.hear_started(job, *recipe, count),
            Event::Picture(picture) => self.hear_picture(*picture, ctx),
            Event::Part(part) => self.hear_part(&part, ctx),
            Event::Trial { job, pixels } => {
                if !self.hear_live(job, &pixels) {
                    self.hear_trial(job, &pixels, ctx);
                }
            }
            Event::Stage {
                job,
                picture,
                stage,
            } => {
                if let Some(run) = self.run_of(job) {
                    if picture != run.picture {
                        run.picture = picture;
                        run.step = 0;
                    }
                    run.stage = Some(stage);
                }
            }
            Event::Step {
                job,
                picture,
                step,
                steps,
                took,
            } => {
                if let Some(run) = self.run_of(job) {
                    (run.picture, run.step, run.steps) = (picture, step, steps);
                    if step > 0 {
                        run.took.push(took);
                    }
                }
                if let Some(run) = self.style.run_of(job) {
                    run.took.push(took);
                }
            }
            Event::Losses { job, losses } => self.hear_losses(job, losses),
            Event::Note { note, .. } => self.session.notes.push(note),
            Event::Lesson(step) => self.hear_lesson(step),
            Event::LessonWaits { job } => self.hear_lesson_waits(job),
            Event::Finished { job, figures } => {
                if !self.hear_lesson_ended(job, Ok(true), ctx)
                    && !self.hear_compared(job, Ok(true), ctx)
                {
                    self.learn_timing(job, &figures);
                    self.hear_ended(job, ctx);
                    self.rank_now(job, true, ctx);
                }
            }
            Event::Cancelled { job } => {
                if !self.hear_lesson_ended(job, Ok(false), ctx)
                    && !self.hear_compared(job, Ok(false), ctx)
                {
                    self.hear_ended(job, ctx);
                    self.rank_now(job, false, ctx);
                }
            }
            Event::Failed { job, failure } => {
                if !self.hear_lesson_ended(job, Err(&failure), ctx)
                    && !self.hear_compared(job, Err(&failure), ctx)
                {
                    self.session.failure = Some(failure);
                    self.hear_ended(job, ctx);
                    self.rank_now(job, false, ctx);
                }
            }
            other => log::error!("nobody hears {other:?}"),
        }
    }

    fn run_of(&mut self, job: JobId) -> Option<&mut Run> {
        self.session.run.as_mut().filter(|run| run.job == job)
    }

    /// Keeps what a run took, for the estimates of the next ones.
    fn learn_timing(&mut self, job: JobId, figures: &Figures) {
        let Some(run) = self.session.run.as_ref().filter(|run| run.job == job) else {
            return;
        };
        if !run.recipe.is_drawn() {
            if let Some(id) = run.pictures.first().copied() {
                self.learn_enlarging(id, figures);
            }
            return;
        }
        let efforts = run.efforts();
        let steps = run
            .pictures
            .iter()
            .filter_map(|&id| self.session.shelf.get(id)?.recipe.as_ref())
            .map(|recipe| {
                let done = recipe.stopped_after.unwrap_or(run.steps) as usize;
                efforts.iter().take(done).sum::<f64>()
            })
            .sum();
        let pictures = run.pictures.len() as u32;
        self.settings
            .timings
            .learn(&run.recipe, steps, pictures, figures);
    }

    fn hear_started(&mut self, job: JobId, recipe: Recipe, count: u32) {
        let asked = self.follow_next.take_if(|next| *next == job).is_some();
        let follow = asked || self.session.looks_at_the_run();
        self.before_run = self.session.current_id();
        self.session.notes.clear();
        let picture = Extent::new(recipe.width, recipe.height);
        let outer_share = self.session.outer_share(&recipe.model.name, picture);
        self.session.run = Some(Run::new(job, recipe, count, outer_share));
        // A job that waited does not take away the picture people look at meanwhile.
        let away = matches!(
            self.activity,
            Activity::Canvas | Activity::Style | Activity::Upscale
        );
        if follow && !away {
            self.session.shown = Shown::Run;
        }
    }

    /// A job that never started, such as one whose model is missing, ends without a run.
    fn hear_ended(&mut self, job: JobId, ctx: &Context) {
        self.follow_next.take_if(|next| *next == job);
        let is_live = self.hear_live_ended(job);
        self.hear_style_ended(job);
        self.end_of_upscaling(job);
        if self.session.work.painter(job).is_some() {
            self.session
                .work
                .painters
                .retain(|painter| painter.job != job);
            self.canvas.end_fill();
        }
        if let Some(run) = self.run_of(job) {
            run.ended = true;
            run.preview = None;
            run.latent = None;
            if !is_live {
                self.leave_run(ctx);
            }
        }
    }

    fn hear_picture(&mut self, finished: FinishedPicture, ctx: &Context) {
        let (path, not_saved) = match &finished.saved {
            Ok(path) => (Some(path.clone()), None),
            Err(failure) => (None, Some(failure.clone())),
        };
        let id = self.session.shelf.add(
            ctx,
            Arrival {
                path,
                recipe: Some(finished.recipe.clone()),
                thumbnail: Arc::clone(&finished.thumbnail),
                pixels: Some(Arc::clone(&finished.pixels)),
                reduced: finished.reduced,
                not_saved,
            },
        );
        self.finish_as_adopted(id, &finished.recipe);
        if let Some(run) = self.run_of(finished.job) {
            run.pictures.push(id);
            run.preview = None;
            run.latent = None;
            run.latest = Some(id);
        }
        self.hear_candidate(&finished, id);
        self.hear_styled(&finished, id, ctx);
        self.hear_enlarged(&finished, id);
        if self.session.shown == Shown::Run {
            self.canvas.show_picture(finished.pixels);
        }
        let kept = self.session.current_id();
        self.session.shelf.forget_pixels_except(kept);
    }

    /// A picture made again has the last touch of the one whose recipe was taken over.
    fn finish_as_adopted(&mut self, id: PictureId, recipe: &Recipe) {
        if let Some(adopted) = &self.settings.form.adopted
            && adopted.asks_the_same(recipe)
            && let [finish] = adopted.finishes[..]
        {
            self.session.finishes.insert(id, finish);
        }
    }

    pub(super) fn hear_preview(&mut self, preview: LatentPreview, ctx: &Context) {
        let Some(run) = self
            .session
            .run
            .as_mut()
            .filter(|run| run.job == preview.job && !run.ended)
        else {
            return;
        };
        // The slot of previews is beside the channel of events: one may arrive after its picture.
        if (run.pictures.len() as u32) > preview.picture {
            return;
        }
        match (&mut run.preview, small_image(&preview)) {
            (_, None) => {}
            (Some(texture), Some(image)) => texture.set(image, TextureOptions::LINEAR),
            (tile, Some(image)) => {
                *tile = Some(ctx.load_texture("preview", image, TextureOptions::LINEAR));
            }
        }
        run.latest = None;
        run.latent = Some(preview.clone());
        if let Some(painter) = self.session.work.painter(preview.job) {
            let still = |easel: &Easel| Arc::ptr_eq(easel.image(), &painter.image);
            if self.session.shown == Shown::Easel && self.easel.as_ref().is_some_and(still) {
                let mask = painter.mask.as_ref();
                self.canvas.show_fill(preview, &painter.image, mask);
            }
        } else if self.session.shown == Shown::Run {
            self.canvas.show_preview(preview);
        }
    }

    /// Why the engine was asked about a file.
    fn goal_of(&mut self, path: &Path, saving: bool) -> Option<Goal> {
        let at = self.opening.iter().position(|opening| {
            opening.path == path && matches!(opening.goal, Goal::Save(_)) == saving
        })?;
        Some(self.opening.remove(at).goal)
    }

    fn hear_opened(&mut self, path: &Path, picture: Result<OpenedPicture, Failure>, ctx: &Context) {
        let goal = self.goal_of(path, false);
        if let Some(Goal::Again(again)) = goal {
            self.hear_again(again, (path, picture.as_ref().ok()), ctx);
        }
        match (picture, goal) {
            (Ok(opened), Some(Goal::Look(id))) => {
                if let Some(picture) = self.session.shelf.get_mut(id) {
                    picture.take(Arc::clone(&opened.pixels));
                }
                if self.session.shown == Shown::Picture(id) {
                    if self.activity == Activity::Upscale {
                        self.take_to_upscale(id, &opened.pixels);
                    } else if self.is_for_easel(id) {
                        self.put_on_easel(id, opened.pixels, ctx);
                    } else {
                        self.canvas.show_picture(opened.pixels);
                    }
                }
            }
            (Ok(opened), Some(Goal::Style(slot))) => {
                let path = Some(path.to_owned());
                self.put_on_table(slot, (opened.pixels, path), ctx);
            }
            (Ok(opened), Some(Goal::StyleMask)) => self.take_style_mask(&opened.pixels, ctx),
            (Ok(opened), Some(Goal::KeptStyle)) => {
                self.hear_kept_style(path.to_owned(), &opened.thumbnail, ctx);
            }
            (Ok(_), Some(Goal::Again(_))) => {}
            (Ok(opened), Some(Goal::Mask)) => self.take_mask(opened.pixels, ctx),
            (Ok(opened), _) => self.take_opened(path, opened, ctx),
            (Err(failure), goal) => {
                // Nothing else shall seem to be the picture that cannot be read.
                if let Some(Goal::Look(id)) = goal
                    && self.session.shown == Shown::Picture(id)
                {
                    if self.activity == Activity::Canvas && self.easel.is_some() {
                        self.session.shown = Shown::Easel;
                    } else {
                        self.canvas.clear();
                    }
                }
                self.take_out_unreadable(path, ctx);
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
        }
    }

    /// Shows an opened picture and takes over what it says about itself.
    fn take_opened(&mut self, path: &Path, opened: OpenedPicture, ctx: &Context) {
        let recipe = match &opened.origin {
            Origin::Recipe(recipe) => Some((**recipe).clone()),
            Origin::Parameters(_) | Origin::Unknown => None,
        };
        let id = match self.session.shelf.by_path(path) {
            Some(id) => id,
            None => self.session.shelf.add(
                ctx,
                Arrival {
                    reduced: false,
                    path: Some(path.to_owned()),
                    recipe: recipe.clone(),
                    thumbnail: opened.thumbnail,
                    pixels: None,
                    not_saved: None,
                },
            ),
        };
        if let Some(picture) = self.session.shelf.get_mut(id) {
            picture.take(opened.pixels);
        }
        self.look_in(id, ctx);
        if matches!(self.activity, Activity::Canvas | Activity::Upscale) {
            return;
        }
        let words = words(self.settings.language);
        match (recipe, opened.origin) {
            (Some(recipe), _) => self.adopt(&recipe, ctx),
            (None, Origin::Parameters(parameters)) => {
                let mut form = self.settings.form.clone();
                parameters.apply_to(&mut form.draft);
                form.seed_locked = true;
                self.take_model_defaults = false;
                self.before_adopting = Some(std::mem::replace(&mut self.settings.form, form));
                self.toast(ctx, words.made_here.to_owned(), false);
                if let Some(toast) = &mut self.session.toast {
                    toast.undo = true;
                }
            }
            (None, _) => self.toast(ctx, words.no_recipe_in_file.to_owned(), false),
        }
    }

    /// Shows a picture that was pasted.
    fn hear_imported(
        &mut self,
        picture: OpenedPicture,
        saved: Result<PathBuf, Failure>,
        ctx: &Context,
    ) {
        self.importing = false;
        let texts = words(self.settings.language);
        let told = match &saved {
            Ok(_) => texts.pasted.to_owned(),
            Err(failure) => failures::failure(self.settings.language, failure),
        };
        self.toast(ctx, told, saved.is_err());
        let (path, not_saved) = match saved {
            Ok(path) => (Some(path), None),
            Err(failure) => (None, Some(failure)),
        };
        let arrival = Arrival {
            reduced: false,
            path,
            recipe: None,
            thumbnail: picture.thumbnail,
            pixels: Some(picture.pixels),
            not_saved,
        };
        let for_table = self.activity == Activity::Style;
        if for_table && let Some(pixels) = arrival.pixels.clone() {
            let path = arrival.path.clone();
            self.put_on_table(self.style.next, (pixels, path), ctx);
        }
        let id = self.session.shelf.add(ctx, arrival);
        if for_table {
            return;
        }
        if matches!(self.activity, Activity::Models | Activity::Settings) {
            self.activity = Activity::Canvas;
        }
        self.look_in(id, ctx);
    }

    fn hear_saved(&mut self, path: &Path, result: Result<(), Failure>, ctx: &Context) {
        let goal = self.goal_of(path, true);
        match result {
            Ok(()) => {
                if let Some(Goal::Save(Some(id))) = goal
                    && let Some(picture) = self.session.shelf.get_mut(id)
                {
                    picture.not_saved = None;
                    picture.path.get_or_insert_with(|| path.to_owned());
                }
                if self.saving_sheet() {
                    self.sheet = None;
                }
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let text = phrases::saved_as(self.settings.language, &file);
                self.toast(ctx, text, false);
            }
            Err(failure) if self.saving_sheet() => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.busy = false;
                    sheet.failure = Some(failure);
                }
            }
            Err(failure) => {
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
        }
    }

    fn saving_sheet(&self) -> bool {
        self.sheet
            .as_ref()
            .is_some_and(|sheet| matches!(sheet.purpose, Purpose::SaveAs | Purpose::SaveMask))
    }

    fn hear_library(&mut self, entries: Vec<LibraryEntry>, ctx: &Context) {
        for entry in entries {
            self.session.shelf.add_older(
                ctx,
                Arrival {
                    reduced: false,
                    path: Some(entry.path),
                    recipe: entry.recipe.map(|recipe| *recipe),
                    thumbnail: entry.thumbnail,
                    pixels: None,
                    not_saved: None,
                },
            );
        }
    }
}

/// A preview at the size of its latents, for the run's tile.
fn small_image(preview: &LatentPreview) -> Option<ColorImage> {
    let colors = &preview.colors;
    Latents::new(preview.extent, &preview.values, &colors.matrix, colors.bias)?
        .draw(preview.extent)
        .map(|pixels| color_image(&pixels))
}
