//! Which tensors a file of weights holds, and where their bytes lie.

use std::collections::BTreeMap;
use std::ops::Range;

use candle_core::DType;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::coded::Coded;
use super::eight_bit::EightBit;
use super::{foreign, gguf};

/// Every tensor of a file by its name.
pub(super) type Places = BTreeMap<String, Place>;

/// What a file says about itself, by name.
pub(super) type About = BTreeMap<String, String>;

/// What the header of a file tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Header {
    pub(super) places: Places,
    pub(super) about: About,
}

/// Why a header cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It goes on behind the bytes at hand.
    Cut,
    Damaged(String),
}

impl Trouble {
    /// What is wrong with a file of which all bytes are at hand.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Cut => "its header reaches beyond its end".to_owned(),
            Self::Damaged(reason) => reason,
        }
    }
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

/// One tensor in a file; its bytes are known to be there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// What it holds; else the name of what no network takes, told when somebody asks for it.
    pub(super) kind: Result<DType, String>,
    /// Set where numbers are coded in fewer bits; `kind` is then what they are decoded to.
    pub(super) coded: Option<Coded>,
    pub(super) shape: Vec<usize>,
    /// Elements from one to the next along each dimension, where they do not lie in row-major order.
    pub(super) strides: Option<Vec<usize>>,
    /// From its first element to the end of its last; as many elements as the shape has fit in. Of a
    /// tensor in blocks all of them.
    pub(super) bytes: Range<usize>,
}

impl Place {
    /// Elements of the tensor.
    pub(super) fn elements(&self) -> u64 {
        let sides = self.shape.iter().map(|&side| side as u64);
        sides.fold(1, u64::saturating_mul)
    }

    /// Bytes of so many elements in a row; `None` where they end inside of a block, or nobody knows.
    pub(super) fn bytes_of_elements(&self, elements: usize) -> Option<usize> {
        match self.coded {
            None => elements.checked_mul(self.kind.as_ref().ok()?.size_in_bytes()),
            Some(coded) => coded.bytes_of_elements(elements),
        }
    }

    /// The tensor's own bytes in row-major order, out of those between its first and its last
    /// element; `strides` and `size` (of an element) as this place says.
    pub(super) fn gathered(&self, between: &[u8], strides: &[usize], size: usize) -> Vec<u8> {
        let Some((&row, outer)) = self.shape.split_last() else {
            return between.to_vec();
        };
        let step = strides.last().copied().unwrap_or(1);
        let rows: usize = outer.iter().product();
        // Not all there is between them, which may be far more.
        let mut out = Vec::with_capacity(rows * row * size);
        let mut index = vec![0; outer.len()];
        for _ in 0..rows {
            let start: usize = index.iter().zip(strides).map(|(at, by)| at * by).sum();
            for at in 0..row {
                out.extend_from_slice(&between[(start + at * step) * size..][..size]);
            }
            for (at, side) in index.iter_mut().zip(outer).rev() {
                *at += 1;
                if *at < *side {
                    break;
                }
                *at = 0;
            }
        }
        out
    }
}

/// Reads the header of a file of safetensors or GGUF, of `total` bytes, of which the first ones are at
/// hand; which of them it is, they tell, for names often do not.
pub(super) fn read(start: &[u8], total: u64) -> Result<Header, Trouble> {
    if start.is_empty() {
        return Err(Trouble::Damaged("it is empty".to_owned()));
    }
    if gguf::is_gguf(start) {
        return gguf::read(start, total);
    }
    match foreign::kind(start) {
        Some(kind) => Err(Trouble::Damaged(kind.to_owned())),
        None => of_safetensors(start, total),
    }
}

/// The longest header of safetensors: what the format's own readers take.
const LONGEST_TEXT: u64 = 100_000_000;

/// A file of safetensors begins with the length of a text, then comes the text.
fn of_safetensors(start: &[u8], total: u64) -> Result<Header, Trouble> {
    let (length, rest) = start.split_first_chunk().ok_or(Trouble::Cut)?;
    let length = u64::from_le_bytes(*length);
    let after_length = total.saturating_sub(8);
    if length > after_length || length > LONGEST_TEXT {
        let reason = "its header would be longer than it is";
        return Err(Trouble::Damaged(reason.to_owned()));
    }
    let length = length as usize;
    let text = rest.get(..length).ok_or(Trouble::Cut)?;
    let metadata: Metadata =
        serde_json::from_slice(text).map_err(|error| format!("in its header: {error}"))?;
    if metadata.data_len() as u64 != after_length - length as u64 {
        let reason = "its length is not the one its header tells";
        return Err(Trouble::Damaged(reason.to_owned()));
    }
    let place = |info: &TensorInfo| Place {
        kind: match info.dtype {
            Dtype::F64 => Ok(DType::F64),
            Dtype::F32 => Ok(DType::F32),
            Dtype::F16 | Dtype::F8_E4M3 | Dtype::F8_E5M2 => Ok(DType::F16),
            Dtype::BF16 => Ok(DType::BF16),
            Dtype::I64 => Ok(DType::I64),
            other => Err(format!("{other:?}")),
        },
        coded: match info.dtype {
            Dtype::F8_E4M3 => Some(Coded::EightBit(EightBit::E4M3)),
            Dtype::F8_E5M2 => Some(Coded::EightBit(EightBit::E5M2)),
            _ => None,
        },
        shape: info.shape.clone(),
        strides: None,
        bytes: 8 + length + info.data_offsets.0..8 + length + info.data_offsets.1,
    };
    let names = metadata.offset_keys().into_iter();
    let places = names.filter_map(|name| {
        let place = place(metadata.info(&name)?);
        Some((name, place))
    });
    let about = metadata.metadata().iter().flatten();
    Ok(Header {
        places: places.collect(),
        about: about
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strided_elements_come_out_in_row_major_order() {
        let place = Place {
            kind: Ok(DType::F32),
            coded: None,
            shape: vec![2, 3, 2],
            strides: None,
            bytes: 0..0,
        };
        // As stored: last dimension slowest.
        let bytes: Vec<u8> = (0..12).collect();
        let out = place.gathered(&bytes, &[1, 2, 6], 1);
        assert_eq!(out, [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
    }

    #[test]
    fn elements_far_apart_take_no_more_memory_than_their_own() {
        let place = Place {
            kind: Ok(DType::F32),
            coded: None,
            shape: vec![1, 2],
            strides: None,
            bytes: 0..0,
        };
        let out = place.gathered(&vec![7; 100_001], &[1, 100_000], 1);
        assert_eq!((out.as_slice(), out.capacity()), (&[7, 7][..], 2));
    }
}
