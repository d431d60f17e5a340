//! The small sheet that asks for a path: typed, pasted, or chosen in the system's dialog.
//!
//! It works where there is no such dialog, and beside a run, since nothing waits for it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::shelf::PictureId;
use crate::engine::{Failure, Request};
use crate::raster::{Pixels, TiledMask};
use crate::recipe::{Finish, Recipe};

/// Why a path is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    OpenPicture,
    SaveAs,
    ModelFolder,
    /// A whole model in one file.
    ModelFile,
    /// A file with another autoencoder.
    Vae,
    /// A folder in which models are looked for.
    ModelsFolder,
    /// A file of a network that enlarges pictures.
    Network,
    /// A folder with a CLIP.
    ClipFolder,
    LoadMask,
    SaveMask,
}

/// What a sheet was opened to save: what was seen then, whatever is shown by now.
#[derive(Clone)]
pub(super) enum ToSave {
    Picture {
        /// Where it is on the shelf.
        id: Option<PictureId>,
        pixels: Arc<Pixels>,
        finish: Box<Finish>,
        recipe: Option<Box<Recipe>>,
    },
    Mask(TiledMask),
}

impl ToSave {
    /// How the engine is asked to write it.
    pub(super) fn request(&self, path: PathBuf, overwrite: bool) -> Request {
        match self.clone() {
            Self::Picture {
                pixels,
                finish,
                recipe,
                ..
            } => Request::SaveAs {
                pixels,
                finish,
                recipe,
                path,
                overwrite,
            },
            Self::Mask(mask) => Request::SaveMask {
                mask,
                path,
                overwrite,
            },
        }
    }

    /// The picture of the shelf that the file will hold; with a last touch it is another one.
    pub(super) fn picture(&self) -> Option<PictureId> {
        match self {
            Self::Picture { id, finish, .. } => id.filter(|_| finish.is_off()),
            Self::Mask(_) => None,
        }
    }
}

/// An open sheet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PathSheet {
    pub(super) purpose: Purpose,
    pub(super) text: String,
    /// Why the last path could not be used.
    pub(super) failure: Option<Failure>,
    /// The text field takes the focus once.
    pub(super) focus: bool,
    /// The engine has been asked and has not answered.
    pub(super) busy: bool,
}

impl PathSheet {
    pub(super) fn new(purpose: Purpose, path: &Path) -> Self {
        Self {
            purpose,
            text: path.display().to_string(),
            failure: None,
            focus: true,
            busy: false,
        }
    }

    /// What is written over by the first key: of a file to be saved its name without the ending, else the
    /// whole path. In characters.
    pub(super) fn written_over(&self) -> Range<usize> {
        let whole = self.text.chars().count();
        let path = Path::new(&self.text);
        match (self.purpose, path.file_name(), path.file_stem()) {
            (Purpose::SaveAs | Purpose::SaveMask, Some(name), Some(stem)) => {
                let [name, stem] = [name, stem].map(|part| part.to_string_lossy().chars().count());
                whole - name..whole - name + stem
            }
            _ => 0..whole,
        }
    }

    /// The path as meant: without quotes around it, `~` being the home folder, and with a PNG's
    /// ending where a picture is to be saved.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let text = self.text.trim();
        let text = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .or_else(|| {
                text.strip_prefix('\'')
                    .and_then(|rest| rest.strip_suffix('\''))
            })
            .unwrap_or(text);
        if text.is_empty() {
            return None;
        }
        let mut path = match text.strip_prefix("~/") {
            Some(rest) => etcetera::home_dir().unwrap_or_default().join(rest),
            None => PathBuf::from(text),
        };
        let is_png = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
        if matches!(self.purpose, Purpose::SaveAs | Purpose::SaveMask) && !is_png {
            path.as_mut_os_string().push(".png");
        }
        Some(path)
    }
}

/// A file name for a picture, made of its prompt and its seed.
pub(super) fn suggested_name(recipe: Option<&Recipe>) -> String {
    /// Characters of the prompt that a name keeps.
    const LONGEST: usize = 40;
    let Some(recipe) = recipe else {
        return "picture.png".to_owned();
    };
    let words: String = recipe
        .prompt
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let mut name = String::new();
    for word in words.split_whitespace() {
        if name.chars().count() + word.chars().count() > LONGEST {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    if name.is_empty() {
        "picture".clone_into(&mut name);
    }
    format!("{name}-{}.png", recipe.seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(purpose: Purpose, text: &str) -> PathSheet {
        PathSheet {
            text: text.to_owned(),
            ..PathSheet::new(purpose, Path::new(""))
        }
    }

    #[test]
    fn paths_are_understood_as_people_paste_them() {
        let quoted = sheet(Purpose::OpenPicture, " \"/a b/c.png\" ");
        assert_eq!(quoted.path(), Some(PathBuf::from("/a b/c.png")));
        assert_eq!(sheet(Purpose::OpenPicture, "  ").path(), None);
        let home = sheet(Purpose::ModelFolder, "~/models").path().unwrap();
        assert!(!home.starts_with("~"));
    }

    #[test]
    fn what_is_typed_takes_the_place_of_a_path_or_of_a_files_name() {
        let open = sheet(Purpose::OpenPicture, "/图片/");
        assert_eq!(open.written_over(), 0..4);
        let save = sheet(Purpose::SaveAs, "/图片/a cat-7.png");
        assert_eq!(save.written_over(), 4..11);
    }

    #[test]
    fn saved_pictures_are_pngs() {
        assert_eq!(
            sheet(Purpose::SaveAs, "/tmp/a.b").path(),
            Some(PathBuf::from("/tmp/a.b.png"))
        );
        assert_eq!(
            sheet(Purpose::SaveAs, "/tmp/a.PNG").path(),
            Some(PathBuf::from("/tmp/a.PNG"))
        );
    }
}
