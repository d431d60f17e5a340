//! What people do at the easel, as it goes into the journal and comes back.

use std::sync::Arc;

use crate::raster::{Edit, Extent, Original, Pixels, TiledMask};

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

/// What steps take in memory together: a file that several pictures came from is there once.
#[derive(Debug, Default)]
pub struct Load<'a> {
    bytes: usize,
    files: Vec<&'a Original>,
}

impl<'a> Load<'a> {
    /// Adds a step.
    pub fn take(&mut self, step: &'a KeptStep) {
        let bytes = match step {
            KeptStep::Mask(edit) => edit.bytes(),
            KeptStep::Picture { before, after } => {
                for state in [before, after] {
                    self.take_original(&state.image);
                }
                picture_bytes(after.image.extent())
            }
        };
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn take_original(&mut self, image: &'a Pixels) {
        if let Some(original) = image.original()
            && !self.files.iter().any(|known| known.shares_file(original))
        {
            self.files.push(original);
            self.bytes = self.bytes.saturating_add(original.file().len());
        }
    }

    /// Bytes of all, about.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Bytes a picture takes at the easel without its file, about: its own, and the masks before and after.
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
