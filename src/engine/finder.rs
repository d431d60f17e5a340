//! Who finds what people point at: Segment Anything where its weights are, else the built-in way.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::protocol::{Failure, Selection};
use crate::pipelines::{CancelToken, Segmenter, select_object};
use crate::raster::Mask;
use crate::weights::{Extras, ModelError};

/// Keeps the network that was used last.
pub(super) struct Finder {
    /// Where people put weights.
    folder: PathBuf,
    loaded: Option<Loaded>,
}

struct Loaded {
    file: FileNow,
    segmenter: Segmenter,
}

/// A file as it is at a time.
#[derive(Clone, PartialEq, Eq)]
struct FileNow {
    path: PathBuf,
    length: u64,
    changed: Option<SystemTime>,
}

impl FileNow {
    fn of(path: &Path) -> Result<Self, ModelError> {
        let facts = path.metadata().map_err(|error| ModelError::Unreadable {
            file: path.display().to_string(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            length: facts.len(),
            changed: facts.modified().ok(),
        })
    }
}

impl Finder {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            loaded: None,
        }
    }

    /// The thing people point at; `None` once `token` asks for an end. After a panic the network is
    /// read anew.
    pub(super) fn find(
        &mut self,
        selection: &Selection,
        token: &CancelToken,
    ) -> Result<Option<Mask>, Failure> {
        let Selection { image, hint, .. } = selection;
        // Waits no longer for a network that may be gone.
        if token.is_ended() {
            return Ok(None);
        }
        let Some(path) = Extras::of(&self.folder).sam else {
            self.loaded = None;
            return Ok(select_object(image, *hint, token));
        };
        let mut loaded = self.loaded(&path).map_err(Failure::Extra)?;
        let mask = loaded.segmenter.select(image, *hint, token)?;
        self.loaded = Some(loaded);
        Ok(mask)
    }

    /// Takes the network out, or reads it.
    fn loaded(&mut self, path: &Path) -> Result<Loaded, ModelError> {
        let file = FileNow::of(path)?;
        if let Some(loaded) = self.loaded.take_if(|loaded| loaded.file == file) {
            return Ok(loaded);
        }
        // Two at once would need twice the memory.
        self.loaded = None;
        let segmenter = Segmenter::open(path)?;
        Ok(Loaded { file, segmenter })
    }
}
