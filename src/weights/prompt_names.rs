//! What prompts can name: files in the folder of further weights.

use std::path::Path;

use super::{WEIGHTS, WildcardFolder};

const LORAS: &str = "loras";
const EMBEDDINGS: &str = "embeddings";
/// Besides [`WEIGHTS`]: embeddings trained for diffusers.
const BIN: &str = "bin";
/// Folders within folders that are looked into.
const DEEPEST: usize = 8;

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
    /// Looks into a folder, which need not exist; no file is opened.
    pub fn of(folder: &Path) -> Self {
        let names = |inside: &str| {
            let mut names = Vec::new();
            names_in(&folder.join(inside), 0, &mut names);
            names.sort();
            names.dedup();
            names
        };
        Self {
            loras: names(LORAS),
            embeddings: names(EMBEDDINGS),
            wildcards: WildcardFolder::of(folder).names(),
        }
    }
}

fn names_in(folder: &Path, depth: usize, names: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let extension = path.extension().unwrap_or_default();
        let known = |known: &&str| extension.eq_ignore_ascii_case(known);
        if path.is_dir() && depth < DEEPEST {
            names_in(&path, depth + 1, names);
        } else if WEIGHTS.iter().chain([&BIN]).any(known) && path.is_file() {
            let name = path.file_stem().unwrap_or_default();
            names.push(name.to_string_lossy().into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_without_folder_and_extension() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "loras/ink/old.safetensors",
            "loras/armor.pt",
            "loras/armor.txt",
            "embeddings/easy.bin",
            "wildcards/places/city.txt",
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        let names = PromptNames::of(folder.path());
        assert_eq!(names.loras, ["armor", "old"]);
        assert_eq!(names.embeddings, ["easy"]);
        assert_eq!(names.wildcards, ["places/city"]);
    }
}
