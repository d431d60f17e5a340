//! Files of wildcards, one choice a line, in a folder beside weights.

use std::path::{Path, PathBuf};

use crate::recipe::Wildcards;

/// In the folder of further weights.
const FOLDER: &str = "wildcards";
const EXTENSION: &str = "txt";
/// Folders within folders that are looked into.
const DEEPEST: usize = 8;
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
        let mut names = Vec::new();
        names_in(&self.folder, "", 0, &mut names);
        names.sort();
        names
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
        let found: Vec<_> = names.iter().filter(|known| fits(name, known)).collect();
        if found.is_empty() {
            return None;
        }
        let lines = found.into_iter().filter_map(|name| self.lines(name));
        Some(lines.flatten().collect())
    }
}

fn names_in(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() && depth < DEEPEST {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            names_in(&path, &format!("{prefix}{name}/"), depth + 1, names);
        } else if path.extension().is_some_and(|own| own == EXTENSION) && path.is_file() {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            names.push(format!("{prefix}{name}"));
        }
    }
}

/// Whether a name is the one asked for; `*` stands for letters within a folder, `**` for any.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    let (after, over_folders) = match after.strip_prefix('*') {
        Some(after) => (after, true),
        None => (after, false),
    };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.take_while(|&end| over_folders || !rest[..end].contains('/'))
        .any(|end| fits(after, &rest[end..]))
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
}
