//! The stream torch wrote before 1.6, and still writes where it is asked to, as ranges of the file
//! it is in.
//!
//! After `_legacy_save` of torch/serialization.py: four pickles (a number by which torch knows its
//! files, a version, what kind of machine wrote it, all objects), a fifth with the keys of all
//! storages, and then for each of these how many elements it has, in eight bytes, and the elements.

use std::collections::BTreeMap;
use std::ops::Range;

use super::pickle::{self, Objects, Value};
use super::state::StorageName;

/// The pickled number by which torch knows the stream.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
/// The only version there ever was.
const VERSION: i64 = 1001;
/// Bytes of the number of elements before a storage.
const COUNT_BYTES: usize = 8;

/// A stream's objects, and where their storages lie.
pub(super) struct Stream<'a> {
    pub(super) objects: Objects<'a>,
    storages: BTreeMap<&'a str, Range<usize>>,
}

/// Whether a file is such a stream.
pub(super) fn is_stream(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

impl<'a> Stream<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let rest = bytes.strip_prefix(MAGIC).unwrap_or_default();
        let (version, rest) = pickle::read(rest)?;
        if *version.get(version.root) != Value::Int(VERSION) {
            return Err("it is of a version of torch's files that is not known".to_owned());
        }
        let (machine, rest) = pickle::read(rest)?;
        if !is_little_endian(&machine) {
            return Err("its numbers are stored big end first, which is not read here".to_owned());
        }
        let (objects, rest) = pickle::read(rest)?;
        let (keys, rest) = pickle::read(rest)?;
        let storages = storages(
            &objects,
            &keys,
            bytes.len() - rest.len()..bytes.len(),
            bytes,
        )?;
        Ok(Self { objects, storages })
    }

    /// Where a storage of tensors lies.
    pub(super) fn storage(&self, key: &str) -> Result<Range<usize>, String> {
        let found = self.storages.get(key).cloned();
        found.ok_or_else(|| format!("its storage {key} is missing"))
    }
}

fn is_little_endian(machine: &Objects<'_>) -> bool {
    let Value::Dict(entries) = machine.get(machine.root) else {
        return false;
    };
    entries.iter().any(|(key, value)| {
        *machine.get(*key) == Value::Text("little_endian")
            && *machine.get(*value) == Value::Bool(true)
    })
}

/// Where each storage lies within `place`, which is the rest of the file.
fn storages<'a>(
    objects: &Objects<'a>,
    keys: &Objects<'a>,
    place: Range<usize>,
    bytes: &[u8],
) -> Result<BTreeMap<&'a str, Range<usize>>, String> {
    // A storage's length in bytes tells the objects alone: what its elements are.
    let kinds: BTreeMap<&str, &str> = objects
        .all()
        .filter_map(|value| StorageName::of(objects, value))
        .map(|storage| (storage.key, storage.kind))
        .collect();
    let Value::Sequence(listed) = keys.get(keys.root) else {
        return Err("its list of storages is no list".to_owned());
    };
    let mut storages = BTreeMap::new();
    let mut at = place.start;
    for key in listed {
        let &Value::Text(key) = keys.get(*key) else {
            return Err("its list of storages names none".to_owned());
        };
        let kind = kinds
            .get(key)
            .ok_or_else(|| format!("its storage {key} belongs to no tensor"))?;
        let size = element_size(kind)
            .ok_or_else(|| format!("its storage {key} is a {kind}, which is not known"))?;
        let found = after_count(&bytes[at..place.end], size);
        let length = found.ok_or_else(|| format!("its storage {key} reaches beyond its end"))?;
        let start = at + COUNT_BYTES;
        at = start + length;
        storages.insert(key, start..at);
    }
    Ok(storages)
}

/// Bytes of a storage of which `rest` begins with the number of elements, if they are there.
fn after_count(rest: &[u8], size: usize) -> Option<usize> {
    let (count, elements) = rest.split_first_chunk::<COUNT_BYTES>()?;
    let length = usize::try_from(i64::from_le_bytes(*count)).ok()?;
    let length = length.checked_mul(size)?;
    (length <= elements.len()).then_some(length)
}

/// Bytes of an element, by the name of the storage's class. Not all of them are of use to networks,
/// but what lies behind them is found by their length.
fn element_size(kind: &str) -> Option<usize> {
    Some(match kind {
        "ComplexDoubleStorage" => 16,
        "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => 8,
        "FloatStorage" | "IntStorage" | "QInt32Storage" => 4,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
        "BoolStorage" | "ByteStorage" | "CharStorage" | "QInt8Storage" | "QUInt8Storage" => 1,
        _ => return None,
    })
}
