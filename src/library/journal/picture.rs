//! Pictures as they are packed on disk: size, then pieces, each with its packed length.
//!
//! A piece holds some pixels, first red of all of them, then green, blue and alpha: the alpha of
//! an opaque picture takes next to nothing.

use std::io::{Read, Result, Seek, SeekFrom};

use lz4_flex::block::{compress, decompress_into};
use rayon::prelude::*;

use crate::raster::{Extent, Pixels};

/// Bytes of RGBA that are packed as one: enough pieces for all cores, and each small.
const PIECE: usize = 4 << 20;

/// Bytes of RGBA beyond which nothing is unpacked; no picture that we read is larger.
const MOST_BYTES: u64 = 2 << 30;

pub(super) fn pack(pixels: &Pixels) -> Vec<u8> {
    let pieces: Vec<Vec<u8>> = pixels
        .rgba()
        .par_chunks(PIECE)
        .map(|piece| compress(&planes(piece)))
        .collect();
    let mut packed =
        Vec::with_capacity(8 + pieces.iter().map(|piece| 4 + piece.len()).sum::<usize>());
    let Extent { width, height } = pixels.extent();
    packed.extend(width.to_le_bytes());
    packed.extend(height.to_le_bytes());
    for piece in pieces {
        packed.extend((piece.len() as u32).to_le_bytes());
        packed.extend(piece);
    }
    packed
}

/// The picture; `None` if the bytes are not what [`pack`] made.
pub(super) fn unpack(packed: &[u8]) -> Option<Pixels> {
    let (width, packed) = number(packed)?;
    let (height, mut packed) = number(packed)?;
    let extent = Extent::new(width, height);
    let bytes = u64::from(width)
        .checked_mul(u64::from(height))?
        .checked_mul(4)?;
    // LZ4 makes nothing more than 255 times smaller: what promises more is damaged.
    if bytes > MOST_BYTES || bytes / 256 > packed.len() as u64 {
        return None;
    }
    let mut rgba = vec![0; bytes as usize];
    let mut pieces = Vec::new();
    for piece in rgba.chunks_mut(PIECE) {
        let (length, rest) = number(packed)?;
        let (from, rest) = rest.split_at_checked(length as usize)?;
        pieces.push((from, piece));
        packed = rest;
    }
    let whole = pieces
        .into_par_iter()
        .all(|(from, piece)| unpack_piece(from, piece));
    if whole && packed.is_empty() {
        Pixels::from_rgba(extent, rgba)
    } else {
        None
    }
}

/// The size of a picture whose file of `length` bytes has all the pieces it should; `None` if it was
/// cut short, or is something else. Their content is not read.
pub(super) fn measure(mut from: impl Read + Seek, length: u64) -> Result<Option<Extent>> {
    let Some(mut left) = length.checked_sub(8) else {
        return Ok(None);
    };
    let number = |from: &mut dyn Read| {
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes)?;
        Ok::<_, std::io::Error>(u32::from_le_bytes(bytes))
    };
    let extent = Extent::new(number(&mut from)?, number(&mut from)?);
    let bytes = u64::from(extent.width) * u64::from(extent.height);
    let bytes = bytes.saturating_mul(4);
    if bytes > MOST_BYTES {
        return Ok(None);
    }
    for _ in 0..bytes.div_ceil(PIECE as u64) {
        let Some(rest) = left.checked_sub(4) else {
            return Ok(None);
        };
        let piece = number(&mut from)?;
        let Some(rest) = rest.checked_sub(piece.into()) else {
            return Ok(None);
        };
        from.seek(SeekFrom::Current(piece.into()))?;
        left = rest;
    }
    Ok((left == 0).then_some(extent))
}

/// The channels of some RGBA one after the other.
fn planes(rgba: &[u8]) -> Vec<u8> {
    let pixels = rgba.as_chunks::<4>().0;
    (0..4)
        .flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel]))
        .collect()
}

/// Whether all of a piece was there.
fn unpack_piece(packed: &[u8], rgba: &mut [u8]) -> bool {
    let mut planes = vec![0; rgba.len()];
    if decompress_into(packed, &mut planes).ok() != Some(planes.len()) {
        return false;
    }
    let pixels = rgba.as_chunks_mut::<4>().0;
    for (channel, plane) in planes.chunks(pixels.len().max(1)).enumerate() {
        for (pixel, &value) in pixels.iter_mut().zip(plane) {
            pixel[channel] = value;
        }
    }
    true
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Pixels {
        let rgba = (0..width * height * 4)
            .map(|at| (at.wrapping_mul(at / 64) >> 7) as u8)
            .collect();
        Pixels::from_rgba(Extent::new(width, height), rgba).unwrap()
    }

    fn measured(packed: &[u8]) -> Option<Extent> {
        measure(std::io::Cursor::new(packed), packed.len() as u64).unwrap()
    }

    #[test]
    fn a_picture_of_any_number_of_pieces_comes_back() {
        for (width, height) in [(1, 1), (1024, 1024), (1024, 1025), (1500, 1600)] {
            let pixels = picture(width, height);
            let packed = pack(&pixels);
            assert!(unpack(&packed).unwrap() == pixels, "{width}x{height}");
            assert_eq!(measured(&packed), Some(pixels.extent()));
        }
    }

    #[test]
    fn what_is_cut_or_too_long_is_no_picture() {
        let mut packed = pack(&picture(9, 7));
        for length in 0..packed.len() {
            assert!(unpack(&packed[..length]).is_none(), "{length}");
            assert!(measured(&packed[..length]).is_none(), "{length}");
        }
        packed.push(0);
        assert!(unpack(&packed).is_none() && measured(&packed).is_none());
    }

    #[test]
    fn a_size_that_cannot_be_is_refused_before_memory_is_asked_for() {
        let mut packed = pack(&picture(2, 2));
        packed[..8].copy_from_slice(&[0xff, 0xff, 0, 0, 0, 64, 0, 0]);
        assert!(unpack(&packed).is_none() && measured(&packed).is_none());
        packed[..8].fill(0xff);
        assert!(unpack(&packed).is_none() && measured(&packed).is_none());
    }
}
