//! Files of wildcards, one choice a line, in a folder beside weights.

use std::path::{Path, PathBuf};

use regex::Regex;

use super::named_files::files_below;
use crate::recipe::Wildcards;

/// In the folder of further weights.
const FOLDER: &str = "wildcards";
const EXTENSION: &str = "txt";
/// Bytes of a file that lists choices for people.
const LARGEST: u64 = 16 << 20;

/// A folder of such files, which need not exist. Files are named by their path in it, without their
/// extension: `places/cities`.
#[derive(Clone, Debug)]
pub struct WildcardFolder {
    folder: PathBuf,
}

impl WildcardFolder {
    /// The one in a folder of further weights.
    pub fn of(extras: &Path) -> Self {
        Self {
            folder: extras.join(FOLDER),
        }
    }

    /// Every name, sorted; no file is opened.
    pub fn names(&self) -> Vec<String> {
        let files = files_below(&self.folder, &[EXTENSION]).into_iter();
        let mut names: Vec<_> = files.filter_map(|file| self.name_of(&file)).collect();
        names.sort();
        names
    }

    /// The path in the folder, always with slashes.
    fn name_of(&self, file: &Path) -> Option<String> {
        // It is opened by this name.
        let is_named = file.extension().is_some_and(|own| own == EXTENSION);
        let inside = file.strip_prefix(&self.folder).ok().filter(|_| is_named)?;
        let name = inside.with_extension("");
        let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    fn lines(&self, name: &str) -> Option<Vec<String>> {
        let path = self.folder.join(format!("{name}.{EXTENSION}"));
        let readable = path.metadata().is_ok_and(|file| file.len() <= LARGEST);
        let text = readable
            .then(|| std::fs::read(&path).ok())
            .flatten()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())?;
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Some(lines.map(str::to_owned).collect())
    }
}

impl Wildcards for WildcardFolder {
    fn options(&self, name: &str) -> Option<Vec<String>> {
        // Only what lies in the folder is listed, so that no name leads out of it.
        let names = self.names();
        let like = names_like(name)?;
        let found: Vec<_> = names.iter().filter(|known| like.is_match(known)).collect();
        if found.is_empty() {
            return None;
        }
        let lines = found.into_iter().filter_map(|name| self.lines(name));
        Some(lines.flatten().collect())
    }
}

/// What names a pattern stands for: `*` for letters within a folder, `**` for any. Looked for in time
/// that grows with the name, however many stars there are.
fn names_like(pattern: &str) -> Option<Regex> {
    let over_folders = pattern.split("**").map(|part| {
        let within: Vec<_> = part.split('*').map(regex::escape).collect();
        within.join("[^/]*")
    });
    let over_folders: Vec<_> = over_folders.collect();
    Regex::new(&format!("^(?s:{})$", over_folders.join(".*"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_remarks_are_found_by_name_and_by_pattern() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("wildcards");
        std::fs::create_dir_all(own.join("places")).unwrap();
        for (file, text) in [
            (
                "colour.txt",
                "\u{feff}# warm\nred\r\n\n  0.5::orange \n#blue\n",
            ),
            ("places/city.txt", "Berlin\n"),
            ("places/sea.txt", "北海\n"),
            ("notes.md", "no\n"),
        ] {
            std::fs::write(own.join(file), text).unwrap();
        }
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        let found = WildcardFolder::of(folder.path());
        assert_eq!(found.names(), ["colour", "places/city", "places/sea"]);
        let lines = |name: &str| found.options(name).unwrap_or_default();
        assert_eq!(lines("colour"), ["red", "0.5::orange"]);
        assert_eq!(lines("places/city"), ["Berlin"]);
        assert_eq!(lines("places/*"), ["Berlin", "北海"]);
        assert_eq!(lines("*"), ["red", "0.5::orange"]);
        assert_eq!(lines("**").len(), 4);
        assert_eq!(lines("**sea"), ["北海"]);
        for none in ["../secret", "Colour", "", "places"] {
            assert_eq!(found.options(none), None, "{none}");
        }
        let nowhere = WildcardFolder::of(&folder.path().join("none"));
        assert!(nowhere.names().is_empty());
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_longer_than_others() {
        let like = names_like(&"*a".repeat(200)).unwrap();
        assert!(!like.is_match(&format!("{}b", "a".repeat(300))));
        assert!(like.is_match(&"a".repeat(300)));
        let plain = names_like("a.b+").unwrap();
        assert!(plain.is_match("a.b+") && !plain.is_match("axbb"));
    }
}
