//! The folder a journal lives in: who uses it, and what of it is put aside.

use std::fs::{File, TryLockError, create_dir_all, rename};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// A file that is locked while a studio uses the folder; a lock ends with its process.
const IN_USE: &str = "in-use";

/// Makes a folder and claims it, until the file that comes back is dropped.
pub(super) fn claimed(folder: &Path) -> Result<File> {
    create_dir_all(folder)?;
    let file = File::create(folder.join(IN_USE))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            // Two writers would write over each other's records.
            let reason = "another window of the studio uses it";
            return Err(Error::new(ErrorKind::ResourceBusy, reason));
        }
        Err(TryLockError::Error(error)) => {
            log::warn!("a folder is used without a lock, which is not possible there: {error}");
        }
    }
    Ok(file)
}

/// Moves a journal's file and its pictures to a folder of their own; says where.
pub(super) fn put_aside(journal: &Path, pictures: &Path) -> Result<PathBuf> {
    let (Some(folder), Some(name)) = (journal.parent(), journal.file_name()) else {
        return Err(Error::from(ErrorKind::InvalidInput));
    };
    let mut number = 1;
    let aside = loop {
        let aside = folder.join(format!("aside-{number}"));
        if !aside.join(name).exists() {
            break aside;
        }
        number += 1;
    };
    create_dir_all(&aside)?;
    // Pictures first: a journal that is still there makes the next start go on with this.
    if let Some(name) = pictures.file_name()
        && pictures.is_dir()
    {
        rename(pictures, aside.join(name))?;
    }
    rename(journal, aside.join(name))?;
    Ok(aside)
}
