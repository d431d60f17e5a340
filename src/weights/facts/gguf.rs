//! The header of a GGUF file: a list of facts, then a list of tensors.

use std::fs::File;
use std::io::{BufReader, Read as _, Take};
use std::path::Path;

use super::{FileFacts, TensorFacts};

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"GGUF";

/// Bytes of a header, at most: vocabularies of language models are in it.
const LONGEST_HEADER: u64 = 100_000_000;
/// Letters of a name or of a text that are kept.
const LONGEST_TEXT: u64 = 1 << 20;
/// Dimensions of a tensor.
const MOST_DIMENSIONS: u32 = 8;

/// Kinds of facts, by the number they have in files.
const TEXT: u32 = 8;
const LIST: u32 = 9;

type Bytes = Take<BufReader<File>>;

pub(super) fn read(path: &Path) -> Result<FileFacts, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = BufReader::new(file).take(LONGEST_HEADER);
    let mut facts = FileFacts::default();
    let (_, version) = (u32_of(&mut bytes)?, u32_of(&mut bytes)?);
    if !(2..=3).contains(&version) {
        return Err(format!("version {version} of GGUF is not known"));
    }
    let (tensors, pairs) = (u64_of(&mut bytes)?, u64_of(&mut bytes)?);
    for _ in 0..pairs {
        let name = text(&mut bytes)?;
        let kind = u32_of(&mut bytes)?;
        if kind == TEXT {
            facts.about.insert(name, text(&mut bytes)?);
        } else {
            skip(&mut bytes, kind)?;
        }
    }
    for _ in 0..tensors {
        let name = text(&mut bytes)?;
        let dimensions = u32_of(&mut bytes)?;
        if dimensions > MOST_DIMENSIONS {
            return Err(format!("tensor {name} has {dimensions} dimensions"));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(u64_of(&mut bytes)? as usize);
        }
        // The innermost dimension comes first in the file.
        shape.reverse();
        let kind = kind_name(u32_of(&mut bytes)?);
        u64_of(&mut bytes)?;
        facts.tensors.insert(name, TensorFacts { kind, shape });
    }
    Ok(facts)
}

/// How numbers of a kind are called.
fn kind_name(kind: u32) -> String {
    const NAMES: [(u32, &str); 19] = [
        (0, "f32"),
        (1, "f16"),
        (2, "q4_0"),
        (3, "q4_1"),
        (6, "q5_0"),
        (7, "q5_1"),
        (8, "q8_0"),
        (9, "q8_1"),
        (10, "q2_k"),
        (11, "q3_k"),
        (12, "q4_k"),
        (13, "q5_k"),
        (14, "q6_k"),
        (15, "q8_k"),
        (20, "iq4_nl"),
        (23, "iq4_xs"),
        (24, "i8"),
        (28, "f64"),
        (30, "bf16"),
    ];
    let known = NAMES.iter().find(|(number, _)| *number == kind);
    known.map_or_else(|| format!("gguf {kind}"), |(_, name)| (*name).to_owned())
}

fn skip(bytes: &mut Bytes, kind: u32) -> Result<(), String> {
    match kind {
        TEXT => {
            let length = u64_of(bytes)?;
            pass(bytes, length)
        }
        LIST => {
            let (of, count) = (u32_of(bytes)?, u64_of(bytes)?);
            if of == TEXT {
                for _ in 0..count {
                    skip(bytes, TEXT)?;
                }
                return Ok(());
            }
            let size = size_of(of).ok_or("it has a list of lists")?;
            pass(bytes, count.saturating_mul(size))
        }
        _ => {
            let size = size_of(kind).ok_or("it has a fact of an unknown kind")?;
            pass(bytes, size)
        }
    }
}

/// Bytes of a fact that is a number.
const fn size_of(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

fn pass(bytes: &mut Bytes, count: u64) -> Result<(), String> {
    let passed = std::io::copy(&mut bytes.take(count), &mut std::io::sink());
    match passed {
        Ok(passed) if passed == count => Ok(()),
        _ => Err(too_short()),
    }
}

fn text(bytes: &mut Bytes) -> Result<String, String> {
    let length = u64_of(bytes)?;
    if length > LONGEST_TEXT {
        return Err("a text in it is too long to be true".to_owned());
    }
    let mut text = Vec::new();
    let read = bytes.take(length).read_to_end(&mut text);
    match read {
        Ok(read) if read as u64 == length => Ok(String::from_utf8_lossy(&text).into_owned()),
        _ => Err(too_short()),
    }
}

fn u32_of(bytes: &mut Bytes) -> Result<u32, String> {
    let mut value = [0; 4];
    let read = bytes.read_exact(&mut value);
    read.map_or_else(
        |_short| Err(too_short()),
        |()| Ok(u32::from_le_bytes(value)),
    )
}

fn u64_of(bytes: &mut Bytes) -> Result<u64, String> {
    let mut value = [0; 8];
    let read = bytes.read_exact(&mut value);
    read.map_or_else(
        |_short| Err(too_short()),
        |()| Ok(u64::from_le_bytes(value)),
    )
}

fn too_short() -> String {
    "it ends within its header".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_bytes(text: &str) -> Vec<u8> {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes
    }

    fn file() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
        bytes.extend(3u64.to_le_bytes());
        bytes.extend(text_bytes("general.architecture"));
        bytes.extend(TEXT.to_le_bytes());
        bytes.extend(text_bytes("flux"));
        bytes.extend(text_bytes("tokens"));
        bytes.extend(LIST.to_le_bytes());
        bytes.extend(TEXT.to_le_bytes());
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
        bytes
    }

    #[test]
    fn the_header_tells_names_shapes_and_how_numbers_are_stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gguf");
        std::fs::write(&path, file()).unwrap();
        let facts = FileFacts::read(&path).unwrap();
        assert_eq!(facts.about["general.architecture"], "flux");
        assert_eq!(facts.precision().as_deref(), Some("q4_k"));
        let (name, tensor) = facts.tensors.iter().next().unwrap();
        assert_eq!(name, "double_blocks.0.img_attn.qkv.weight");
        assert_eq!(tensor.shape, [32, 64]);
    }

    #[test]
    fn wherever_it_is_cut_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gguf");
        let whole = file();
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
