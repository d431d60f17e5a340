//! What was done at the easel, to be undone and done again.

use std::sync::Arc;

use crate::raster::{Edit, Pixels, TiledMask};

/// The picture people work on, and its mask.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub image: Arc<Pixels>,
    /// Of the picture's extent.
    pub mask: TiledMask,
}

/// One thing done.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The mask was painted or changed.
    Mask(Edit),
    /// Another picture took the place of the one before.
    Picture { before: State, after: State },
}

/// Everything done, and how far people have gone back.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: Vec<Step>,
    /// Steps that are not undone.
    done: usize,
}

impl History {
    /// Remembers what was just done; what had been undone before is gone.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.truncate(self.done);
        self.steps.push(step);
        self.done = self.steps.len();
    }

    /// The step to be undone.
    pub(super) fn back(&mut self) -> Option<&Step> {
        self.done = self.done.checked_sub(1)?;
        self.steps.get(self.done)
    }

    /// The step to be done again.
    pub(super) fn forth(&mut self) -> Option<&Step> {
        let step = self.steps.get(self.done)?;
        self.done += 1;
        Some(step)
    }

    pub(super) const fn can_go_back(&self) -> bool {
        self.done > 0
    }

    pub(super) const fn can_go_forth(&self) -> bool {
        self.done < self.steps.len()
    }
}
