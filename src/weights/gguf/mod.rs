//! Files of GGUF, as ggml's programs and their converters write them: a header that describes
//! itself, then tensors, many of them in blocks of few bits.
//!
//! No number of a file is trusted: each length is held against the bytes that are there before
//! anything of that length is made or skipped.

mod kinds;

use std::ops::Range;

use super::coded::Coded;
use super::header::{Header, Place, Places, Trouble};
pub(super) use kinds::name_of;
use kinds::read_as;

const MAGIC: &[u8] = b"GGUF";
/// Versions whose lengths have eight bytes.
const VERSIONS: [u32; 2] = [2, 3];
const ALIGNMENT: &str = "general.alignment";
/// Where tensors begin, if the file does not say.
const USUAL_ALIGNMENT: usize = 32;
const MOST_DIMENSIONS: usize = 8;
/// Lists in lists.
const DEEPEST: usize = 8;
/// Bytes of a text that is kept of what the file says about itself.
const LONGEST_TEXT: usize = 1 << 20;
/// Converters that cannot keep a shape in ggml's dimensions write it beside.
const SHAPES: &str = "comfy.gguf.orig_shape.";

/// Whether a file is GGUF, as its first bytes tell.
pub(super) fn is_gguf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The header of such a file of `total` bytes, of which the first ones are at hand.
pub(super) fn read(start: &[u8], total: u64) -> Result<Header, Trouble> {
    let mut reader = Reader {
        bytes: start,
        at: MAGIC.len(),
        total: usize::try_from(total).unwrap_or(usize::MAX),
    };
    let version = reader.u32()?;
    if !VERSIONS.contains(&version) {
        return Err(damaged(format!(
            "it is of version {version} of GGUF, which is not known"
        )));
    }
    let (tensors, entries) = (reader.length()?, reader.length()?);
    let mut alignment = USUAL_ALIGNMENT;
    let mut shapes = Vec::new();
    let mut header = Header::default();
    for _ in 0..entries {
        let (key, kind) = (reader.text()?, reader.u32()?);
        match reader.value(kind, 0)? {
            Value::Number(number) if key == ALIGNMENT => alignment = number,
            Value::Numbers(shape) if key.starts_with(SHAPES) => {
                shapes.push((&key[SHAPES.len()..], shape));
            }
            Value::Text(text) if text.len() <= LONGEST_TEXT => {
                let text = String::from_utf8_lossy(text).into_owned();
                header.about.insert(key.to_owned(), text);
            }
            _ => {}
        }
    }
    if !alignment.is_power_of_two() {
        return Err(damaged(format!(
            "its tensors are aligned to {alignment} bytes"
        )));
    }
    let mut told = Vec::new();
    for _ in 0..tensors {
        told.push(reader.tensor()?);
    }
    let data = reader.at.next_multiple_of(alignment);
    for mut tensor in told {
        let own = shapes.iter().find(|(name, _)| *name == tensor.name);
        if let Some((_, shape)) = own
            && product(shape).is_some_and(|count| Some(count) == product(&tensor.shape))
        {
            tensor.shape.clone_from(shape);
        }
        let reason = |reason: &str| damaged(format!("tensor {}: {reason}", tensor.name));
        let place = tensor
            .place(data, reader.total)
            .map_err(|error| reason(&error))?;
        if header
            .places
            .insert(tensor.name.to_owned(), place)
            .is_some()
        {
            return Err(reason("it is there twice"));
        }
    }
    check_places(&header.places, data..reader.total, alignment).map_err(damaged)?;
    Ok(header)
}

/// Tensors lie one behind the other to the end of the file: were there one more or one fewer than the
/// header says, all of them would lie elsewhere.
fn check_places(places: &Places, data: Range<usize>, alignment: usize) -> Result<(), String> {
    let mut ranges: Vec<_> = places.values().map(|place| &place.bytes).collect();
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| range.start);
    if ranges.windows(2).any(|pair| pair[0].end > pair[1].start) {
        return Err("some of its tensors lie in the same place".to_owned());
    }
    let are_all_known = places.values().all(|place| place.kind.is_ok());
    let end = ranges.last().map_or(0, |range| range.end).max(data.start);
    if are_all_known && data.end.saturating_sub(end) >= alignment {
        return Err("its header tells of fewer tensors than there is room for".to_owned());
    }
    Ok(())
}

fn damaged(reason: String) -> Trouble {
    Trouble::Damaged(reason)
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
        let (kind, blocks) = match read_as(self.kind) {
            Ok((kind, blocks)) => (Ok(kind), blocks),
            Err(name) => (Err(name), None),
        };
        let mut place = Place {
            kind,
            coded: blocks.map(Coded::Blocks),
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

/// An entry of the header, as far as anything in it matters.
enum Value<'a> {
    Number(usize),
    Numbers(Vec<usize>),
    Text(&'a [u8]),
    Other,
}

struct Reader<'a> {
    /// The first ones of the file.
    bytes: &'a [u8],
    at: usize,
    /// How many the file has.
    total: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Trouble> {
        let end = self.at.checked_add(count);
        let end = end.filter(|end| *end <= self.total);
        let end = end.ok_or_else(|| damaged("its header reaches beyond its end".to_owned()))?;
        let taken = self.bytes.get(self.at..end).ok_or(Trouble::Cut)?;
        self.at = end;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Trouble> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn u64(&mut self) -> Result<u64, Trouble> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    /// A count of things, each of which takes a byte or more.
    fn length(&mut self) -> Result<usize, Trouble> {
        let length = usize::try_from(self.u64()?).ok();
        let length = length.filter(|length| *length <= self.total - self.at);
        length.ok_or_else(|| damaged("its header tells of more than there is".to_owned()))
    }

    fn text(&mut self) -> Result<&'a str, Trouble> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes);
        text.map_err(|error| damaged(format!("a name in its header: {error}")))
    }

    fn value(&mut self, kind: u32, depth: usize) -> Result<Value<'a>, Trouble> {
        match kind {
            4 => Ok(Value::Number(self.u32()? as usize)),
            5 => {
                let number = self.u32()?.cast_signed();
                Ok(usize::try_from(number).map_or(Value::Other, Value::Number))
            }
            8 => {
                let length = self.length()?;
                self.take(length).map(Value::Text)
            }
            9 => self.list(depth),
            _ => {
                let size = size_of_value(kind)
                    .ok_or_else(|| damaged(format!("its header holds a value of kind {kind}")))?;
                self.take(size)?;
                Ok(Value::Other)
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, Trouble> {
        if depth > DEEPEST {
            let reason = "lists in its header are nested too deep to be true";
            return Err(damaged(reason.to_owned()));
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

    fn tensor(&mut self) -> Result<Told<'a>, Trouble> {
        let name = self.text()?;
        if name.is_empty() {
            return Err(damaged("its header has a tensor without a name".to_owned()));
        }
        let of_it = |reason: &str| damaged(format!("tensor {name}: {reason}"));
        let dimensions = self.u32()? as usize;
        if dimensions > MOST_DIMENSIONS {
            return Err(of_it(&format!("it has {dimensions} dimensions")));
        }
        let side = |reader: &mut Self| {
            let side = usize::try_from(reader.u64()?).ok();
            side.ok_or_else(|| of_it("its shape is too large to be true"))
        };
        let mut shape = (0..dimensions)
            .map(|_| side(self))
            .collect::<Result<Vec<_>, _>>()?;
        // The innermost comes first.
        shape.reverse();
        let kind = self.u32()?;
        let offset = usize::try_from(self.u64()?).ok();
        let offset = offset.ok_or_else(|| of_it("it begins nowhere"))?;
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

    use candle_core::{DType, Device};

    use super::super::Weights;
    use super::*;

    /// Files of `tests/golden/make_gguf.py`.
    fn golden(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden/gguf")
            .join(name)
    }

    fn whole_header(bytes: &[u8]) -> Result<Header, Trouble> {
        read(bytes, bytes.len() as u64)
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
        assert!(error.contains("holds iq4_nl"), "{error}");
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
            assert!(whole_header(&whole[..keep]).is_err(), "cut at {keep}");
        }
        let head = whole.len().min(1600);
        for at in 4..head {
            for flip in [0x01, 0x80, 0xff] {
                let mut altered = whole.clone();
                altered[at] ^= flip;
                for place in whole_header(&altered).unwrap_or_default().places.values() {
                    assert!(place.bytes.end <= altered.len());
                    let elements = usize::try_from(place.elements()).unwrap();
                    let length = place.bytes_of_elements(elements);
                    assert!(place.kind.is_err() || length == Some(place.bytes.len()));
                }
            }
        }
    }

    #[test]
    fn of_the_first_bytes_of_a_file_is_told_whether_more_are_needed() {
        let whole = std::fs::read(golden("kinds.gguf")).unwrap();
        let total = whole.len() as u64;
        let told = whole_header(&whole).unwrap();
        let enough = (4..whole.len()).find(|keep| read(&whole[..*keep], total).is_ok());
        let enough = enough.unwrap();
        for keep in 4..enough {
            assert_eq!(read(&whole[..keep], total), Err(Trouble::Cut), "{keep}");
        }
        assert_eq!(read(&whole[..enough], total), Ok(told));
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
            let error = whole_header(&bytes).unwrap_err().reason();
            assert!(error.contains(words), "{error} lacks {words}");
        }
    }
}
