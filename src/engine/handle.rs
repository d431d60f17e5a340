//! The engine's threads, and the end people hold.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use etcetera::BaseStrategy as _;

use super::clerk::{Clerk, Places};
use super::desk::{Desk, Ports, Waker};
use super::inference::Inference;
use super::keeper::{Stockroom, run_keeper};
use super::latest::latest;
use super::protocol::{Event, Preview, Request};
use super::reshape::run_reshaper;
use super::runner::Runner;
use super::selector::run_selector;
use super::shelves::Shelves;
use super::worker::run_worker;
use super::{Engine, EngineUnavailable};
use crate::library::{Library, default_folder};
use crate::stock::Roots;
use crate::stock::fetch::HuggingFace;

/// Where the engine keeps things.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The library's folder of pictures.
    pub pictures: PathBuf,
    /// Where the window's settings are written.
    pub settings_file: PathBuf,
    /// Where what is done at the easel is kept.
    pub easel: PathBuf,
    /// Where weights of further networks lie, if people have any.
    pub models: PathBuf,
}

impl EngineOptions {
    /// The folders of the person who runs this process.
    pub fn of_this_user() -> Self {
        let config = etcetera::choose_base_strategy().map(|dirs| dirs.config_dir());
        let data = etcetera::choose_base_strategy().map(|dirs| dirs.data_dir());
        let data = data.unwrap_or_default().join("afterimage");
        Self {
            pictures: default_folder(),
            easel: data.join("easel"),
            models: data.join("models"),
            settings_file: config
                .unwrap_or_default()
                .join("afterimage")
                .join("settings.json"),
        }
    }

    /// Where what is known of models is kept, so that they are listed at once.
    pub fn model_cache(&self) -> PathBuf {
        self.models.with_file_name("model_cache.json")
    }

    /// Where it is kept which downloads people began and did not end.
    pub fn downloads_file(&self) -> PathBuf {
        self.models.with_file_name("downloads.json")
    }
}

/// Requests, events and reports that may wait; far more than people or steps make in a frame.
const CAPACITY: usize = 256;

/// A running engine. Dropping it ends the running job, writes the pictures that are done, and waits
/// for the threads that do so.
pub struct EngineHandle {
    requests: Option<Sender<Request>>,
    events: Receiver<Event>,
    previews: Receiver<Preview>,
    /// Those that have something to lose.
    threads: Vec<JoinHandle<()>>,
}

impl EngineHandle {
    /// Starts the engine; `wake` is called after each event and preview.
    pub fn start(options: EngineOptions, wake: Waker) -> std::io::Result<Self> {
        let shelves = Shelves::new(options.models.clone(), options.settings_file.clone());
        let library = Library::new(&options.pictures);
        let inference = || -> Box<dyn Runner> { Box::new(Inference::new(shelves, library)) };
        Self::start_with(inference, options, wake)
    }

    /// Starts an engine around any runner, which is made on the inference thread.
    pub(super) fn start_with(
        make_runner: impl FnOnce() -> Box<dyn Runner> + Send + 'static,
        options: EngineOptions,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let (request_sender, requests) = bounded(CAPACITY);
        let (events, event_receiver) = bounded(CAPACITY);
        // One job at a time: the queue is the desk's.
        let (assignments, assignment_receiver) = bounded(1);
        let (report_sender, reports) = bounded(CAPACITY);
        let (errands, errand_receiver) = bounded(CAPACITY);
        let (done_sender, done) = bounded(CAPACITY);
        // The newest search waits at the desk, where a newer one takes its place.
        let (searches, search_receiver) = bounded(0);
        let (reshapings, reshaping_receiver) = bounded(CAPACITY);
        let (preview_sender, previews) = latest();
        let named = |name: &str| Builder::new().name(format!("afterimage-{name}"));

        let inference = named("inference").spawn(move || {
            let mut runner = make_runner();
            run_worker(
                &mut *runner,
                &assignment_receiver,
                &report_sender,
                &preview_sender,
            );
        })?;
        let found_sender = done_sender.clone();
        let models = options.models.clone();
        // Nobody waits for these two at the end: they write nothing. What people did is in the
        // easel's journal as soon as it is done; what is still worked on has been seen by nobody,
        // and the picture and the mask before it are kept. They end by themselves once they find
        // the desk gone, or with the process.
        drop(named("select").spawn(move || run_selector(&search_receiver, &found_sender, models))?);
        let reshaped_sender = done_sender.clone();
        drop(named("masks").spawn(move || run_reshaper(&reshaping_receiver, &reshaped_sender))?);
        let (stock, stock_requests) = bounded(CAPACITY);
        let stock_sender = done_sender.clone();
        let room = Stockroom {
            roots: Roots::of_this_user(&options.models, &options.settings_file),
            cache_file: options.model_cache(),
            downloads_file: options.downloads_file(),
            source: Arc::new(HuggingFace::of_this_user()),
        };
        // What has come of a download is on disk whenever this ends.
        drop(named("models").spawn(move || run_keeper(room, &stock_requests, &stock_sender))?);
        let files = named("files").spawn(move || {
            let library = Library::new(options.pictures);
            Clerk::new(Places {
                library,
                settings_file: options.settings_file,
                easel: options.easel,
                models: options.models,
            })
            .run(&errand_receiver, &done_sender);
        })?;
        let desk = named("desk").spawn(move || {
            Desk::new(Ports {
                requests,
                events,
                assignments,
                reports,
                errands,
                done,
                searches,
                reshapings,
                stock,
                wake,
            })
            .run();
        })?;
        Ok(Self {
            requests: Some(request_sender),
            events: event_receiver,
            previews,
            threads: vec![desk, inference, files],
        })
    }

    /// Waits for the next event; `None` once the engine has ended.
    pub fn next_event(&self) -> Option<Event> {
        self.events.recv().ok()
    }
}

impl Engine for EngineHandle {
    fn send(&self, request: Request) -> Result<(), EngineUnavailable> {
        let requests = self.requests.as_ref().ok_or(EngineUnavailable)?;
        requests
            .try_send(request)
            .map_err(|_refused| EngineUnavailable)
    }

    fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    fn take_preview(&self) -> Option<Preview> {
        self.previews.try_recv().ok()
    }
}

impl Drop for EngineHandle {
    fn drop(&mut self) {
        self.requests = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                log::error!("a thread of the engine panicked");
            }
        }
    }
}
