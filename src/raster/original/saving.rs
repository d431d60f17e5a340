//! A picture into a PNG file, with everything its original can give.

use std::borrow::Cow;

use png::chunk::{self, ChunkType};
use png::{BitDepth, ColorType};

use super::chunks::Chunk;
use super::exif::Exif;
use super::mixed::{Mix, Mixed, Space};
use super::samples::Kind;
use super::source::Source;
use super::{Original, Place};
use crate::raster::codec::{PARAMETERS, RECIPE, add_texts};
use crate::raster::{CodecError, Pixels, Touch};

/// The keyword under which a PNG has XMP.
const XMP: &str = "XML:com.adobe.xmp";

/// Encodes `pixels` as the parent module tells; `texts` are keywords and texts of ours. A last touch is
/// given as finely as the file tells its pixels, to a file of 16 bits.
pub(in crate::raster) fn encode(
    pixels: &Pixels,
    original: &Original,
    texts: &[(&str, &str)],
    touch: Option<&Touch>,
) -> Result<Vec<u8>, CodecError> {
    let source = Source::read(original.file())?;
    let colors = source.colors();
    let mix = match original.place() {
        Place::At { x, y } => Some(Mix::of(pixels, (&source.samples, &colors), (x, y))?),
        Place::Nowhere => None,
    };
    let is_same = touch.is_none() && mix.as_ref().is_some_and(Mix::is_untouched);
    let is_untouched = is_same && !source.is_turned;
    if is_untouched && source.is_png && texts.is_empty() {
        return Ok(original.file().to_vec());
    }
    let mixed = match (&mix, touch) {
        (Some(mix), None) => mix.mixed()?,
        (Some(mix), Some(touch)) => mix.touched(touch)?,
        (None, _) => None,
    };
    let mixed = mixed.unwrap_or_else(|| match touch {
        Some(touch) => Mixed::plain(&pixels.touched(touch, [0, 0])),
        None => Mixed::plain(pixels),
    });
    if !is_same && colors.is_unusable && mixed.space == Space::Own {
        log::warn!("new colours are written as they are, beside a profile that cannot be used");
    }
    // How something was made is no longer told by what tells how its file was.
    let untrue: &[&str] = if is_same { &[] } else { &[PARAMETERS, RECIPE] };
    let replaced: Vec<&str> = texts.iter().map(|(keyword, _)| *keyword).collect();
    let mut metadata = Metadata::of(&source, &mixed.space, &[untrue, &replaced].concat());
    if !is_untouched {
        metadata.remove_thumbnails();
    }
    write(pixels, &mixed, texts, &metadata)
}

/// What goes from file to file beside the pixels.
#[derive(Debug, Default)]
pub(super) struct Metadata<'a> {
    /// Not one that a chunk holds already.
    pub(super) profile: Option<&'a [u8]>,
    pub(super) early: Vec<Kept<'a>>,
    pub(super) late: Vec<Kept<'a>>,
}

/// A chunk to be written.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: Cow<'a, [u8]>,
}

impl<'a> Metadata<'a> {
    /// Without the texts of some keywords.
    pub(super) fn of(source: &'a Source<'a>, space: &'a Space, without: &[&str]) -> Self {
        let is_kept = |chunk: &&Chunk<'_>| {
            if chunk.is_color() {
                return *space == Space::Own;
            }
            let is_left_out = chunk
                .keyword()
                .is_some_and(|own| without.iter().any(|keyword| keyword.as_bytes() == own));
            chunk.is_safe_to_copy() && !is_left_out
        };
        let (late, mut early): (Vec<_>, Vec<_>) = source
            .chunks
            .iter()
            .filter(is_kept)
            .partition(|chunk| chunk.is_late);
        let kept = |chunks: Vec<&Chunk<'a>>| chunks.into_iter().map(Kept::of).collect();
        let mut early: Vec<_> = kept(std::mem::take(&mut early));
        if let Some(exif) = &source.exif {
            early.push(Kept {
                kind: chunk::eXIf.0,
                data: Cow::Borrowed(exif.bytes()),
            });
        }
        if let Some(xmp) = &source.xmp {
            early.push(Kept {
                kind: chunk::iTXt.0,
                data: Cow::Owned([XMP.as_bytes(), &[0; 5], xmp.as_bytes()].concat()),
            });
        }
        Self {
            profile: match space {
                Space::Own => source.profile.as_deref().filter(|_| !source.is_png),
                Space::New(profile) => Some(profile),
                Space::Srgb => None,
            },
            early,
            late: kept(late),
        }
    }

    /// No small picture shows what was there before.
    pub(super) fn remove_thumbnails(&mut self) {
        for kept in self.early.iter_mut().chain(&mut self.late) {
            if kept.kind == chunk::eXIf.0
                && let Some(mut exif) = Exif::of(&kept.data)
            {
                exif.remove_thumbnail();
                kept.data = Cow::Owned(exif.bytes().to_vec());
            }
        }
    }
}

impl<'a> Kept<'a> {
    /// A chunk as it is, but that the pixels lie upright by now.
    fn of(chunk: &Chunk<'a>) -> Self {
        let exif = Exif::of(chunk.data).filter(|_| chunk.kind == chunk::eXIf.0);
        Self {
            kind: chunk.kind,
            data: match exif {
                Some(mut exif) => {
                    exif.set_upright();
                    Cow::Owned(exif.bytes().to_vec())
                }
                None => Cow::Borrowed(chunk.data),
            },
        }
    }
}

fn write(
    pixels: &Pixels,
    mixed: &Mixed,
    texts: &[(&str, &str)],
    metadata: &Metadata<'_>,
) -> Result<Vec<u8>, CodecError> {
    let mut file = Vec::new();
    let mut info = png::Info::with_size(pixels.extent().width, pixels.extent().height);
    info.color_type = color_type(mixed.kind);
    info.bit_depth = if mixed.sixteen {
        BitDepth::Sixteen
    } else {
        BitDepth::Eight
    };
    info.icc_profile = metadata.profile.map(Cow::Borrowed);
    let mut encoder = png::Encoder::with_info(&mut file, info)?;
    add_texts(&mut encoder, texts)?;
    let mut writer = encoder.write_header()?;
    for Kept { kind, data } in &metadata.early {
        writer.write_chunk(ChunkType(*kind), data)?;
    }
    writer.write_image_data(&mixed.bytes)?;
    for Kept { kind, data } in &metadata.late {
        writer.write_chunk(ChunkType(*kind), data)?;
    }
    writer.finish()?;
    Ok(file)
}

pub(super) const fn color_type(kind: Kind) -> ColorType {
    match (kind.color, kind.alpha) {
        (false, false) => ColorType::Grayscale,
        (false, true) => ColorType::GrayscaleAlpha,
        (true, false) => ColorType::Rgb,
        (true, true) => ColorType::Rgba,
    }
}
