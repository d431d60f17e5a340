//! Pictures on disk: where they go, what they carry, how they come back.

mod aside;
mod atomic;
mod journal;
mod metadata;
mod pictures;
mod room;
mod writer;

use thiserror::Error;

pub use aside::{ASIDE, set_aside};
pub use atomic::{Existing, write_atomically};
pub use journal::{
    EaselJournal, EaselState, Entry, HeldState, Kept, KeptPicture, KeptState, KeptStep, SMALL_SIDE,
};
pub use metadata::{Origin, encode_finished, encode_picture, origin_of};
pub use pictures::{
    Library, PictureFile, default_folder, named_as_png, numbered, read_finest, read_header,
    read_picture, see_picture,
};
pub use room::{check_room, free_room};
pub use writer::{PictureWriter, Written};

/// What can go wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{path} cannot be written: {reason}; choose another place")]
    Unwritable { path: String, reason: String },
    #[error(
        "{path} may take {} MiB, and there are {} MiB left on that disk: make room, or choose another place",
        needed.div_ceil(1 << 20), free >> 20
    )]
    NoRoom {
        path: String,
        needed: u64,
        free: u64,
    },
    #[error(
        "{path} was written and cannot be read back ({reason}), so it was removed: try another disk"
    )]
    NotReadBack { path: String, reason: String },
    #[error("{path} exists already: choose another name, or allow overwriting")]
    Exists { path: String },
    #[error(
        "this state of the history cannot be shown, because its file {path} is missing: put the file back, or go to another state; the picture on the easel stays as it is"
    )]
    StateMissing { path: String },
    #[error(
        "this state of the history cannot be shown, because its file {path} is damaged: go to another state; the picture on the easel stays as it is"
    )]
    StateDamaged { path: String },
    #[error(
        "{path} is not the name of a PNG, and pictures are saved as PNG alone: PNG keeps everything; name it .png"
    )]
    NotPng { path: String },
}
