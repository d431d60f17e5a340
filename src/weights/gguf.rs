//! Files of GGUF, as ggml's programs and their converters write them: a header that describes
//! itself, then tensors, many of them in blocks of few bits.
//!
//! No number of a file is trusted: each length is held against the bytes that are there before
//! anything of that length is made or skipped.

use candle_core::DType;
use candle_core::quantized::GgmlDType;

use super::header::{Header, Place};

const MAGIC: &[u8] = b"GGUF";
/// Versions whose lengths have eight bytes.
const VERSIONS: [u32; 2] = [2, 3];
const ALIGNMENT: &str = "general.alignment";
/// Where tensors begin, if the file does not say.
const USUAL_ALIGNMENT: usize = 32;
const MOST_DIMENSIONS: usize = 8;
/// Lists in lists.
const DEEPEST: usize = 8;
/// Converters that cannot keep a shape in ggml's dimensions write it beside.
const SHAPES: &str = "comfy.gguf.orig_shape.";

/// Whether a file is GGUF, as its first bytes tell.
pub(super) fn is_gguf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The tensors of such a file.
pub(super) fn header(bytes: &[u8]) -> Result<Header, String> {
    let mut reader = Reader { bytes, at: 4 };
    let version = reader.u32()?;
    if !VERSIONS.contains(&version) {
        return Err(format!(
            "it is of version {version} of GGUF, which is not known"
        ));
    }
    let (tensors, entries) = (reader.length()?, reader.length()?);
    let mut alignment = USUAL_ALIGNMENT;
    let mut shapes = Vec::new();
    for _ in 0..entries {
        let (key, kind) = (reader.text()?, reader.u32()?);
        let value = reader.value(kind, 0)?;
        match value {
            Value::Number(number) if key == ALIGNMENT => alignment = number,
            Value::Numbers(shape) if key.starts_with(SHAPES) => {
                shapes.push((&key[SHAPES.len()..], shape));
            }
            _ => {}
        }
    }
    if !alignment.is_power_of_two() {
        return Err(format!("its tensors are aligned to {alignment} bytes"));
    }
    let mut told = Vec::new();
    for _ in 0..tensors {
        told.push(reader.tensor()?);
    }
    let start = reader.at.next_multiple_of(alignment);
    let mut header = Header::new();
    for mut tensor in told {
        let own = shapes.iter().find(|(name, _)| *name == tensor.name);
        if let Some((_, shape)) = own
            && product(shape).is_some_and(|count| Some(count) == product(&tensor.shape))
        {
            tensor.shape.clone_from(shape);
        }
        let reason = |reason: &str| format!("tensor {}: {reason}", tensor.name);
        let place = tensor
            .place(start, bytes.len())
            .map_err(|error| reason(&error))?;
        if header.insert(tensor.name.to_owned(), place).is_some() {
            return Err(reason("it is there twice"));
        }
    }
    Ok(header)
}

fn product(shape: &[usize]) -> Option<usize> {
    let mut sides = shape.iter();
    sides.try_fold(1, |product: usize, &side| product.checked_mul(side))
}

/// What the header tells of a tensor.
struct Told<'a> {
    name: &'a str,
    shape: Vec<usize>,
    kind: u32,
    offset: usize,
}

impl Told<'_> {
    fn place(&self, start: usize, end: usize) -> Result<Place, String> {
        let beyond = || "it reaches beyond the end of the file".to_owned();
        let elements = product(&self.shape).ok_or("its shape is too large to be true")?;
        let (kind, blocks) = match numbers(self.kind) {
            Some((kind, blocks)) => (Ok(kind), blocks),
            None => (Err(format!("numbers of ggml's kind {}", self.kind)), None),
        };
        let mut place = Place {
            kind,
            blocks,
            shape: self.shape.clone(),
            strides: None,
            bytes: 0..0,
        };
        if place.kind.is_err() || elements == 0 {
            return Ok(place);
        }
        let row = self.shape.last().copied().unwrap_or(1);
        if blocks.is_some_and(|blocks| !elements.is_multiple_of(blocks.block_size())) {
            return Err(format!("rows of {row} numbers do not fill its blocks"));
        }
        let length = place
            .bytes_of_elements(elements)
            .ok_or("its shape is too large to be true")?;
        let from = start.checked_add(self.offset).ok_or_else(beyond)?;
        let to = from.checked_add(length).filter(|to| *to <= end);
        place.bytes = from..to.ok_or_else(beyond)?;
        Ok(place)
    }
}

/// What numbers of a kind are read as, and their blocks where they are coded.
fn numbers(kind: u32) -> Option<(DType, Option<GgmlDType>)> {
    let coded = |blocks| Some((DType::F32, Some(blocks)));
    match kind {
        0 => Some((DType::F32, None)),
        1 => Some((DType::F16, None)),
        2 => coded(GgmlDType::Q4_0),
        3 => coded(GgmlDType::Q4_1),
        6 => coded(GgmlDType::Q5_0),
        7 => coded(GgmlDType::Q5_1),
        8 => coded(GgmlDType::Q8_0),
        10 => coded(GgmlDType::Q2K),
        11 => coded(GgmlDType::Q3K),
        12 => coded(GgmlDType::Q4K),
        13 => coded(GgmlDType::Q5K),
        14 => coded(GgmlDType::Q6K),
        27 => Some((DType::I64, None)),
        28 => Some((DType::F64, None)),
        30 => Some((DType::BF16, None)),
        _ => None,
    }
}

/// An entry of the header, as far as anything in it matters.
enum Value {
    Number(usize),
    Numbers(Vec<usize>),
    Other,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or("its header reaches beyond its end")?;
        self.at += count;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn u64(&mut self) -> Result<u64, String> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    /// A count of things, each of which takes a byte or more.
    fn length(&mut self) -> Result<usize, String> {
        let left = self.bytes.len() - self.at;
        let length = usize::try_from(self.u64()?).ok();
        let length = length.filter(|length| *length <= left);
        length.ok_or_else(|| "its header tells of more than there is".to_owned())
    }

    fn text(&mut self) -> Result<&'a str, String> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|error| format!("a name in its header: {error}"))
    }

    fn value(&mut self, kind: u32, depth: usize) -> Result<Value, String> {
        match kind {
            4 => Ok(Value::Number(self.u32()? as usize)),
            5 => {
                let number = self.u32()?.cast_signed();
                Ok(usize::try_from(number).map_or(Value::Other, Value::Number))
            }
            8 => {
                let length = self.length()?;
                self.take(length)?;
                Ok(Value::Other)
            }
            9 => self.list(depth),
            _ => {
                let size = size_of_value(kind)
                    .ok_or_else(|| format!("its header holds a value of kind {kind}"))?;
                self.take(size)?;
                Ok(Value::Other)
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("lists in its header are nested too deep to be true".to_owned());
        }
        let (kind, length) = (self.u32()?, self.length()?);
        let mut numbers = Vec::new();
        for _ in 0..length {
            match self.value(kind, depth + 1)? {
                Value::Number(number) if numbers.len() < MOST_DIMENSIONS => numbers.push(number),
                _ => {}
            }
        }
        Ok(if numbers.len() == length {
            Value::Numbers(numbers)
        } else {
            Value::Other
        })
    }

    fn tensor(&mut self) -> Result<Told<'a>, String> {
        let name = self.text()?;
        let dimensions = self.u32()? as usize;
        if dimensions > MOST_DIMENSIONS {
            return Err(format!("tensor {name}: it has {dimensions} dimensions"));
        }
        let side = |reader: &mut Self| {
            let side = usize::try_from(reader.u64()?).ok();
            side.ok_or_else(|| format!("tensor {name}: its shape is too large to be true"))
        };
        let mut shape = (0..dimensions)
            .map(|_| side(self))
            .collect::<Result<Vec<_>, _>>()?;
        // The innermost comes first.
        shape.reverse();
        let kind = self.u32()?;
        let offset = usize::try_from(self.u64()?).ok();
        let offset = offset.ok_or_else(|| format!("tensor {name}: it begins nowhere"))?;
        Ok(Told {
            name,
            shape,
            kind,
            offset,
        })
    }
}

/// Bytes of a value in the header; texts and lists tell their own.
const fn size_of_value(kind: u32) -> Option<usize> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use candle_core::Device;

    use super::super::Weights;
    use super::*;

    /// Files of `tests/golden/make_gguf.py`.
    fn golden(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden/gguf")
            .join(name)
    }

    fn bits(weights: &Weights, name: &str) -> Vec<u32> {
        let values = weights.values(name).unwrap();
        values.into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn every_kind_of_block_reads_as_in_the_gguf_package_to_the_bit() {
        let ours = Weights::open(&golden("kinds.gguf")).unwrap();
        let theirs = Weights::open(&golden("kinds.safetensors")).unwrap();
        assert_eq!(theirs.names().count(), 14);
        for name in theirs.names() {
            assert_eq!(ours.shape(name), theirs.shape(name), "{name}");
            assert!(bits(&ours, name) == bits(&theirs, name), "{name}");
        }
        let builder = ours.builder(DType::F32, &Device::Cpu);
        let error = builder.get((2, 32), "foreign").unwrap_err().to_string();
        assert!(error.contains("ggml's kind 20"), "{error}");
    }

    #[test]
    fn rows_of_blocks_are_seen_where_they_begin_with_one() {
        let whole = Weights::open(&golden("kinds.gguf")).unwrap();
        let view = super::super::View::Rows(1..3);
        let name = "Q4_K".to_owned();
        let seen = super::super::Seen { name, view };
        let part = whole.seen_as("part", [("x".to_owned(), seen)]).unwrap();
        assert_eq!(bits(&part, "x"), bits(&whole, "Q4_K")[512..]);
    }

    #[test]
    fn blocks_can_be_turned() {
        let whole = Weights::open(&golden("kinds.gguf")).unwrap();
        let view = super::super::View::Transposed;
        let name = "Q8_0".to_owned();
        let seen = super::super::Seen { name, view };
        let turned = whole.seen_as("part", [("x".to_owned(), seen)]).unwrap();
        let (own, turned) = (bits(&whole, "Q8_0"), bits(&turned, "x"));
        assert!((0..3).all(|row| (0..512).all(|at| own[row * 512 + at] == turned[at * 3 + row])));
    }

    #[test]
    fn a_cut_or_altered_file_never_reads_outside_of_itself() {
        let whole = std::fs::read(golden("kinds.gguf")).unwrap();
        // At the end lies a tensor that nobody reads.
        for keep in (4..whole.len() - 64).step_by(31) {
            assert!(header(&whole[..keep]).is_err(), "cut at {keep}");
        }
        let head = whole.len().min(1600);
        for at in 4..head {
            for flip in [0x01, 0x80, 0xff] {
                let mut altered = whole.clone();
                altered[at] ^= flip;
                for place in header(&altered).unwrap_or_default().values() {
                    assert!(place.bytes.end <= altered.len());
                    let elements = usize::try_from(place.elements()).unwrap();
                    let length = place.bytes_of_elements(elements);
                    assert!(place.kind.is_err() || length == Some(place.bytes.len()));
                }
            }
        }
    }

    #[test]
    fn numbers_too_large_to_be_true_are_refused() {
        let file = |tensors: u64, entries: u64, rest: &[&[u8]]| {
            let mut bytes = b"GGUF\x03\0\0\0".to_vec();
            bytes.extend(tensors.to_le_bytes());
            bytes.extend(entries.to_le_bytes());
            bytes.extend(rest.concat());
            bytes
        };
        let side = (1u64 << 60).to_le_bytes();
        let name = b"\x01\0\0\0\0\0\0\0a";
        let tensor = [&name[..], b"\x02\0\0\0", &side, &side, &[0; 12]].concat();
        for (bytes, words) in [
            (file(1 << 60, 0, &[]), "more than there is"),
            (file(0, 1 << 60, &[]), "more than there is"),
            (file(1, 0, &[&side]), "more than there is"),
            (file(1, 0, &[&tensor]), "too large to be true"),
            (
                file(0, 1, &[name, b"\x09\0\0\0\x09\0\0\0", &side]),
                "more than there is",
            ),
        ] {
            let error = header(&bytes).unwrap_err();
            assert!(error.contains(words), "{error} lacks {words}");
        }
    }
}
