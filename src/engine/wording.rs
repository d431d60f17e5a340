//! The textual inversions the prompts of a picture name.

use std::path::PathBuf;

use super::protocol::Note;
use super::shelves::Shelves;
use crate::recipe::{EmbeddingRef, Recipe, extract_networks};
use crate::weights::{Inversions, ModelError, Piece, near_names};

/// The files there are, looked for once in a job.
#[derive(Debug)]
pub(super) struct Wording {
    folder: String,
    files: Vec<PathBuf>,
}

impl Wording {
    pub(super) fn of(shelves: &Shelves) -> Self {
        Self {
            folder: shelves.own().display().to_string(),
            files: shelves.embeddings(),
        }
    }

    /// What the prompts of a recipe name.
    pub(super) fn named_in(&self, recipe: &Recipe) -> Result<Inversions, ModelError> {
        let (prompt, _) = extract_networks(&recipe.prompt);
        Inversions::named_in(&[&prompt, &recipe.negative_prompt], &self.files)
    }

    /// What is told of names nobody knows, and of files that are others than the recipe asks for.
    pub(super) fn notes(
        &self,
        recipe: &Recipe,
        named: &Inversions,
        refs: &[EmbeddingRef],
    ) -> Vec<Note> {
        let (prompt, _) = extract_networks(&recipe.prompt);
        let texts = [&prompt, &recipe.negative_prompt];
        let pieces = texts.into_iter().flat_map(|text| named.pieces(text));
        let unknown = pieces.filter_map(|(_, piece)| match piece {
            Piece::Unknown(name) => Some(Note::UnknownEmbedding {
                name: name.to_owned(),
                folder: self.folder.clone(),
                near: near_names(&self.files, name),
            }),
            Piece::Text(_) | Piece::Rows(_) => None,
        });
        let is_other = |asked: &&EmbeddingRef| {
            let mut own = refs.iter().filter(|own| own.name == asked.name);
            !asked.sha256.is_empty() && own.any(|own| own.sha256 != asked.sha256)
        };
        let others = recipe.embeddings.iter().filter(is_other);
        let others = others.map(|asked| Note::OtherAdapter {
            adapter: asked.name.clone(),
        });
        unknown.chain(others).collect()
    }
}
