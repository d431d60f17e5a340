//! Picture files of every kind we read, to 8-bit sRGB.

use std::io::Cursor;

use super::original::Source;
use super::{CodecError, Pixels};

/// Bytes that all compressed texts of a file may take together: a deflated kilobyte can become a
/// megabyte.
const MOST_TEXT: usize = 16 << 20;

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
    let (texts, are_all) = if source.is_png {
        png_texts(file)
    } else {
        (Vec::new(), true)
    };
    Ok(Decoded {
        texts,
        holds_more: source.holds_more() || !are_all,
        pixels: source.into_pixels()?,
    })
}

/// The text chunks before the pixels, `tEXt`, `zTXt` and `iTXt`, and whether these are all: what is
/// damaged or larger than any text is left out.
fn png_texts(file: &[u8]) -> (Vec<(String, String)>, bool) {
    let Ok(reader) = png::Decoder::new(Cursor::new(file)).read_info() else {
        return (Vec::new(), false);
    };
    let mut room = MOST_TEXT;
    let mut are_all = true;
    let info = reader.info();
    let mut texts: Vec<(String, String)> = Vec::new();
    for chunk in &info.uncompressed_latin1_text {
        texts.push((chunk.keyword.clone(), chunk.text.clone()));
    }
    for chunk in &info.compressed_latin1_text {
        let mut chunk = chunk.clone();
        let text = chunk.decompress_text_with_limit(room);
        match text.and_then(|()| chunk.get_text()) {
            Ok(text) => {
                room = room.saturating_sub(text.len());
                texts.push((chunk.keyword, text));
            }
            Err(_) => are_all = false,
        }
    }
    for chunk in &info.utf8_text {
        let mut chunk = chunk.clone();
        let text = chunk.decompress_text_with_limit(room);
        match text.and_then(|()| chunk.get_text()) {
            Ok(text) => {
                if chunk.compressed {
                    room = room.saturating_sub(text.len());
                }
                texts.push((chunk.keyword, text));
            }
            Err(_) => are_all = false,
        }
    }
    if !are_all {
        log::warn!("a text of a PNG is damaged or too large, and not looked at");
    }
    (texts, are_all)
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
    fn a_text_that_swells_beyond_measure_is_not_looked_at_and_stays_in_the_file() {
        let write = |length: usize| {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, 1, 1);
            encoder.set_color(png::ColorType::Rgb);
            let long = "a".repeat(length);
            for keyword in ["one", "two"] {
                encoder
                    .add_ztxt_chunk(keyword.to_owned(), long.clone())
                    .unwrap();
            }
            encoder
                .add_text_chunk("plain".to_owned(), "short".to_owned())
                .unwrap();
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&[1, 2, 3]).unwrap();
            writer.finish().unwrap();
            let decoded = decode(&file).unwrap();
            let keys: Vec<_> = decoded.texts.into_iter().map(|(key, _)| key).collect();
            (keys.join(" "), decoded.holds_more)
        };
        assert_eq!(write(1000), ("plain one two".to_owned(), false));
        assert_eq!(write(10 << 20), ("plain one".to_owned(), true));
        assert_eq!(write(17 << 20), ("plain".to_owned(), true));
    }

    #[test]
    fn rubbish_is_refused_with_what_we_read() {
        let error = decode(b"nonsense").unwrap_err();
        assert!(error.to_string().contains("PNG, JPEG, WebP"), "{error}");
    }
}
