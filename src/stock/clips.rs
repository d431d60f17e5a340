//! Whole CLIPs among the folders of models: in Hugging Face's layout, with both encoders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::places::{Place, places, repository_of};
use super::roots::Root;

const CONFIG: &str = "config.json";
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];
/// Bytes of a configuration that are read, at most.
const LONGEST_CONFIG: u64 = 1 << 20;
/// Folders in folders that are looked into.
const DEEPEST: u32 = 3;

/// A folder that holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipFolder {
    /// What people call it: its folder's name, or `org/name`.
    pub name: String,
    pub path: PathBuf,
}

/// Every CLIP in some folders of models, in their order, each once.
pub fn clip_folders(roots: &[Root]) -> Vec<ClipFolder> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for root in roots {
        for Place { folder, .. } in places(&root.path, root.layout).unwrap_or_default() {
            look_in(&folder, DEEPEST, &mut |path| {
                let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                if seen.insert(real) {
                    found.push(ClipFolder {
                        name: name_of(path),
                        path: path.to_owned(),
                    });
                }
            });
        }
    }
    found
}

fn look_in(folder: &Path, deeper: u32, found: &mut dyn FnMut(&Path)) {
    if is_clip(folder) {
        found(folder);
        return;
    }
    if deeper == 0 {
        return;
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for folder in folders {
        look_in(&folder, deeper - 1, found);
    }
}

/// One encoder alone has another type.
fn is_clip(folder: &Path) -> bool {
    let config = folder.join(CONFIG);
    let small = config
        .metadata()
        .is_ok_and(|facts| facts.len() <= LONGEST_CONFIG);
    let kind = || -> Option<String> {
        let value: Value = serde_json::from_slice(&std::fs::read(&config).ok()?).ok()?;
        Some(value.get("model_type")?.as_str()?.to_owned())
    };
    small
        && WEIGHTS.iter().any(|file| folder.join(file).is_file())
        && kind().is_some_and(|kind| kind == "clip")
}

fn name_of(folder: &Path) -> String {
    repository_of(folder).unwrap_or_else(|| {
        let name = folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::Layout;

    fn lay(folder: &Path, kind: &str, weights: &str) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(weights), b"").unwrap();
        let config = format!(r#"{{"model_type": "{kind}"}}"#);
        std::fs::write(folder.join(CONFIG), config).unwrap();
    }

    #[test]
    fn whole_clips_are_found_and_halves_are_not() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        lay(&at("clip/mine"), "clip", "model.safetensors");
        lay(&at("org/older"), "clip", "pytorch_model.bin");
        lay(&at("eyes"), "clip_vision_model", "model.safetensors");
        lay(&at("empty"), "clip", "README.md");
        let roots = [Root {
            path: root.path().to_owned(),
            layout: Layout::Plain,
            added: true,
            problem: None,
        }];
        let names: Vec<_> = clip_folders(&roots)
            .into_iter()
            .map(|clip| clip.name)
            .collect();
        assert_eq!(names, ["mine", "older"]);
    }
}
