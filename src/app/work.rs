//! What is under way at the easel: jobs, what they made, and the states people accepted.

use std::sync::Arc;

use egui::{Context, TextureHandle, TextureOptions};

use super::canvas::color_image;
use super::easel::State;
use super::session::Shown;
use super::shelf::PictureId;
use crate::engine::{JobId, MOST_KEPT, Reshape, THUMBNAIL_SIDE};
use crate::raster::{Ink, Mask, Pixels, fit_within};
use crate::recipe::Task;

/// A result people can accept.
pub(super) struct Candidate {
    pub(super) id: PictureId,
    pub(super) pixels: Arc<Pixels>,
    pub(super) thumbnail: TextureHandle,
    pub(super) task: Task,
}

/// What led to a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// The name of a file, if it has one.
    Opened(String),
    Filled,
    Changed,
    Removed,
    Extended,
    Cropped,
}

impl Deed {
    pub(super) const fn of(task: &Task) -> Self {
        match task {
            Task::TextToImage | Task::ImageToImage(_) => Self::Changed,
            Task::Inpaint(_) => Self::Filled,
            Task::Remove(_) => Self::Removed,
        }
    }
}

/// A state one can go back to.
pub(super) struct Past {
    pub(super) deed: Deed,
    pub(super) state: State,
    /// Of the shelf, if it is there.
    pub(super) picture: Option<PictureId>,
    pub(super) thumbnail: TextureHandle,
}

impl Past {
    /// A state whose picture is not on the shelf.
    pub(super) fn restored(state: &State, ctx: &Context) -> Self {
        let small = fit_within(&state.image, THUMBNAIL_SIDE);
        let options = TextureOptions::LINEAR;
        Self {
            deed: Deed::Opened(String::new()),
            state: state.clone(),
            picture: None,
            thumbnail: ctx.load_texture("thumbnail", color_image(&small), options),
        }
    }
}

/// A job that paints on the easel's picture.
pub(super) struct Painter {
    pub(super) job: JobId,
    pub(super) image: Arc<Pixels>,
    pub(super) mask: Option<Arc<Mask>>,
}

/// A thing that is being looked for: its number, where, and how it is laid into the mask.
pub(super) struct Search {
    pub(super) number: u64,
    pub(super) image: Arc<Pixels>,
    pub(super) ink: Ink,
}

/// Work on the mask of a picture, as long as that is on the easel.
pub(super) struct Pending {
    pub(super) how: Reshape,
    pub(super) image: Arc<Pixels>,
}

/// Everything at the easel but the easel itself.
#[derive(Default)]
pub(super) struct Work {
    /// The picture on the easel.
    pub(super) picture: Option<PictureId>,
    /// Jobs that have not ended.
    pub(super) painters: Vec<Painter>,
    pub(super) candidates: Vec<Candidate>,
    /// Oldest first.
    pub(super) past: Vec<Past>,
    /// The thing that is being looked for.
    pub(super) search: Option<Search>,
    /// The work on the mask or the picture's size that is under way.
    pub(super) reshaping: Option<u64>,
    /// What that work is and the picture before it, where it gives the picture another size.
    pub(super) framing: Option<(Deed, Arc<Pixels>)>,
    /// Work on the mask that waits until nothing is being drawn.
    pub(super) pending: Option<Pending>,
}

impl Work {
    /// Remembers a state; the oldest ones go where all take more memory than is kept.
    pub(super) fn remember(&mut self, past: Past) {
        self.past.push(past);
        let kept = newest_that_fit(self.past.iter().map(|past| &past.state.image));
        self.past.drain(..self.past.len() - kept);
    }

    /// Adds a result; the oldest ones go where all take more memory than is kept: they are in the
    /// library.
    pub(super) fn offer(&mut self, candidate: Candidate) {
        self.candidates.push(candidate);
        let kept = newest_that_fit(self.candidates.iter().map(|candidate| &candidate.pixels));
        self.candidates.drain(..self.candidates.len() - kept);
    }

    /// Another picture is on the easel: nothing is left of what was under way for the one before,
    /// but the search, which is still to be ended.
    pub(super) fn leave_picture(&mut self) {
        self.candidates.clear();
        self.reshaping = None;
        self.framing = None;
        self.pending = None;
    }

    /// What the picture in sight is compared with: the easel's picture beside a result, else the
    /// state before it; of the same extent.
    pub(super) fn compared(&self, shown: Shown, image: &Arc<Pixels>) -> Option<Arc<Pixels>> {
        match shown {
            Shown::Picture(id) => {
                let candidate = self.candidate(id)?;
                (candidate.pixels.extent() == image.extent()).then(|| Arc::clone(image))
            }
            Shown::Easel => self.before(image),
            Shown::Nothing | Shown::Run => None,
        }
    }

    pub(super) fn painter(&self, job: JobId) -> Option<&Painter> {
        self.painters.iter().find(|painter| painter.job == job)
    }

    /// The result `by` places after another, or the one at the end that way.
    pub(super) fn neighbour(&self, id: Option<PictureId>, by: isize) -> Option<PictureId> {
        let last = self.candidates.len().checked_sub(1)?;
        let here = self
            .candidates
            .iter()
            .position(|known| Some(known.id) == id);
        let there = here.map_or(0, |here| here.saturating_add_signed(by).min(last));
        Some(self.candidates[there].id)
    }

    /// The picture of the newest state before the given one, if it is of the same extent.
    fn before(&self, image: &Arc<Pixels>) -> Option<Arc<Pixels>> {
        let images = || self.past.iter().map(|past| &past.state.image);
        let here = images().rposition(|known| Arc::ptr_eq(known, image))?;
        let earlier = images().take(here);
        let earlier = earlier.rev().find(|known| !Arc::ptr_eq(known, image))?;
        (earlier.extent() == image.extent()).then(|| Arc::clone(earlier))
    }

    pub(super) fn candidate(&self, id: PictureId) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.id == id)
    }
}

/// How many of the newest pictures fit into what is kept in memory; one always does.
fn newest_that_fit<'a>(pictures: impl DoubleEndedIterator<Item = &'a Arc<Pixels>>) -> usize {
    let mut bytes = 0usize;
    let fits = |pixels: &&Arc<Pixels>| {
        bytes = bytes.saturating_add(pixels.rgba().len());
        bytes <= MOST_KEPT
    };
    pictures.rev().take_while(fits).count().max(1)
}
