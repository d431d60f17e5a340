//! What people do at the easel, as it goes into the journal and comes back.

use std::sync::Arc;

use crate::raster::{Edit, Extent, Pixels, TiledMask};

/// The picture people work on, and its mask.
#[derive(Clone, Debug, PartialEq)]
pub struct EaselState {
    pub image: Arc<Pixels>,
    /// Of the picture's extent.
    pub mask: TiledMask,
}

/// One thing done at the easel.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A picture is put on the easel: for the first time (then there is no step to undo), or in
    /// place of another (a step).
    Picture(EaselState),
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
    Picture {
        before: EaselState,
        after: EaselState,
    },
}

impl KeptStep {
    /// Bytes it takes in memory, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Mask(edit) => edit.bytes(),
            Self::Picture { after, .. } => picture_bytes(after.image.extent()),
        }
    }
}

/// Bytes a picture takes at the easel, about: its own, and the masks before and after.
pub(super) const fn picture_bytes(extent: Extent) -> usize {
    extent.area().saturating_mul(6)
}

/// All that a journal keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What was on the easel before the first step.
    pub first: EaselState,
    pub steps: Vec<KeptStep>,
    /// Steps that are not undone.
    pub done: usize,
    /// What is on the easel after these.
    pub now: EaselState,
}
