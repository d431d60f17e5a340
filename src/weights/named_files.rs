//! Files in folders and whatever folders lie in them, by name.

use std::path::{Path, PathBuf};

use super::WEIGHTS;

/// Extensions of such files that other files have too, where it is known what lies in a folder.
const ALSO: [&str; 2] = ["bin", "sft"];
/// How deep folders are looked into: a link can lead in a circle.
const DEEPEST: usize = 8;
/// Names that are suggested in place of an unknown one.
const MOST_NEAR: usize = 5;

/// All files of weights in some folders, none of which need exist; folder by folder, by name.
pub fn weights_below(folders: &[PathBuf]) -> Vec<PathBuf> {
    let extensions = [&WEIGHTS[..], &ALSO].concat();
    let found = folders.iter();
    found
        .flat_map(|folder| files_below(folder, &extensions))
        .collect()
}

/// All files of weights that lie in a folder itself, which need not exist; by name.
pub fn weights_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, &WEIGHTS, 0, &mut found);
    found
}

/// All files of some extensions in a folder, which need not exist; folder by folder, by name.
pub(super) fn files_below(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, extensions, DEEPEST, &mut found);
    found
}

fn collect(folder: &Path, extensions: &[&str], depth: usize, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let is_one = |path: &&PathBuf| {
        let extension = path.extension().unwrap_or_default();
        let mut known = extensions.iter();
        known.any(|known| extension.eq_ignore_ascii_case(known)) && path.is_file()
    };
    found.extend(paths.iter().filter(is_one).cloned());
    if depth > 0 {
        for folder in paths.iter().filter(|path| path.is_dir()) {
            collect(folder, extensions, depth - 1, found);
        }
    }
}

/// What people call files: without folder and extension; sorted, each once.
pub fn names_of(paths: &[PathBuf]) -> Vec<String> {
    let stems = paths.iter().filter_map(|path| path.file_stem());
    let mut names: Vec<_> = stems
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The first of that name, with or without its extension and with or without folders before it; or a
/// path to one.
pub fn find_named(paths: &[PathBuf], name: &str) -> Option<PathBuf> {
    let is_named = |path: &&PathBuf| {
        let stem = path.with_extension("");
        let is_end = |own: &Path| {
            let same = own
                .file_name()
                .is_some_and(|own| own.eq_ignore_ascii_case(name));
            same || own.ends_with(name)
        };
        !name.is_empty() && (is_end(path) || is_end(&stem))
    };
    let path = || Some(PathBuf::from(name)).filter(|path| path.is_file());
    paths.iter().find(is_named).cloned().or_else(path)
}

/// Names like one that is not there, the nearest first, as ` (a, b)`; nothing where there are none.
pub fn near_names(paths: &[PathBuf], name: &str) -> String {
    let wanted = name.to_lowercase();
    let mut names: Vec<_> = paths
        .iter()
        .filter_map(|path| {
            let own = path.file_stem()?.to_string_lossy().into_owned();
            let lower = own.to_lowercase();
            let is_part = lower.contains(&wanted) || wanted.contains(&lower);
            let steps = if is_part { 0 } else { steps(&lower, &wanted) };
            // A name of which half must change is another name.
            (steps * 2 <= wanted.chars().count()).then_some((steps, own))
        })
        .collect();
    names.sort();
    names.dedup();
    let names: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
    match &names[..names.len().min(MOST_NEAR)] {
        [] => String::new(),
        near => format!(" ({})", near.join(", ")),
    }
}

/// Letters to change, add or leave out to come from one word to another.
fn steps(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut before = row[0];
        row[0] = index + 1;
        for (at, other) in to.iter().enumerate() {
            let changed = before + usize::from(letter != *other);
            before = row[at + 1];
            row[at + 1] = changed.min(before + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_name_in_all_folders() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir_all(first.join("styles/old")).unwrap();
        std::fs::create_dir(&second).unwrap();
        for path in [
            first.join("styles/old/Ink.v1.safetensors"),
            first.join("notes.txt"),
            second.join("armor.pt"),
        ] {
            std::fs::write(path, b"").unwrap();
        }
        let found = weights_below(&[first.clone(), folder.path().join("none"), second.clone()]);
        let ink = first.join("styles/old/Ink.v1.safetensors");
        assert_eq!(found, [ink.clone(), second.join("armor.pt")]);
        for name in ["ink.v1", "Ink.v1.safetensors", "old/Ink.v1"] {
            assert_eq!(find_named(&found, name), Some(ink.clone()), "{name}");
        }
        for name in ["ink", "", "nk.v1"] {
            assert_eq!(find_named(&found, name), None, "{name}");
        }
        let path = first.join("notes.txt");
        assert_eq!(find_named(&found, path.to_str().unwrap()), Some(path));
    }

    #[test]
    fn an_unknown_name_is_told_with_those_like_it() {
        let paths = ["armor", "Armor_v2", "amour", "watercolour"];
        let paths = paths.map(|name| PathBuf::from(format!("l/{name}.safetensors")));
        assert_eq!(near_names(&paths, "armour"), " (amour, armor)");
        assert_eq!(near_names(&paths, "armor_v2.1"), " (Armor_v2, armor)");
        assert_eq!(near_names(&paths, "cat"), "");
        assert_eq!(steps("kitten", "sitting"), 3);
    }
}
