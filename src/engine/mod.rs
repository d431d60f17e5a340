//! The background engine: what can be asked, and who does it.
//!
//! Threads, each the owner of its state: the *desk* has the queue and every job's state and
//! always answers at once, the *inference* thread has the networks, the *files* thread has the
//! library and the clipboard, the *models* thread knows which models there are and gets further
//! ones. Two more, without a state, do what people wait for at the easel. They meet in [`protocol`](Request) messages over bounded channels.

mod adapting;
mod clerk;
mod clipboard;
mod desk;
mod enlarging;
mod finder;
mod guard;
mod handle;
mod inference;
mod keeper;
mod latest;
mod lessons;
mod likeness;
mod memory;
mod models;
mod outbox;
mod protocol;
#[cfg(test)]
mod protocol_tests;
mod queue;
mod rankings;
mod reshape;
mod runner;
mod selector;
mod shelves;
mod styling;
mod teaching;
#[cfg(test)]
mod unfinished_tests;
mod wording;
mod worker;
mod workshop;

use thiserror::Error;

pub use desk::Waker;
pub use handle::{EngineHandle, EngineOptions};
pub use keeper::{Download, DownloadId, DownloadState, StockEvent, StockRequest};
pub use likeness::{
    ClipFolder, Likeness, LikenessEvent, LikenessRequest, Ranked, Ranking, clip_files,
};
pub use memory::{peak_memory, resident_memory, usable_memory};
pub use models::{model_files, quick_style_file};
pub use reshape::{MaskChange, Reshape, Reshaped, Reshaping};

pub use protocol::{
    DenoiserWork, Destination, EaselState, EnlargedPart, Enlarging, Entry, Event, Extras, Failure,
    Figures, FinishedPicture, HeldState, Hint, Inputs, Job, JobId, Kept, KeptPicture, KeptState,
    KeptStep, LatentColors, LatentPreview, Lesson, LessonStep, LibraryEntry, Losses, MemoryNeeds,
    ModelCard, NewLesson, Note, OpenedPicture, Order, Origin, PicturePreview, PlanError, Preview,
    QuickStyle, Request, SMALL_SIDE, Saving, Selection, Stage, THUMBNAIL_SIDE, Teaching,
    TokenCount, TokenQuestion, TooLittleMemory, Unfinished, UpscalerCard, Waiting,
};

/// The side of the engine that the window and the command line hold. A scripted one stands in for
/// it in tests.
pub trait Engine {
    /// Asks for something; never waits.
    fn send(&self, request: Request) -> Result<(), EngineUnavailable>;

    /// The next event, if there is one; never waits.
    fn try_event(&self) -> Option<Event>;

    /// The newest preview nobody fetched yet, if there is one.
    fn take_preview(&self) -> Option<Preview>;
}

/// The engine takes no requests: it has ended, or more requests wait than anybody sends by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the engine does not answer; restart the studio (finished pictures are saved)")]
pub struct EngineUnavailable;
