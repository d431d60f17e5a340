//! Who finds what people point at: Segment Anything where its weights are, else the built-in way.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::protocol::{Failure, Hint, Selection};
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
    /// read anew. Where nothing stands out, that is the failure.
    pub(super) fn find(
        &mut self,
        selection: &Selection,
        token: &CancelToken,
    ) -> Result<Option<Mask>, Failure> {
        let found = self.look(selection, token)?;
        match found {
            Some(mask) if !stands_out(&mask, selection.hint) => Err(Failure::NothingFound),
            found => Ok(found),
        }
    }

    fn look(
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

/// Of a frame, what is less than this share of it is a speck, and not what was framed.
const LEAST_OF_A_FRAME: usize = 200;

/// Whether a mask is that of a thing.
fn stands_out(mask: &Mask, hint: Hint) -> bool {
    let least = match hint {
        Hint::Point { .. } => 1,
        Hint::Box(area) => area.extent.area().div_ceil(LEAST_OF_A_FRAME),
    };
    let selected = mask.values().iter().filter(|value| **value > 127);
    selected.take(least).count() == least
}
