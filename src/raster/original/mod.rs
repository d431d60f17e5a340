//! The file a picture came from, where it holds more than 8-bit sRGB can.
//!
//! Pictures are worked on as [`Pixels`](super::Pixels). Beside those goes the file they were read
//! from, as it was, and where it lies in the picture by now. When the picture is saved, the file is
//! read once more: wherever the picture still is what the file shows, the file's own samples are
//! written, to the bit and at their own depth; everything new is converted into the file's colour
//! profile. Profile, EXIF and the PNG chunks nobody here understands go along.
//!
//! What becomes of each thing:
//!
//! - 8 and 16 bits, gray, gray with alpha, RGB and RGBA stay what they are; a palette and depths
//!   below 8 expand to 8 bits. Floats become 16 bits, clipped to 0..1: PNG has nothing beyond. CMYK
//!   is the RGB its decoder makes of it, without the profile, which speaks of inks.
//! - A gray file that takes a colour becomes RGB: each of its samples three times. A gray profile
//!   may not stand in an RGB file; one of sRGB's primaries and the gray one's curve takes its place,
//!   in which the same samples mean the same grays. An opaque file that takes something transparent
//!   gets alpha.
//! - Samples lie upright, and the EXIF says so; the small picture in it, which would show what was
//!   there before, goes as soon as anything is new.
//! - Of other chunks those stay that their name calls safe to copy, and `tIME`; those that depend on
//!   the pixels, such as `bKGD`, `hIST` or an animation's, go as PNG demands once pixels change. A
//!   text of ours takes the place of one with the same keyword, and texts that tell how the file was
//!   made go with its pixels.
//! - A PNG to which nothing was done is written as it was, byte for byte.
//! - A picture of another size than its file, and not extended or cropped from it, keeps what the
//!   file says but not its samples, and is sRGB; so is one with a profile that leads from its colours
//!   to sRGB and not back.
//! - A profile that cannot be used at all still goes along, so that what is untouched means what it
//!   meant; new colours are then written as they are, and the log says so.

mod back;
mod chunks;
mod colors;
mod exif;
mod finest;
mod jpeg;
mod mixed;
mod rows;
mod samples;
mod saving;
mod source;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock, Weak};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(super) use back::timeless;
pub use finest::{Beside, Finest};
pub use rows::{Seen, see_png};
pub use samples::{Kind, Samples, Values};
pub(super) use saving::encode;
pub use source::Header;
pub(super) use source::Source;
pub use stream::PngStream;

/// Where the file's upper left pixel lies in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// In pixels of the picture; below 0 where the file's edge was cut off.
    At { x: i64, y: i64 },
    /// The picture is of another scale: nothing of the file lies in it.
    Nowhere,
}

/// The file a picture came from, as it was, and where it lies in the picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Original {
    file: Arc<Shared>,
    place: Place,
}

/// A file that goes from memory with the last picture that came from it.
#[derive(Clone, Debug)]
pub struct FaintOriginal(Weak<Shared>);

impl FaintOriginal {
    /// The file, lying somewhere in a picture; `None` once it is gone.
    pub fn at(&self, place: Place) -> Option<Original> {
        let file = self.0.upgrade()?;
        Some(Original { file, place })
    }

    pub fn is_in_memory(&self) -> bool {
        self.0.strong_count() > 0
    }
}

/// A file, once in memory for all pictures that came from it.
struct Shared {
    bytes: Vec<u8>,
    sha256: OnceLock<[u8; 32]>,
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Shared {}

impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Original({} bytes, {:?})", self.file().len(), self.place)
    }
}

impl Original {
    /// Wraps the bytes of a picture file. They are looked at when the picture is saved.
    pub fn new(bytes: Vec<u8>, place: Place) -> Self {
        let sha256 = OnceLock::new();
        let file = Arc::new(Shared { bytes, sha256 });
        Self { file, place }
    }

    /// The same file elsewhere in a picture.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        let file = Arc::clone(&self.file);
        Self { file, place }
    }

    /// The same file, without keeping it in memory.
    pub fn downgrade(&self) -> FaintOriginal {
        FaintOriginal(Arc::downgrade(&self.file))
    }

    /// Of a picture that is all the file shows.
    pub fn whole(file: Vec<u8>) -> Self {
        Self::new(file, Place::At { x: 0, y: 0 })
    }

    pub fn file(&self) -> &[u8] {
        &self.file.bytes
    }

    /// SHA-256 of the file, computed once for all pictures that came from it.
    pub fn sha256(&self) -> [u8; 32] {
        let made = || Sha256::digest(&self.file.bytes).into();
        *self.file.sha256.get_or_init(made)
    }

    /// Whether both are one file in memory.
    pub fn shares_file(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }

    pub const fn place(&self) -> Place {
        self.place
    }

    /// The channels of the file's samples, and whether they have 16 bits, as its header tells; `None`
    /// where nothing of the file lies in the picture, or its header does not tell.
    pub(super) fn samples(&self) -> Option<(Kind, bool)> {
        let Place::At { .. } = self.place else {
            return None;
        };
        let header = Header::read(self.file()).ok()?;
        Some((header.kind, header.sixteen))
    }

    /// Of a picture that has grown by so many pixels to the left and upward, or lost them.
    pub(super) fn moved(&self, left: i64, top: i64) -> Self {
        let place = match self.place {
            Place::At { x, y } => Place::At {
                x: x.saturating_add(left),
                y: y.saturating_add(top),
            },
            Place::Nowhere => Place::Nowhere,
        };
        self.at(place)
    }

    /// Of a picture of another scale.
    pub(super) fn displaced(&self) -> Self {
        self.at(Place::Nowhere)
    }
}
