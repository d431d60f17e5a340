//! ComfyUI's list of further folders, `extra_model_paths.yaml`.

use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode as _, Yaml};

use super::StockError;
use super::places::{COMFY_FOLDERS, Place};

/// Bytes of such a list, at most.
const LONGEST: u64 = 1 << 20;

/// The folders a list names. Each of its sections has a base and, for each kind of weights, one
/// folder or several, a line each.
pub(super) fn places_of(list: &Path) -> Result<Vec<Place>, StockError> {
    let bad = |reason: String| StockError::BadList {
        path: list.display().to_string(),
        reason,
    };
    let length = list
        .metadata()
        .map_err(|error| bad(error.to_string()))?
        .len();
    if length > LONGEST {
        return Err(bad("it is too long to be such a list".to_owned()));
    }
    let text = std::fs::read_to_string(list).map_err(|error| bad(error.to_string()))?;
    let documents = Yaml::load_from_str(&text).map_err(|error| bad(error.to_string()))?;
    let home = list.parent().unwrap_or(list);
    let sections = documents.first().and_then(|document| document.as_mapping());
    let mut places = Vec::new();
    for section in sections.into_iter().flat_map(|sections| sections.values()) {
        let Some(section) = section.as_mapping() else {
            continue;
        };
        let rows: Vec<(&str, &str)> = section
            .iter()
            .filter_map(|(name, value)| Some((name.as_str()?, value.as_str()?)))
            .collect();
        let base = rows.iter().find(|(name, _)| *name == "base_path");
        let base = base.map_or_else(|| home.to_owned(), |(_, base)| home.join(spelled_out(base)));
        for (name, folders) in rows {
            let known = COMFY_FOLDERS.iter().find(|(folder, _)| *folder == name);
            let Some((_, kind)) = known else { continue };
            for folder in folders
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
            {
                places.push(Place {
                    folder: base.join(spelled_out(folder)),
                    kind: *kind,
                });
            }
        }
    }
    if places.is_empty() {
        return Err(bad("it names no folder of models".to_owned()));
    }
    Ok(places)
}

/// `~` and variables of the environment in place of their names.
fn spelled_out(path: &str) -> PathBuf {
    if let Some(rest) = path.strip_prefix("~/") {
        return etcetera::home_dir().unwrap_or_default().join(rest);
    }
    let mut parts = path.split('/');
    let first = parts.next().unwrap_or_default();
    let name = first
        .strip_prefix('$')
        .map(|name| name.trim_matches(['{', '}']));
    match name.and_then(std::env::var_os) {
        Some(value) => parts.fold(PathBuf::from(value), |path, part| path.join(part)),
        None => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::Kind;

    #[test]
    fn every_section_has_its_base_and_a_kind_may_have_several_folders() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("extra_model_paths.yaml");
        let text = "# ours\na111:\n    base_path: webui/\n    checkpoints: models/Stable-diffusion\n    \
                    loras: |\n         models/Lora\n         models/LyCORIS\n\nother:\n    is_default: true\n    \
                    base_path: /data/comfy\n    vae: models/vae/\n    custom_nodes: nodes\n";
        std::fs::write(&list, text).unwrap();
        let places = places_of(&list).unwrap();
        let has = |path: PathBuf, kind| {
            let place = Place {
                folder: path,
                kind: Some(kind),
            };
            assert!(places.contains(&place), "{place:?} is not in {places:?}");
        };
        let webui = folder.path().join("webui");
        has(webui.join("models/Stable-diffusion"), Kind::Checkpoint);
        has(webui.join("models/Lora"), Kind::Lora);
        has(webui.join("models/LyCORIS"), Kind::Lora);
        has("/data/comfy/models/vae".into(), Kind::Vae);
        assert_eq!(places.len(), 4);
    }

    #[test]
    fn what_is_no_such_list_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("a.yaml");
        for text in ["", "- a\n- b\n", "a: [", "a:\n  b: c\n", "&a [*a, *a]"] {
            std::fs::write(&list, text).unwrap();
            let error = places_of(&list).unwrap_err().to_string();
            assert!(error.contains("a.yaml"), "{error}");
        }
    }
}
