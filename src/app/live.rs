//! Live: the picture follows the form while people change it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;

use super::App;
use super::action::Activity;
use super::session::Shown;
use crate::engine::{Destination, Inputs, Job, JobId, Request};
use crate::raster::Pixels;
use crate::recipe::Recipe;

/// Steps of a run at most: enough to see what a change does.
pub(super) const LIVE_STEPS: u32 = 8;
/// Between the beginnings of two runs: each shows something of itself, however fast a slider moves.
const PAUSE: Duration = Duration::from_millis(150);

/// The runs that follow the form.
#[derive(Default)]
pub(super) struct Live {
    /// What the newest of them is made of.
    recipe: Option<Recipe>,
    /// Those that have not ended, the newest last.
    jobs: Vec<JobId>,
    began: Option<Instant>,
}

impl Live {
    pub(super) fn is_live(&self, job: JobId) -> bool {
        self.jobs.contains(&job)
    }
}

impl App {
    /// People turn it on or off. A picture they like is made again from the same seed.
    pub(super) fn toggle_live(&mut self) {
        let form = &mut self.settings.form;
        form.live = !form.live;
        form.seed_locked |= form.live;
        if !form.live {
            self.end_live();
        }
        self.save_settings();
    }

    /// Begins a run of the form as it is now, if that has changed, and ends the one before.
    pub(super) fn follow_the_form(&mut self, ctx: &Context) {
        let form = &self.settings.form;
        if !form.live || self.activity != Activity::Create || !self.fits(&form.draft) {
            return;
        }
        let Ok(mut recipe) = form.recipe(self.session.limits()) else {
            return;
        };
        recipe.steps = recipe.steps.min(LIVE_STEPS);
        if self.live.recipe.as_ref() == Some(&recipe) {
            return;
        }
        // What people asked for goes first.
        let mut running = self.session.running().into_iter();
        if running.any(|run| !self.live.is_live(run.job)) || !self.session.queue.is_empty() {
            return;
        }
        let since = self.live.began.map(|began| began.elapsed());
        if let Some(left) = since.and_then(|since| PAUSE.checked_sub(since)) {
            ctx.request_repaint_after(left);
            return;
        }
        self.end_live();
        let id = JobId(self.next_job);
        let job = Job {
            id,
            recipe: recipe.clone(),
            count: 1,
            inputs: Inputs::default(),
            destination: Destination::Sight,
            dump_latents: Vec::new(),
            threads: self.settings.threads,
        };
        if self.send(Request::Submit(Box::new(job))) {
            self.next_job += 1;
            self.follow_next = Some(id);
            self.session.failure = None;
            self.live.recipe = Some(recipe);
            self.live.jobs.push(id);
            self.live.began = Some(Instant::now());
        }
    }

    /// Ends what follows the form; the next change begins anew.
    fn end_live(&mut self) {
        self.live.recipe = None;
        if let Some(job) = self.live.jobs.last().copied() {
            self.send(Request::Discard(job));
        }
    }

    /// Whether a picture without a file is one of a live run; it is shown where people watch.
    pub(super) fn hear_live(&mut self, job: JobId, pixels: &Arc<Pixels>) -> bool {
        let is_live = self.live.is_live(job);
        if is_live && self.session.shown == Shown::Run {
            self.canvas.show_picture(Arc::clone(pixels));
        }
        is_live
    }

    /// Whether a job that ended is a live run: its picture stays in sight.
    pub(super) fn hear_live_ended(&mut self, job: JobId) -> bool {
        let is_live = self.live.is_live(job);
        self.live.jobs.retain(|known| *known != job);
        is_live
    }
}
