//! The keeper's thread: knows the models people have, and gets further ones.
//!
//! What takes long (walking through folders, hashing, the network) is done by threads of their own,
//! which report here; the keeper itself answers at once.

mod downloads;
mod messages;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select};

pub use messages::{Download, DownloadId, DownloadState, StockEvent, StockRequest};

use super::clerk::Done;
use super::protocol::{Event, THUMBNAIL_SIDE};
use crate::library::free_room;
use crate::stock::fetch::{Control, Downloader, Fetched, GetError, Progress, Source, Token, Wish};
use crate::stock::{
    Cache, Item, Roots, StockError, details, scan, sha256_of_file, small_picture_of,
};
use downloads::Downloads;

/// Between two tellings of what is found, and of how far a download is.
const PACE: Duration = Duration::from_millis(120);

/// Reports that may wait while the keeper is at work.
const REPORTS: usize = 64;

/// Where the keeper looks and writes, and where models come from.
pub(super) struct Stockroom {
    pub(super) roots: Roots,
    pub(super) cache_file: PathBuf,
    pub(super) downloads_file: PathBuf,
    pub(super) source: Arc<dyn Source>,
}

/// What the threads that take long tell the keeper.
enum Report {
    Found(Vec<Item>),
    Scanned(Box<Cache>),
    Hashed {
        path: PathBuf,
        sha256: Result<Option<String>, StockError>,
    },
    Progress(DownloadId, Progress),
    Ended(DownloadId, Result<Fetched, GetError>),
}

struct Keeper {
    room: Stockroom,
    done: Sender<Done>,
    reports: Sender<Report>,
    cache: Cache,
    items: Vec<Item>,
    scanning: bool,
    /// Something changed while it was looked for.
    scan_again: bool,
    downloads: Downloads,
}

/// Does what is asked until nobody can ask any more.
pub(super) fn run_keeper(room: Stockroom, requests: &Receiver<StockRequest>, done: &Sender<Done>) {
    let (sender, reports) = bounded(REPORTS);
    let mut keeper = Keeper {
        cache: Cache::open(&room.cache_file),
        downloads: Downloads::open(&room.downloads_file),
        room,
        done: done.clone(),
        reports: sender,
        items: Vec::new(),
        scanning: false,
        scan_again: false,
    };
    loop {
        select! {
            recv(requests) -> request => match request {
                Ok(request) => keeper.handle(request),
                Err(_) => break,
            },
            recv(reports) -> report => match report {
                Ok(report) => keeper.hear(report),
                Err(_) => break,
            },
        }
    }
    keeper.downloads.close();
}

impl Keeper {
    fn handle(&mut self, request: StockRequest) {
        match request {
            StockRequest::List => {
                self.tell_downloads();
                self.scan();
            }
            StockRequest::AddFolder(path) => {
                if let Err(error) = self.room.roots.add(&path) {
                    self.tell(StockEvent::Refused(error));
                }
                self.scan();
            }
            StockRequest::RemoveFolder(path) => {
                if let Err(error) = self.room.roots.remove(&path) {
                    self.tell(StockEvent::Refused(error));
                }
                self.scan();
            }
            StockRequest::Look(path) => self.beside("look", move |tell| {
                let details = details(&path);
                tell(StockEvent::Looked { path, details });
            }),
            StockRequest::ShowPicture(path) => self.beside("picture", move |tell| {
                let pixels = small_picture_of(&path, THUMBNAIL_SIDE).map(Arc::new);
                tell(StockEvent::Picture { path, pixels });
            }),
            StockRequest::Hash(path) => self.hash(path),
            StockRequest::Get(wish) => {
                self.downloads.add(*wish);
                self.begin_download();
            }
            StockRequest::Pause(id) => {
                self.downloads.pause(id);
                self.begin_download();
            }
            StockRequest::GoOn(id) => {
                self.downloads.go_on(id);
                self.begin_download();
            }
            StockRequest::Cancel(id) => {
                if let Some(wish) = self.downloads.cancel(id) {
                    let source = Arc::clone(&self.room.source);
                    Downloader::new(&*source, self.room.roots.hub()).throw_away(&wish.repo);
                }
                self.begin_download();
            }
        }
    }

    fn hear(&mut self, report: Report) {
        match report {
            Report::Found(items) => {
                self.items.extend(items);
                self.tell_listed(false);
            }
            Report::Scanned(cache) => {
                self.scanning = false;
                self.cache.take(*cache);
                self.save_cache();
                if std::mem::take(&mut self.scan_again) {
                    self.scan();
                } else {
                    self.tell_listed(true);
                }
            }
            Report::Hashed { path, sha256 } => self.hear_hash(path, sha256),
            Report::Progress(id, progress) => {
                self.downloads.progress(id, progress);
                self.tell_downloads();
            }
            Report::Ended(id, ending) => {
                if self.downloads.ended(id, ending) {
                    self.scan();
                }
                self.begin_download();
            }
        }
    }

    /// Looks through all folders anew.
    fn scan(&mut self) {
        if self.scanning {
            self.scan_again = true;
            return;
        }
        self.items.clear();
        let (roots, mut cache) = (self.room.roots.all(), self.cache.clone());
        let reports = self.reports.clone();
        self.scanning = spawn("scan", move || {
            let mut found = Vec::new();
            let mut last = Instant::now();
            scan(&roots, &mut cache, &mut |item| {
                found.push(item);
                if last.elapsed() < PACE {
                    return true;
                }
                last = Instant::now();
                reports
                    .send(Report::Found(std::mem::take(&mut found)))
                    .is_ok()
            });
            report(&reports, Report::Found(found));
            report(&reports, Report::Scanned(Box::new(cache)));
        });
        if !self.scanning {
            self.tell_listed(true);
        }
    }

    fn hash(&self, path: PathBuf) {
        let reports = self.reports.clone();
        spawn("hash", move || {
            let sha256 = sha256_of_file(&path, &|| true);
            report(&reports, Report::Hashed { path, sha256 });
        });
    }

    fn hear_hash(&mut self, path: PathBuf, sha256: Result<Option<String>, StockError>) {
        let Some(sha256) = sha256.transpose() else {
            return;
        };
        if let Ok(known) = &sha256 {
            self.cache.remember_sha256(&path, known);
            self.save_cache();
            let item = self.items.iter_mut().find(|item| item.path == path);
            if let Some(item) = item {
                item.sha256 = Some(known.clone());
            }
        }
        self.tell(StockEvent::Hashed { path, sha256 });
    }

    fn begin_download(&mut self) {
        if let Some((id, wish, control)) = self.downloads.begin() {
            let source = Arc::clone(&self.room.source);
            let hub = self.room.roots.hub().to_owned();
            let reports = self.reports.clone();
            let begun = spawn("download", move || {
                let ending = download(&*source, &hub, (id, &wish, &control), &reports);
                report(&reports, Report::Ended(id, ending));
            });
            if !begun {
                let reason = "no thread can be started".to_owned();
                let host = "this machine".to_owned();
                self.downloads
                    .ended(id, Err(GetError::Line { host, reason }));
            }
        }
        self.tell_downloads();
    }

    fn beside(&self, name: &str, work: impl FnOnce(&dyn Fn(StockEvent)) + Send + 'static) {
        let done = self.done.clone();
        spawn(name, move || work(&|event| tell(&done, event)));
    }

    fn tell_listed(&self, whole: bool) {
        self.tell(StockEvent::Listed {
            items: Arc::new(self.items.clone()),
            roots: self.room.roots.all(),
            whole,
            has_token: Token::of_this_user().is_some(),
            free: free_room(&self.room.roots.hub().join("any")),
        });
    }

    fn tell_downloads(&self) {
        self.tell(StockEvent::Downloads(self.downloads.all().to_vec()));
    }

    fn tell(&self, event: StockEvent) {
        tell(&self.done, event);
    }

    fn save_cache(&mut self) {
        if let Err(error) = self.cache.save() {
            log::warn!("what is known of models is not kept: {error}");
        }
    }
}

fn download(
    source: &dyn Source,
    hub: &Path,
    (id, wish, control): (DownloadId, &Wish, &Control),
    reports: &Sender<Report>,
) -> Result<Fetched, GetError> {
    let mut last: Option<Instant> = None;
    Downloader::new(source, hub).get(wish, control, &mut |progress| {
        if last.is_none_or(|last| last.elapsed() >= PACE) || progress.waits {
            last = Some(Instant::now());
            report(reports, Report::Progress(id, progress.clone()));
        }
    })
}

/// Whoever reports after the end has nobody to tell.
fn report(reports: &Sender<Report>, told: Report) {
    if reports.send(told).is_err() {
        log::info!("the studio ended before a report about models");
    }
}

fn tell(done: &Sender<Done>, event: StockEvent) {
    if done
        .send(Done::Event(Event::Stock(Box::new(event))))
        .is_err()
    {
        log::info!("the studio ended before something about models could be told");
    }
}

/// Whether a thread was begun.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> bool {
    let begun = std::thread::Builder::new()
        .name(format!("afterimage-{name}"))
        .spawn(work);
    begun
        .inspect_err(|error| log::error!("no thread for models: {error}"))
        .is_ok()
}
