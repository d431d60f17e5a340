//! Pictures to PNG files, with text chunks.

use std::borrow::Cow;
use std::io::Write;

use thiserror::Error;

use super::{Pixels, Touch, original};
use crate::recipe::Finish;

/// The keyword of the text that tells other tools how the pixels were made.
pub const PARAMETERS: &str = "parameters";
/// That of our full recipe, as JSON.
pub const RECIPE: &str = "afterimage";

/// Why a picture could not be read or written.
#[derive(Debug, Error)]
pub enum CodecError {
    #[error("this is not a picture we can read (PNG, JPEG, WebP, AVIF, TIFF, BMP or GIF): {0}")]
    Unreadable(String),
    #[error("its {width}x{height} pixels are more than we hold in memory; scale it down first")]
    TooLarge { width: u32, height: u32 },
    #[error("the picture could not be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}

/// Encodes a PNG. A picture that came from a file which holds more than 8-bit sRGB keeps all of that,
/// as [`Original`](super::Original) tells; any other is 8-bit sRGB, RGB where every pixel is opaque,
/// else RGBA, and so is one whose file cannot be read again, which is told in the log. Texts that are Latin-1 become `tEXt` chunks, others `iTXt`, all before the pixels so
/// that a reader finds them at once.
pub fn encode_png(pixels: &Pixels, texts: &[(&str, &str)]) -> Result<Vec<u8>, CodecError> {
    if let Some(original) = pixels.original() {
        match original::encode(pixels, original, texts, None) {
            Ok(file) => return Ok(file),
            // What people made must not be lost with what it was made from.
            Err(error) => log::warn!("a picture is saved without what its file held: {error}"),
        }
    }
    let mut file = Vec::new();
    let extent = pixels.extent();
    let mut encoder = png::Encoder::new(&mut file, extent.width, extent.height);
    let opaque = pixels.is_opaque();
    encoder.set_color(if opaque {
        png::ColorType::Rgb
    } else {
        png::ColorType::Rgba
    });
    encoder.set_depth(png::BitDepth::Eight);
    add_texts(&mut encoder, texts)?;
    let mut writer = encoder.write_header()?;
    let data = if opaque {
        Cow::Owned(pixels.rgb())
    } else {
        Cow::Borrowed(pixels.rgba())
    };
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(file)
}

/// Encodes a PNG of the picture with a last touch: computed in 32-bit floats from what its file has,
/// and written with 16 bits where that has 16.
pub fn encode_finished_png(
    pixels: &Pixels,
    finish: &Finish,
    texts: &[(&str, &str)],
) -> Result<Vec<u8>, CodecError> {
    let (_, sixteen) = pixels.samples();
    if let Some(original) = pixels.original().filter(|_| sixteen && !finish.is_off()) {
        let touch = Touch::new(finish);
        match original::encode(pixels, original, texts, Some(&touch)) {
            Ok(file) => return Ok(file),
            Err(error) => log::warn!("a picture is finished without what its file held: {error}"),
        }
    }
    encode_png(&pixels.finished(finish), texts)
}

/// Has texts written before the pixels.
pub(super) fn add_texts<W: Write>(
    encoder: &mut png::Encoder<'_, W>,
    texts: &[(&str, &str)],
) -> Result<(), png::EncodingError> {
    for (keyword, text) in texts {
        // tEXt holds Latin-1; a NUL would end it early.
        if text.chars().all(|c| c != '\0' && u32::from(c) < 256) {
            encoder.add_text_chunk((*keyword).to_owned(), (*text).to_owned())?;
        } else {
            encoder.add_itxt_chunk((*keyword).to_owned(), text.replace('\0', ""))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Extent, Original, decode};
    use super::*;

    fn checker(alpha: u8) -> Pixels {
        let rgba = (0..6u8).flat_map(|i| [i * 40, 255 - i, i, alpha]).collect();
        Pixels::from_rgba(Extent::new(3, 2), rgba).unwrap()
    }

    #[test]
    fn a_picture_whose_file_cannot_be_read_again_is_saved_all_the_same() {
        let texts = [("Title", "kept")];
        let plain = encode_png(&checker(255), &texts).unwrap();
        let lost = Some(Original::whole(b"no picture".to_vec()));
        let saved = encode_png(&checker(255).with_original(lost), &texts).unwrap();
        assert!(saved == plain);
    }

    #[test]
    fn a_png_keeps_its_pixels_and_its_texts() {
        let texts = [
            ("parameters", "a café, Steps: 1"),
            ("afterimage", "{\"prompt\":\"一只猫\"}"),
        ];
        for alpha in [255, 100] {
            let file = encode_png(&checker(alpha), &texts).unwrap();
            let decoded = decode(&file).unwrap();
            assert_eq!(decoded.pixels, checker(alpha));
            let read: Vec<_> = decoded
                .texts
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            assert_eq!(read, texts);
        }
    }
}
