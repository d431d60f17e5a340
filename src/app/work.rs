//! What is under way at the easel: jobs, what they made, and the states people accepted.

use std::sync::Arc;

use egui::TextureHandle;

use super::easel::{Easel, MOST_IN_MEMORY};
use super::session::Shown;
use super::shelf::PictureId;
use crate::engine::{JobId, KeptPicture, KeptState, Reshape};
use crate::raster::{Ink, Mask, Pixels};
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
            Task::TextToImage | Task::ImageToImage(_) | Task::Style(_) | Task::Upscale(_) => {
                Self::Changed
            }
            Task::Inpaint(_) => Self::Filled,
            Task::Remove(_) => Self::Removed,
        }
    }
}

/// A state one can go back to.
pub(super) struct Past {
    pub(super) deed: Deed,
    pub(super) state: KeptState,
    /// Of the shelf, if it is there.
    pub(super) picture: Option<PictureId>,
    /// Once the engine has told how it looks.
    pub(super) thumbnail: Option<TextureHandle>,
}

/// What a picture is compared with.
pub(super) enum Beside {
    Here(Arc<Pixels>),
    /// It has to be recalled first.
    AtRest(KeptPicture),
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
    /// Every state there was, oldest first.
    pub(super) past: Vec<Past>,
    /// Pictures of those states whose small copies are still to be asked for, newest last.
    pub(super) without_small: Vec<KeptPicture>,
    /// Pictures may be in memory that should rest on disk.
    pub(super) must_rest: bool,
    /// What the easel's picture is compared with.
    pub(super) beside: Option<Arc<Pixels>>,
    /// The same while it is read.
    pub(super) asked_beside: Option<KeptPicture>,
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
    /// Remembers a state.
    pub(super) fn remember(&mut self, past: Past) {
        self.past.push(past);
        self.must_rest = true;
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
        self.leave_reshaping();
        self.pending = None;
    }

    /// Whatever comes of the work on the mask or the picture's size is of no use any more.
    pub(super) fn leave_reshaping(&mut self) {
        self.reshaping = None;
        self.framing = None;
    }

    /// What the picture in sight is compared with: the easel's picture beside a result, else the
    /// state before it; of the same extent.
    pub(super) fn compared(&self, shown: Shown, easel: &Easel) -> Option<Beside> {
        match shown {
            Shown::Picture(id) => {
                let (candidate, image) = (self.candidate(id)?, easel.image());
                let is_same_size = candidate.pixels.extent() == image.extent();
                is_same_size.then(|| Beside::Here(Arc::clone(image)))
            }
            Shown::Easel => {
                let picture = self.before(easel.picture())?;
                let here = easel.pixels_of(picture).map(Beside::Here);
                Some(here.unwrap_or_else(|| Beside::AtRest(picture.clone())))
            }
            Shown::Nothing | Shown::Run | Shown::Upscale => None,
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
    fn before(&self, picture: &KeptPicture) -> Option<&KeptPicture> {
        let pictures = || self.past.iter().map(|past| &past.state.picture);
        let here = pictures().rposition(|known| known == picture)?;
        let mut earlier = pictures().take(here).rev();
        let earlier = earlier.find(|known| *known != picture)?;
        (earlier.extent() == picture.extent()).then_some(earlier)
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
        bytes <= MOST_IN_MEMORY
    };
    pictures.rev().take_while(fits).count().max(1)
}
