//! Does what people ask at the style table.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, TextureHandle, TextureOptions};

use super::App;
use super::action::{Action, Activity};
use super::at_quick_style::QuickAction;
use super::canvas::color_image;
use super::hear::Opening;
use super::path_sheet::Purpose;
use super::shelf::PictureId;
use super::style::{Given, KeptStyle, Made, Pairing, Slot, StyleRun};
use super::words::words;
use crate::engine::{
    Destination, FinishedPicture, Inputs, Job, JobId, Losses, PicturePreview, Request,
};
use crate::raster::{Extent, Fit, Mask, Pixels, resized};
use crate::recipe::Task;

/// Longest side of what the table shows of a picture, in pixels.
const SHOWN_SIDE: u32 = 1024;
/// Styles that are kept, at most.
const MOST_KEPT: usize = 24;

/// One thing to do at the style table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum StyleAction {
    /// The next picture goes to this side.
    Choose(Slot),
    /// Ask for a file for this side.
    Open(Slot),
    Pair(Pairing),
    Swap,
    /// Another picture of the side people flip through, by places.
    Flip(isize),
    /// Takes away a content or a style.
    Take(Slot, usize),
    /// The result becomes the content of the next run.
    Chain,
    /// Goes on from the result.
    Continue,
    /// Ends the run of the pair in sight, and keeps what is there.
    Stop,
    /// Keep the styles that lie there.
    Keep,
    UseKept(usize),
    ForgetKept(usize),
    /// The mask of the easel, where it fits.
    EaselMask,
    NoMask,
    /// A picture goes to the canvas.
    ToCanvas(PictureId),
    Quick(QuickAction),
}

impl App {
    pub(super) fn act_at_style(&mut self, action: StyleAction, ctx: &Context) {
        let table = &mut self.style;
        match action {
            StyleAction::Choose(slot) => table.next = slot,
            StyleAction::Open(slot) => {
                table.next = slot;
                self.act(Action::Ask(Purpose::OpenPicture), ctx);
            }
            StyleAction::Pair(pairing) => self.bring_together(pairing),
            StyleAction::Swap => table.swap(),
            StyleAction::Flip(by) => {
                let last = table.turns().len().saturating_sub(1);
                table.at = table.at.saturating_add_signed(by).min(last);
            }
            StyleAction::Take(slot, at) => {
                let side = table.side_mut(slot);
                if at < side.len() {
                    side.remove(at);
                }
                table.next = slot;
                table.tidy();
            }
            StyleAction::Chain => {
                if let Some(made) = table.result().cloned() {
                    let path = self
                        .session
                        .shelf
                        .get(made.id)
                        .and_then(|made| made.path.clone());
                    let given = given(ctx, made.pixels, path);
                    table.put(Slot::Content, given, self.settings.style.pairing);
                }
            }
            StyleAction::Continue => self.run_style(true),
            StyleAction::Stop => self.stop_style(),
            StyleAction::Keep => self.keep_styles(ctx),
            StyleAction::UseKept(at) => {
                if let Some(path) = table.kept.get(at).map(|kept| kept.path.clone()) {
                    self.open_for_style(path, Slot::Style);
                }
            }
            StyleAction::ForgetKept(at) => {
                if at < table.kept.len() {
                    let forgotten = table.kept.remove(at);
                    self.settings
                        .style
                        .kept
                        .retain(|path| *path != forgotten.path);
                }
            }
            StyleAction::EaselMask => self.take_easel_mask(ctx),
            StyleAction::NoMask => table.guide(None),
            StyleAction::Quick(action) => self.act_on_quick_style(action),
            StyleAction::ToCanvas(id) => {
                self.act(Action::Go(Activity::Canvas), ctx);
                self.look_in(id, ctx);
            }
        }
        self.save_settings();
    }

    fn bring_together(&mut self, pairing: Pairing) {
        self.settings.style.pairing = pairing;
        self.style.pair(pairing);
    }

    /// Reads the styles people keep, and what lay on the table, once.
    pub(super) fn enter_style(&mut self) {
        self.ask_for_quick_styles();
        if std::mem::replace(&mut self.style.entered, true) {
            return;
        }
        self.lay_again();
        for path in self.settings.style.kept.clone() {
            if self.send(Request::Open { path: path.clone() }) {
                self.opening.push(Opening::kept_style(path));
            }
        }
    }

    /// Lays a picture that has been read on a side of the table.
    pub(super) fn put_on_table(
        &mut self,
        slot: Slot,
        (pixels, path): (Arc<Pixels>, Option<PathBuf>),
        ctx: &Context,
    ) {
        let given = given(ctx, pixels, path);
        if slot == Slot::Style {
            self.settings.style.leave_quick();
        }
        self.style.put(slot, given, self.settings.style.pairing);
        self.save_settings();
    }

    /// Lays a picture of the shelf there, once it is in memory.
    pub(super) fn lay_from_shelf(&mut self, id: PictureId, ctx: &Context) {
        let slot = self.style.next;
        let Some(picture) = self.session.shelf.get(id) else {
            return;
        };
        let (pixels, path) = (picture.whole().cloned(), picture.path.clone());
        match (pixels, path) {
            (Some(pixels), path) => self.put_on_table(slot, (pixels, path), ctx),
            (None, Some(path)) => self.open_for_style(path, slot),
            (None, None) => {}
        }
    }

    pub(super) fn open_for_style(&mut self, path: PathBuf, slot: Slot) {
        if self.send(Request::Open { path: path.clone() }) {
            self.opening.push(Opening::style(path, slot));
        }
    }

    /// Takes the files that were dropped at a place of the table.
    pub(super) fn drop_on_table(&mut self, paths: Vec<PathBuf>, ctx: &Context) {
        let at = self
            .style
            .carried
            .or_else(|| ctx.input(|input| input.pointer.latest_pos()));
        let slot = self.style.taker(at);
        self.style.carried = None;
        let gathers = self.settings.style.pairing.gathers(slot);
        let most = if gathers { paths.len() } else { 1 };
        for path in paths.into_iter().take(most) {
            self.open_for_style(path, slot);
        }
    }

    pub(super) fn hear_kept_style(&mut self, path: PathBuf, small: &Pixels, ctx: &Context) {
        let texture = texture(ctx, small);
        self.style.kept.push(KeptStyle { path, texture });
        let order = &self.settings.style.kept;
        let place = |kept: &KeptStyle| order.iter().position(|path| *path == kept.path);
        self.style.kept.sort_by_key(place);
    }

    fn keep_styles(&mut self, ctx: &Context) {
        for style in self.style.styles.clone() {
            let Some(path) = style.path.clone() else {
                let text = words(self.settings.language).style_not_kept;
                self.toast(ctx, text.to_owned(), true);
                continue;
            };
            if self.style.kept.iter().any(|kept| kept.path == path) {
                continue;
            }
            self.settings.style.kept.insert(0, path.clone());
            self.settings.style.kept.truncate(MOST_KEPT);
            let texture = style.texture;
            self.style.kept.insert(0, KeptStyle { path, texture });
            self.style.kept.truncate(MOST_KEPT);
        }
    }

    pub(super) fn take_style_mask(&mut self, pixels: &Pixels, ctx: &Context) {
        let mask = Mask::from_pixels(pixels);
        self.lay_mask(Some(mask), ctx);
    }

    fn take_easel_mask(&mut self, ctx: &Context) {
        let mask = self.easel.as_ref().map(|easel| easel.mask().to_mask());
        self.lay_mask(mask, ctx);
    }

    fn lay_mask(&mut self, mask: Option<Mask>, ctx: &Context) {
        let content = self.style.content().map(|content| content.pixels.extent());
        let mask = mask.filter(|mask| mask.binarized().bounds().is_some());
        let fitted = content
            .zip(mask)
            .map(|(content, mask)| fitting(&mask, content));
        if fitted.is_none() {
            let text = words(self.settings.language).style_no_mask;
            self.toast(ctx, text.to_owned(), true);
        }
        self.style.guide(fitted.map(Arc::new));
    }

    /// Begins a run of the pair in sight; of many, of those that have no result yet, or of all once
    /// each has one.
    pub(super) fn run_style(&mut self, goes_on: bool) {
        let knows = self
            .settings
            .style
            .quick_used(&self.session.extras)
            .is_some();
        if !self.style.is_ready(!knows) {
            return;
        }
        if knows && self.style.turned == Slot::Style {
            // A network knows one style: there are none to flip through.
            self.bring_together(Pairing::Pair);
        }
        let form = &self.settings.style;
        let all = form.pairing.gathers(form.pairing.turned()) && !goes_on;
        let turns: Vec<usize> = if all {
            let turns = self.style.turns().iter().enumerate();
            let none = turns.filter(|(_, turn)| turn.result.is_none());
            let none: Vec<usize> = none.map(|(place, _)| place).collect();
            if none.is_empty() {
                (0..self.style.turns().len()).collect()
            } else {
                none
            }
        } else {
            vec![self.style.at]
        };
        self.style.runs.retain(|run| !run.ended);
        let waits = |place: &usize| self.style.running_at(*place).is_some();
        let turns: Vec<_> = turns.into_iter().filter(|at| !waits(at)).collect();
        for place in turns {
            self.submit_style(place, goes_on);
        }
        self.session.failure = None;
        self.save_settings();
    }

    fn submit_style(&mut self, place: usize, goes_on: bool) {
        let Some(content) = self.style.content_of(place) else {
            return;
        };
        let turn = &self.style.turns()[place];
        let start = turn.result.as_ref().map(|made| Arc::clone(&made.pixels));
        let start = start.filter(|_| goes_on);
        let mask = content.mask.clone();
        let styles = self.style.styles_of(place);
        let weights: Vec<f32> = styles.iter().map(|style| style.weight as f32).collect();
        let recipe = self.settings.style.recipe(
            content.pixels.extent(),
            &weights,
            (mask.is_some(), start.is_some()),
            (&self.session.extras, u64::from(rand::random::<u32>())),
        );
        if let Task::Style(styling) = &recipe.task
            && styling.check(&recipe).is_err()
        {
            // The panel says why, beside the button.
            return;
        }
        let id = JobId(self.next_job);
        let shown = match &recipe.task {
            Task::Style(styling) => styling.styles.len(),
            _ => 0,
        };
        let styles = &styles[..shown.min(styles.len())];
        let run = StyleRun::new(id, recipe.clone(), content, styles);
        let job = Job {
            id,
            recipe,
            count: 1,
            inputs: Inputs {
                image: Some(Arc::clone(&content.pixels)),
                mask,
                styles: run.styles.clone(),
                start,
                enlarging: None,
            },
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: self.settings.threads,
        };
        if self.send(Request::Submit(Box::new(job))) {
            self.next_job += 1;
            self.style.runs.push(run);
        }
    }

    fn stop_style(&mut self) {
        if let Some(run) = self.style.running() {
            let job = run.job;
            self.send(Request::Stop(job));
        }
    }

    pub(super) fn hear_losses(&mut self, job: JobId, losses: Losses) {
        if let Some(run) = self.style.run_of(job) {
            run.losses.push(losses);
        }
    }

    /// Whether the preview is one of the table.
    pub(super) fn hear_picture_preview(&mut self, preview: PicturePreview, ctx: &Context) {
        if self.hear_lesson_preview(&preview, ctx) {
            return;
        }
        let extent = preview.pixels.extent();
        if let Some(run) = self.style.run_of(preview.job)
            && !run.ended
            && self.activity == Activity::Style
        {
            let image = color_image(&preview.pixels);
            match &mut run.preview {
                Some((texture, shown)) => {
                    texture.set(image, TextureOptions::LINEAR);
                    *shown = extent;
                }
                none => {
                    let texture = ctx.load_texture("growing", image, TextureOptions::LINEAR);
                    *none = Some((texture, extent));
                }
            }
        }
        if self.session.shown == super::session::Shown::Run && self.activity != Activity::Style {
            self.canvas.show_picture(preview.pixels);
        }
    }

    pub(super) fn hear_styled(&mut self, finished: &FinishedPicture, id: PictureId, ctx: &Context) {
        let table = &mut self.style;
        let Some(run) = table.runs.iter().find(|run| run.job == finished.job) else {
            return;
        };
        let pace = run.pace();
        let made = Made {
            id,
            pixels: Arc::clone(&finished.pixels),
            texture: texture(ctx, &finished.pixels),
        };
        if let Some(place) = table.place_of(run) {
            table.side_mut(table.turned)[place].result = Some(made);
        }
        if let Task::Style(styling) = &finished.recipe.task
            && let Some(pace) = pace
        {
            self.settings.style.learn(&styling.features.id, pace);
        }
        self.save_settings();
    }

    pub(super) fn hear_style_ended(&mut self, job: JobId) {
        if let Some(run) = self.style.run_of(job) {
            run.ended = true;
            run.preview = None;
        }
    }
}

/// A picture as the table shows it.
pub(super) fn given(ctx: &Context, pixels: Arc<Pixels>, path: Option<PathBuf>) -> Given {
    Given {
        texture: texture(ctx, &pixels),
        pixels,
        path,
        weight: 1.0,
        result: None,
        mask: None,
    }
}

pub(super) fn texture(ctx: &Context, pixels: &Pixels) -> TextureHandle {
    let Extent { width, height } = pixels.extent();
    let longest = width.max(height);
    let image = if longest > SHOWN_SIDE {
        let side =
            |side: u32| (u64::from(side) * u64::from(SHOWN_SIDE) / u64::from(longest)) as u32;
        let small = Extent::new(side(width).max(1), side(height).max(1));
        color_image(&resized(pixels, small, Fit::Stretch))
    } else {
        color_image(pixels)
    };
    ctx.load_texture("style", image, TextureOptions::LINEAR)
}

/// A mask at another size.
fn fitting(mask: &Mask, extent: Extent) -> Mask {
    if mask.extent() == extent {
        return mask.clone();
    }
    Mask::from_pixels(&resized(&mask.to_pixels(), extent, Fit::Stretch))
}
