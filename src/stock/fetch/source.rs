//! Where models come from.

use std::fmt;
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::GetError;

/// The name of a repository, `org/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RepoName(String);

impl TryFrom<String> for RepoName {
    type Error = GetError;

    fn try_from(text: String) -> Result<Self, GetError> {
        Self::parse(&text)
    }
}

impl RepoName {
    /// A name as people write or paste it, also as the address of its page.
    pub fn parse(text: &str) -> Result<Self, GetError> {
        let name = text.trim().trim_end_matches('/');
        let name = match name.split_once("://") {
            Some((_, address)) => address.split_once('/').map_or("", |(_, path)| path),
            None => name,
        };
        let parts: Vec<_> = name.split('/').take(2).collect();
        let letters = |part: &&str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !part.is_empty()
                && part.chars().all(plain)
                && !part.starts_with('.')
                && !part.contains("--")
        };
        // Of an address further parts may follow.
        let whole = text.contains("://") || name.matches('/').count() == 1;
        if whole && parts.len() == 2 && parts.iter().all(letters) {
            return Ok(Self(parts.join("/")));
        }
        Err(GetError::BadName {
            name: text.to_owned(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a file's content is called: its own hash, or that of the object git makes of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentName {
    Sha256(String),
    Git(String),
}

impl ContentName {
    /// The name alone, in hexadecimal.
    pub fn hex(&self) -> &str {
        match self {
            Self::Sha256(hex) | Self::Git(hex) => hex,
        }
    }

    /// Whether it is what it says: such names become names of files.
    pub(super) fn is_sound(&self) -> bool {
        let length = match self {
            Self::Sha256(_) => 64,
            Self::Git(_) => 40,
        };
        self.hex().len() == length && self.hex().bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    /// With `/` between its parts.
    pub path: String,
    pub bytes: u64,
    pub content: ContentName,
}

/// What a repository holds at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub commit: String,
    pub files: Vec<RemoteFile>,
}

/// Bytes of a file that come.
pub struct Opened {
    /// Which of the file's bytes is the first that comes.
    pub start: u64,
    pub bytes: Box<dyn Read + Send>,
}

/// Where models come from.
pub trait Source: Send + Sync {
    /// What a repository holds.
    fn list(&self, repo: &RepoName, revision: &str) -> Result<Listing, GetError>;

    /// A file's bytes from an offset on; a source that cannot leave out the first ones says so.
    fn open(
        &self,
        repo: &RepoName,
        commit: &str,
        file: &RemoteFile,
        offset: u64,
    ) -> Result<Opened, GetError>;
}

/// Whether a path inside a repository stays inside: it becomes a path on disk.
pub(super) fn stays_inside(path: &str) -> bool {
    let sound = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0'])
    };
    path.split('/').all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_as_people_write_and_paste_them() {
        for text in [
            "org/name-1.5",
            " org/name-1.5/ ",
            "https://huggingface.co/org/name-1.5",
            "https://huggingface.co/org/name-1.5/tree/main",
        ] {
            assert_eq!(
                RepoName::parse(text).unwrap().as_str(),
                "org/name-1.5",
                "{text}"
            );
        }
        for text in [
            "",
            "name",
            "a/b/c",
            "a/..",
            "../b",
            "a b/c",
            "a/",
            "https://huggingface.co/a",
        ] {
            assert!(RepoName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_path_leads_out_of_its_repository() {
        assert!(stays_inside("unet/config.json"));
        for path in [
            "../a",
            "a/../../b",
            "/a",
            "a//b",
            "c:\\a",
            "a\\b",
            "",
            "a/.",
        ] {
            assert!(!stays_inside(path), "{path}");
        }
    }
}
