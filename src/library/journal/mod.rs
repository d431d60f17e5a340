//! What is done at the easel, on disk as it is done, so that a killed studio reopens as it was.
//!
//! A journal is a folder: `easel.journal` holds a record for every entry, `pictures` the pictures
//! they refer to, a small copy of each, and the files those came from if these hold more. Records are
//! only ever added; a rewritten file without what is not needed any more takes the place of the old
//! one as a whole.
//!
//! What is on disk need not be in memory: pictures far from the present step rest in the journal, and
//! are recalled when people go to them.

mod album;
mod file;
mod folder;
mod history;
mod kept;
mod picture;
mod pictures;
mod restore;
mod state;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;

pub use album::SMALL_SIDE;
pub use kept::KeptPicture;
pub use state::{EaselState, Entry, HeldState, Kept, KeptState, KeptStep};

use self::album::Album;
use self::file::{Found, RecordFile, Version, file_of, look_into};
use self::history::{History, Named, Reading, Record, Sheet};
use self::pictures::{Pictures, remove_parts, sync_folder_of};
use self::restore::restored;
use super::{Existing, FileError, write_atomically};
use crate::raster::{PackedMask, Pixels};

const FILE: &str = "easel.journal";
const PICTURES: &str = "pictures";

/// Bytes on disk beyond which the oldest steps are let go when the studio starts; while it runs there
/// is no bound. That is thousands of usual pictures, and what a disk of today can spare: without a
/// bound, a folder nobody looks into would fill it in the end.
const MOST_ON_DISK: u64 = 16 << 30;

/// Bytes that a file may grow by before it is worth a look whether it can be smaller.
const ROOM: u64 = 16 << 20;

/// Keeps what is done at the easel on disk.
#[derive(Debug)]
pub struct EaselJournal {
    file: RecordFile,
    album: Album,
    /// What could not be written yet, oldest first.
    unwritten: VecDeque<Entry>,
    /// The length beyond which the file is rewritten.
    room: u64,
    /// Claims the folder.
    _in_use: File,
}

impl EaselJournal {
    /// Reads what is kept in a folder, if anything is, and goes on with it.
    ///
    /// What was cut short or damaged, by a killed process or a full disk, is left out with all
    /// that came after it. A file of another version is put aside. What cannot be read at all, or
    /// is used by another process, is an error, and stays as it is. Where more than 16 GiB are kept,
    /// the oldest steps go.
    pub fn open(folder: &Path) -> Result<(Self, Option<Kept>), FileError> {
        Self::open_within(MOST_ON_DISK, folder)
    }

    fn open_within(most: u64, folder: &Path) -> Result<(Self, Option<Kept>), FileError> {
        let path = folder.join(FILE);
        let in_use = folder::claimed(folder).map_err(|error| unwritable(folder, &error))?;
        let pictures = Pictures::new(folder.join(PICTURES));
        let Reading {
            mut history,
            mut is_compact,
            is_whole,
        } = found(&path, &pictures)?;
        if !is_whole {
            log::warn!("what was kept of the easel is cut short; the rest is left out");
        }
        if let Some(history) = &mut history {
            let forgot = history.forget_oldest(most, &|file| pictures.bytes_of(file));
            if forgot {
                log::info!(
                    "the oldest steps of the easel are let go: they take too much of the disk"
                );
            }
            is_compact &= !forgot;
        }
        let mut album = Album::new(pictures);
        let kept = match &history {
            Some(history) => restored(history, &mut album)?,
            None => None,
        };
        let restorable = kept.as_ref().map(|kept| kept.steps.len());
        if let Some(history) = history.as_mut()
            && restorable != Some(history.steps.len())
        {
            log::warn!("a part of what was done at the easel is damaged and left out");
            history.cut(restorable.unwrap_or(0));
            is_compact = false;
        }
        let history = history.filter(|_| kept.is_some());
        let length = std::fs::metadata(&path).map_or(0, |known| known.len());
        let mut journal = Self {
            file: RecordFile::new(path, length),
            album,
            unwritten: VecDeque::new(),
            room: room_after(length),
            _in_use: in_use,
        };
        remove_parts(folder);
        if is_compact {
            journal.remove_pictures(history.as_ref());
        } else {
            journal.rewrite(history.as_ref())?;
        }
        Ok((journal, kept))
    }

    /// Puts an entry on disk; from then on its picture may rest there. If that fails, it is tried
    /// again with the next one: nothing is left out in between.
    pub fn append(&mut self, entry: Entry) -> Result<(), FileError> {
        self.unwritten.push_back(entry);
        while let Some(entry) = self.unwritten.front() {
            let record = record_of(entry, &mut self.album)?;
            let bytes = self.bytes_of(&record)?;
            let written = self.file.append(&bytes, record.version());
            written.map_err(|error| unwritable(self.file.path(), &error))?;
            if let Some(Entry::Picture(state)) = self.unwritten.pop_front() {
                self.album.keep_small(&state.picture, &state.image);
            }
        }
        if self.file.length() > self.room
            && let Err(error) = self.compact()
        {
            // The entry is on disk all the same.
            log::warn!("the journal of the easel cannot be made smaller: {error}");
            self.room = room_after(self.file.length());
        }
        Ok(())
    }

    /// Forgets everything; no picture can be recalled any more.
    pub fn clear(&mut self) -> Result<(), FileError> {
        self.unwritten.clear();
        self.album.forget();
        self.rewrite(None)
    }

    /// A picture's pixels, with the file it came from, which is in memory once however many pictures
    /// came from it. What is missing or damaged is an error.
    pub fn recall(&mut self, picture: &KeptPicture) -> Result<Pixels, FileError> {
        self.album.recall(picture)
    }

    /// A small copy of a picture, no side longer than [`SMALL_SIDE`]. A journal of an earlier version
    /// has none: then it is made, and kept.
    pub fn small(&mut self, picture: &KeptPicture) -> Result<Pixels, FileError> {
        self.album.small(picture)
    }

    fn bytes_of(&self, record: &Record) -> Result<Vec<u8>, FileError> {
        postcard::to_stdvec(record).map_err(|error| unwritable(self.file.path(), &error))
    }

    /// Leaves out what is not needed any more.
    fn compact(&mut self) -> Result<(), FileError> {
        let path = self.file.path();
        let opened = look_into(path).map_err(|error| unreadable(path, &error))?;
        if let Found::Records(mut reader) = opened {
            let reading = History::read(&mut reader).map_err(|error| unreadable(path, &error))?;
            // If the file was damaged since, as much as possible of it is better left as it is.
            if reading.is_whole && !reading.is_compact {
                return self.rewrite(reading.history.as_ref());
            }
        }
        self.room = room_after(self.file.length());
        Ok(())
    }

    /// Makes the file say this and nothing else.
    fn rewrite(&mut self, history: Option<&History>) -> Result<(), FileError> {
        let path = self.file.path().to_path_buf();
        let records: Vec<Record> = history.into_iter().flat_map(History::records).collect();
        let version = records.iter().map(Record::version).max();
        let version = version.unwrap_or(Version::First);
        let records = records.iter().map(|record| self.bytes_of(record));
        let records: Vec<Vec<u8>> = records.collect::<Result<_, _>>()?;
        let bytes =
            file_of(version, records.into_iter()).map_err(|error| unwritable(&path, &error))?;
        write_atomically(&path, &bytes, Existing::Replace)?;
        self.file = RecordFile::new(path, bytes.len() as u64);
        self.room = room_after(self.file.length());
        // A picture must not go before the last file that names it.
        sync_folder_of(self.file.path()).map_err(|error| unwritable(self.file.path(), &error))?;
        self.remove_pictures(history);
        Ok(())
    }

    /// Removes the pictures that are not needed any more.
    fn remove_pictures(&mut self, history: Option<&History>) {
        let needed = history.map(History::files).unwrap_or_default();
        self.album.keep_only(needed);
    }
}

/// Puts the picture an entry speaks of on disk, if any, and names it.
fn record_of(entry: &Entry, album: &mut Album) -> Result<Record, FileError> {
    Ok(match entry {
        Entry::Picture(state) => {
            let Named { picture, original } = album.keep(&state.picture, &state.image)?;
            Record::picture(Sheet {
                picture,
                original,
                mask: PackedMask::new(&state.mask),
            })
        }
        Entry::Mask(edit) => Record::Mask(edit.clone()),
        Entry::Back => Record::Back,
        Entry::Forth => Record::Forth,
    })
}

/// What a file says; one of another version is put aside.
fn found(path: &Path, pictures: &Pictures) -> Result<Reading, FileError> {
    match look_into(path).map_err(|error| unreadable(path, &error))? {
        Found::Records(mut reader) => {
            return History::read(&mut reader).map_err(|error| unreadable(path, &error));
        }
        Found::Nothing => {}
        Found::Unknown => {
            let aside = folder::put_aside(path, pictures.folder())
                .map_err(|error| unwritable(path, &error))?;
            let aside = aside.display();
            log::warn!("what another version kept of the easel is put aside: {aside}");
        }
    }
    Ok(Reading {
        history: None,
        is_whole: true,
        is_compact: false,
    })
}

/// Files are rewritten each time they have doubled, so that this costs little on the whole.
const fn room_after(length: u64) -> u64 {
    length.saturating_mul(2).saturating_add(ROOM)
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> FileError {
    FileError::Unreadable {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}

fn unwritable(path: &Path, reason: &dyn std::fmt::Display) -> FileError {
    FileError::Unwritable {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}
