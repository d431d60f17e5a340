//! A model that is part of the program.

use std::borrow::Cow;

use super::{ModelError, ModelFiles, Weights};

/// Files compiled into the binary: names as in the model's folder, and contents.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFiles {
    pub name: &'static str,
    pub files: &'static [(&'static str, &'static [u8])],
}

impl EmbeddedFiles {
    fn find(&self, file: &str) -> Result<&'static [u8], ModelError> {
        self.files
            .iter()
            .find(|(name, _)| *name == file)
            .map(|(_, bytes)| *bytes)
            .ok_or_else(|| ModelError::FileMissing {
                folder: self.place(),
                file: file.to_owned(),
            })
    }
}

impl ModelFiles for EmbeddedFiles {
    fn place(&self) -> String {
        format!("{} (embedded)", self.name)
    }

    fn contains(&self, file: &str) -> bool {
        self.find(file).is_ok()
    }

    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        self.find(file).map(Cow::Borrowed)
    }

    fn weights(&self, file: &str) -> Result<Weights, ModelError> {
        Weights::from_static(self.find(file)?, file)
    }
}
