//! Picture files of every kind we read, to 8-bit sRGB.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{CodecError, Extent, Pixels};

/// Extensions of the files we read.
pub const READABLE: [&str; 8] = ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif"];

/// A picture as read, with the text it carries.
#[derive(Debug)]
pub struct Decoded {
    pub pixels: Pixels,
    /// Keyword and text of every PNG text chunk before the pixels, by kind of chunk.
    pub texts: Vec<(String, String)>,
}

/// Largest buffer a picture may ask for while it is read.
const MAX_DECODED_BYTES: u64 = 2 << 30;

fn unreadable(error: &dyn std::fmt::Display) -> CodecError {
    CodecError::Unreadable(error.to_string())
}

/// Decodes a picture of any supported format: upright as its EXIF says, through its ICC profile to
/// sRGB, to 8 bits with straight alpha. Of an animation the first frame.
pub fn decode(file: &[u8]) -> Result<Decoded, CodecError> {
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|error| unreadable(&error))?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let is_png = reader.format() == Some(image::ImageFormat::Png);
    let mut decoder = reader.into_decoder().map_err(|error| unreadable(&error))?;
    let (width, height) = decoder.dimensions();
    // Before anything of that size is asked for: a header can promise what it likes.
    let held = u64::from(width) * u64::from(height) * 4;
    if decoder.total_bytes().max(held) > MAX_DECODED_BYTES {
        return Err(CodecError::TooLarge { width, height });
    }
    if held == 0 {
        return Err(CodecError::Unreadable("it has no pixels".to_owned()));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| unreadable(&error))?;
    image.apply_orientation(orientation);
    let mut rgba = image.into_rgba8();
    if let Some(profile) = profile
        && let Err(reason) = to_srgb(&mut rgba, &profile)
    {
        log::warn!("a picture's colour profile is not looked at: {reason}");
    }
    let extent = Extent::new(rgba.width(), rgba.height());
    let pixels = Pixels::from_rgba(extent, rgba.into_raw())
        .ok_or_else(|| CodecError::Unreadable("its size does not fit its data".to_owned()))?;
    let texts = if is_png { png_texts(file) } else { Vec::new() };
    Ok(Decoded { pixels, texts })
}

/// Converts through an ICC profile; a profile that is sRGB itself changes no bit.
fn to_srgb(image: &mut RgbaImage, profile: &[u8]) -> Result<(), String> {
    let tell = |error: moxcms::CmsError| error.to_string();
    let profile = ColorProfile::new_from_slice(profile).map_err(tell)?;
    let layout = match profile.color_space {
        DataColorSpace::Rgb => Layout::Rgba,
        DataColorSpace::Gray => Layout::GrayAlpha,
        // Such a picture has been made RGB by its decoder already.
        other => return Err(format!("it is one of {other:?}")),
    };
    let transform = profile
        .create_transform_8bit(
            layout,
            &ColorProfile::new_srgb(),
            Layout::Rgba,
            TransformOptions::default(),
        )
        .map_err(tell)?;
    let convert = |rgba: &[u8]| -> Result<Vec<u8>, String> {
        let mut converted = vec![0; rgba.len()];
        let gray: Vec<u8>;
        let source = if layout == Layout::Rgba {
            rgba
        } else {
            let pixels = rgba.as_chunks::<4>().0.iter();
            gray = pixels
                .flat_map(|&[value, _, _, alpha]| [value, alpha])
                .collect();
            &gray
        };
        transform.transform(source, &mut converted).map_err(tell)?;
        Ok(converted)
    };
    let probe = probe(layout);
    let moved = convert(&probe)?;
    if probe.iter().zip(&moved).all(|(a, b)| a.abs_diff(*b) <= 1) {
        return Ok(());
    }
    let converted = convert(image)?;
    image.copy_from_slice(&converted);
    Ok(())
}

/// Colours that show what a profile does: grays, and for a profile of colours a grid of them.
fn probe(layout: Layout) -> Vec<u8> {
    const STEP: usize = 51;
    let levels = || (0..=255u8).step_by(STEP);
    if layout == Layout::Rgba {
        levels()
            .flat_map(|r| levels().flat_map(move |g| levels().map(move |b| [r, g, b, 255])))
            .flatten()
            .collect()
    } else {
        levels()
            .flat_map(|value| [value, value, value, 255])
            .collect()
    }
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
