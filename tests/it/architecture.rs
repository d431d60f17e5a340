//! Reads the `use crate::` lines of every file.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of each floor, from the ground up.
const FLOORS: &[&[&str]] = &[
    &["recipe", "kernels"],
    &["raster"],
    &["nn", "weights", "samplers", "gpu", "library"],
    &["models", "stock"],
    &["pipelines", "training"],
    &["engine"],
    &["app", "cli"],
];

/// A crate, and the places it may be named in.
const ROOMS: &[(&str, &[&str])] = &[
    ("egui", &["app"]),
    ("eframe", &["app", "gpu"]),
    ("egui_wgpu", &["app", "gpu"]),
    ("wgpu", &["gpu"]),
    (
        "candle_core",
        &[
            "nn",
            "weights",
            "samplers",
            "models",
            "pipelines",
            "training",
            "engine",
            "cli/bench",
        ],
    ),
    ("candle_nn", &["nn", "weights", "models", "cli/bench"]),
    ("candle_transformers", &["cli/bench"]),
    ("crossbeam_channel", &["engine", "library"]),
    ("gemm", &["kernels"]),
    ("zip", &["weights"]),
    (
        "rayon",
        &[
            "kernels",
            "nn",
            "raster",
            "library",
            "cli",
            "training",
            "pipelines",
        ],
    ),
    ("rfd", &["app"]),
    ("arboard", &["engine"]),
    ("clap", &["cli", "main.rs"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_path_buf(), text)
        })
        .collect()
}

/// The lines of a file that are code of the program: without comments, and without the tests at
/// the end.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| line.trim() != "mod tests {")
        .map(|line| line.split("//").next().unwrap_or_default())
}

fn floor_of(folder: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&folder))
}

/// Every folder of the crate a file names as `crate::folder`, also within braces.
fn imports(text: &str) -> Vec<String> {
    let code: String = code_lines(text).collect::<Vec<_>>().join("\n");
    code.match_indices("crate::")
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .flat_map(|(at, found)| {
            let rest = &code[at + found.len()..];
            let names: Vec<String> = if let Some(group) = rest.strip_prefix('{') {
                group[..group.find('}').unwrap_or(0)]
                    .split(',')
                    .map(|name| {
                        name.trim()
                            .split("::")
                            .next()
                            .unwrap_or_default()
                            .to_owned()
                    })
                    .collect()
            } else {
                vec![
                    rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                ]
            };
            names
        })
        .collect()
}

#[test]
fn imports_go_downward_only() {
    for (path, text) in sources() {
        let folder = path.iter().next().unwrap().to_str().unwrap();
        let Some(floor) = floor_of(folder) else {
            assert!(
                matches!(folder, "main.rs" | "lib.rs"),
                "{} stands on no floor",
                path.display()
            );
            continue;
        };
        for import in imports(&text) {
            let Some(target) = floor_of(&import) else {
                panic!(
                    "{} imports crate::{import}, which stands on no floor",
                    path.display()
                )
            };
            assert!(
                target < floor || import == folder,
                "{} (floor {floor}) imports crate::{import} (floor {target}): up or sideways",
                path.display()
            );
        }
    }
}

#[test]
fn vendors_stay_in_their_rooms() {
    for (path, text) in sources() {
        let place = path.to_str().unwrap().replace('\\', "/");
        for (vendor, rooms) in ROOMS {
            let named = code_lines(&text).any(|line| {
                line.match_indices(vendor).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    line[at + vendor.len()..].starts_with("::")
                        && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                })
            });
            assert!(
                !named || rooms.iter().any(|room| place.starts_with(room)),
                "{place} names {vendor}, which belongs to {rooms:?}"
            );
        }
    }
}

#[test]
fn unsafe_code_is_in_kernels_and_the_memory_map_alone() {
    for (path, text) in sources() {
        let place = path.to_str().unwrap();
        let has_unsafe = code_lines(&text).any(|line| {
            line.contains("unsafe {") || line.contains("unsafe fn") || line.contains("unsafe impl")
        });
        let allowed = place.starts_with("kernels") || place == "weights/tensors.rs";
        assert!(!has_unsafe || allowed, "{place} has unsafe code");
    }
}

#[test]
fn no_file_grows_beyond_six_hundred_lines() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_rules_above_catch_what_they_are_for() {
    assert_eq!(
        imports("use crate::{nn, models::UNet};\nlet x = crate::engine::y();"),
        ["nn", "models", "engine"]
    );
    assert_eq!(
        imports("// use crate::app;\nmod tests {\nuse crate::app;"),
        Vec::<String>::new()
    );
}
