//! The folders models are looked for in, and the file that remembers them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::StockError;
use super::places::{Layout, hub_cache, places};
use crate::library::{Existing, write_atomically};

/// A folder models are looked for in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub path: PathBuf,
    pub layout: Layout,
    /// People named it, and can take it back.
    pub added: bool,
    /// Why nothing of it is listed.
    pub problem: Option<StockError>,
}

/// Every folder models are looked for in: the studio's own, Hugging Face's cache, and those people
/// named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    studio: PathBuf,
    hub: PathBuf,
    file: PathBuf,
    added: Vec<PathBuf>,
}

/// What the file says.
#[derive(Serialize, Deserialize)]
struct Remembered {
    folders: Vec<PathBuf>,
}

impl Roots {
    /// The folders of a studio, with those that `file` remembers.
    pub fn new(studio: PathBuf, hub: PathBuf, file: PathBuf) -> Self {
        let remembered = std::fs::read(&file).ok().and_then(|bytes| {
            serde_json::from_slice::<Remembered>(&bytes)
                .inspect_err(|error| log::warn!("the folders of models cannot be read: {error}"))
                .ok()
        });
        Self {
            studio,
            hub,
            file,
            added: remembered.map_or_else(Vec::new, |remembered| remembered.folders),
        }
    }

    /// Those of the person who runs this process, whose studio has its models in `studio` and its
    /// settings beside `settings_file`.
    pub fn of_this_user(studio: &Path, settings_file: &Path) -> Self {
        let file = settings_file.with_file_name("model_folders.json");
        Self::new(studio.to_owned(), hub_cache(), file)
    }

    /// The studio's own folder.
    pub fn studio(&self) -> &Path {
        &self.studio
    }

    /// Where models from Hugging Face go.
    pub fn hub(&self) -> &Path {
        &self.hub
    }

    /// All of them, those first that are always there.
    pub fn all(&self) -> Vec<Root> {
        let root = |path: &Path, layout, added| Root {
            path: path.to_owned(),
            layout,
            added,
            problem: problem_of(path, layout).filter(|_| added),
        };
        let mut roots = vec![
            root(&self.studio, Layout::Studio, false),
            root(&self.hub, Layout::HuggingFace, false),
        ];
        let added = self.added.iter();
        roots.extend(added.map(|path| root(path, Layout::of(path), true)));
        roots
    }

    /// Looks for models in a further folder from now on.
    pub fn add(&mut self, path: &Path) -> Result<Root, StockError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let layout = Layout::of(&path);
        if let Some(problem) = problem_of(&path, layout) {
            return Err(problem);
        }
        let known = self.all().into_iter().find(|root| root.path == path);
        if let Some(known) = known {
            return Ok(known);
        }
        self.added.push(path.clone());
        self.remember()?;
        Ok(Root {
            path,
            layout,
            added: true,
            problem: None,
        })
    }

    /// Looks there no more; nothing in it is touched.
    pub fn remove(&mut self, path: &Path) -> Result<(), StockError> {
        self.added.retain(|added| added != path);
        self.remember()
    }

    fn remember(&self) -> Result<(), StockError> {
        let remembered = Remembered {
            folders: self.added.clone(),
        };
        let json = serde_json::to_vec_pretty(&remembered).unwrap_or_default();
        Ok(write_atomically(&self.file, &json, Existing::Replace)?)
    }
}

fn problem_of(path: &Path, layout: Layout) -> Option<StockError> {
    if !path.exists() {
        return Some(StockError::NoFolder {
            path: path.display().to_string(),
        });
    }
    if path.is_file() && layout != Layout::ComfyUi {
        return Some(StockError::NotAFolder {
            path: path.display().to_string(),
        });
    }
    places(path, layout).err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_people_name_are_remembered_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config/model_folders.json");
        let new = || {
            Roots::new(
                folder.path().join("own"),
                folder.path().join("hub"),
                file.clone(),
            )
        };
        let mine = folder.path().join("mine");
        let error = new().add(&mine).unwrap_err().to_string();
        assert!(error.contains("mine"), "{error}");
        std::fs::create_dir_all(mine.join("models/Stable-diffusion")).unwrap();
        assert_eq!(new().add(&mine).unwrap().layout, Layout::A1111);
        new().add(&mine).unwrap();
        let roots = new().all();
        assert_eq!(roots.len(), 3, "once each");
        assert_eq!((&roots[2].path, roots[2].added), (&mine, true));
        new().remove(&mine).unwrap();
        assert_eq!(new().all().len(), 2);
        assert!(mine.is_dir());
    }

    #[test]
    fn a_folder_that_is_gone_is_listed_with_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model_folders.json");
        let mine = folder.path().join("mine");
        std::fs::create_dir(&mine).unwrap();
        let mut roots = Roots::new("own".into(), "hub".into(), file);
        roots.add(&mine).unwrap();
        std::fs::remove_dir(&mine).unwrap();
        assert!(roots.all()[2].problem.is_some());
    }
}
