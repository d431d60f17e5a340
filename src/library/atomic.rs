//! Files that are whole or not there: written beside their place, then renamed.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use tempfile::Builder;

use super::FileError;

/// What to do when the file is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Fail with [`FileError::Exists`], changing nothing.
    Keep,
    Replace,
}

impl Existing {
    pub fn replaced_if(overwrite: bool) -> Self {
        if overwrite { Self::Replace } else { Self::Keep }
    }
}

/// Begins the name of a file that is being written; a leftover of a killed process.
pub(super) const PART_PREFIX: &str = ".afterimage-";
const PART_SUFFIX: &str = ".part";

/// Writes `bytes` to `path`, creating the folder. Whoever looks, at whatever moment, even after the
/// process was killed or the power failed, finds the old file or the whole new one.
pub fn write_atomically(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), FileError> {
    let unwritable = |error: &std::io::Error| FileError::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    let mut part = Builder::new()
        .prefix(PART_PREFIX)
        .suffix(PART_SUFFIX)
        .tempfile_in(folder)
        .map_err(|error| unwritable(&error))?;
    let written = part
        .write_all(bytes)
        .and_then(|()| part.as_file().sync_all());
    written.map_err(|error| unwritable(&error))?;
    make_readable(part.path()).map_err(|error| unwritable(&error))?;
    let placed = match existing {
        Existing::Keep => part.persist_noclobber(path),
        Existing::Replace => part.persist(path),
    };
    match placed {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => Err(FileError::Exists {
            path: path.display().to_string(),
        }),
        Err(failed) => Err(unwritable(&failed.error)),
    }
}

/// Temporary files are private to their owner; pictures are as readable as any new file.
#[cfg(unix)]
fn make_readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_kept_unless_it_may_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/a.txt");
        write_atomically(&path, b"one", Existing::Keep).unwrap();
        let error = write_atomically(&path, b"two", Existing::Keep).unwrap_err();
        assert!(matches!(error, FileError::Exists { .. }));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write_atomically(&path, b"two", Existing::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_place_that_is_no_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").unwrap();
        let error = write_atomically(&file.join("a.png"), b"y", Existing::Keep).unwrap_err();
        assert!(
            error.to_string().contains("a.png cannot be written"),
            "{error}"
        );
    }
}
