//! The pictures a journal refers to, and the files they came from: each in a file of its own, named
//! by its content.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::history::OriginalAt;
use super::picture::{pack, unpack};
use super::{unreadable, unwritable};
use crate::library::atomic::PART_PREFIX;
use crate::library::{Existing, FileError, write_atomically};
use crate::raster::{Original, Pixels};

/// SHA-256 of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct FileName([u8; 32]);

const PICTURE: &str = "picture";
const ORIGINAL: &str = "original";

impl FileName {
    fn of(file: &[u8]) -> Self {
        Self(Sha256::digest(file).into())
    }

    fn with(self, extension: &str) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        digits.chain(".".chars()).chain(extension.chars()).collect()
    }
}

/// A folder of pictures.
#[derive(Debug)]
pub(super) struct Pictures {
    folder: PathBuf,
}

impl Pictures {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a picture on disk, if it is not there yet.
    pub(super) fn keep(&self, pixels: &Pixels) -> Result<FileName, FileError> {
        let packed = pack(pixels);
        self.put(FileName::of(&packed), &packed, PICTURE)
    }

    /// Puts the file a picture came from on disk, if it is not there yet.
    pub(super) fn keep_original(&self, original: &Original) -> Result<OriginalAt, FileError> {
        Ok(OriginalAt {
            file: self.put(FileName(original.sha256()), original.file(), ORIGINAL)?,
            place: original.place(),
        })
    }

    fn put(&self, name: FileName, bytes: &[u8], extension: &str) -> Result<FileName, FileError> {
        let path = self.folder.join(name.with(extension));
        match write_new(&path, bytes) {
            Ok(()) | Err(FileError::Exists { .. }) => Ok(name),
            Err(error) => Err(error),
        }
    }

    /// A picture; `None` if it is not there, or damaged.
    pub(super) fn read(&self, name: FileName) -> Result<Option<Pixels>, FileError> {
        let file = self.get(name, PICTURE)?;
        Ok(file.and_then(|file| unpack(&file)))
    }

    /// The file a picture came from; `None` if it is not there, or damaged.
    pub(super) fn read_original(&self, name: FileName) -> Result<Option<Vec<u8>>, FileError> {
        self.get(name, ORIGINAL)
    }

    /// Bytes of the file a picture came from; none if it is not there.
    pub(super) fn original_bytes(&self, name: FileName) -> usize {
        let path = self.folder.join(name.with(ORIGINAL));
        fs::metadata(path).map_or(0, |known| {
            usize::try_from(known.len()).unwrap_or(usize::MAX)
        })
    }

    fn get(&self, name: FileName, extension: &str) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.folder.join(name.with(extension));
        match fs::read(&path) {
            Ok(file) => Ok(Some(file).filter(|file| FileName::of(file) == name)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            // It may be readable another time: what refers to it must not be given up.
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Removes all other pictures and files they came from.
    pub(super) fn keep_only(&self, names: &BTreeSet<FileName>) {
        let kept = |extension| names.iter().map(move |name| name.with(extension));
        let kept: BTreeSet<String> = kept(PICTURE).chain(kept(ORIGINAL)).collect();
        remove_files(&self.folder, |name| {
            (name.ends_with(PICTURE) || name.ends_with(ORIGINAL)) && !kept.contains(name)
        });
        remove_parts(&self.folder);
    }
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    if path.exists() {
        return Ok(());
    }
    write_atomically(path, bytes, Existing::Keep)?;
    sync_folder_of(path).map_err(|error| unwritable(path, &error))
}

/// Makes a file's name as lasting as its content: a record must not outlive the picture it names.
#[cfg(unix)]
pub(super) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
pub(super) fn sync_folder_of(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Removes what killed processes left half-written.
pub(super) fn remove_parts(folder: &Path) {
    remove_files(folder, |name| name.starts_with(PART_PREFIX));
}

fn remove_files(folder: &Path, is_unneeded: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(&is_unneeded)
            && let Err(error) = fs::remove_file(entry.path())
        {
            let path = entry.path();
            log::warn!(
                "a file nobody needs cannot be removed: {error}; {}",
                path.display()
            );
        }
    }
}
