//! A picture that is being made larger, as far as it is there.

use std::sync::Arc;

use crate::app::canvas::Patch;
use crate::engine::{EnlargedPart, JobId};
use crate::raster::{Extent, Pixels};

/// What is seen of it.
pub(in crate::app) struct Making {
    pub(in crate::app) job: JobId,
    /// Of the picture that is made.
    pub(in crate::app) extent: Extent,
    /// All of it before anything was done.
    pub(in crate::app) first: Arc<Pixels>,
    /// What is done.
    pub(in crate::app) parts: Vec<Patch>,
}

impl Making {
    /// Begins with the first part, which is all of it before anything was done.
    pub(in crate::app) fn of(part: &EnlargedPart) -> Self {
        Self {
            job: part.job,
            extent: part.extent,
            first: Arc::clone(&part.pixels),
            parts: Vec::new(),
        }
    }

    pub(in crate::app) fn take(&mut self, part: &EnlargedPart) {
        self.parts.push(Patch {
            corner: part.corner,
            pixels: Arc::clone(&part.pixels),
        });
    }
}
