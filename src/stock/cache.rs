//! What is known of files that did not change: their headers and hashes are not read again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::StockError;
use super::item::Told;
use crate::library::{Existing, write_atomically};

/// Changes when what is told of a file does: what an older version remembered is read anew.
const VERSION: u32 = 1;

/// Length of a file and when it was written: what tells whether it is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    pub(super) changed: u64,
}

impl Stamp {
    /// Of a file as it is now.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let facts = path.metadata().ok()?;
        let changed = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            bytes: facts.len(),
            changed: changed.as_nanos() as u64,
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    stamp: Stamp,
    told: Told,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hashed {
    stamp: Stamp,
    sha256: String,
}

/// What was found out before, kept in one file.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    file: PathBuf,
    kept: Kept,
    changed: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    version: u32,
    known: BTreeMap<PathBuf, Known>,
    hashes: BTreeMap<PathBuf, Hashed>,
}

impl Cache {
    /// What `file` keeps; nothing where it cannot be read.
    pub fn open(file: &Path) -> Self {
        let kept = std::fs::read(file).ok();
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let mut kept = kept.unwrap_or_default();
        if kept.version != VERSION {
            kept.known.clear();
            kept.version = VERSION;
        }
        Self {
            file: file.to_owned(),
            kept,
            changed: false,
        }
    }

    /// What is told of a path, found out where it has changed.
    pub(super) fn told(&mut self, path: &Path, stamp: Stamp, read: impl FnOnce() -> Told) -> Told {
        if let Some(known) = self
            .kept
            .known
            .get(path)
            .filter(|known| known.stamp == stamp)
        {
            return known.told.clone();
        }
        let told = read();
        let known = Known {
            stamp,
            told: told.clone(),
        };
        self.kept.known.insert(path.to_owned(), known);
        self.changed = true;
        told
    }

    /// The hash of a file that did not change since it was computed.
    pub fn sha256(&self, path: &Path) -> Option<String> {
        let hashed = self.kept.hashes.get(path)?;
        (Stamp::of(path)? == hashed.stamp).then(|| hashed.sha256.clone())
    }

    pub fn remember_sha256(&mut self, path: &Path, sha256: &str) {
        if let Some(stamp) = Stamp::of(path) {
            let sha256 = sha256.to_owned();
            self.kept
                .hashes
                .insert(path.to_owned(), Hashed { stamp, sha256 });
            self.changed = true;
        }
    }

    /// Takes over what another one found out meanwhile.
    pub fn take(&mut self, other: Self) {
        self.changed |= other.changed;
        self.kept.known.extend(other.kept.known);
        self.kept.hashes.extend(other.kept.hashes);
    }

    /// Writes what is new, without what is gone.
    pub fn save(&mut self) -> Result<(), StockError> {
        if !self.changed {
            return Ok(());
        }
        self.kept.known.retain(|path, _| path.exists());
        self.kept.hashes.retain(|path, _| path.exists());
        let json = serde_json::to_vec(&self.kept).unwrap_or_default();
        write_atomically(&self.file, &json, Existing::Replace)?;
        self.changed = false;
        Ok(())
    }
}
