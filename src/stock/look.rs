//! One model looked at closely, and found by name.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::about::{
    distinct, picture_beside, picture_inside, rows, trigger_words, trigger_words_beside,
};
use super::places::places;
use super::roots::Root;
use super::scan::{files_in, told_of_file};
use super::{Kind, StockError};
use crate::raster::Pixels;
use crate::recipe::Digest;
use crate::weights::FileFacts;

/// Bytes of a picture of a model, at most.
const LARGEST_PICTURE: u64 = 32 << 20;

/// What is shown of one model when people look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What its header says about it, by name.
    pub rows: Vec<(String, String)>,
    /// Words that call up what it has learnt, the likeliest first.
    pub trigger_words: Vec<String>,
    pub tensors: usize,
    /// Numbers in all tensors.
    pub elements: u64,
}

/// Looks at a file closely; of a folder there is nothing but its files.
pub fn details(path: &Path) -> Result<Details, StockError> {
    if path.is_dir() {
        return Ok(Details::default());
    }
    let facts = FileFacts::read(path)?;
    let mut words = trigger_words(&facts.about);
    words.extend(trigger_words_beside(path));
    Ok(Details {
        rows: rows(&facts.about),
        trigger_words: distinct(words),
        tensors: facts.tensors.len(),
        elements: facts.elements(),
    })
}

/// The bytes of a model's picture: of the one beside it, or of the one in its header.
pub fn picture_of(path: &Path) -> Option<Vec<u8>> {
    if let Some(beside) = picture_beside(path) {
        let small = beside.metadata().ok()?.len() <= LARGEST_PICTURE;
        return small.then(|| std::fs::read(beside).ok()).flatten();
    }
    let is_safetensors = path
        .extension()
        .is_some_and(|ending| ending == "safetensors");
    let facts = is_safetensors
        .then(|| FileFacts::read(path).ok())
        .flatten()?;
    picture_inside(&facts.about)
}

/// A model's picture, no side longer than `side`.
pub fn small_picture_of(path: &Path, side: u32) -> Option<Pixels> {
    let pixels = crate::raster::decode(&picture_of(path)?).ok()?.pixels;
    Some(crate::raster::fit_within(&pixels, side))
}

/// SHA-256 of a file; `None` once `goes_on` says no.
pub fn sha256_of_file(
    path: &Path,
    goes_on: &dyn Fn() -> bool,
) -> Result<Option<String>, StockError> {
    let unreadable = |error: std::io::Error| StockError::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut digest = Digest::default();
    let mut bytes = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut bytes).map_err(unreadable)?;
        if read == 0 {
            return Ok(Some(digest.text()));
        }
        if !goes_on() {
            return Ok(None);
        }
        digest.add(&bytes[..read]);
    }
}

/// The file of weights of a kind that people call by a name: its file's name with or without the
/// ending, also with folders before it. Folders come in their order; where a folder's name does not
/// tell what is in it, headers do.
pub fn find(roots: &[Root], kind: Kind, name: &str) -> Option<PathBuf> {
    let wanted = name.replace('\\', "/").to_lowercase();
    for root in roots {
        for place in places(&root.path, root.layout).unwrap_or_default() {
            if place.kind.is_some_and(|own| own != kind) {
                continue;
            }
            let mut found = None;
            files_in(&place.folder, &mut |path| {
                let is_it = is_called(path, &place.folder, &wanted)
                    && (place.kind.is_some() || told_of_file(path, None).kind == kind);
                if is_it {
                    found = Some(path.to_owned());
                }
                is_it
            });
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// All files in folders whose names tell that this kind is in them; none is opened.
pub fn files_of(roots: &[Root], kind: Kind) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let all = roots.iter();
    let all = all.flat_map(|root| places(&root.path, root.layout).unwrap_or_default());
    for place in all.filter(|place| place.kind == Some(kind)) {
        files_in(&place.folder, &mut |path| {
            files.push(path.to_owned());
            false
        });
    }
    files
}

/// `name`, `name.safetensors`, `folder/name` or `folder/name.safetensors`.
fn is_called(path: &Path, folder: &Path, wanted: &str) -> bool {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let whole = inside.to_string_lossy().replace('\\', "/").to_lowercase();
    let stem = inside.with_extension("");
    let stem = stem.to_string_lossy().replace('\\', "/").to_lowercase();
    [whole, stem].iter().any(|own| {
        let rest = own.strip_suffix(wanted);
        rest.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    })
}
