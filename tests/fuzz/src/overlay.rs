//! A folder of a model, some files of which are others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use afterimage::weights::{FolderFiles, ModelError, ModelFiles, Weights};

/// The files of a model that people have, and those laid over them; no content takes a file away.
#[derive(Debug)]
pub struct Overlay<'a> {
    model: FolderFiles,
    over: BTreeMap<&'a str, &'a [u8]>,
}

impl<'a> Overlay<'a> {
    /// Over one of `tests/golden`.
    pub fn over(model: &str, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let golden = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../golden"));
        Self {
            model: FolderFiles::new(golden.join(model)),
            over: files.into_iter().collect(),
        }
    }
}

impl ModelFiles for Overlay<'_> {
    fn place(&self) -> String {
        "a model".to_owned()
    }

    fn contains(&self, file: &str) -> bool {
        match self.over.get(file) {
            Some(content) => !content.is_empty(),
            None => self.model.contains(file),
        }
    }

    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        match self.over.get(file) {
            Some(content) => Ok(Cow::Borrowed(*content)),
            None => self.model.read(file),
        }
    }

    fn weights(&self, file: &str) -> Result<Weights, ModelError> {
        self.model.weights(file)
    }
}
