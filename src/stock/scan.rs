//! Goes through all folders of models and tells what lies there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::about::{licence_of_card, picture_beside};
use super::cache::{Cache, Stamp};
use super::item::{Item, Told};
use super::kind::{kind_of, width_of_embedding};
use super::places::{Place, places, repository_of};
use super::roots::Root;
use super::{Family, Kind, diffusers, family_of};
use crate::weights::FileFacts;

/// Endings of files of weights.
pub(super) const ENDINGS: [&str; 7] = ["safetensors", "sft", "ckpt", "pt", "pth", "bin", "gguf"];
/// Folders in folders that are looked into.
const DEEPEST: u32 = 8;
/// Smaller files are no weights.
const LEAST_BYTES: u64 = 64;

/// Finds everything in `roots`, telling each as it is found; what `cache` knows is not opened again.
/// Ends early where `told` says so.
pub fn scan(roots: &[Root], cache: &mut Cache, told: &mut dyn FnMut(Item) -> bool) {
    let mut walk = Walk {
        cache,
        told,
        seen: BTreeSet::new(),
        ended: false,
    };
    for root in roots {
        let places = places(&root.path, root.layout);
        let places = places.inspect_err(|error| log::warn!("{error}"));
        for place in places.unwrap_or_default() {
            walk.folder(&root.path, &place.folder, &place, DEEPEST);
        }
    }
}

/// The one file, or the model in the folder, that lies at a path.
pub fn item_at(path: &Path, cache: &mut Cache) -> Option<Item> {
    let mut found = None;
    let mut walk = Walk {
        cache,
        told: &mut |item| {
            found = Some(item);
            false
        },
        seen: BTreeSet::new(),
        ended: false,
    };
    let root = path.parent().unwrap_or(path);
    if path.join(diffusers::INDEX).is_file() {
        walk.model(root, path);
    } else if path.is_file() {
        let folder = root.to_owned();
        walk.file(root, path, &Place { folder, kind: None });
    }
    found
}

/// Every file of weights in a place, until `found` takes one.
pub(super) fn files_in(folder: &Path, found: &mut dyn FnMut(&Path) -> bool) -> bool {
    fn go(folder: &Path, deeper: u32, found: &mut dyn FnMut(&Path) -> bool) -> bool {
        let (folders, files) = inside(folder);
        files.iter().any(|file| found(file))
            || deeper > 0 && folders.iter().any(|folder| go(folder, deeper - 1, found))
    }
    go(folder, DEEPEST, found)
}

/// Folders and files of weights in a folder, by name; those that begin with a dot are left out.
fn inside(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let shown = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let mut paths: Vec<_> = shown.map(|entry| entry.path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| is_weights(path)).collect();
    (folders, files)
}

fn is_weights(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    let known = ENDINGS
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known));
    known && path.is_file()
}

struct Walk<'a> {
    cache: &'a mut Cache,
    told: &'a mut dyn FnMut(Item) -> bool,
    /// What was listed already, as it really lies: links may lead anywhere.
    seen: BTreeSet<PathBuf>,
    ended: bool,
}

impl Walk<'_> {
    fn folder(&mut self, root: &Path, folder: &Path, place: &Place, deeper: u32) {
        if self.ended || !self.is_new(folder) {
            return;
        }
        if folder.join(diffusers::INDEX).is_file() {
            self.model(root, folder);
            return;
        }
        let (folders, files) = inside(folder);
        for file in files {
            if !self.ended && self.is_new(&file) {
                self.file(root, &file, place);
            }
        }
        if deeper > 0 {
            for inner in folders {
                self.folder(root, &inner, place, deeper - 1);
            }
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        // Of a link that leads nowhere there is nothing to list.
        path.canonicalize().is_ok_and(|real| self.seen.insert(real))
    }

    fn model(&mut self, root: &Path, folder: &Path) {
        let index = folder.join(diffusers::INDEX);
        let Some(stamp) = Stamp::of(&index) else {
            return;
        };
        let bytes = diffusers::bytes_of(folder);
        // A further file in the folder may change what it is.
        let stamp = Stamp { bytes, ..stamp };
        let told = self.cache.told(folder, stamp, || diffusers::told(folder));
        self.tell(root, folder, bytes, told);
    }

    fn file(&mut self, root: &Path, file: &Path, place: &Place) {
        let Some(stamp) = Stamp::of(file).filter(|stamp| stamp.bytes >= LEAST_BYTES) else {
            return;
        };
        let told = self
            .cache
            .told(file, stamp, || told_of_file(file, place.kind));
        self.tell(root, file, stamp.bytes, told);
    }

    fn tell(&mut self, root: &Path, path: &Path, bytes: u64, told: Told) {
        let item = Item {
            name: name_of(path, told.kind),
            root: root.to_owned(),
            bytes,
            thumbnail: picture_beside(path),
            sha256: self.cache.sha256(path),
            told,
            path: path.to_owned(),
        };
        self.ended |= !(self.told)(item);
    }
}

/// What a file's header tells; where it tells nothing, what its folder is for.
pub(super) fn told_of_file(file: &Path, place: Option<Kind>) -> Told {
    let facts = match FileFacts::read(file) {
        Ok(facts) => facts,
        Err(error) => {
            let mut told = Told::of(place.unwrap_or(Kind::Other));
            told.problem = Some(error.to_string());
            return told;
        }
    };
    let mut told = Told::of(kind_of(&facts).or(place).unwrap_or(Kind::Other));
    let tensors = facts.tensors.iter();
    told.family = match told.kind {
        Kind::Embedding => width_of_embedding(&facts).and_then(Family::of_width),
        Kind::Upscaler | Kind::QuickStyle | Kind::Other => None,
        _ => family_of(tensors.map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice())))
            .or_else(|| family_written(&facts)),
    };
    told.precision = facts.precision();
    let about = |name: &str| {
        facts
            .about
            .get(name)
            .filter(|text| !text.is_empty())
            .cloned()
    };
    told.title = about("modelspec.title");
    told.licence = about("modelspec.license").or_else(|| licence_beside(file));
    told
}

/// The family a header names, where its tensors tell none.
fn family_written(facts: &FileFacts) -> Option<Family> {
    const NAMES: [(&str, Family); 9] = [
        ("sdxl", Family::Sdxl),
        ("stable-diffusion-xl", Family::Sdxl),
        ("sd_v1", Family::Sd1),
        ("stable-diffusion-v1", Family::Sd1),
        ("sd_v2", Family::Sd2),
        ("stable-diffusion-v2", Family::Sd2),
        ("stable-diffusion-3", Family::Sd3),
        ("sd3", Family::Sd3),
        ("flux", Family::Flux),
    ];
    let written = [
        "modelspec.architecture",
        "ss_base_model_version",
        "general.architecture",
    ];
    let mut texts = written.iter().filter_map(|name| facts.about.get(*name));
    texts.find_map(|text| {
        let text = text.to_lowercase();
        let row = NAMES.iter().find(|(name, _)| text.starts_with(name));
        row.map(|(_, family)| *family)
    })
}

/// In a Hugging Face cache a repository has a card.
fn licence_beside(file: &Path) -> Option<String> {
    repository_of(file)?;
    let above = file.ancestors().skip(1).take(3);
    above
        .into_iter()
        .find_map(|folder| licence_of_card(&folder.join("README.md")))
}

/// What people call it.
fn name_of(path: &Path, kind: Kind) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match (repository_of(path), kind) {
        (Some(repository), Kind::Folder) => repository,
        (Some(repository), _) => format!("{repository}/{stem}"),
        (None, Kind::Folder) => path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        (None, _) => stem.into_owned(),
    }
}
