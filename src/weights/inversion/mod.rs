//! Textual inversion: a word that stands for rows learnt in place of tokens' own.
//!
//! A file holds the rows `[words, width]` for one text encoder or for two. What triggers it is its
//! name: bare, as A1111 has it, or as `embedding:name`, as `ComfyUI` has it.

mod words;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use candle_nn::var_builder::SimpleBackend as _;

use super::{ModelError, ModelPart, Weights};
use crate::recipe::EmbeddingRef;
pub use words::Piece;
use words::{Word, words};

/// The rows of one file.
#[derive(Clone, Debug)]
pub struct Inversion {
    weights: Weights,
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
/// Wider than any text encoder: a file may be a hole that reads as numbers without end.
const WIDEST: usize = 1 << 16;

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
            if sides.1 > WIDEST {
                return Err(refused(&format!("tensor {name} is {} wide", sides.1)));
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
        Ok(Self { weights, rows })
    }

    /// How many tokens it takes the place of.
    pub fn count(&self) -> usize {
        let rows = self.rows.values().next();
        rows.and_then(|rows| rows.dim(0).ok()).unwrap_or(0)
    }

    /// The rows `[words, width]` of f32 for a text encoder of a width.
    pub fn rows(&self, part: ModelPart, width: usize) -> Result<&Tensor, ModelError> {
        let rows = self.rows.get(&part);
        let fits = rows.filter(|rows| rows.dim(1).is_ok_and(|own| own == width));
        fits.ok_or_else(|| {
            let widths: Vec<_> = self.widths().collect();
            let told: Vec<_> = widths.iter().map(usize::to_string).collect();
            ModelError::OtherInversion {
                file: self.weights.file().to_owned(),
                found: told.join(" + "),
                family: family_of(&widths),
                width,
            }
        })
    }

    /// Of its rows, for each encoder it has some for.
    fn widths(&self) -> impl Iterator<Item = usize> {
        self.rows.values().filter_map(|rows| rows.dim(1).ok())
    }
}

/// The models that read words of such widths, where they are well known.
fn family_of(widths: &[usize]) -> Option<&'static str> {
    match widths {
        [768] => Some("Stable Diffusion 1.x"),
        [1024] => Some("Stable Diffusion 2.x"),
        [768, 1280] => Some("Stable Diffusion XL"),
        _ => None,
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
    /// The longer names first.
    known: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    /// In small letters.
    word: String,
    /// As its file is called.
    name: String,
    inversion: Inversion,
}

impl Inversions {
    /// Looks into `texts` for the names of `files`, and opens those it finds.
    pub fn named_in(texts: &[&str], files: &[PathBuf]) -> Result<Self, ModelError> {
        let names: Vec<_> = files
            .iter()
            .filter_map(|path| {
                let name = path.file_stem()?.to_string_lossy().into_owned();
                Some((name.to_lowercase(), (name, path)))
            })
            .collect();
        let spelled = Self::longest_first(names);
        let mut known = Vec::new();
        for (word, (name, path)) in spelled {
            let is_named = texts.iter().any(|text| {
                let found = words(text, &[word.as_str()]);
                found.iter().any(|word| matches!(word, Word::Known { .. }))
            });
            if is_named {
                let inversion = Inversion::open(path)?;
                known.push(Known {
                    word,
                    name,
                    inversion,
                });
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

    /// What they are called, and their files' hashes.
    pub fn refs(&self) -> Vec<EmbeddingRef> {
        let refs = self.known.iter().map(|known| EmbeddingRef {
            name: known.name.clone(),
            sha256: known.inversion.weights.sha256(),
        });
        refs.collect()
    }

    /// The rows of all of them one after the other, for a text encoder of a width.
    pub fn rows(&self, part: ModelPart, width: usize) -> Result<Vec<f32>, ModelError> {
        let mut all = Vec::new();
        for Known { inversion, .. } in &self.known {
            let rows = inversion.rows(part, width)?.flatten_all();
            let rows = rows.and_then(|rows| rows.to_vec1::<f32>());
            all.extend(rows.map_err(|error| inversion.weights.mismatch(&error))?);
        }
        Ok(all)
    }

    /// Where the rows of one are among those of all.
    fn places(&self, index: usize) -> Range<usize> {
        let count = |known: &Known| known.inversion.count();
        let from = self.known[..index].iter().map(count).sum();
        from..from + count(&self.known[index])
    }

    /// A text in pieces, each with where it begins: what is read as it is, and the rows that stand for
    /// what is between.
    pub fn pieces<'t>(&self, text: &'t str) -> Vec<(usize, Piece<'t>)> {
        let names: Vec<_> = self.known.iter().map(|known| known.word.as_str()).collect();
        let found = words(text, &names);
        let mut pieces = Vec::new();
        let mut from = 0;
        for word in found {
            let range = word.range();
            if range.start > from {
                pieces.push((from, Piece::Text(&text[from..range.start])));
            }
            from = range.end;
            let piece = match word {
                Word::Known { index, .. } => Piece::Rows(self.places(index)),
                Word::Unknown { name, .. } => Piece::Unknown(name),
            };
            pieces.push((range.start, piece));
        }
        if from < text.len() {
            pieces.push((from, Piece::Text(&text[from..])));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wider_than_any_encoder_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.safetensors");
        let length = 1u64 << 38;
        let header = format!(
            r#"{{"emb_params":{{"dtype":"F32","shape":[1,{}],"data_offsets":[0,{length}]}}}}"#,
            length / 4
        );
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.bytes());
        std::fs::write(&path, &bytes).unwrap();
        // What is not written takes no room.
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(bytes.len() as u64 + length).unwrap();
        let error = Inversion::open(&path).unwrap_err().to_string();
        assert!(
            error.contains("wide.safetensors") && error.contains("emb_params is"),
            "{error}"
        );
    }
}
