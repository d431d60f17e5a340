//! What prompts can name: files in the folders of further weights.

use std::path::PathBuf;

use super::WildcardFolder;
use super::named_files::names_of;

/// Names as they are typed, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromptNames {
    /// In `<lora:name:1>`.
    pub loras: Vec<String>,
    /// By themselves or in `embedding:name`.
    pub embeddings: Vec<String>,
    /// In `__name__`.
    pub wildcards: Vec<String>,
}

impl PromptNames {
    /// Of files; none is opened.
    pub fn of(loras: &[PathBuf], embeddings: &[PathBuf], wildcards: &WildcardFolder) -> Self {
        Self {
            loras: names_of(loras),
            embeddings: names_of(embeddings),
            wildcards: wildcards.names(),
        }
    }
}
