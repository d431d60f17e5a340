//! What is listed of a model.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Family, Kind};

/// A file or folder of weights that lies in one of the folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub path: PathBuf,
    /// What people call it: its file's name without the ending, or `org/name`.
    pub name: String,
    /// The folder of models it was found in.
    pub root: PathBuf,
    pub bytes: u64,
    pub told: Told,
    /// A picture beside it.
    pub thumbnail: Option<PathBuf>,
    /// SHA-256 of the file, once somebody asked for it.
    pub sha256: Option<String>,
}

impl Item {
    /// The short hash A1111 writes into pictures.
    pub fn short_hash(&self) -> Option<&str> {
        self.sha256.as_deref().and_then(|sha256| sha256.get(..10))
    }

    /// Whether every word of a search is somewhere in what is known of it.
    pub fn matches(&self, search: &str) -> bool {
        let family = self.told.family.map_or("", Family::title);
        let title = self.told.title.as_deref().unwrap_or_default();
        let folder = self.root.to_string_lossy();
        let hash = self.sha256.as_deref().unwrap_or_default();
        let kind = self.told.kind.id();
        let all = format!("{} {title} {family} {kind} {folder} {hash}", self.name).to_lowercase();
        let mut words = search.split_whitespace();
        words.all(|word| all.contains(&word.to_lowercase()))
    }
}

/// What a file's header, or a folder's configuration, tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub kind: Kind,
    pub family: Option<Family>,
    /// How most of its numbers are stored: `f16`, `q4_k`.
    pub precision: Option<String>,
    pub licence: Option<String>,
    pub title: Option<String>,
    /// Why nothing more is known of it.
    pub problem: Option<String>,
}

impl Told {
    /// Nothing but what it is for.
    pub(super) const fn of(kind: Kind) -> Self {
        Self {
            kind,
            family: None,
            precision: None,
            licence: None,
            title: None,
            problem: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_by_name_family_kind_and_folder_and_every_word_counts() {
        let mut told = Told::of(Kind::Lora);
        told.family = Some(Family::Sdxl);
        let item = Item {
            path: "/a/loras/Night.safetensors".into(),
            name: "Night".to_owned(),
            root: "/a".into(),
            bytes: 1,
            told,
            thumbnail: None,
            sha256: Some(
                "6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa".to_owned(),
            ),
        };
        for search in ["", "night", "sdxl LORA", "6ce0161689"] {
            assert!(item.matches(search), "{search}");
        }
        assert!(!item.matches("night flux"));
        assert_eq!(item.short_hash(), Some("6ce0161689"));
    }
}
