//! Headers of safetensors files out of lines of text.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::{in_a_file, in_a_long_file};

/// Kinds of numbers, and bytes of one.
const KINDS: [(&str, u64); 8] = [
    ("F32", 4),
    ("F16", 2),
    ("BF16", 2),
    ("F64", 8),
    ("I64", 8),
    ("I32", 4),
    ("U8", 1),
    ("F8_E4M3", 1),
];
/// Bytes of all tensors together, at most: what a system lets a file be long.
const LONGEST: u64 = 1 << 40;
/// Bytes of tensors that are filled with numbers; longer ones are zeros.
const MOST_FILLED: u64 = 1 << 16;

/// A tensor of a header.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub name: String,
    pub kind: &'static str,
    pub shape: Vec<u64>,
}

/// What a file says it holds.
#[derive(Clone, Debug, Default)]
pub struct Header {
    pub tensors: Vec<Tensor>,
    pub about: Map<String, Value>,
}

impl Header {
    /// Of lines: `name kind side side …`, or `@name text` for what a file says about itself.
    pub fn of(text: &str) -> Self {
        let mut header = Self::default();
        for line in text.lines() {
            header.add(line);
        }
        header
    }

    /// Adds what a line says. A tensor takes the place of one of its name; `-name` takes it out.
    pub fn add(&mut self, line: &str) {
        if let Some(about) = line.strip_prefix('@') {
            let (name, text) = about.split_once(' ').unwrap_or((about, ""));
            self.about.insert(name.to_owned(), text.into());
            return;
        }
        if let Some(name) = line.strip_prefix('-') {
            self.tensors.retain(|tensor| tensor.name != name);
            return;
        }
        let mut words = line.split(' ');
        let (Some(name), Some(kind)) = (words.next(), words.next()) else {
            return;
        };
        let Some((kind, _)) = KINDS.iter().find(|(known, _)| *known == kind) else {
            return;
        };
        self.tensors.retain(|tensor| tensor.name != name);
        self.tensors.push(Tensor {
            name: name.to_owned(),
            kind,
            shape: words.filter_map(|side| side.parse().ok()).collect(),
        });
    }

    /// Calls `then` with such a file, of whatever length its tensors have.
    pub fn in_a_file<R>(&self, name: &str, then: impl FnOnce(&Path) -> R) -> Option<R> {
        let mut entries = Map::new();
        if !self.about.is_empty() {
            entries.insert("__metadata__".to_owned(), self.about.clone().into());
        }
        let mut at = 0u64;
        for tensor in &self.tensors {
            let size = KINDS.iter().find(|(kind, _)| *kind == tensor.kind)?.1;
            let mut sides = tensor.shape.iter();
            let length = sides.try_fold(size, |length, side| length.checked_mul(*side))?;
            let end = at.checked_add(length).filter(|end| *end <= LONGEST)?;
            let (kind, shape) = (tensor.kind, &tensor.shape);
            let entry = json!({"dtype": kind, "shape": shape, "data_offsets": [at, end]});
            entries.insert(tensor.name.clone(), entry);
            at = end;
        }
        let text = Value::Object(entries).to_string();
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.bytes());
        if at <= MOST_FILLED {
            bytes.extend((0..at).map(|at| [0x00, 0x3c, 0x80, 0x3f][at as usize % 4]));
            return Some(in_a_file(name, &bytes, then));
        }
        let length = bytes.len() as u64 + at;
        Some(in_a_long_file(name, &bytes, length, then))
    }
}
