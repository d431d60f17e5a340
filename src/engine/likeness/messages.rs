//! What is asked and told about how well texts fit pictures.

use std::path::PathBuf;

use crate::engine::{Failure, JobId};
pub use crate::models::Likeness;
pub use crate::stock::ClipFolder;

/// What can be asked about it.
#[derive(Clone, Debug, PartialEq)]
pub enum LikenessRequest {
    /// Tell which CLIPs there are; answered by [`LikenessEvent::Clips`].
    List,
    /// Compare pictures with texts, before any job that waits; each is told as
    /// [`LikenessEvent::Score`], and the whole ends as a job does. It can be stopped as one.
    Rank(Box<Ranking>),
    /// Move pictures into a folder beside them, so that nobody sees them unless they look for them;
    /// answered by [`LikenessEvent::SetAside`].
    SetAside(Vec<PathBuf>),
}

/// Pictures to be compared with texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    pub id: JobId,
    pub pictures: Vec<Ranked>,
    /// The built-in CLIP by its name, or a folder.
    pub clip: String,
    /// To compute with; one for each physical core if not told.
    pub threads: Option<u16>,
}

/// A picture and what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    pub path: PathBuf,
    pub text: String,
}

/// What is told about it.
#[derive(Clone, Debug, PartialEq)]
pub enum LikenessEvent {
    /// The built-in one first, if there is one.
    Clips(Vec<ClipFolder>),
    /// How well a picture fits its text, or why that cannot be told; the others go on.
    Score {
        job: JobId,
        picture: PathBuf,
        likeness: Result<Likeness, Failure>,
    },
    /// Where each picture lies now; where one could not be moved, why, and the others were not.
    SetAside {
        moved: Vec<(PathBuf, PathBuf)>,
        failure: Option<Failure>,
    },
}
