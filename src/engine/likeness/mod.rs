//! How well texts fit pictures, on the inference thread.

mod messages;

use std::path::{Path, PathBuf};

pub use messages::{ClipFolder, Likeness, LikenessEvent, LikenessRequest, Ranked, Ranking};

use super::inference::Inference;
use super::protocol::{Failure, Note};
use super::runner::{Ending, JobListener};
use crate::library::{read_picture, set_aside};
use crate::models::{Clip, ClipVector, embedded_clip};
use crate::nn::Interrupt;
use crate::pipelines::{CancelToken, Wish};
use crate::stock::{Roots, clip_folders};
use crate::weights::{FolderFiles, ModelError, ModelFiles};

/// The CLIPs people have: the built-in one first.
pub(super) fn clips(roots: &Roots) -> Vec<ClipFolder> {
    let embedded = embedded_clip().map(|files| ClipFolder {
        name: files.name.to_owned(),
        path: PathBuf::from(files.name),
    });
    embedded
        .into_iter()
        .chain(clip_folders(&roots.all()))
        .collect()
}

/// The files of a CLIP: the built-in one by its name, any other by its folder.
pub fn clip_files(name: &str) -> Result<Box<dyn ModelFiles>, ModelError> {
    if let Some(embedded) = embedded_clip().filter(|files| files.name == name) {
        return Ok(Box::new(*embedded));
    }
    let path = Path::new(name);
    if path.is_dir() {
        return Ok(Box::new(FolderFiles::new(path)));
    }
    let reason = if path.is_file() {
        "it is one file"
    } else {
        "there is no such folder"
    };
    Err(ModelError::NoClip {
        file: name.to_owned(),
        reason: reason.to_owned(),
    })
}

/// Moves pictures aside, one after the other, until one cannot be moved.
pub(super) fn set_all_aside(pictures: Vec<PathBuf>) -> LikenessEvent {
    let mut moved = Vec::new();
    for picture in pictures {
        match set_aside(&picture) {
            Ok(place) => moved.push((picture, place)),
            Err(error) => {
                let failure = Some(error.into());
                return LikenessEvent::SetAside { moved, failure };
            }
        }
    }
    LikenessEvent::SetAside {
        moved,
        failure: None,
    }
}

impl Inference {
    /// Compares pictures with their texts, on the threads that compute.
    pub(super) fn compare(
        &mut self,
        ranking: &Ranking,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        let interrupt = token.interrupt_at(Wish::Stop);
        let clip = self.resident.clip(&ranking.clip)?;
        let mut read: Option<(&str, ClipVector)> = None;
        for Ranked { path, text } in &ranking.pictures {
            let vector = match read.take() {
                Some((known, vector)) if known == text => Ok(vector),
                _ => {
                    if let Some(cut) = clip.unread(text) {
                        let window = clip.window();
                        listener.note(Note::PromptCut { window, cut });
                    }
                    clip.text(text, &interrupt)
                        .map_err(|error| computation(&error))
                }
            };
            let likeness = vector.and_then(|vector| {
                let likeness = look(&clip, &vector, path, &interrupt);
                read = Some((text.as_str(), vector));
                likeness
            });
            if interrupt.is_asked() {
                return Ok(Ending::Cancelled);
            }
            listener.score(path.clone(), likeness);
        }
        Ok(Ending::Finished)
    }
}

fn look(
    clip: &Clip,
    text: &ClipVector,
    path: &Path,
    interrupt: &Interrupt,
) -> Result<Likeness, Failure> {
    let pixels = read_picture(path)?.pixels;
    let picture = clip
        .picture(&pixels, interrupt)
        .map_err(|error| computation(&error))?;
    Ok(clip.likeness(text, &picture))
}

fn computation(error: &candle_core::Error) -> Failure {
    Failure::Computation {
        reason: error.to_string(),
    }
}
