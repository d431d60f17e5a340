//! Where a run's pictures go: every name is decided before any work.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::CommandError;
use crate::library::{named_as_png, numbered};

/// What names depend on.
pub(super) struct Plan<'a> {
    pub(super) out: Option<&'a Path>,
    pub(super) force: bool,
    /// Seed of each picture, in order.
    pub(super) seeds: &'a [u64],
}

impl Plan<'_> {
    /// One PNG path for each picture. Fails when a name is that of another kind of picture, or a file
    /// is there already, unless `force`.
    pub(super) fn pictures(&self) -> Result<Vec<PathBuf>, CommandError> {
        let out = self.out.unwrap_or_else(|| Path::new("."));
        let text = out.to_string_lossy();
        if out.is_dir() || text.ends_with(['/', std::path::MAIN_SEPARATOR]) {
            return Ok(self.in_folder(out));
        }
        named_as_png(out).map_err(|error| CommandError::Usage(error.to_string()))?;
        let paths = self.files(out);
        self.refuse_existing(&paths)?;
        Ok(paths)
    }

    /// One path for each picture's tensors.
    pub(super) fn dumps(&self, file: &Path) -> Result<Vec<PathBuf>, CommandError> {
        let paths = self.files(file);
        self.refuse_existing(&paths)?;
        Ok(paths)
    }

    fn files(&self, path: &Path) -> Vec<PathBuf> {
        if self.seeds.len() == 1 {
            return vec![path.to_path_buf()];
        }
        (1..=self.seeds.len() as u32)
            .map(|number| numbered(path, number))
            .collect()
    }

    fn refuse_existing(&self, paths: &[PathBuf]) -> Result<(), CommandError> {
        match paths.iter().find(|path| path.exists()) {
            Some(path) if !self.force => Err(CommandError::Failed(format!(
                "{} exists already: choose another name, or add --force to replace it",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// `0001-SEED.png` and so on, counting on from what is there.
    fn in_folder(&self, folder: &Path) -> Vec<PathBuf> {
        let taken: BTreeSet<u32> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let name = entry.ok()?.file_name();
                name.to_string_lossy().split_once('-')?.0.parse().ok()
            })
            .collect();
        let first = taken.last().map_or(1, |last| last.saturating_add(1));
        (first..)
            .zip(self.seeds)
            .map(|(number, seed)| folder.join(format!("{number:04}-{seed}.png")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan<'a>(out: &'a Path, seeds: &'a [u64], force: bool) -> Plan<'a> {
        Plan {
            out: Some(out),
            force,
            seeds,
        }
    }

    #[test]
    fn one_picture_has_the_very_name_and_several_are_numbered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cat.png");
        assert_eq!(
            plan(&file, &[7], false).pictures().unwrap(),
            std::slice::from_ref(&file)
        );
        let several = plan(&file, &[7, 8], false).pictures().unwrap();
        assert_eq!(
            several,
            [
                folder.path().join("cat-1.png"),
                folder.path().join("cat-2.png")
            ]
        );
    }

    #[test]
    fn a_folder_is_counted_on() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0004-1.png"), b"").unwrap();
        let paths = plan(folder.path(), &[7, 8], false).pictures().unwrap();
        assert_eq!(
            paths,
            [
                folder.path().join("0005-7.png"),
                folder.path().join("0006-8.png")
            ]
        );
        let new = folder.path().join("new/");
        assert_eq!(
            plan(&new, &[3], false).pictures().unwrap(),
            [new.join("0001-3.png")]
        );
    }

    #[test]
    fn a_name_that_is_no_pngs_is_bad_usage() {
        let file = Path::new("cat.jpg");
        let error = plan(file, &[1], true).pictures().unwrap_err();
        assert!(matches!(error, CommandError::Usage(_)), "{error:?}");
        assert!(error.message().contains("name it .png"));
    }

    #[test]
    fn an_existing_file_is_refused_unless_forced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cat-2.png");
        std::fs::write(&file, b"").unwrap();
        let cat = folder.path().join("cat.png");
        let error = plan(&cat, &[1, 2], false).pictures().unwrap_err();
        assert!(error.message().contains("cat-2.png exists already"));
        assert!(plan(&cat, &[1, 2], true).pictures().is_ok());
    }
}
