//! AVIF: one AV1 frame, or two with alpha, in a file of boxes (AV1 Image File Format 1.1, ISO/IEC
//! 14496-12 and 23008-12).
//!
//! Of a sequence its still picture is read. Pictures made of tiles (`grid`), and those of a transfer
//! function for bright displays (PQ, HLG), are refused by name. Without an ICC profile the numbers of
//! `nclx` tell the colours: the primaries of sRGB, Display P3 and BT.2020 with the curve of sRGB,
//! which that of BT.709 is taken for too, as browsers do. EXIF goes along, but it is the boxes that
//! say which way is up.

mod boxes;
mod frame;
mod item;
mod items;
mod planes;

use image::{DynamicImage, ImageBuffer};

use self::frame::Frame;
use self::item::{Item, Nclx, Turn};
use self::items::Items;
use self::planes::{Rgb, rgb};
use super::{CodecError, Extent};

/// A picture, and what its file says of it.
pub(super) struct Avif {
    /// Upright.
    pub(super) image: DynamicImage,
    pub(super) is_turned: bool,
    pub(super) profile: Option<Vec<u8>>,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
}

/// What a reader of a part of a file says against it.
type Refusal = &'static str;

const CUT: Refusal = "the file ends before the picture does";

/// Whether a file says that it is one.
pub(super) fn is_avif(file: &[u8]) -> bool {
    boxes::brands(file).any(|brand| [b"avif", b"avis"].contains(&&brand))
}

/// Reads a file whose picture takes no more than `most_bytes` in memory, at four samples a pixel.
pub(super) fn read(file: &[u8], most_bytes: u64) -> Result<Avif, CodecError> {
    let unreadable = |reason: Refusal| CodecError::Unreadable(reason.to_owned());
    let items = Items::read(file).map_err(unreadable)?;
    let picture = items.primary().map_err(unreadable)?;
    let size = picture.size().ok_or("it does not say its size");
    let size = size.map_err(unreadable)?;
    let (width, height) = (size.width, size.height);
    let sample = if picture.is_deep() { 2 } else { 1 };
    // Before anything of that size is asked for.
    if u64::from(width) * u64::from(height) * 4 * sample > most_bytes {
        return Err(CodecError::TooLarge { width, height });
    }
    let image = decode(&items, picture, size).map_err(unreadable)?;
    let (image, is_turned) = turned(image, picture);
    let profile = match picture.profile() {
        Some(profile) => Some(profile.to_vec()),
        None => picture
            .nclx()
            .map_or(Ok(None), Nclx::profile)
            .map_err(unreadable)?,
    };
    let exif = items.described_by(picture.id, |item| &item.kind == b"Exif");
    let xmp = items.described_by(picture.id, |item| item.is_xmp);
    Ok(Avif {
        image,
        is_turned,
        profile,
        exif: exif.and_then(|item| without_offset(&items.data(item)?)),
        xmp: xmp.and_then(|item| items.data(item)),
    })
}

/// An EXIF item begins with the offset of the block within the rest.
fn without_offset(item: &[u8]) -> Option<Vec<u8>> {
    let (offset, rest) = item.split_first_chunk()?;
    let offset = usize::try_from(u32::from_be_bytes(*offset)).ok()?;
    rest.get(offset..).map(<[u8]>::to_vec)
}

fn decode(items: &Items<'_>, picture: &Item<'_>, size: Extent) -> Result<DynamicImage, Refusal> {
    let data = items.data(picture).ok_or(CUT)?;
    let colors = Frame::decode(data, size)?;
    let alpha = match items.alpha_of(picture.id) {
        Some(alpha) => Some(Frame::decode(items.data(alpha).ok_or(CUT)?, size)?),
        None => None,
    };
    let is_premultiplied = items.is_premultiplied(picture.id);
    let rgb = rgb(&colors, alpha.as_ref(), picture.nclx(), is_premultiplied)?;
    image_of(rgb, size).ok_or("its size does not fit its data")
}

fn image_of(rgb: Rgb, Extent { width, height }: Extent) -> Option<DynamicImage> {
    Some(match rgb {
        Rgb::Eight(samples, 1) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma8)?
        }
        Rgb::Eight(samples, 2) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8)?
        }
        Rgb::Eight(samples, 3) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8)?
        }
        Rgb::Eight(samples, _) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8)?
        }
        Rgb::Sixteen(samples, 1) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma16)?
        }
        Rgb::Sixteen(samples, 2) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA16)?
        }
        Rgb::Sixteen(samples, 3) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb16)?
        }
        Rgb::Sixteen(samples, _) => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba16)?
        }
    })
}

/// Upright, and whether it was not.
fn turned(mut image: DynamicImage, picture: &Item<'_>) -> (DynamicImage, bool) {
    let mut is_turned = false;
    for turn in picture.turns() {
        image = match turn {
            Turn::Left(1) => image.rotate270(),
            Turn::Left(2) => image.rotate180(),
            Turn::Left(3) => image.rotate90(),
            Turn::Left(_) => continue,
            Turn::TopToBottom => image.flipv(),
            Turn::LeftToRight => image.fliph(),
        };
        is_turned = true;
    }
    (image, is_turned)
}
