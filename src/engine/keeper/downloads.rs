//! The downloads people asked for: one comes at a time, and none is forgotten over a restart.

use std::path::{Path, PathBuf};

use super::messages::{Download, DownloadId, DownloadState};
use crate::library::{Existing, write_atomically};
use crate::stock::fetch::{Control, Fetched, GetError, Halt, Progress, Wish};

/// All of them, in the order asked for.
#[derive(Debug)]
pub(super) struct Downloads {
    file: PathBuf,
    all: Vec<Download>,
    running: Option<(DownloadId, Control)>,
    next: u64,
}

impl Downloads {
    /// Those that were not done when the studio was closed wait for people.
    pub(super) fn open(file: &Path) -> Self {
        let wishes = std::fs::read(file).ok();
        let wishes = wishes.and_then(|bytes| serde_json::from_slice::<Vec<Wish>>(&bytes).ok());
        let mut downloads = Self {
            file: file.to_owned(),
            all: Vec::new(),
            running: None,
            next: 1,
        };
        for wish in wishes.unwrap_or_default() {
            downloads.push(wish, DownloadState::Paused);
        }
        downloads
    }

    pub(super) fn all(&self) -> &[Download] {
        &self.all
    }

    /// Takes a wish; one that is there already goes on.
    pub(super) fn add(&mut self, wish: Wish) {
        let known = self.all.iter().find(|known| known.wish == wish);
        match known.map(|known| known.id) {
            Some(id) => self.go_on(id),
            None => self.push(wish, DownloadState::Waiting),
        }
        self.remember();
    }

    fn push(&mut self, wish: Wish, state: DownloadState) {
        self.all.push(Download {
            id: DownloadId(self.next),
            wish,
            state,
            progress: Progress::default(),
        });
        self.next += 1;
    }

    pub(super) fn go_on(&mut self, id: DownloadId) {
        if self.is_running(id) {
            return;
        }
        if let Some(download) = self.get(id) {
            download.state = DownloadState::Waiting;
        }
    }

    pub(super) fn pause(&mut self, id: DownloadId) {
        if let Some((running, control)) = &self.running
            && *running == id
        {
            control.ask(Halt::Pause);
        }
        if let Some(download) = self.get(id)
            && matches!(
                download.state,
                DownloadState::Waiting | DownloadState::Running
            )
        {
            download.state = DownloadState::Paused;
            download.progress.rate = None;
        }
    }

    /// Lists it no more; gives its wish where nobody works on it, so that what came can be thrown
    /// away.
    pub(super) fn cancel(&mut self, id: DownloadId) -> Option<Wish> {
        if let Some((running, control)) = &self.running
            && *running == id
        {
            control.ask(Halt::Cancel);
        }
        let place = self.all.iter().position(|download| download.id == id)?;
        let download = self.all.remove(place);
        self.remember();
        let is_done = matches!(download.state, DownloadState::Done(_));
        (!is_done && !self.is_running(id)).then_some(download.wish)
    }

    /// The one to begin with now, if nothing comes.
    pub(super) fn begin(&mut self) -> Option<(DownloadId, Wish, Control)> {
        if self.running.is_some() {
            return None;
        }
        let waits = |download: &&mut Download| download.state == DownloadState::Waiting;
        let download = self.all.iter_mut().find(waits)?;
        download.state = DownloadState::Running;
        let control = Control::default();
        self.running = Some((download.id, control.clone()));
        Some((download.id, download.wish.clone(), control))
    }

    pub(super) fn progress(&mut self, id: DownloadId, progress: Progress) {
        // One that was paused still tells what came until it heard of it.
        if let Some(download) = self.get(id) {
            download.progress = progress;
        }
    }

    /// The running one has left off; tells whether a model has come.
    pub(super) fn ended(&mut self, id: DownloadId, ending: Result<Fetched, GetError>) -> bool {
        self.running = None;
        let Some(download) = self.get(id) else {
            return false;
        };
        download.progress.rate = None;
        let came = matches!(ending, Ok(Fetched::Whole(_)));
        match ending {
            Ok(Fetched::Whole(folder)) => {
                download.progress.done = download.progress.total;
                download.state = DownloadState::Done(folder);
            }
            // It may be wanted again by now.
            Ok(Fetched::Halted(_)) if download.state == DownloadState::Waiting => {}
            Ok(Fetched::Halted(_)) => download.state = DownloadState::Paused,
            Err(error) => download.state = DownloadState::Failed(error),
        }
        self.remember();
        came
    }

    /// Nobody is there any more: what comes leaves off.
    pub(super) fn close(&self) {
        if let Some((_, control)) = &self.running {
            control.ask(Halt::Pause);
        }
    }

    fn is_running(&self, id: DownloadId) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|(running, control)| *running == id && control.halt().is_none())
    }

    fn get(&mut self, id: DownloadId) -> Option<&mut Download> {
        self.all.iter_mut().find(|download| download.id == id)
    }

    fn remember(&self) {
        let open = self.all.iter();
        let open = open.filter(|download| !matches!(download.state, DownloadState::Done(_)));
        let wishes: Vec<_> = open.map(|download| &download.wish).collect();
        let json = serde_json::to_vec_pretty(&wishes).unwrap_or_default();
        if let Err(error) = write_atomically(&self.file, &json, Existing::Replace) {
            log::warn!("downloads will be forgotten at the end: {error}");
        }
    }
}
