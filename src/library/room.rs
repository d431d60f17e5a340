//! Room on a disk.

use std::path::Path;

use super::FileError;

/// Fails where a file of so many bytes may find no room at `path`. Where the system does not tell how
/// much there is, the file may be tried.
pub fn check_room(path: &Path, needed: u64) -> Result<(), FileError> {
    match free_room(path) {
        Some(free) if free < needed => Err(FileError::NoRoom {
            path: path.display().to_string(),
            needed,
            free,
        }),
        _ => Ok(()),
    }
}

/// Bytes left for this user on the disk `path` is on, or will be on once its folders are made.
pub fn free_room(path: &Path) -> Option<u64> {
    let path = std::path::absolute(path).ok()?;
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    fs4::available_space(folder)
        .map_err(|error| log::warn!("how much room there is cannot be told: {error}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_fit_anywhere_is_refused_with_both_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not/there/yet/large.png");
        assert!(free_room(&path).is_some());
        assert_eq!(check_room(&path, 1), Ok(()));
        let error = check_room(&path, u64::MAX).unwrap_err().to_string();
        assert!(
            error.contains("large.png") && error.contains("17592186044416 MiB"),
            "{error}"
        );
        assert!(!folder.path().join("not").exists());
    }
}
