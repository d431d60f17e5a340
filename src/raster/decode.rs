//! Picture files of every kind we read, to 8-bit sRGB.

use std::io::Cursor;

use super::original::Source;
use super::{CodecError, Pixels};

/// Extensions of the files we read.
pub const READABLE: [&str; 9] = [
    "png", "jpg", "jpeg", "webp", "avif", "tif", "tiff", "bmp", "gif",
];

/// A picture as read, with the text it carries.
#[derive(Debug)]
pub struct Decoded {
    /// Without their file.
    pub pixels: Pixels,
    /// Keyword and text of every PNG text chunk before the pixels, by kind of chunk.
    pub texts: Vec<(String, String)>,
    /// Whether the file holds more than these pixels and texts, such as finer samples, a colour
    /// profile or EXIF.
    pub holds_more: bool,
}

/// Decodes a picture of any supported format: upright as its EXIF says, through its ICC profile to
/// sRGB, to 8 bits with straight alpha. Of an animation the first frame.
pub fn decode(file: &[u8]) -> Result<Decoded, CodecError> {
    let source = Source::read(file)?;
    Ok(Decoded {
        texts: if source.is_png {
            png_texts(file)
        } else {
            Vec::new()
        },
        holds_more: source.holds_more(),
        pixels: source.into_pixels()?,
    })
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
    use moxcms::ColorProfile;

    use super::*;

    /// A PNG of one colour that says it is of the given profile.
    fn tagged(color: [u8; 3], profile: &ColorProfile) -> Vec<u8> {
        let mut info = png::Info::with_size(1, 1);
        info.color_type = png::ColorType::Rgb;
        info.icc_profile = Some(profile.encode().unwrap().into());
        let mut file = Vec::new();
        let encoder = png::Encoder::with_info(&mut file, info).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&color).unwrap();
        writer.finish().unwrap();
        file
    }

    fn color(file: &[u8]) -> [u8; 3] {
        let rgb = decode(file).unwrap().pixels.rgb();
        [rgb[0], rgb[1], rgb[2]]
    }

    #[test]
    fn colors_go_through_the_profile_to_srgb() {
        // By the matrices of both spaces: 214.9, 92.6, 31.0.
        let file = tagged([200, 100, 50], &ColorProfile::new_display_p3());
        let [r, g, b] = color(&file);
        assert!(
            r.abs_diff(215) <= 1 && g.abs_diff(93) <= 1 && b.abs_diff(31) <= 1,
            "{r} {g} {b}"
        );
    }

    #[test]
    fn an_srgb_profile_changes_no_bit() {
        for value in [0, 1, 77, 128, 254] {
            let file = tagged([value, 255 - value, 3], &ColorProfile::new_srgb());
            assert_eq!(color(&file), [value, 255 - value, 3]);
        }
    }

    #[test]
    fn a_header_that_promises_too_much_is_refused_by_its_size() {
        let mut file = Vec::new();
        let encoder = png::Encoder::new(&mut file, 60_000, 60_000);
        let mut writer = encoder.write_header().unwrap();
        writer.write_chunk(png::chunk::IDAT, &[]).unwrap();
        drop(writer);
        let error = decode(&file).unwrap_err().to_string();
        assert!(error.contains("60000x60000"), "{error}");
    }

    #[test]
    fn rubbish_is_refused_with_what_we_read() {
        let error = decode(b"nonsense").unwrap_err();
        assert!(error.to_string().contains("PNG, JPEG, WebP"), "{error}");
    }
}
