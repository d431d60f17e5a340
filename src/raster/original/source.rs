//! A picture file, read: its samples, and what it says about them.

use std::io::Cursor;
use std::ops::Range;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use rayon::prelude::*;

use super::chunks::{Chunk, ancillary};
use super::colors::{Colors, Way};
use super::exif::Exif;
use super::jpeg::has_end;
use super::samples::{Kind, Samples, Values};
use crate::raster::avif::{self, Avif, is_avif};
use crate::raster::digest::of_extent;
use crate::raster::{CodecError, Extent, Pixels};

/// Largest buffer a picture may ask for while it is read.
const MAX_DECODED_BYTES: u64 = 2 << 30;
/// What a PNG may ask for beside its pixels and its own bytes: a small file can hold a profile that
/// inflates to as much as it is let.
const MOST_BESIDE_PIXELS: u64 = 64 << 20;
/// The most bytes of a pixel: four samples of 16 bits.
const WIDEST_PIXEL: u64 = 8;
/// Where a PNG tells its width and height (PNG, third edition, section 11.2.1).
const PNG_SIZE: Range<usize> = 16..24;
/// Where a profile tells what colours it is of (ICC.1:2022, table 17).
const COLOR_SPACE: Range<usize> = 16..20;

/// All that is used of a picture file.
pub(in crate::raster) struct Source<'a> {
    /// Upright.
    pub(super) samples: Samples,
    /// Of the colours of the samples.
    pub(super) profile: Option<Vec<u8>>,
    /// Of a file that is no PNG.
    pub(super) exif: Option<Exif>,
    /// The same.
    pub(super) xmp: Option<String>,
    /// Of a PNG.
    pub(super) chunks: Vec<Chunk<'a>>,
    pub(in crate::raster) is_png: bool,
    /// The samples lie otherwise in the file.
    pub(super) is_turned: bool,
}

fn unreadable(error: &dyn std::fmt::Display) -> CodecError {
    CodecError::Unreadable(error.to_string())
}

impl<'a> Source<'a> {
    /// Reads a file of any supported format; of an animation the first frame. What its header
    /// promises is looked at before memory is asked for.
    pub(in crate::raster) fn read(file: &'a [u8]) -> Result<Self, CodecError> {
        if is_avif(file) {
            return avif::read(file, MAX_DECODED_BYTES).map(Self::of_avif);
        }
        let Head {
            mut decoder,
            format,
            exif,
            profile,
            chunks,
            orientation,
        } = Head::read(file)?;
        let is_png = format == Some(ImageFormat::Png);
        let xmp = decoder.xmp_metadata().ok().flatten().filter(|_| !is_png);
        let mut image = DynamicImage::from_decoder(decoder).map_err(|error| unreadable(&error))?;
        image.apply_orientation(orientation);
        let source = Self {
            samples: Samples::of(image),
            profile,
            exif: exif.filter(|_| !is_png),
            xmp: xmp.and_then(|text| String::from_utf8(text).ok()),
            chunks,
            is_png,
            is_turned: orientation != Orientation::NoTransforms,
        };
        Ok(source.fitted())
    }

    fn of_avif(avif: Avif) -> Self {
        let source = Self {
            samples: Samples::of(avif.image),
            profile: avif.profile,
            exif: avif.exif.and_then(|block| Exif::of(&block)),
            xmp: avif.xmp.and_then(|text| String::from_utf8(text).ok()),
            chunks: Vec::new(),
            is_png: false,
            is_turned: avif.is_turned,
        };
        source.fitted()
    }

    /// What it says is true of its samples as they lie now.
    fn fitted(mut self) -> Self {
        self.be_upright();
        if !self.is_png {
            self.fit_profile();
        }
        self
    }

    /// What the file says fits the samples as they lie now.
    fn be_upright(&mut self) {
        if let Some(exif) = &mut self.exif {
            exif.set_upright();
        }
        if let Some(xmp) = self.xmp.as_mut().filter(|_| self.is_turned) {
            for turned in 2..=8 {
                *xmp = xmp
                    .replace(
                        &format!("tiff:Orientation=\"{turned}\""),
                        "tiff:Orientation=\"1\"",
                    )
                    .replace(
                        &format!("<tiff:Orientation>{turned}<"),
                        "<tiff:Orientation>1<",
                    );
            }
        }
    }

    /// A PNG may say what the samples of other files say only if it is of their colours.
    fn fit_profile(&mut self) {
        // Also by one we cannot use, the samples mean what they mean.
        match (space_of(self.profile.as_deref()), self.samples.kind.color) {
            (Some(b"RGB "), true) | (Some(b"GRAY"), false) => {}
            (Some(b"RGB "), false) => self.samples.take_colors(),
            _ => self.profile = None,
        }
    }

    /// SHA-256 of the picture as people see it: that of its [`Pixels`], which need not be in memory.
    pub(super) fn sha256(&self) -> Result<String, CodecError> {
        let colors = self.colors();
        let mut digest = of_extent(self.samples.extent);
        for y in 0..self.samples.extent.height {
            let row = colors.row(&self.samples, y);
            digest.add(&row.map_err(CodecError::Unreadable)?);
        }
        Ok(digest.text())
    }

    /// How its samples become sRGB.
    pub(super) fn colors(&self) -> Colors {
        Colors::of(&self.samples, self.profile.as_deref())
    }

    /// Whether the file holds more than a plain 8-bit PNG of its picture, with the texts before its
    /// pixels, could.
    pub(in crate::raster) fn holds_more(&self) -> bool {
        !self.samples.are_plain()
            || self.profile.is_some()
            || self.exif.is_some()
            || self.xmp.is_some()
            || self.is_turned && self.is_png
            || self
                .chunks
                .iter()
                .any(|chunk| chunk.is_late || chunk.keyword().is_none())
    }

    /// The picture as people see it: 8-bit sRGB.
    pub(in crate::raster) fn into_pixels(self) -> Result<Pixels, CodecError> {
        let colors = self.colors();
        let Samples {
            extent,
            kind,
            values,
        } = self.samples;
        let rgba = match values {
            Values::Eight(rgba) if kind.color && kind.alpha && matches!(colors.way, Way::Same) => {
                rgba
            }
            values => {
                let samples = Samples {
                    extent,
                    kind,
                    values,
                };
                let mut rgba = vec![0; extent.area() * 4];
                rgba.par_chunks_exact_mut(extent.width as usize * 4)
                    .enumerate()
                    .try_for_each(|(y, row)| {
                        row.copy_from_slice(&colors.row(&samples, y as u32)?);
                        Ok(())
                    })
                    .map_err(CodecError::Unreadable)?;
                rgba
            }
        };
        Pixels::from_rgba(extent, rgba)
            .ok_or_else(|| CodecError::Unreadable("its size does not fit its data".to_owned()))
    }
}

/// What stands before the samples of a file.
struct Head<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    format: Option<ImageFormat>,
    exif: Option<Exif>,
    profile: Option<Vec<u8>>,
    chunks: Vec<Chunk<'a>>,
    orientation: Orientation,
}

impl<'a> Head<'a> {
    fn read(file: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = ImageReader::new(Cursor::new(file))
            .with_guessed_format()
            .map_err(|error| unreadable(&error))?;
        let mut limits = image::Limits::default();
        let format = reader.format();
        limits.max_alloc = Some(match format {
            Some(ImageFormat::Png) => most_for_png(file),
            _ => MAX_DECODED_BYTES,
        });
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(|error| unreadable(&error))?;
        check_size(&decoder)?;
        if format == Some(ImageFormat::Jpeg) && !has_end(file) {
            return Err(CodecError::Unreadable(
                "the file ends before the picture does".to_owned(),
            ));
        }
        let chunks = ancillary(file);
        let exif = if format == Some(ImageFormat::Png) {
            // Also behind the pixels, where a decoder does not look before them.
            let chunk = chunks.iter().find(|chunk| &chunk.kind == b"eXIf");
            chunk.and_then(|chunk| Exif::of(chunk.data))
        } else {
            let block = decoder.exif_metadata().ok().flatten();
            block.and_then(|block| Exif::of(&block))
        };
        let orientation = match &exif {
            Some(exif) => Orientation::from_exif(exif.orientation()),
            None => decoder.orientation().ok(),
        };
        let profile = decoder.icc_profile().ok().flatten();
        Ok(Self {
            decoder: Box::new(decoder),
            format,
            exif,
            profile,
            chunks,
            orientation: orientation.unwrap_or(Orientation::NoTransforms),
        })
    }
}

/// What a file tells of its samples before they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Upright.
    pub extent: Extent,
    pub kind: Kind,
    pub sixteen: bool,
}

impl Header {
    /// Of a file of any supported format. AVIF tells it by its samples alone.
    pub fn read(file: &[u8]) -> Result<Self, CodecError> {
        if is_avif(file) {
            return Ok(Self::of(&Source::read(file)?.samples));
        }
        let head = Head::read(file)?;
        let color = head.decoder.color_type();
        let (width, height) = head.decoder.dimensions();
        let is_png = head.format == Some(ImageFormat::Png);
        let profile = head.profile.as_deref().filter(|_| !is_png);
        Ok(Self {
            extent: if turns_sides(head.orientation) {
                Extent::new(height, width)
            } else {
                Extent::new(width, height)
            },
            kind: Kind {
                // Those of a gray file with a profile of colours become colours.
                color: color.has_color() || space_of(profile) == Some(b"RGB "),
                alpha: color.has_alpha(),
            },
            sixteen: color.bytes_per_pixel() > color.channel_count(),
        })
    }

    fn of(samples: &Samples) -> Self {
        Self {
            extent: samples.extent,
            kind: samples.kind,
            sixteen: samples.is_sixteen(),
        }
    }
}

/// What colours a profile is of.
fn space_of(profile: Option<&[u8]>) -> Option<&[u8]> {
    profile?.get(COLOR_SPACE)
}

/// Whether width and height change places.
const fn turns_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// What the decoder of a PNG may ask for, by the size it tells.
fn most_for_png(file: &[u8]) -> u64 {
    let size = file.get(PNG_SIZE).map(<[u8]>::as_chunks);
    let Some(([width, height], [])) = size else {
        return MOST_BESIDE_PIXELS;
    };
    let [width, height] = [width, height].map(|side| u64::from(u32::from_be_bytes(*side)));
    width
        .saturating_mul(height)
        .saturating_mul(WIDEST_PIXEL)
        // Chunks are gathered in buffers of up to twice their size.
        .saturating_add(2 * file.len() as u64)
        .saturating_add(MOST_BESIDE_PIXELS)
        .min(MAX_DECODED_BYTES)
}

/// A header can promise what it likes.
fn check_size(decoder: &impl ImageDecoder) -> Result<(), CodecError> {
    let (width, height) = decoder.dimensions();
    let held = u64::from(width) * u64::from(height) * 4;
    if decoder.total_bytes().max(held) > MAX_DECODED_BYTES {
        return Err(CodecError::TooLarge { width, height });
    }
    if held == 0 {
        return Err(CodecError::Unreadable("it has no pixels".to_owned()));
    }
    Ok(())
}
