//! Files of every kind, painted into, saved, and read again by png alone.

mod finishing;
mod painting;
mod places;

use moxcms::ColorProfile;
use png::chunk::ChunkType;
use png::{BitDepth, ColorType};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::Original;
use crate::raster::{Pixels, decode};

/// A kind of PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    color: ColorType,
    depth: BitDepth,
}

const fn format(color: ColorType, depth: BitDepth) -> Format {
    Format { color, depth }
}

const FORMATS: [Format; 9] = [
    format(ColorType::Grayscale, BitDepth::Eight),
    format(ColorType::Grayscale, BitDepth::Sixteen),
    format(ColorType::GrayscaleAlpha, BitDepth::Eight),
    format(ColorType::GrayscaleAlpha, BitDepth::Sixteen),
    format(ColorType::Rgb, BitDepth::Eight),
    format(ColorType::Rgb, BitDepth::Sixteen),
    format(ColorType::Rgba, BitDepth::Eight),
    format(ColorType::Rgba, BitDepth::Sixteen),
    format(ColorType::Indexed, BitDepth::Eight),
];

const PALETTE: usize = 7;

/// Nobody knows it; it may be copied. It stands behind the pixels, another before.
const PRIVATE: ChunkType = ChunkType(*b"prVt");
/// Nobody knows it; it depends on the pixels.
const DEPENDENT: ChunkType = ChunkType(*b"prVT");

/// Says that nothing is to be turned, but by a tag that is.
fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, value: u32| {
        let mut bytes = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        bytes.extend([1u32.to_le_bytes(), value.to_le_bytes()].concat());
        bytes
    };
    let mut bytes = b"II*\0\x08\0\0\0\x02\0".to_vec();
    bytes.extend(entry(0x0112, 3, orientation.into()));
    bytes.extend(entry(0x8298, 4, 4711));
    bytes.extend([0; 4]);
    bytes
}

fn dice(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn bytes(dice: &mut ChaCha8Rng, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    dice.fill_bytes(&mut bytes);
    bytes
}

fn up_to(dice: &mut ChaCha8Rng, most: u32) -> u32 {
    dice.next_u32() % (most + 1)
}

/// A file with samples at random, with a profile and chunks around the pixels.
fn file(
    dice: &mut ChaCha8Rng,
    format: Format,
    size: (u32, u32),
    profile: Option<&[u8]>,
) -> Vec<u8> {
    let mut info = png::Info::with_size(size.0, size.1);
    info.color_type = format.color;
    info.bit_depth = format.depth;
    info.icc_profile = profile.map(Into::into);
    let samples = (size.0 * size.1) as usize * format.color.samples();
    let mut data = bytes(
        dice,
        samples
            * if format.depth == BitDepth::Sixteen {
                2
            } else {
                1
            },
    );
    if format.color == ColorType::Indexed {
        info.palette = Some(bytes(dice, PALETTE * 3).into());
        for index in &mut data {
            *index %= PALETTE as u8;
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::with_info(&mut file, info).unwrap();
    encoder
        .add_text_chunk("Author".to_owned(), "who".to_owned())
        .unwrap();
    let mut writer = encoder.write_header().unwrap();
    let early: [(ChunkType, &[u8]); 5] = [
        (png::chunk::eXIf, &exif(1)),
        (png::chunk::pHYs, &[0, 0, 1, 0, 0, 0, 2, 0, 1]),
        (png::chunk::tIME, &[7, 230, 11, 22, 1, 2, 3]),
        (PRIVATE, b"early"),
        (DEPENDENT, b"gone"),
    ];
    for (kind, data) in early {
        writer.write_chunk(kind, data).unwrap();
    }
    writer.write_image_data(&data).unwrap();
    writer.write_chunk(PRIVATE, b"late").unwrap();
    writer.finish().unwrap();
    file
}

/// What a file holds, palettes expanded; without any code of ours.
#[derive(Debug)]
struct Raw {
    color: ColorType,
    sixteen: bool,
    /// Samples of each pixel.
    pixels: Vec<Vec<u16>>,
    profile: Option<Vec<u8>>,
    exif: Option<Vec<u8>>,
}

fn raw(file: &[u8]) -> Raw {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let (color, depth) = reader.output_color_type();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    let sixteen = depth == BitDepth::Sixteen;
    let samples: Vec<u16> = if sixteen {
        let pairs = data.as_chunks().0.iter();
        pairs.map(|&pair| u16::from_be_bytes(pair)).collect()
    } else {
        data.iter().map(|&value| value.into()).collect()
    };
    let info = reader.info();
    Raw {
        color,
        sixteen,
        pixels: samples.chunks(color.samples()).map(<[_]>::to_vec).collect(),
        profile: info.icc_profile.as_deref().map(<[_]>::to_vec),
        exif: info.exif_metadata.as_deref().map(<[_]>::to_vec),
    }
}

impl Raw {
    fn has_color(&self) -> bool {
        matches!(self.color, ColorType::Rgb | ColorType::Rgba)
    }

    fn has_alpha(&self) -> bool {
        matches!(self.color, ColorType::GrayscaleAlpha | ColorType::Rgba)
    }

    /// A pixel as it stands in a file that may have colours and alpha where this has none.
    fn pixel_in(&self, at: usize, other: &Self) -> Vec<u16> {
        let own = &self.pixels[at];
        let colors = if self.has_color() { 3 } else { 1 };
        let mut pixel = own[..colors].to_vec();
        if other.has_color() && !self.has_color() {
            pixel = vec![own[0]; 3];
        }
        if other.has_alpha() {
            let most = if self.sixteen { u16::MAX } else { 255 };
            pixel.push(own.get(colors).copied().unwrap_or(most));
        }
        pixel
    }
}

/// Whether a file has a chunk of a kind with this content.
fn has(file: &[u8], kind: ChunkType, data: &[u8]) -> bool {
    let wanted = [&(data.len() as u32).to_be_bytes()[..], &kind.0, data].concat();
    file.windows(wanted.len()).any(|found| found == wanted)
}

/// The picture of a file, with the file.
fn opened(file: &[u8]) -> Pixels {
    let original = Original::whole(file.to_vec());
    decode(file).unwrap().pixels.with_original(Some(original))
}

fn icc(profile: &ColorProfile) -> Vec<u8> {
    profile.encode().unwrap()
}
