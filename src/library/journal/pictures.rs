//! The pictures a journal refers to: each in a file of its own, named by its content.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::picture::{pack, unpack};
use super::{unreadable, unwritable};
use crate::library::atomic::PART_PREFIX;
use crate::library::{Existing, FileError, write_atomically};
use crate::raster::Pixels;

/// SHA-256 of a picture's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct PictureName([u8; 32]);

const EXTENSION: &str = "picture";

impl PictureName {
    fn of(file: &[u8]) -> Self {
        Self(Sha256::digest(file).into())
    }

    fn file_name(self) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        digits.chain(".".chars()).chain(EXTENSION.chars()).collect()
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
    pub(super) fn keep(&self, pixels: &Pixels) -> Result<PictureName, FileError> {
        let packed = pack(pixels);
        let name = PictureName::of(&packed);
        let path = self.folder.join(name.file_name());
        match write_new(&path, &packed) {
            Ok(()) | Err(FileError::Exists { .. }) => Ok(name),
            Err(error) => Err(error),
        }
    }

    /// A picture; `None` if it is not there, or damaged.
    pub(super) fn read(&self, name: PictureName) -> Result<Option<Pixels>, FileError> {
        let path = self.folder.join(name.file_name());
        match fs::read(&path) {
            Ok(file) if PictureName::of(&file) == name => Ok(unpack(&file)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            // It may be readable another time: what refers to it must not be given up.
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Removes all other pictures.
    pub(super) fn keep_only(&self, names: &BTreeSet<PictureName>) {
        let names: BTreeSet<String> = names.iter().map(|name| name.file_name()).collect();
        remove_files(&self.folder, |name| {
            name.ends_with(EXTENSION) && !names.contains(name)
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
