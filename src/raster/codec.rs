//! Files in and out: PNG with text chunks; JPEG and WebP for reading.

use std::borrow::Cow;
use std::io::Cursor;

use image::ImageReader;
use thiserror::Error;

use super::{Extent, Pixels};

/// Why a picture could not be read or written.
#[derive(Debug, Error)]
pub enum CodecError {
    #[error("this is not a picture we can read (PNG, JPEG or WebP): {0}")]
    Unreadable(String),
    #[error("the picture could not be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}

/// A picture as read, with the text it carries.
#[derive(Debug)]
pub struct Decoded {
    pub pixels: Pixels,
    /// Keyword and text of every PNG text chunk, in file order.
    pub texts: Vec<(String, String)>,
}

/// Largest buffer a picture may ask for while it is read.
const MAX_DECODED_BYTES: u64 = 2 << 30;

/// Encodes a PNG: RGB where every pixel is opaque, else RGBA. Texts that are Latin-1 become `tEXt`
/// chunks, others `iTXt`, all before the pixels so that a reader finds them at once.
pub fn encode_png(pixels: &Pixels, texts: &[(&str, &str)]) -> Result<Vec<u8>, CodecError> {
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
    for (keyword, text) in texts {
        // tEXt holds Latin-1; a NUL would end it early.
        if text.chars().all(|c| c != '\0' && u32::from(c) < 256) {
            encoder.add_text_chunk((*keyword).to_owned(), (*text).to_owned())?;
        } else {
            encoder.add_itxt_chunk((*keyword).to_owned(), text.replace('\0', ""))?;
        }
    }
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

/// Decodes a picture of any supported format to 8-bit RGBA.
pub fn decode(file: &[u8]) -> Result<Decoded, CodecError> {
    let unreadable = |error: &dyn std::fmt::Display| CodecError::Unreadable(error.to_string());
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|error| unreadable(&error))?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let is_png = reader.format() == Some(image::ImageFormat::Png);
    let rgba = reader
        .decode()
        .map_err(|error| unreadable(&error))?
        .into_rgba8();
    let extent = Extent::new(rgba.width(), rgba.height());
    let pixels = Pixels::from_rgba(extent, rgba.into_raw())
        .ok_or_else(|| CodecError::Unreadable("its size does not fit its data".to_owned()))?;
    let texts = if is_png { png_texts(file) } else { Vec::new() };
    Ok(Decoded { pixels, texts })
}

/// Every text chunk before the pixels: `tEXt`, `zTXt` and `iTXt`.
fn png_texts(file: &[u8]) -> Vec<(String, String)> {
    let Ok(reader) = png::Decoder::new(Cursor::new(file)).read_info() else {
        return Vec::new();
    };
    let info = reader.info();
    let mut texts: Vec<(String, String)> = Vec::new();
    for chunk in &info.uncompressed_latin1_text {
        texts.push((chunk.keyword.clone(), chunk.text.clone()));
    }
    for chunk in &info.compressed_latin1_text {
        if let Ok(text) = chunk.get_text() {
            texts.push((chunk.keyword.clone(), text));
        }
    }
    for chunk in &info.utf8_text {
        if let Ok(text) = chunk.get_text() {
            texts.push((chunk.keyword.clone(), text));
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker(alpha: u8) -> Pixels {
        let rgba = (0..6u8).flat_map(|i| [i * 40, 255 - i, i, alpha]).collect();
        Pixels::from_rgba(Extent::new(3, 2), rgba).unwrap()
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

    #[test]
    fn rubbish_is_refused_with_a_reason() {
        let error = decode(b"GIF87a nonsense").unwrap_err();
        assert!(error.to_string().contains("PNG, JPEG or WebP"), "{error}");
    }
}
