use super::*;
use crate::recipe::sha256_of;
use crate::stock::fetch::{ContentName, Listing, Opened, RemoteFile, RepoName};
use std::io::Read;

/// A repository of one file, whose bytes come as slowly as the test lets them.
struct Slow {
    gate: Receiver<()>,
}

const BYTES: &[u8] = &[7; 1000];

struct Drops(Receiver<()>, u64);

impl Read for Drops {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let left = BYTES.len() - self.1 as usize;
        if left == 0 {
            return Ok(0);
        }
        self.0.recv().map_err(std::io::Error::other)?;
        let length = left.min(100).min(bytes.len());
        bytes[..length].copy_from_slice(&BYTES[..length]);
        self.1 += length as u64;
        Ok(length)
    }
}

impl Source for Slow {
    fn list(&self, _: &RepoName, _: &str) -> Result<Listing, GetError> {
        let file = RemoteFile {
            path: "a.safetensors".to_owned(),
            bytes: BYTES.len() as u64,
            content: ContentName::Sha256(sha256_of(&[BYTES])),
        };
        Ok(Listing {
            commit: "0".repeat(40),
            files: vec![file],
        })
    }

    fn open(&self, _: &RepoName, _: &str, _: &RemoteFile, offset: u64) -> Result<Opened, GetError> {
        let gate = self.gate.clone();
        Ok(Opened {
            start: offset,
            bytes: Box::new(Drops(gate, offset)),
        })
    }
}

/// A keeper in a folder, asked and heard by a test.
struct Kept {
    ask: Option<Sender<StockRequest>>,
    told: Receiver<Done>,
    gate: Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Kept {
    fn new(folder: &Path) -> Self {
        let (gate, gate_receiver) = bounded(100);
        let (ask, requests) = bounded(16);
        let (done, told) = bounded(10_000);
        let room = Stockroom {
            roots: Roots::new(
                folder.join("own"),
                folder.join("hub"),
                folder.join("folders.json"),
            ),
            cache_file: folder.join("cache.json"),
            downloads_file: folder.join("downloads.json"),
            source: Arc::new(Slow {
                gate: gate_receiver,
            }),
        };
        let thread = std::thread::Builder::new();
        let thread = thread
            .spawn(move || run_keeper(room, &requests, &done))
            .unwrap();
        Self {
            ask: Some(ask),
            told,
            gate,
            thread: Some(thread),
        }
    }

    fn ask(&self, request: StockRequest) {
        self.ask.as_ref().unwrap().send(request).unwrap();
    }

    /// Waits for an event of which `pick` takes something.
    fn until<T>(&self, pick: impl Fn(StockEvent) -> Option<T>) -> T {
        loop {
            let told = self.told.recv_timeout(Duration::from_secs(20)).unwrap();
            if let Done::Event(Event::Stock(event)) = told
                && let Some(found) = pick(*event)
            {
                return found;
            }
        }
    }

    fn until_download(&self, holds: impl Fn(&[Download]) -> bool) -> Vec<Download> {
        self.until(|event| match event {
            StockEvent::Downloads(all) if holds(&all) => Some(all),
            _ => None,
        })
    }

    fn until_listed(&self) -> (Arc<Vec<Item>>, usize) {
        self.until(|event| match event {
            StockEvent::Listed {
                items,
                roots,
                whole: true,
                ..
            } => Some((items, roots.len())),
            _ => None,
        })
    }

    fn end(mut self) {
        self.ask = None;
        self.thread.take().unwrap().join().unwrap();
    }
}

fn get() -> StockRequest {
    StockRequest::Get(Box::new(Wish::of(RepoName::parse("org/name").unwrap())))
}

#[test]
fn a_model_that_was_got_is_listed_and_its_hash_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::new(folder.path());
    kept.ask(StockRequest::List);
    assert_eq!(kept.until_listed().0.len(), 0);
    kept.ask(get());
    for _ in 0..10 {
        kept.gate.send(()).unwrap();
    }
    kept.until_download(|all| matches!(all[0].state, DownloadState::Done(_)));
    let (items, _) = kept.until_listed();
    assert_eq!(items[0].name, "org/name/a");
    kept.ask(StockRequest::Hash(items[0].path.clone()));
    let sha256 = kept.until(|event| match event {
        StockEvent::Hashed { sha256, .. } => Some(sha256),
        _ => None,
    });
    assert_eq!(sha256, Ok(sha256_of(&[BYTES])));
    kept.end();
}

#[test]
fn a_download_waits_for_people_after_a_restart_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::new(folder.path());
    kept.ask(get());
    for _ in 0..3 {
        kept.gate.send(()).unwrap();
    }
    kept.until_download(|all| all[0].progress.done > 0);
    kept.end();
    let kept = Kept::new(folder.path());
    kept.ask(StockRequest::List);
    let all = kept.until_download(|all| !all.is_empty());
    assert_eq!(all[0].state, DownloadState::Paused);
    kept.ask(StockRequest::GoOn(all[0].id));
    for _ in 0..10 {
        kept.gate.send(()).unwrap();
    }
    kept.until_download(|all| matches!(all[0].state, DownloadState::Done(_)));
    kept.end();
    let kept = Kept::new(folder.path());
    kept.ask(StockRequest::List);
    kept.until_download(<[Download]>::is_empty);
    kept.end();
}

#[test]
fn what_is_cancelled_is_listed_no_more_and_the_next_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::new(folder.path());
    kept.ask(get());
    let other = Wish::of(RepoName::parse("org/other").unwrap());
    kept.ask(StockRequest::Get(Box::new(other)));
    let all = kept.until_download(|all| all.len() == 2);
    assert_eq!(all[1].state, DownloadState::Waiting);
    kept.ask(StockRequest::Cancel(all[0].id));
    for _ in 0..20 {
        kept.gate.send(()).unwrap();
    }
    kept.until_download(|all| all.len() == 1 && matches!(all[0].state, DownloadState::Done(_)));
    assert!(
        !folder
            .path()
            .join("hub/models--org--name/snapshots")
            .exists()
    );
    kept.end();
}

#[test]
fn folders_come_and_go_and_one_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine");
    std::fs::create_dir(&mine).unwrap();
    let kept = Kept::new(folder.path());
    kept.ask(StockRequest::AddFolder(mine.clone()));
    assert_eq!(kept.until_listed().1, 3);
    kept.ask(StockRequest::AddFolder(folder.path().join("none")));
    kept.until(|event| matches!(event, StockEvent::Refused(_)).then_some(()));
    kept.ask(StockRequest::RemoveFolder(mine));
    kept.until(|event| match event {
        StockEvent::Listed {
            roots, whole: true, ..
        } if roots.len() == 2 => Some(()),
        _ => None,
    });
    kept.end();
}
