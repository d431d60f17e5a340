//! The pictures a journal refers to, and the files they came from: each in a file of its own, named
//! by its content. Beside each picture lies a small copy, with the picture's name.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::album::SMALL_SIDE;
use super::history::OriginalAt;
use super::picture::{measure, pack, unpack};
use super::{unreadable, unwritable};
use crate::library::atomic::PART_PREFIX;
use crate::library::{Existing, FileError, write_atomically};
use crate::raster::{Extent, Original, Pixels};

/// SHA-256 of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct FileName([u8; 32]);

const PICTURE: &str = "picture";
const ORIGINAL: &str = "original";
const SMALL: &str = "small";
const EXTENSIONS: [&str; 3] = [PICTURE, ORIGINAL, SMALL];

/// Bytes beyond which no file is a small copy: it grows when it is packed, but not by much.
const MOST_OF_SMALL: u64 = (SMALL_SIDE as u64 * SMALL_SIDE as u64 * 4) * 2;

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
        let path = self.path(name, extension);
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

    /// The size of a picture, which is not read as a whole; `None` if it is not there, or cut short.
    pub(super) fn measure(&self, name: FileName) -> Result<Option<Extent>, FileError> {
        let path = self.path(name, PICTURE);
        let measured = fs::File::open(&path).and_then(|file| {
            let length = file.metadata()?.len();
            measure(BufReader::new(file), length)
        });
        match measured {
            Ok(extent) => Ok(extent),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Whether there is a file for a picture.
    pub(super) fn is_there(&self, name: FileName) -> bool {
        self.path(name, PICTURE).is_file()
    }

    /// Why a picture that should be there could not be read.
    pub(super) fn lost(&self, name: FileName) -> FileError {
        let path = self.path(name, PICTURE).display().to_string();
        if self.is_there(name) {
            FileError::StateDamaged { path }
        } else {
            FileError::StateMissing { path }
        }
    }

    /// Puts a small copy of a picture on disk, with its checksum.
    pub(super) fn keep_small(&self, name: FileName, small: &Pixels) -> Result<(), FileError> {
        let packed = pack(small);
        let sum = crc32fast::hash(&packed).to_le_bytes();
        let path = self.path(name, SMALL);
        write_atomically(&path, &[&sum, &*packed].concat(), Existing::Replace)
    }

    /// The small copy of a picture; `None` if it is not there, or damaged.
    pub(super) fn read_small(&self, name: FileName) -> Option<Pixels> {
        let path = self.path(name, SMALL);
        if fs::metadata(&path).ok()?.len() > MOST_OF_SMALL {
            return None;
        }
        let file = fs::read(&path).ok()?;
        let (sum, packed) = file.split_first_chunk()?;
        let whole = crc32fast::hash(packed) == u32::from_le_bytes(*sum);
        let small = whole.then(|| unpack(packed)).flatten()?;
        let Extent { width, height } = small.extent();
        (width.max(height) <= SMALL_SIDE).then_some(small)
    }

    /// Bytes on disk of everything with a name.
    pub(super) fn bytes_of(&self, name: FileName) -> u64 {
        let length = |extension| fs::metadata(self.path(name, extension)).map(|known| known.len());
        EXTENSIONS
            .into_iter()
            .filter_map(|it| length(it).ok())
            .sum()
    }

    fn path(&self, name: FileName, extension: &str) -> PathBuf {
        self.folder.join(name.with(extension))
    }

    fn get(&self, name: FileName, extension: &str) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.path(name, extension);
        match fs::read(&path) {
            Ok(file) => Ok(Some(file).filter(|file| FileName::of(file) == name)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            // It may be readable another time: what refers to it must not be given up.
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Removes all other pictures, files they came from, and small copies.
    pub(super) fn keep_only(&self, names: &BTreeSet<FileName>) {
        let all = |name: &FileName| EXTENSIONS.map(|extension| name.with(extension));
        let kept: BTreeSet<String> = names.iter().flat_map(all).collect();
        let is_ours = |name: &str| EXTENSIONS.iter().any(|ours| name.ends_with(ours));
        remove_files(&self.folder, |name| is_ours(name) && !kept.contains(name));
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
