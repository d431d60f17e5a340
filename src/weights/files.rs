//! A model's files by name, wherever they lie.

use std::borrow::Cow;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::de::DeserializeOwned;

use super::{ModelError, Weights};

/// The files of one model, addressed as in its folder, e.g. `unet/config.json`.
pub trait ModelFiles: Send + Sync {
    /// Where the files are, for messages.
    fn place(&self) -> String;

    fn contains(&self, file: &str) -> bool;

    /// The whole content of a small file.
    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError>;

    /// The tensors of a file of weights, its header checked.
    fn weights(&self, file: &str) -> Result<Weights, ModelError>;
}

/// A model in a folder on disk.
#[derive(Clone, Debug)]
pub struct FolderFiles {
    folder: PathBuf,
}

impl FolderFiles {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn missing(&self, file: &str) -> ModelError {
        if self.folder.join(file).is_dir() {
            let file = file.to_owned();
            return ModelError::IsFolder { file };
        }
        ModelError::FileMissing {
            folder: self.place(),
            file: file.to_owned(),
        }
    }
}

impl ModelFiles for FolderFiles {
    fn place(&self) -> String {
        self.folder.display().to_string()
    }

    fn contains(&self, file: &str) -> bool {
        self.folder.join(file).is_file()
    }

    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        match std::fs::read(self.folder.join(file)) {
            Ok(bytes) => Ok(Cow::Owned(bytes)),
            Err(error)
                if [ErrorKind::NotFound, ErrorKind::IsADirectory].contains(&error.kind()) =>
            {
                Err(self.missing(file))
            }
            Err(error) => Err(ModelError::Unreadable {
                file: file.to_owned(),
                reason: error.to_string(),
            }),
        }
    }

    fn weights(&self, file: &str) -> Result<Weights, ModelError> {
        if !self.contains(file) {
            return Err(self.missing(file));
        }
        Weights::map_file(&self.folder.join(file), file)
    }
}

/// Opens a file, and tells its length; `name` is for messages. A folder is none, and of a pipe or a
/// device the end might never come.
pub(super) fn open_file(path: &Path, name: &str) -> Result<(File, u64), ModelError> {
    let unreadable = |error: std::io::Error| ModelError::Unreadable {
        file: name.to_owned(),
        reason: error.to_string(),
    };
    let facts = path.metadata().map_err(unreadable)?;
    if !facts.is_file() {
        let file = name.to_owned();
        return Err(if facts.is_dir() {
            ModelError::IsFolder { file }
        } else {
            ModelError::IsDevice { file }
        });
    }
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    Ok((file, length))
}

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static NOT_JSON_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(:\s*)(-?Infinity|NaN)\b").expect("valid pattern"));

/// Parses a configuration. Python writes `-Infinity` and `NaN` where JSON has no number; they are
/// read as absent, which is what they mean in the files we know.
pub fn parse_json<T: DeserializeOwned>(
    files: &dyn ModelFiles,
    file: &str,
) -> Result<T, ModelError> {
    let invalid = |reason: String| ModelError::InvalidConfig {
        file: file.to_owned(),
        reason,
    };
    let bytes = files.read(file)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| invalid(error.to_string()))?;
    let text = NOT_JSON_NUMBER.replace_all(text, "${1}null");
    serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn pythons_infinity_is_read_as_absent() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{"lambda_min_clipped": -Infinity, "name": "to: Infinity", "steps": 3}"#;
        std::fs::write(folder.path().join("config.json"), text).unwrap();
        let files = FolderFiles::new(folder.path());
        let value: Value = parse_json(&files, "config.json").unwrap();
        assert_eq!(value["lambda_min_clipped"], Value::Null);
        assert_eq!(value["steps"], 3);
    }

    #[test]
    fn a_missing_file_is_named_with_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path());
        let error = parse_json::<Value>(&files, "unet/config.json").unwrap_err();
        assert!(
            error.to_string().contains("lacks unet/config.json"),
            "{error}"
        );
    }
}
