//! Pictures people do not want to see: nothing is deleted.

use std::fs;
use std::path::{Path, PathBuf};

use super::{FileError, numbered};

/// The folder beside pictures that those go to.
pub const ASIDE: &str = "set-aside";

/// Moves a picture into a folder beside it, under its own name or a free one like it, and tells where
/// it lies.
pub fn set_aside(picture: &Path) -> Result<PathBuf, FileError> {
    let unwritable = |path: &Path, error: &std::io::Error| FileError::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let folder = picture.with_file_name(ASIDE);
    fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    let own = folder.join(picture.file_name().unwrap_or_default());
    let others = (2..).map(|number| numbered(&own, number));
    let free = std::iter::once(own.clone())
        .chain(others)
        .find(|path| !path.exists());
    let place = free.unwrap_or(own);
    fs::rename(picture, &place).map_err(|error| unwritable(&place, &error))?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_aside_lies_beside_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("a.png");
        for (content, name) in [("first", "a.png"), ("second", "a-2.png")] {
            fs::write(&picture, content).unwrap();
            let place = set_aside(&picture).unwrap();
            assert_eq!(place, folder.path().join(ASIDE).join(name));
            assert_eq!(fs::read_to_string(place).unwrap(), content);
            assert!(!picture.exists());
        }
        let error = set_aside(&picture).unwrap_err();
        assert!(matches!(error, FileError::Unwritable { .. }), "{error}");
    }
}
