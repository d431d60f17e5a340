//! Hugging Face's cache, written as its own programs write it: contents in `blobs` under their names,
//! and for each commit a folder of links to them.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::source::{ContentName, RemoteFile, stays_inside};
use super::{GetError, RepoName};
use crate::library::{Existing, FileError, write_atomically};

/// One repository in the cache.
#[derive(Clone, Debug)]
pub(super) struct HubCache {
    /// `models--org--name`
    folder: PathBuf,
    locks: PathBuf,
}

impl HubCache {
    pub(super) fn of(cache: &Path, repo: &RepoName) -> Self {
        let name = format!("models--{}", repo.as_str().replace('/', "--"));
        Self {
            folder: cache.join(&name),
            locks: cache.join(".locks").join(name),
        }
    }

    /// Where a content lies once it is whole.
    pub(super) fn blob(&self, content: &ContentName) -> PathBuf {
        self.folder.join("blobs").join(content.hex())
    }

    /// Where it lies until then.
    pub(super) fn incomplete(&self, content: &ContentName) -> PathBuf {
        let name = format!("{}.incomplete", content.hex());
        self.folder.join("blobs").join(name)
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Whether a content is there, whole.
    pub(super) fn has(&self, file: &RemoteFile) -> bool {
        let blob = self.blob(&file.content).metadata();
        blob.is_ok_and(|facts| facts.len() == file.bytes)
    }

    /// Keeps other programs from fetching the same content; `None` while one of them does.
    pub(super) fn lock(&self, content: &ContentName) -> Result<Option<File>, GetError> {
        self.lock_named(content.hex())
    }

    fn lock_named(&self, name: &str) -> Result<Option<File>, GetError> {
        let path = self.locks.join(format!("{name}.lock"));
        std::fs::create_dir_all(&self.locks).map_err(|error| unwritable(&path, &error))?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| unwritable(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(unwritable(&path, &error)),
        }
    }

    /// Removes what is not whole and nobody fetches.
    pub(super) fn throw_away(&self) {
        let entries = std::fs::read_dir(self.folder.join("blobs"));
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Some(content) = name.strip_suffix(".incomplete") else {
                continue;
            };
            let lock = self.lock_named(content);
            if matches!(lock, Ok(Some(_)))
                && let Err(error) = std::fs::remove_file(entry.path())
            {
                log::warn!("{name} stays: {error}");
            }
        }
    }

    /// Shows a whole content as a file of a commit.
    pub(super) fn show(&self, commit: &str, file: &RemoteFile) -> Result<(), GetError> {
        let path = self.snapshot(commit).join(&file.path);
        if !stays_inside(&file.path) {
            return Err(unwritable(&path, &"its name leads out of its folder"));
        }
        let folder = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(folder).map_err(|error| unwritable(&path, &error))?;
        if path.symlink_metadata().is_ok() {
            std::fs::remove_file(&path).map_err(|error| unwritable(&path, &error))?;
        }
        let up = "../".repeat(2 + file.path.matches('/').count());
        let blob = format!("{up}blobs/{}", file.content.hex());
        link(Path::new(&blob), &self.blob(&file.content), &path)
            .map_err(|error| unwritable(&path, &error))
    }

    /// Remembers what a branch or tag means.
    pub(super) fn point(&self, revision: &str, commit: &str) -> Result<(), GetError> {
        if revision == commit || !stays_inside(revision) {
            return Ok(());
        }
        let path = self.folder.join("refs").join(revision);
        Ok(write_atomically(
            &path,
            commit.as_bytes(),
            Existing::Replace,
        )?)
    }
}

#[cfg(unix)]
fn link(relative: &Path, _blob: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(relative, path)
}

/// Links are not for everybody there: a second name of the same file, or else a copy.
#[cfg(not(unix))]
fn link(_relative: &Path, blob: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::hard_link(blob, path).or_else(|_| std::fs::copy(blob, path).map(drop))
}

pub(super) fn unwritable(path: &Path, reason: &dyn std::fmt::Display) -> GetError {
    GetError::File(FileError::Unwritable {
        path: path.display().to_string(),
        reason: reason.to_string(),
    })
}
