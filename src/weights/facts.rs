//! What a file of weights says about itself, without reading its tensors.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use super::files::open_file;
use super::header::{self, Header, Place, Trouble};
use super::{ModelError, Weights, torch};

/// Bytes of a file that are read first: most headers are shorter.
const FIRST: u64 = 1 << 18;
/// Where a header goes on behind what was read, so many times as much is.
const MORE: u64 = 8;
/// Bytes of a header, at most: vocabularies of language models are in some.
const LONGEST: u64 = 1 << 27;

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

    fn of(place: &Place) -> Self {
        let kind = match (&place.kind, place.coded) {
            (Ok(_), Some(coded)) => coded.name().to_owned(),
            (Ok(kind), None) => kind.as_str().to_owned(),
            (Err(other), _) => other.to_lowercase(),
        };
        Self {
            kind,
            shape: place.shape.clone(),
        }
    }
}

impl FileFacts {
    /// Reads the header of a safetensors, GGUF or torch file; which of them it is, its first bytes tell.
    /// All but torch's are read and not mapped: of what a search comes upon other programs may be
    /// writing.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let (file, total) = open_file(path, &name)?;
        let (mut start, mut wanted) = (Vec::new(), FIRST);
        loop {
            let more = (&file)
                .take(wanted - start.len() as u64)
                .read_to_end(&mut start);
            more.map_err(|error| ModelError::Unreadable {
                file: name.clone(),
                reason: error.to_string(),
            })?;
            if torch::is_torch(&start) {
                return Ok(Self::of_places(Weights::open(path)?.places()));
            }
            let reason = match header::read(&start, total) {
                Ok(Header { places, about }) => {
                    return Ok(Self {
                        about,
                        ..Self::of_places(&places)
                    });
                }
                Err(Trouble::Cut) if start.len() as u64 == wanted && wanted < LONGEST => {
                    wanted *= MORE;
                    continue;
                }
                Err(trouble) => trouble.reason(),
            };
            return Err(ModelError::Damaged { file: name, reason });
        }
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

    fn of_places(places: &header::Places) -> Self {
        let tensor = |(name, place): (&String, &Place)| (name.clone(), TensorFacts::of(place));
        Self {
            tensors: places.iter().map(tensor).collect(),
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

    fn text_bytes(text: &str) -> Vec<u8> {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes
    }

    fn gguf_file() -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
        bytes.extend(3u64.to_le_bytes());
        bytes.extend(text_bytes("general.architecture"));
        bytes.extend(8u32.to_le_bytes());
        bytes.extend(text_bytes("flux"));
        bytes.extend(text_bytes("tokens"));
        bytes.extend(9u32.to_le_bytes());
        bytes.extend(8u32.to_le_bytes());
        bytes.extend(2u64.to_le_bytes());
        bytes.extend(text_bytes("a"));
        bytes.extend(text_bytes("bc"));
        bytes.extend(text_bytes("count"));
        bytes.extend(4u32.to_le_bytes());
        bytes.extend(7u32.to_le_bytes());
        bytes.extend(text_bytes("double_blocks.0.img_attn.qkv.weight"));
        bytes.extend(2u32.to_le_bytes());
        bytes.extend(64u64.to_le_bytes());
        bytes.extend(32u64.to_le_bytes());
        bytes.extend(12u32.to_le_bytes());
        bytes.extend(0u64.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        // Eight blocks of 256 numbers.
        bytes.extend([0; 8 * 144]);
        bytes
    }

    #[test]
    fn of_gguf_names_shapes_and_how_numbers_are_stored_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gguf");
        std::fs::write(&path, gguf_file()).unwrap();
        let facts = FileFacts::read(&path).unwrap();
        assert_eq!(facts.about["general.architecture"], "flux");
        assert_eq!(facts.precision().as_deref(), Some("q4_k"));
        let (name, tensor) = facts.tensors.iter().next().unwrap();
        assert_eq!(name, "double_blocks.0.img_attn.qkv.weight");
        assert_eq!(tensor.shape, [32, 64]);
    }

    #[test]
    fn wherever_gguf_is_cut_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gguf");
        let whole = gguf_file();
        for length in 8..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(FileFacts::read(&path).is_err(), "{length}");
        }
        let mut huge = whole[..16].to_vec();
        huge.extend(u64::MAX.to_le_bytes());
        huge.extend(u64::MAX.to_le_bytes());
        std::fs::write(&path, huge).unwrap();
        assert!(FileFacts::read(&path).is_err());
    }
}
