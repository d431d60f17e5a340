//! What the inference thread needs of whoever computes: so that its thread can be tested without a
//! network.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::likeness::{Likeness, Ranking};
use super::protocol::{
    EnlargedPart, Failure, Job, LessonStep, Losses, Note, Preview, Stage, Teaching,
};
use crate::pipelines::CancelToken;
use crate::raster::Pixels;
use crate::recipe::Recipe;

/// Runs jobs, one at a time, on the inference thread.
pub(super) trait Runner {
    /// Makes the pictures of `job`, telling `listener`; looks at `token` as often as it can.
    fn run(
        &mut self,
        job: &Job,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure>;

    /// Pictures may hold so many bytes of memory from now on; as many as are free where none are told.
    fn allow_memory(&mut self, _bytes: Option<u64>) {}

    /// Teaches a style until it is learnt or `token` is raised, telling `listener`.
    fn teach(
        &mut self,
        teaching: &Teaching,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<LessonEnding, Failure>;

    /// Compares pictures with texts, telling `listener` each; looks at `token` between them.
    fn rank(
        &mut self,
        ranking: &Ranking,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure>;
}

/// How a job ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Finished,
    Cancelled,
}

/// How a lesson ended that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LessonEnding {
    Learnt,
    /// It can go on from this file.
    Paused(PathBuf),
}

/// Hears what happens to one job.
pub(super) trait JobListener: Send {
    fn stage(&mut self, picture: u32, stage: Stage);
    fn step(&mut self, picture: u32, step: Step);
    fn losses(&mut self, losses: Losses);
    fn lesson(&mut self, step: LessonStep);
    fn preview(&mut self, preview: Preview);
    /// Whether the last preview was fetched.
    fn awaits_preview(&self) -> bool;
    fn note(&mut self, note: Note);
    fn picture(&mut self, picture: MadePicture);
    fn part(&mut self, part: EnlargedPart);
    fn trial(&mut self, pixels: Pixels);
    fn score(&mut self, picture: PathBuf, likeness: Result<Likeness, Failure>);
    /// A picture was written while it was made.
    fn written(&mut self, picture: WrittenPicture);
}

/// One step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Steps done; 0 where only their number is told yet.
    pub(super) done: u32,
    pub(super) steps: u32,
    pub(super) took: Duration,
}

/// A picture on its way to the disk.
#[derive(Debug)]
pub(super) struct MadePicture {
    pub(super) picture: u32,
    pub(super) pixels: Pixels,
    pub(super) recipe: Recipe,
    /// A safetensors file of the run's tensors, where asked for.
    pub(super) dump: Option<Vec<u8>>,
}

/// A picture that is on the disk already.
#[derive(Debug)]
pub(super) struct WrittenPicture {
    pub(super) picture: u32,
    pub(super) path: PathBuf,
    pub(super) recipe: Recipe,
    /// As it was shown while it was made, in case it is too large to be held.
    pub(super) shown: Arc<Pixels>,
    /// Bytes that may be used to look at it.
    pub(super) room: u64,
}
