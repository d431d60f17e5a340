//! Gets a model: all its files, whatever happens to the connection.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::control::{Control, Halt};
use super::hub_cache::{HubCache, unwritable};
use super::pace::Pace;
use super::plan::{Plan, plan};
use super::source::{Listing, RemoteFile, Source};
use super::{CURATED, GetError, RepoName};
use crate::library::{FileError, free_room};

/// What people ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    pub repo: RepoName,
    /// A branch, a tag or a commit.
    pub revision: String,
    /// Such as `fp16`, where there are weights of it.
    pub variant: Option<String>,
    /// Only these files, if any are named.
    pub files: Vec<String>,
}

impl Wish {
    /// All a repository's main revision needs, of one that is well known in its usual variant.
    pub fn of(repo: RepoName) -> Self {
        let known = CURATED.iter().find(|row| row.repo == repo.as_str());
        Self {
            variant: known.and_then(|row| row.variant).map(str::to_owned),
            repo,
            revision: "main".to_owned(),
            files: Vec::new(),
        }
    }

    /// What people write or paste: `ORG/NAME`, `ORG/NAME@REVISION`, or the address of a page, also of
    /// that of a revision.
    pub fn parse(text: &str) -> Result<Self, GetError> {
        let text = text.trim();
        let (name, revision) = match text.split_once("/tree/") {
            Some((page, revision)) if page.contains("://") => (page, Some(revision)),
            _ => match text.rsplit_once('@') {
                Some((name, revision)) => (name, Some(revision)),
                None => (text, None),
            },
        };
        let wish = Self::of(RepoName::parse(name)?);
        match revision.map(|revision| revision.trim_end_matches('/')) {
            Some("") => Err(GetError::BadName {
                name: text.to_owned(),
            }),
            Some(revision) => Ok(Self {
                revision: revision.to_owned(),
                ..wish
            }),
            None => Ok(wish),
        }
    }
}

/// How far a download is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The file that comes.
    pub file: String,
    /// Bytes of all files.
    pub done: u64,
    pub total: u64,
    /// Bytes a second, once that can be told.
    pub rate: Option<f64>,
    /// The connection is gone, and is tried again.
    pub waits: bool,
}

impl Progress {
    /// As far as can be told.
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate?;
        Duration::try_from_secs_f64(self.total.saturating_sub(self.done) as f64 / rate).ok()
    }
}

/// How a download ended that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The folder that shows the model's files.
    Whole(PathBuf),
    Halted(Halt),
}

/// How long a lost connection is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Before the first further try; each wait is twice as long as the one before.
    pub first: Duration,
    pub longest: Duration,
    /// Tries without a single byte after which it is given up.
    pub most_tries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            most_tries: 7,
        }
    }
}

impl Patience {
    fn wait(self, tries: u32) -> Duration {
        let doubled = 1u32
            .checked_shl(tries.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

/// Bytes left on the disk of a path, where the system tells.
pub type Room = fn(&Path) -> Option<u64>;

/// Gets models from a source into a Hugging Face cache.
pub struct Downloader<'s> {
    pub source: &'s dyn Source,
    pub cache: PathBuf,
    pub patience: Patience,
    pub room: Room,
}

impl<'s> Downloader<'s> {
    pub fn new(source: &'s dyn Source, cache: &Path) -> Self {
        Self {
            source,
            cache: cache.to_owned(),
            patience: Patience::default(),
            room: free_room,
        }
    }

    /// What a wish means: the commit and the files to get.
    pub fn plan(&self, wish: &Wish) -> Result<(String, Plan), GetError> {
        let Listing { commit, files } = self.source.list(&wish.repo, &wish.revision)?;
        let plan = plan(&wish.repo, &files, wish.variant.as_deref(), &wish.files)?;
        Ok((commit, plan))
    }

    /// Gets what is not there yet, telling how far it is. What had come before goes on from there.
    pub fn get(
        &self,
        wish: &Wish,
        control: &Control,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<Fetched, GetError> {
        let mut tries = 0;
        let (commit, plan) = loop {
            match self.plan(wish) {
                Err(error @ GetError::Line { .. }) => {
                    tries += 1;
                    if tries >= self.patience.most_tries {
                        return Err(error);
                    }
                    if let Some(halt) = control.wait(self.patience.wait(tries)) {
                        return Ok(Fetched::Halted(halt));
                    }
                }
                planned => break planned?,
            }
        };
        let cache = HubCache::of(&self.cache, &wish.repo);
        self.check_room(&cache, &plan)?;
        let mut run = Run {
            downloader: self,
            wish,
            commit: &commit,
            cache,
            control,
            tell,
            pace: Pace::default(),
            progress: Progress {
                total: plan.bytes,
                ..Progress::default()
            },
            before: 0,
        };
        for file in &plan.files {
            if let Some(halt) = run.file(file)? {
                if halt == Halt::Cancel {
                    self.throw_away(&wish.repo);
                }
                return Ok(Fetched::Halted(halt));
            }
        }
        run.cache.point(&wish.revision, &commit)?;
        Ok(Fetched::Whole(run.cache.snapshot(&commit)))
    }

    /// Removes what has come of a repository's files that are not whole; what another program fetches
    /// stays.
    pub fn throw_away(&self, repo: &RepoName) {
        HubCache::of(&self.cache, repo).throw_away();
    }

    /// Fails where what is still to come finds no room.
    fn check_room(&self, cache: &HubCache, plan: &Plan) -> Result<(), GetError> {
        let missing = plan.files.iter().filter(|file| !cache.has(file));
        let needed: u64 = missing
            .map(|file| {
                let there = cache.incomplete(&file.content).metadata();
                file.bytes
                    .saturating_sub(there.map_or(0, |facts| facts.len()))
            })
            .sum();
        match (self.room)(&cache.snapshot("any")) {
            Some(free) if free < needed => Err(GetError::File(FileError::NoRoom {
                path: self.cache.display().to_string(),
                needed,
                free,
            })),
            _ => Ok(()),
        }
    }
}

/// One download under way.
struct Run<'r> {
    downloader: &'r Downloader<'r>,
    wish: &'r Wish,
    commit: &'r str,
    cache: HubCache,
    control: &'r Control,
    tell: &'r mut dyn FnMut(&Progress),
    pace: Pace,
    progress: Progress,
    /// Bytes of the files that are whole.
    before: u64,
}

/// How a connection ended.
enum Came {
    /// All of the file.
    All,
    Halted(Halt),
    /// The connection broke off, or began elsewhere than asked.
    Part(GetError),
}

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

impl Run<'_> {
    /// Gets one file, unless it is there.
    fn file(&mut self, file: &RemoteFile) -> Result<Option<Halt>, GetError> {
        self.progress.file.clone_from(&file.path);
        if !self.cache.has(file) {
            let Some(lock) = self.lock(file)? else {
                return Ok(self.control.halt());
            };
            // Whoever held the lock may have got it.
            if !self.cache.has(file)
                && let Some(halt) = self.whole(file)?
            {
                return Ok(Some(halt));
            }
            drop(lock);
        }
        self.cache.show(self.commit, file)?;
        self.before += file.bytes;
        self.tell_done(0);
        Ok(self.control.halt())
    }

    /// Waits for whoever fetches the same; `None` where an end is asked for.
    fn lock(&self, file: &RemoteFile) -> Result<Option<File>, GetError> {
        const PACE: Duration = Duration::from_millis(200);
        loop {
            if let Some(lock) = self.cache.lock(&file.content)? {
                return Ok(Some(lock));
            }
            if self.control.wait(PACE).is_some() {
                return Ok(None);
            }
        }
    }

    /// Gets a file until its bytes are those promised: wrong ones are fetched once more.
    fn whole(&mut self, file: &RemoteFile) -> Result<Option<Halt>, GetError> {
        let path = self.cache.incomplete(&file.content);
        for _ in 0..2 {
            let (check, halt) = self.bytes(file, &path)?;
            if halt.is_some() {
                return Ok(halt);
            }
            if check.fits(&file.content) {
                let blob = self.cache.blob(&file.content);
                std::fs::rename(&path, &blob).map_err(|error| unwritable(&blob, &error))?;
                return Ok(None);
            }
            log::warn!("{} came with wrong bytes", file.path);
            std::fs::remove_file(&path).map_err(|error| unwritable(&path, &error))?;
        }
        Err(GetError::WrongBytes {
            file: file.path.clone(),
        })
    }

    /// Gets as many bytes as the file has, over as many connections as that takes.
    fn bytes(&mut self, file: &RemoteFile, path: &Path) -> Result<(Check, Option<Halt>), GetError> {
        let mut part = Part::open(path, file)?;
        let mut tries = 0;
        while part.length < file.bytes {
            let before = part.length;
            match self.connection(file, &mut part)? {
                Came::All => break,
                Came::Halted(halt) => return Ok((part.check, Some(halt))),
                Came::Part(error) => {
                    tries = if part.length > before { 1 } else { tries + 1 };
                    if tries >= self.downloader.patience.most_tries {
                        return Err(error);
                    }
                    log::info!("{}: {error}", file.path);
                    self.progress.waits = true;
                    self.tell_done(part.length);
                    let wait = self.downloader.patience.wait(tries);
                    if let Some(halt) = self.control.wait(wait) {
                        return Ok((part.check, Some(halt)));
                    }
                }
            }
        }
        part.sync()?;
        Ok((part.check, None))
    }

    /// Takes what one connection gives.
    fn connection(&mut self, file: &RemoteFile, part: &mut Part) -> Result<Came, GetError> {
        let source = self.downloader.source;
        let opened = source.open(&self.wish.repo, self.commit, file, part.length);
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(error @ GetError::Line { .. }) => return Ok(Came::Part(error)),
            Err(error) => return Err(error),
        };
        if opened.start != part.length {
            // It cannot leave out what is there: from the beginning, then.
            part.empty(file)?;
            if opened.start != 0 {
                let reason = "it gives another part of the file than asked for".to_owned();
                let host = self.wish.repo.to_string();
                return Ok(Came::Part(GetError::Answer { host, reason }));
            }
        }
        let mut bytes = vec![0; CHUNK];
        loop {
            if let Some(halt) = self.control.halt() {
                return Ok(Came::Halted(halt));
            }
            let read = match opened.bytes.read(&mut bytes) {
                Ok(0) => {
                    let reason = "it ended before the file did".to_owned();
                    return Ok(self.cut(part, file, reason));
                }
                Ok(read) => read,
                Err(error) => return Ok(self.cut(part, file, error.to_string())),
            };
            // More than was promised cannot be right.
            let wanted = file.bytes - part.length;
            let taken = read.min(usize::try_from(wanted).unwrap_or(read));
            part.take(&bytes[..taken])?;
            self.progress.waits = false;
            self.tell_done(part.length);
            if part.length == file.bytes {
                return Ok(Came::All);
            }
        }
    }

    fn cut(&self, part: &Part, file: &RemoteFile, reason: String) -> Came {
        if part.length == file.bytes {
            return Came::All;
        }
        let host = self.wish.repo.to_string();
        Came::Part(GetError::Line { host, reason })
    }

    fn tell_done(&mut self, of_file: u64) {
        self.progress.done = self.before + of_file;
        self.pace.mark(Instant::now(), self.progress.done);
        self.progress.rate = self.pace.rate();
        (self.tell)(&self.progress);
    }
}

/// What has come of a file.
struct Part {
    file: File,
    path: PathBuf,
    length: u64,
    check: Check,
}

impl Part {
    /// Goes on with what is there, or begins.
    fn open(path: &Path, file: &RemoteFile) -> Result<Self, GetError> {
        let failed = |error: std::io::Error| unwritable(path, &error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut handle = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .append(true)
            .open(path)
            .map_err(failed)?;
        let there = handle.metadata().map_err(failed)?.len();
        let mut check = Check::of(&file.content, file.bytes);
        let mut length = 0;
        if there <= file.bytes {
            length = check.add_all(&mut handle).map_err(failed)?;
        } else {
            handle.set_len(0).map_err(failed)?;
        }
        Ok(Self {
            file: handle,
            path: path.to_owned(),
            length,
            check,
        })
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), GetError> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| unwritable(&self.path, &error))?;
        self.check.add(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn empty(&mut self, file: &RemoteFile) -> Result<(), GetError> {
        let emptied = self.file.set_len(0);
        emptied.map_err(|error| unwritable(&self.path, &error))?;
        self.check = Check::of(&file.content, file.bytes);
        self.length = 0;
        Ok(())
    }

    fn sync(&self) -> Result<(), GetError> {
        let synced = self.file.sync_all();
        synced.map_err(|error| unwritable(&self.path, &error))
    }
}
