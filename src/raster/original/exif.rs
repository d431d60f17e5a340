//! The little of EXIF that depends on the pixels: which way is up, and a small picture.
//!
//! An EXIF block is a TIFF structure without strips: a header, then directories of entries of 12
//! bytes, at offsets from the header (Exif 2.32, section 4.5).

/// Entries of a directory.
const ORIENTATION: u16 = 0x0112;
const THUMBNAIL: u16 = 0x0201;
const THUMBNAIL_LENGTH: u16 = 0x0202;

/// Begins blocks as JPEG has them, and some of WebP.
const JPEG_MARK: &[u8] = b"Exif\0\0";

/// Types of an entry.
const SHORT: u16 = 3;
const LONG: u16 = 4;

const ENTRY: usize = 12;

/// A block, as it stands in a PNG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exif {
    bytes: Vec<u8>,
    little_endian: bool,
}

impl Exif {
    /// Takes a block with or without JPEG's mark; `None` if it is none.
    pub(super) fn of(block: &[u8]) -> Option<Self> {
        let bytes = block.strip_prefix(JPEG_MARK).unwrap_or(block);
        let little_endian = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self {
            bytes: bytes.to_vec(),
            little_endian,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the pixels are to be turned, from 1 to 8; 1 where nothing is said.
    pub(super) fn orientation(&self) -> u8 {
        let said = self
            .entry(self.first(), ORIENTATION)
            .and_then(|at| self.value(at));
        said.and_then(|value| u8::try_from(value).ok())
            .filter(|value| (1..=8).contains(value))
            .unwrap_or(1)
    }

    /// Says that the pixels lie upright.
    pub(super) fn set_upright(&mut self) {
        if let Some(at) = self.entry(self.first(), ORIENTATION) {
            self.set(at, 1);
        }
    }

    /// Takes out the small picture, and the directory that speaks of it.
    pub(super) fn remove_thumbnail(&mut self) {
        let Some(next) = self.end_of(self.first()) else {
            return;
        };
        let Some(small) = self.long(next).filter(|&offset| offset > 0) else {
            return;
        };
        let field = |tag| self.entry(Some(small), tag).and_then(|at| self.value(at));
        if let (Some(from), Some(length)) = (field(THUMBNAIL), field(THUMBNAIL_LENGTH))
            && let Some(to) = from.checked_add(length)
            && let Some(picture) = self.bytes.get_mut(from..to)
        {
            picture.fill(0);
        }
        if let Some(offset) = self.bytes.get_mut(next..next + 4) {
            offset.fill(0);
        }
    }

    /// Offset of the first directory.
    fn first(&self) -> Option<usize> {
        self.long(4)
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        let value = if self.little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        };
        usize::try_from(value).ok()
    }

    /// Where the entries of a directory end, and the offset of the next directory stands.
    fn end_of(&self, directory: Option<usize>) -> Option<usize> {
        let at = directory?;
        let count = usize::from(self.short(at)?);
        at.checked_add(2 + count * ENTRY)
    }

    /// Where an entry of a directory stands.
    fn entry(&self, directory: Option<usize>, tag: u16) -> Option<usize> {
        let end = self.end_of(directory)?;
        (directory?.checked_add(2)?..end)
            .step_by(ENTRY)
            .find(|&at| self.short(at) == Some(tag))
    }

    /// The one number of an entry.
    fn value(&self, entry: usize) -> Option<usize> {
        match self.short(entry + 2)? {
            SHORT => self.short(entry + 8).map(usize::from),
            LONG => self.long(entry + 8),
            _ => None,
        }
    }

    /// Puts a small number into an entry.
    fn set(&mut self, entry: usize, value: u8) {
        let wide = if self.short(entry + 2) == Some(LONG) {
            4
        } else {
            2
        };
        if let Some(bytes) = self.bytes.get_mut(entry + 8..entry + 8 + wide) {
            bytes.fill(0);
            bytes[if self.little_endian { 0 } else { wide - 1 }] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block with an orientation and a small picture of 5 bytes at its end.
    fn block(little_endian: bool) -> Vec<u8> {
        let short = |value: u16| {
            if little_endian {
                value.to_le_bytes()
            } else {
                value.to_be_bytes()
            }
        };
        let long = |value: u32| {
            if little_endian {
                value.to_le_bytes()
            } else {
                value.to_be_bytes()
            }
        };
        let mut bytes = if little_endian { b"II*\0" } else { b"MM\0*" }.to_vec();
        bytes.extend(long(8));
        bytes.extend(short(1));
        bytes.extend([short(ORIENTATION), short(SHORT)].concat());
        bytes.extend([long(1).as_slice(), &short(6), &[0, 0]].concat());
        bytes.extend(long(26));
        bytes.extend(short(2));
        for (tag, value) in [(THUMBNAIL, 56), (THUMBNAIL_LENGTH, 5)] {
            bytes.extend([short(tag), short(LONG)].concat());
            bytes.extend([long(1), long(value)].concat());
        }
        bytes.extend(long(0));
        bytes.extend(b"small");
        bytes
    }

    #[test]
    fn the_way_up_is_read_and_set_in_both_byte_orders() {
        for little_endian in [true, false] {
            let mut exif = Exif::of(&block(little_endian)).unwrap();
            assert_eq!(exif.orientation(), 6);
            exif.set_upright();
            assert_eq!(exif.orientation(), 1);
            assert_eq!(exif.bytes().len(), block(little_endian).len());
        }
        let jpeg = [JPEG_MARK, &block(true)].concat();
        assert_eq!(Exif::of(&jpeg).unwrap().orientation(), 6);
    }

    #[test]
    fn the_small_picture_goes_and_the_rest_stays() {
        for little_endian in [true, false] {
            let mut exif = Exif::of(&block(little_endian)).unwrap();
            exif.remove_thumbnail();
            assert_eq!(exif.orientation(), 6);
            assert!(!exif.bytes().windows(5).any(|bytes| bytes == b"small"));
            assert_eq!(
                exif.end_of(exif.first()).and_then(|at| exif.long(at)),
                Some(0)
            );
        }
    }

    #[test]
    fn what_is_cut_or_leads_nowhere_is_left_alone() {
        let whole = block(false);
        for length in 0..whole.len() {
            if let Some(mut exif) = Exif::of(&whole[..length]) {
                exif.set_upright();
                exif.remove_thumbnail();
                assert_eq!(exif.bytes().len(), length);
            }
        }
        let mut lost = whole;
        lost[4..8].fill(0xff);
        let mut exif = Exif::of(&lost).unwrap();
        exif.set_upright();
        exif.remove_thumbnail();
        assert_eq!((exif.orientation(), exif.bytes()), (1, &lost[..]));
        assert_eq!(Exif::of(b"nothing"), None);
    }
}
