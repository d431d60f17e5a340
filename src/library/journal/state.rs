//! What people do at the easel, as it goes into the journal and comes back.

use std::sync::Arc;

use super::kept::KeptPicture;
use crate::raster::{Edit, Pixels, TiledMask};

/// The picture people work on, and its mask.
#[derive(Clone, Debug, PartialEq)]
pub struct EaselState {
    pub image: Arc<Pixels>,
    /// Of the picture's extent.
    pub mask: TiledMask,
}

/// A state people can go back to.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptState {
    pub picture: KeptPicture,
    /// Of the picture's extent.
    pub mask: TiledMask,
}

/// A state people can go back to, with the pixels of its picture.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldState {
    pub picture: KeptPicture,
    pub image: Arc<Pixels>,
    /// Of the picture's extent.
    pub mask: TiledMask,
}

impl HeldState {
    /// The state without its pixels.
    pub fn kept(&self) -> KeptState {
        KeptState {
            picture: self.picture.clone(),
            mask: self.mask.clone(),
        }
    }
}

/// One thing done at the easel.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A picture is put on the easel: for the first time (then there is no step to undo), or in
    /// place of another (a step).
    Picture(HeldState),
    /// The mask was painted or changed (a step).
    Mask(Edit),
    /// The last step not undone is undone.
    Back,
    /// The step undone last is done again.
    Forth,
}

/// A step that can be undone and done again.
#[derive(Clone, Debug, PartialEq)]
pub enum KeptStep {
    /// The mask was painted or changed.
    Mask(Edit),
    /// Another picture took the place of the one before.
    Picture { before: KeptState, after: KeptState },
}

/// All that a journal keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What was on the easel before the first step.
    pub first: KeptState,
    pub steps: Vec<KeptStep>,
    /// Steps that are not undone.
    pub done: usize,
    /// What is on the easel after these. All other pictures rest on disk.
    pub now: HeldState,
}
