//! Does what people ask where pictures are made larger.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;

use super::App;
use super::action::{Action, Activity};
use super::session::Shown;
use super::shelf::PictureId;
use super::upscaling::{Maker, Making, NetworkCard, Trial, Try, file_of, name_of};
use super::words::failures;
use crate::engine::{
    Destination, EnlargedPart, Enlarging, Failure, Figures, FinishedPicture, Inputs, Job, JobId,
    Request, UpscalerCard,
};
use crate::pipelines::{Target, Tiling, network_calls, room_for_result};
use crate::raster::{Extent, Pixels};
use crate::recipe::{Enlargement, Input, ModelRef, Recipe};

/// What people can do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UpscaleAction {
    /// Every network on the same part, side by side.
    TryAll,
    EndTrial,
    /// This one is at work from now on.
    Prefer(Maker),
    /// Look at the picture of a place in the list.
    Choose(usize),
    /// Take one out of the list; its job, if it waits, goes with it.
    TakeOut(usize),
    /// See the result beside what it is made from, or no more.
    Compare,
    Grid,
}

impl App {
    pub(super) fn act_at_upscale(&mut self, action: &UpscaleAction, ctx: &Context) {
        match action {
            UpscaleAction::TryAll => self.try_all(),
            UpscaleAction::EndTrial => self.end_trial(),
            UpscaleAction::Prefer(maker) => {
                self.settings.upscale.maker = maker.clone();
                self.end_trial();
            }
            UpscaleAction::Choose(place) => self.choose_source(*place, ctx),
            UpscaleAction::TakeOut(place) => {
                let removed = self.session.upscaling.sources.remove(*place);
                for job in removed.map(|source| source.jobs).unwrap_or_default() {
                    if self.session.running().is_none_or(|run| run.job != job) {
                        self.send(Request::Discard(job));
                    }
                }
                let left = self.session.upscaling.sources.place();
                self.choose_source(left, ctx);
            }
            UpscaleAction::Compare => {
                self.settings.upscale.comparing = !self.settings.upscale.comparing;
            }
            UpscaleAction::Grid => self.settings.upscale.grid = !self.settings.upscale.grid,
        }
    }

    /// A file that cannot be read is not listed, unless something was made of it.
    pub(super) fn take_out_unreadable(&mut self, path: &Path, ctx: &Context) {
        let sources = &mut self.session.upscaling.sources;
        let Some(place) = sources.untouched(path) else {
            return;
        };
        sources.remove(place);
        let left = sources.place();
        if self.activity == Activity::Upscale {
            self.choose_source(left, ctx);
        }
    }

    /// The picture people look at comes with them, if nothing is there.
    pub(super) fn enter_upscale(&mut self) {
        if self.session.upscaling.sources.all().is_empty() {
            let current = self.session.current();
            let current = current.and_then(|shown| Some((shown.id, shown.whole()?.clone())));
            if let Some((id, pixels)) = current {
                self.take_to_upscale(id, &pixels);
            }
        }
        self.session.shown = if self.session.upscaling.sources.all().is_empty() {
            self.canvas.clear();
            Shown::Nothing
        } else {
            Shown::Upscale
        };
        self.see_the_result();
    }

    /// Elsewhere what is seen here is seen as any other picture.
    pub(super) fn leave_upscale(&mut self) {
        self.canvas.compare_with(None);
        self.canvas.show_grid(false);
        if self.session.shown == Shown::Upscale {
            let shown = self.session.upscaling.shown();
            self.session.shown = Shown::Nothing;
            match shown {
                Some(id) => self.look(id),
                None => self.canvas.clear(),
            }
        }
    }

    /// Files that were dropped here.
    pub(super) fn add_to_upscale(&mut self, paths: &[PathBuf]) {
        if paths.len() > 1 {
            let paths = paths.iter().cloned();
            self.session.upscaling.sources.add_files(paths);
        }
    }

    /// A picture is to be made larger.
    pub(super) fn take_to_upscale(&mut self, id: PictureId, pixels: &Arc<Pixels>) {
        let Some(picture) = self.session.shelf.get(id) else {
            return;
        };
        let known = (id, picture.path.clone(), picture.file_name());
        self.session.upscaling.sources.look_at(known, pixels);
        self.session.shown = Shown::Upscale;
        self.session.shelf.forget_pixels_except(Some(id));
        self.see_the_result();
    }

    /// What came of the picture in sight is seen beside it.
    fn see_the_result(&mut self) {
        let chosen = self.session.upscaling.sources.chosen();
        if let Some(id) = chosen.and_then(|source| source.result) {
            self.read_result(id);
        }
    }

    /// Looks at one of the pictures; what is not in memory is read first.
    fn choose_source(&mut self, place: usize, ctx: &Context) {
        let sources = &mut self.session.upscaling.sources;
        sources.choose(place);
        let Some(source) = sources.chosen() else {
            self.session.shown = Shown::Nothing;
            self.canvas.clear();
            return;
        };
        let needs = source.path.clone();
        let needs = needs.filter(|_| source.pixels.is_none());
        self.session.shown = Shown::Upscale;
        if let Some(path) = needs {
            self.act(Action::OpenPicture(path), ctx);
        }
        self.see_the_result();
    }

    /// A result that left the memory is read again, as far as there is room for it.
    fn read_result(&mut self, id: PictureId) {
        let picture = self.session.shelf.get(id);
        let path = picture.filter(|picture| picture.pixels.is_none());
        let source = self.session.upscaling.sources.chosen();
        let held = source.and_then(|source| source.pixels.as_ref());
        let held = held.map_or(0, |pixels| pixels.rgba().len() as u64);
        if let Some(path) = path.and_then(|picture| picture.path.clone()) {
            let room = room_for_result(self.settings.upscale.memory_bytes(), held);
            self.send(Request::SeeResult { path, room });
        }
    }

    /// A result was read again.
    pub(super) fn hear_seen(
        &mut self,
        path: &Path,
        seen: Result<(Arc<Pixels>, bool), Failure>,
        ctx: &Context,
    ) {
        match seen {
            Ok((pixels, reduced)) => {
                let id = self.session.shelf.by_path(path);
                if let Some(picture) = id.and_then(|id| self.session.shelf.get_mut(id)) {
                    (picture.pixels, picture.reduced) = (Some(pixels), reduced);
                }
            }
            Err(failure) => {
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
        }
    }

    pub(super) fn choose_network(&mut self, path: &Path) {
        let extras = &self.session.extras;
        let is_there = extras.upscalers.iter().any(|known| known == path);
        let name = if is_there {
            path.file_stem().unwrap_or_default().to_string_lossy()
        } else {
            path.to_string_lossy()
        };
        let name = name.into_owned();
        // A file chosen again is looked at again: it may have changed.
        self.session.upscaling.cards.remove(&name);
        self.settings.upscale.maker = Maker::Network(name);
    }

    /// Asks what the panel needs to know of the network at work, once.
    pub(super) fn ask_about_the_network(&mut self) {
        if self.activity != Activity::Upscale {
            return;
        }
        let name = self.settings.upscale.network(&self.session.extras);
        let Some(name) = name.filter(|name| !self.session.upscaling.cards.contains_key(name))
        else {
            return;
        };
        if self.send(Request::InspectUpscaler { name: name.clone() }) {
            let cards = &mut self.session.upscaling.cards;
            cards.insert(name, NetworkCard::Reading);
        }
    }

    pub(super) fn hear_network(&mut self, name: String, card: Result<UpscalerCard, Failure>) {
        let card = match card {
            Ok(card) => NetworkCard::Known(Box::new(card)),
            Err(failure) => NetworkCard::Failed(failure),
        };
        self.session.upscaling.cards.insert(name, card);
    }

    /// Asks for what the form says, of one picture or of all that are not made yet.
    pub(super) fn upscale(&mut self) {
        let network = self.settings.upscale.network(&self.session.extras);
        let method = if network.is_some() {
            "network"
        } else {
            "lanczos"
        };
        let network = network.unwrap_or_default();
        for place in self.session.upscaling.sources.to_make() {
            let Some(source) = self.session.upscaling.sources.all().get(place) else {
                continue;
            };
            let enlarging = self.settings.upscale.enlarging(source.path.as_deref());
            let job = self.enlarging_job(method, &network, source.pixels.clone(), enlarging);
            let id = job.id;
            if !self.send(Request::Submit(Box::new(job))) {
                return;
            }
            self.next_job += 1;
            if let Some(source) = self.session.upscaling.sources.get_mut(place) {
                source.jobs.push(id);
            }
        }
        self.session.failure = None;
        self.save_settings();
    }

    /// Lets every network there is, and Lanczos, make the part in the middle of the sight larger.
    fn try_all(&mut self) {
        let upscaling = &self.session.upscaling;
        let pixels = upscaling
            .sources
            .chosen()
            .and_then(|source| source.pixels.clone());
        let Some(pixels) = pixels else {
            return;
        };
        let part = Arc::new(Trial::part(&pixels, self.canvas.middle()));
        let form = &self.settings.upscale;
        let own = match upscaling.card(form, &self.session.extras) {
            Some(NetworkCard::Known(card)) => card.layout.scale() as f64,
            _ => 4.0,
        };
        let factor = form.factor_for(pixels.extent(), own);
        let networks = form.networks(&self.session.extras).into_iter();
        let makers: Vec<_> = networks
            .map(Maker::Network)
            .chain([Maker::Lanczos])
            .collect();
        self.end_trial();
        self.session.upscaling.trial = Some(Trial { tries: Vec::new() });
        for maker in makers {
            let (method, network) = match &maker {
                Maker::Network(name) => ("network", name.as_str()),
                Maker::Lanczos | Maker::Usual => ("lanczos", ""),
            };
            let enlarging = Enlarging {
                target: Target::Factor(factor),
                tiling: Tiling::default(),
                is_trial: true,
                ..self.settings.upscale.enlarging(None)
            };
            let job = self.enlarging_job(method, network, Some(Arc::clone(&part)), enlarging);
            let id = job.id;
            if !self.send(Request::Submit(Box::new(job))) {
                return;
            }
            self.next_job += 1;
            if let Some(trial) = &mut self.session.upscaling.trial {
                trial.tries.push(Try {
                    maker,
                    job: id,
                    texture: None,
                    ended: false,
                });
            }
        }
    }

    /// Back to the picture; what is not tried yet is not of interest any more.
    pub(super) fn end_trial(&mut self) {
        let trial = self.session.upscaling.trial.take();
        for tried in trial.map(|trial| trial.tries).unwrap_or_default() {
            if !tried.ended {
                self.send(Request::Discard(tried.job));
            }
        }
    }

    pub(super) fn hear_trial(&mut self, job: JobId, pixels: &Pixels, ctx: &Context) {
        if let Some(trial) = &mut self.session.upscaling.trial {
            trial.take(ctx, job, pixels);
        }
    }

    /// A job of the form, as far as anything is known of it; the engine fills in the rest.
    fn enlarging_job(
        &self,
        method: &str,
        network: &str,
        image: Option<Arc<Pixels>>,
        enlarging: Enlarging,
    ) -> Job {
        let enlargement = Enlargement {
            image: Input::default(),
            method: method.to_owned(),
            scale: self.settings.upscale.factor,
            tile: enlarging.tiling.tile.unwrap_or_default(),
            tile_pad: enlarging.tiling.pad,
            pre_pad: enlarging.tiling.pre_pad,
            feather: enlarging.tiling.feather,
        };
        let extent = image.as_ref().map(|image| image.extent());
        let Extent { width, height } = extent.unwrap_or(Extent::new(0, 0));
        let enlarging = Enlarging {
            network: file_of(network),
            ..enlarging
        };
        let model = ModelRef::named(name_of(network));
        Job {
            id: JobId(self.next_job),
            recipe: Recipe::of_enlargement(enlargement, model, (width, height)),
            count: 1,
            inputs: Inputs {
                image,
                enlarging: Some(Box::new(enlarging)),
                ..Inputs::default()
            },
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: self.settings.threads,
        }
    }

    /// A part is there.
    pub(super) fn hear_part(&mut self, part: &EnlargedPart, ctx: &Context) {
        let making = &mut self.session.upscaling.making;
        match making.as_mut().filter(|making| making.job == part.job) {
            Some(making) => making.take(part),
            None => *making = Some(Making::of(part)),
        }
        ctx.request_repaint();
    }

    /// A picture was made larger.
    pub(super) fn hear_enlarged(&mut self, made: &FinishedPicture, id: PictureId) {
        if let Some(source) = self.session.upscaling.sources.of_job(made.job) {
            source.result = Some(id);
            if source.pixels.is_none() {
                // Of a file nobody looked at this is all that is known: its result has its samples.
                source.look_through(&made.pixels);
            }
            self.end_of_upscaling(made.job);
        }
    }

    /// Keeps what a result took, for the estimates of the next ones.
    pub(super) fn learn_enlarging(&mut self, id: PictureId, figures: &Figures) {
        let mut sources = self.session.upscaling.sources.all().iter();
        let source = sources.find(|source| source.result == Some(id));
        let picture = self.session.shelf.get(id);
        let recipe = picture.and_then(|picture| picture.recipe.as_ref());
        let (Some(source), Some(recipe)) = (source, recipe) else {
            return;
        };
        let mut cards = self.session.upscaling.cards.iter();
        let card = cards.find(|(name, _)| name_of(name) == recipe.model.name);
        let channels = match card {
            Some((_, NetworkCard::Known(card))) => card.layout.channels(),
            _ => 3,
        };
        let calls = network_calls((source.samples.0, source.is_opaque), channels);
        let calls = calls.filter(|_| !recipe.model.name.is_empty()).unwrap_or(1);
        self.settings.upscale.learn(recipe, calls, figures);
    }

    /// A job is over, whatever came of it.
    pub(super) fn end_of_upscaling(&mut self, job: JobId) {
        let upscaling = &mut self.session.upscaling;
        upscaling.making.take_if(|making| making.job == job);
        if let Some(trial) = &mut upscaling.trial {
            trial.end(job);
        }
        if let Some(source) = upscaling.sources.of_job(job) {
            source.jobs.retain(|own| *own != job);
        }
    }
}
