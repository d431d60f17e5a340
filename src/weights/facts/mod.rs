//! What a file of weights says about itself, without reading its tensors.

mod gguf;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::{ModelError, Weights};

/// The longest header of a safetensors file: what the format's own readers take.
const LONGEST_HEADER: u64 = 100_000_000;
/// Under this name a header has text in place of a tensor.
const ABOUT: &str = "__metadata__";

/// What is in a file of weights: its tensors by name, and what it says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    pub tensors: BTreeMap<String, TensorFacts>,
    pub about: BTreeMap<String, String>,
}

/// What is known of one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorFacts {
    /// How its numbers are stored, as people write it: `f16`, `q4_k`.
    pub kind: String,
    /// Outermost dimension first.
    pub shape: Vec<usize>,
}

impl TensorFacts {
    pub fn elements(&self) -> u64 {
        let sides = self.shape.iter().map(|&side| side as u64);
        sides.fold(1, u64::saturating_mul)
    }
}

impl FileFacts {
    /// Reads the header of a safetensors, GGUF or torch file; which of them it is, its first bytes tell.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| ModelError::Unreadable {
            file: name.clone(),
            reason: error.to_string(),
        };
        let damaged = |reason: String| ModelError::Damaged {
            file: name.clone(),
            reason,
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let mut start = [0; 8];
        if let Err(error) = file.read_exact(&mut start) {
            return Err(damaged(error.to_string()));
        }
        if start.starts_with(gguf::MAGIC) {
            return gguf::read(path).map_err(damaged);
        }
        if super::torch::is_torch(&start) {
            return Ok(Self::of_torch(&Weights::open(path)?));
        }
        let header = u64::from_le_bytes(start);
        if header > length - 8 || header > LONGEST_HEADER {
            return Err(damaged("its header would be longer than it is".to_owned()));
        }
        let mut text = Vec::new();
        let mut bytes = file.take(header);
        bytes.read_to_end(&mut text).map_err(unreadable)?;
        Self::of_header(&text, length - 8 - header).map_err(damaged)
    }

    /// The elements of all tensors together.
    pub fn elements(&self) -> u64 {
        let each = self.tensors.values().map(TensorFacts::elements);
        each.fold(0, u64::saturating_add)
    }

    /// How most of its numbers are stored.
    pub fn precision(&self) -> Option<String> {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for tensor in self.tensors.values() {
            let sum = kinds.entry(&tensor.kind).or_default();
            *sum = sum.saturating_add(tensor.elements());
        }
        let most = kinds.into_iter().max_by_key(|(_, elements)| *elements);
        most.map(|(kind, _)| kind.to_owned())
    }

    fn of_header(text: &[u8], data: u64) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Entry {
            dtype: String,
            shape: Vec<usize>,
            data_offsets: (u64, u64),
        }
        let entries: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let mut facts = Self::default();
        for (name, entry) in entries {
            if name == ABOUT {
                facts.about = serde_json::from_value(entry).unwrap_or_default();
                continue;
            }
            let entry: Entry =
                serde_json::from_value(entry).map_err(|error| format!("tensor {name}: {error}"))?;
            if entry.data_offsets.1 > data {
                return Err("its length is not the one its header tells".to_owned());
            }
            let tensor = TensorFacts {
                kind: entry.dtype.to_lowercase(),
                shape: entry.shape,
            };
            facts.tensors.insert(name, tensor);
        }
        Ok(facts)
    }

    fn of_torch(weights: &Weights) -> Self {
        let tensor = |name: &str| {
            let kind = weights.dtype(name);
            let tensor = TensorFacts {
                kind: kind.map_or("?", |kind| kind.as_str()).to_owned(),
                shape: weights.shape(name).unwrap_or_default().to_vec(),
            };
            (name.to_owned(), tensor)
        };
        Self {
            tensors: weights.names().map(tensor).collect(),
            about: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safetensors(header: &str, data: usize) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_header_alone_tells_tensors_precision_and_what_is_written_about_the_file() {
        let header = r#"{"__metadata__":{"modelspec.title":"Night"},
            "a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},
            "b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}"#;
        let file = safetensors(header, 16);
        let facts = FileFacts::read(file.path()).unwrap();
        assert_eq!(facts.tensors["a"].shape, [2, 3]);
        assert_eq!(
            (facts.elements(), facts.precision()),
            (7, Some("f16".to_owned()))
        );
        assert_eq!(facts.about["modelspec.title"], "Night");
    }

    #[test]
    fn what_is_cut_off_or_no_file_of_weights_is_named() {
        let header = r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}"#;
        for file in [
            safetensors(header, 11),
            safetensors("{", 0),
            safetensors("[]", 0),
        ] {
            let error = FileFacts::read(file.path()).unwrap_err().to_string();
            assert!(
                error.contains(&file.path().display().to_string()),
                "{error}"
            );
            assert!(error.contains("download this file again"), "{error}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\xff\xff\xff\xff\xff\xff\xff\xff{}").unwrap();
        assert!(FileFacts::read(file.path()).is_err());
    }
}
