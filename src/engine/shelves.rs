//! Files that prompts name: in the studio's folder of models, and in those people have added.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::stock::{Kind, Roots, files_of, find};
use crate::weights::{Extras, find_named, names_of};

/// Where they are looked for, the studio's own folder first.
#[derive(Clone, Debug)]
pub(super) struct Shelves {
    own: PathBuf,
    /// The list of added folders lies beside it.
    settings_file: PathBuf,
}

impl Shelves {
    pub(super) fn new(own: PathBuf, settings_file: PathBuf) -> Self {
        Self { own, settings_file }
    }

    /// The studio's own folder.
    pub(super) fn own(&self) -> &Path {
        &self.own
    }

    /// Every folder models are looked for in.
    pub(super) fn roots(&self) -> Roots {
        Roots::of_this_user(&self.own, &self.settings_file)
    }

    /// The file of an adapter that people call by a name.
    pub(super) fn lora(&self, own: &[PathBuf], name: &str) -> Option<PathBuf> {
        find_named(own, name).or_else(|| find(&self.roots().all(), Kind::Lora, name))
    }

    /// Textual inversions; where two have one name the first counts.
    pub(super) fn embeddings(&self) -> Vec<PathBuf> {
        let mut files = Extras::of(&self.own).embeddings;
        files.extend(files_of(&self.roots().all(), Kind::Embedding));
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.clone()));
        files
    }

    /// Further weights, with every name a prompt can hold.
    pub(super) fn extras(&self) -> Extras {
        let mut extras = Extras::of(&self.own);
        let roots = self.roots().all();
        let kinds = [
            (Kind::Lora, &mut extras.names.loras),
            (Kind::Embedding, &mut extras.names.embeddings),
        ];
        for (kind, names) in kinds {
            names.extend(names_of(&files_of(&roots, kind)));
            names.sort();
            names.dedup();
        }
        extras
    }
}
