//! Textual inversion: a word that stands for rows learnt in place of tokens' own.
//!
//! A file holds the rows `[words, width]` for one text encoder or for two. What triggers it is its
//! name: bare, as A1111 has it, or as `embedding:name`, as `ComfyUI` has it.

mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::var_builder::SimpleBackend as _;

use super::{ModelError, ModelPart, Weights};
pub use words::Piece;
use words::{Word, words};

/// The rows of one file.
#[derive(Clone, Debug)]
pub struct Inversion {
    file: String,
    /// `[words, width]` of f32, as many for each encoder.
    rows: BTreeMap<ModelPart, Tensor>,
}

/// Names of tensors in files for one encoder or two: A1111's and `ComfyUI`'s, and those of trainers.
const NAMES: [(&str, ModelPart); 5] = [
    ("emb_params", ModelPart::TextEncoder),
    ("clip_l", ModelPart::TextEncoder),
    ("clip_g", ModelPart::TextEncoder2),
    ("text_encoders_0", ModelPart::TextEncoder),
    ("text_encoders_1", ModelPart::TextEncoder2),
];

/// In a file of A1111's own the dictionary the rows are in; beside it lie numbers of training.
const OWN: &str = "string_to_param.";

/// More tokens than any prompt has.
const MOST_ROWS: usize = 1024;

impl Inversion {
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let weights = Weights::open(path)?;
        let found = parts_of(&weights);
        let refused = |reason: &str| ModelError::NoInversion {
            file: weights.file().to_owned(),
            reason: reason.to_owned(),
        };
        if found.is_empty() {
            return Err(refused("it has none of the tensors they have"));
        }
        let mut rows = BTreeMap::new();
        for (part, name) in found {
            let sides = match weights.shape(&name) {
                Some([width]) => (1, *width),
                Some([count, width]) => (*count, *width),
                _ => return Err(refused(&format!("tensor {name} has no rows"))),
            };
            if !(1..=MOST_ROWS).contains(&sides.0) {
                return Err(refused(&format!("tensor {name} has {} rows", sides.0)));
            }
            let tensor = weights
                .get_unchecked(&name, DType::F32, &Device::Cpu)
                .and_then(|tensor| tensor.reshape(sides))
                .map_err(|error| weights.mismatch(&error))?;
            rows.insert(part, tensor);
        }
        let mut counts = rows.values().map(|rows| rows.dim(0).unwrap_or(0));
        let first = counts.next();
        if counts.any(|count| Some(count) != first) {
            return Err(refused("both encoders have rows, but not as many"));
        }
        Ok(Self {
            file: weights.file().to_owned(),
            rows,
        })
    }

    /// How many tokens it takes the place of.
    pub fn count(&self) -> usize {
        let rows = self.rows.values().next();
        rows.and_then(|rows| rows.dim(0).ok()).unwrap_or(0)
    }

    /// The rows `[words, width]` of f32 for a text encoder of a width.
    pub fn rows(&self, part: ModelPart, width: usize) -> Result<&Tensor, ModelError> {
        let other = |found: String| ModelError::OtherInversion {
            file: self.file.clone(),
            found,
            width,
        };
        let rows = self.rows.get(&part);
        let rows = rows.ok_or_else(|| other("none for this text encoder".to_owned()))?;
        match rows.dim(1) {
            Ok(own) if own == width => Ok(rows),
            _ => Err(other(format!("rows of shape {:?}", rows.dims()))),
        }
    }
}

/// The encoders a file has rows for, and the tensors they are in.
fn parts_of(weights: &Weights) -> Vec<(ModelPart, String)> {
    let named: Vec<_> = NAMES
        .iter()
        .filter(|(name, _)| weights.shape(name).is_some())
        .map(|(name, part)| (*part, (*name).to_owned()))
        .collect();
    if !named.is_empty() {
        return named;
    }
    let own = weights.names().find(|name| name.starts_with(OWN));
    let single = || {
        // diffusers': one tensor, called as the word it was trained for.
        let mut names = weights.names();
        names.next().filter(|_| names.next().is_none())
    };
    let name = own.or_else(single);
    name.map(|name| (ModelPart::TextEncoder, name.to_owned()))
        .into_iter()
        .collect()
}

/// Every textual inversion that some texts name.
#[derive(Clone, Debug, Default)]
pub struct Inversions {
    /// By the word they are named by, in small letters, the longer ones first.
    known: Vec<(String, Arc<Inversion>)>,
}

impl Inversions {
    /// Looks into `texts` for the names of `files`, and opens those it finds.
    pub fn named_in(texts: &[&str], files: &[PathBuf]) -> Result<Self, ModelError> {
        let names: Vec<_> = files
            .iter()
            .filter_map(|path| Some((path.file_stem()?.to_string_lossy().to_lowercase(), path)))
            .collect();
        let spelled = Self::longest_first(names);
        let mut known = Vec::new();
        for (name, path) in spelled {
            let is_named = texts.iter().any(|text| {
                let found = words(text, &[name.as_str()]);
                found.iter().any(|word| matches!(word, Word::Known { .. }))
            });
            if is_named {
                known.push((name, Arc::new(Inversion::open(path)?)));
            }
        }
        Ok(Self { known })
    }

    /// So that a name is never taken for the beginning of another; of one name the first stays.
    fn longest_first<T>(mut names: Vec<(String, T)>) -> Vec<(String, T)> {
        names.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        names.dedup_by(|(a, _), (b, _)| a == b);
        names
    }

    /// Whether no text names any: then each is one piece.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A text in pieces: what is read as it is, and the rows that stand for what is between.
    pub fn pieces<'t>(&'t self, text: &'t str) -> Vec<Piece<'t>> {
        let names: Vec<_> = self.known.iter().map(|(name, _)| name.as_str()).collect();
        let found = words(text, &names);
        let mut pieces = Vec::new();
        let mut from = 0;
        for word in found {
            let range = word.range();
            if range.start > from {
                pieces.push(Piece::Text(&text[from..range.start]));
            }
            from = range.end;
            pieces.push(match word {
                Word::Known { index, .. } => Piece::Rows(&self.known[index].1),
                Word::Unknown { name, .. } => Piece::Unknown(name),
            });
        }
        if from < text.len() {
            pieces.push(Piece::Text(&text[from..]));
        }
        pieces
    }
}
