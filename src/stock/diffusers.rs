//! A model in a folder, in the diffusers layout: what its configurations tell.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::about::licence_of_card;
use super::item::Told;
use super::{Family, Kind};
use crate::weights::{FileFacts, WEIGHTS};

/// Names such a folder.
pub(super) const INDEX: &str = "model_index.json";
/// Bytes of a configuration that are read, at most.
const LONGEST_CONFIG: u64 = 1 << 20;

/// What a folder's configurations tell of it.
pub(super) fn told(folder: &Path) -> Told {
    let mut told = Told::of(Kind::Folder);
    let Some(index) = json(&folder.join(INDEX)) else {
        told.problem = Some(format!("{INDEX} is not valid JSON"));
        return told;
    };
    let class = index.get("_class_name").and_then(Value::as_str);
    told.family = class.and_then(|class| family(class, folder));
    told.licence = licence_of_card(&folder.join("README.md"));
    told.precision =
        denoiser_file(folder).and_then(|file| FileFacts::read(&file).ok()?.precision());
    told
}

fn family(class: &str, folder: &Path) -> Option<Family> {
    let begins = |start: &str| class.starts_with(start);
    if begins("StableDiffusion3") {
        return Some(Family::Sd3);
    }
    if begins("Flux") {
        return Some(Family::Flux);
    }
    if begins("ZImage") {
        return Some(Family::ZImage);
    }
    let unet = json(&folder.join("unet/config.json"))?;
    let width = unet.get("cross_attention_dim")?.as_u64()?;
    Family::of_width(usize::try_from(width).ok()?)
}

/// A file of the denoiser's weights, the first of several.
fn denoiser_file(folder: &Path) -> Option<PathBuf> {
    let folders = ["unet", "transformer"].map(|name| folder.join(name));
    let entries = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok());
    let mut files: Vec<_> = entries
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let ending = path.extension().and_then(std::ffi::OsStr::to_str);
            path.is_file() && ending.is_some_and(|ending| WEIGHTS.contains(&ending))
        })
        .collect();
    files.sort();
    files.into_iter().next()
}

/// Bytes of everything in it.
pub(super) fn bytes_of(folder: &Path) -> u64 {
    /// Folders in folders of such a model.
    const DEEPEST: u32 = 4;
    fn sum(folder: &Path, deeper: u32) -> u64 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let each = entries.map(|entry| {
            let path = entry.path();
            match path.metadata() {
                Ok(facts) if facts.is_file() => facts.len(),
                Ok(facts) if facts.is_dir() && deeper > 0 => sum(&path, deeper - 1),
                _ => 0,
            }
        });
        each.sum()
    }
    sum(folder, DEEPEST)
}

fn json(path: &Path) -> Option<Value> {
    let small = path.metadata().ok()?.len() <= LONGEST_CONFIG;
    let bytes = small.then(|| std::fs::read(path).ok()).flatten()?;
    serde_json::from_slice(&bytes).ok()
}
