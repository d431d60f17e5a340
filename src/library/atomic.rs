//! Files that are whole or not there: written beside their place, then renamed.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

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
    let mut part = begin(path)?;
    part.write_all(bytes)
        .map_err(|error| unwritable(path, &error))?;
    place(part, path, existing).map_err(|refused| refused.error)
}

/// A file beside `path`, creating the folder, that is written and then [`place`]d there.
pub(super) fn begin(path: &Path) -> Result<NamedTempFile, FileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let begun = std::fs::create_dir_all(folder).and_then(|()| {
        Builder::new()
            .prefix(PART_PREFIX)
            .suffix(PART_SUFFIX)
            .tempfile_in(folder)
    });
    begun.map_err(|error| unwritable(path, &error))
}

/// Why a file is not at its place, and the file.
pub(super) struct Refused {
    pub(super) error: FileError,
    pub(super) part: NamedTempFile,
}

/// Puts what was [`begin`]ned at `path`, all of it on the disk.
pub(super) fn place(
    part: NamedTempFile,
    path: &Path,
    existing: Existing,
) -> Result<(), Box<Refused>> {
    let ready = part
        .as_file()
        .sync_all()
        .and_then(|()| make_readable(part.path()));
    if let Err(error) = ready {
        let error = unwritable(path, &error);
        return Err(Box::new(Refused { error, part }));
    }
    let placed = match existing {
        Existing::Keep => part.persist_noclobber(path),
        Existing::Replace => part.persist(path),
    };
    placed.map(drop).map_err(|failed| {
        let error = match failed.error.kind() {
            ErrorKind::AlreadyExists => FileError::Exists {
                path: path.display().to_string(),
            },
            _ => unwritable(path, &failed.error),
        };
        let part = failed.file;
        Box::new(Refused { error, part })
    })
}

pub(super) fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> FileError {
    FileError::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
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
