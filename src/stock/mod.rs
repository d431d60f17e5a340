//! The models people have: where they lie, what they are, and how further ones are got.
//!
//! Everything is read in place; nothing is copied.

mod about;
mod cache;
mod clips;
mod comfy;
mod diffusers;
mod family;
pub mod fetch;
mod item;
mod kind;
mod look;
mod places;
mod roots;
mod scan;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub use about::trigger_words;
pub use cache::Cache;
pub use clips::{ClipFolder, clip_folders};
pub use family::{Family, family_of};
pub use item::{Item, Told};
pub use kind::{Kind, kind_of};
pub use look::{Details, details, files_of, find, picture_of, sha256_of_file, small_picture_of};
pub use places::{Layout, hub_cache};
pub use roots::{Root, Roots};
pub use scan::{item_at, scan};

use crate::library::FileError;
use crate::weights::ModelError;

/// What can go wrong with folders of models.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StockError {
    #[error("there is no folder {path}: put it back, or take it out of the list")]
    NoFolder { path: String },
    #[error(
        "{path} is a file: give the folder it lies in, or the list of folders of ComfyUI, \
         extra_model_paths.yaml"
    )]
    NotAFolder { path: String },
    #[error(
        "{path} is no list of folders as ComfyUI has it ({reason}): correct it, or give a folder"
    )]
    BadList { path: String, reason: String },
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Model(#[from] ModelError),
}
