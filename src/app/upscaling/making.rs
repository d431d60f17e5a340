//! A picture that is being made larger, as far as it is there.

use std::sync::Arc;

use crate::engine::{EnlargedPart, JobId};
use crate::raster::{Extent, Pixels};

/// What is seen of it.
pub(in crate::app) struct Making {
    pub(in crate::app) job: JobId,
    /// Of the picture that is made.
    pub(in crate::app) extent: Extent,
    pub(in crate::app) pixels: Arc<Pixels>,
}

impl Making {
    /// Begins with the first part, which is all of it before anything was done.
    pub(in crate::app) fn of(part: &EnlargedPart) -> Self {
        let mut making = Self {
            job: part.job,
            extent: part.extent,
            pixels: Arc::new(Pixels::clear(part.shown)),
        };
        making.take(part);
        making
    }

    pub(in crate::app) fn take(&mut self, part: &EnlargedPart) {
        Arc::make_mut(&mut self.pixels).put(part.corner, &part.pixels);
    }
}
