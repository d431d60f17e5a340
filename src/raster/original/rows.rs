//! A PNG that is read row by row, as people see it, whole or smaller: no more of it is in memory than
//! what comes of it and a few rows.

use std::io::{BufRead, Seek};

use png::{BitDepth, ColorType, Transformations};

use super::colors::Colors;
use super::samples::{Kind, Samples, Values};
use crate::raster::{CodecError, Extent, Pixels};

/// The pixels of a file that is too large to be read at once.
#[derive(Debug)]
pub struct Seen {
    pub pixels: Pixels,
    /// The file holds what they do not: more of them, finer ones, other colours.
    pub is_less: bool,
}

fn unreadable(error: &dyn std::fmt::Display) -> CodecError {
    CodecError::Unreadable(error.to_string())
}

/// Reads a PNG whose rows follow each other, at 1/2^`level` of its size: each pixel the mean of those
/// it stands for.
pub fn see_png(file: impl BufRead + Seek, level: u32) -> Result<Seen, CodecError> {
    let mut decoder = png::Decoder::new(file);
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(|error| unreadable(&error))?;
    let info = reader.info();
    if info.interlaced {
        return Err(CodecError::Unreadable("its rows are mixed".to_owned()));
    }
    let extent = Extent::new(info.width, info.height);
    let profile = info.icc_profile.as_deref().map(<[u8]>::to_vec);
    let has_exif = info.exif_metadata.is_some();
    let (color, depth) = reader.output_color_type();
    let kind = Kind {
        color: matches!(color, ColorType::Rgb | ColorType::Rgba),
        alpha: matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba),
    };
    let sixteen = depth == BitDepth::Sixteen;
    let row_of = |bytes: &[u8]| Samples {
        extent: Extent::new(extent.width, 1),
        kind,
        values: if sixteen {
            let pairs = bytes.as_chunks::<2>().0.iter();
            Values::Sixteen(pairs.map(|pair| u16::from_be_bytes(*pair)).collect())
        } else {
            Values::Eight(bytes.to_vec())
        },
    };
    let blank = vec![0; extent.width as usize * kind.channels() * if sixteen { 2 } else { 1 }];
    let colors = Colors::of(&row_of(&blank), profile.as_deref());
    let smaller = extent.reduced(level);
    let mut rgba = Vec::with_capacity(smaller.area() * 4);
    // Rows that become one.
    let mut band = Vec::new();
    let mut rows = 0;
    while let Some(row) = reader.next_row().map_err(|error| unreadable(&error))? {
        let row = row_of(row.data());
        band.extend(colors.row(&row, 0).map_err(CodecError::Unreadable)?);
        rows += 1;
        if rows % (1 << level) == 0 || rows == extent.height {
            if level == 0 {
                rgba.append(&mut band);
                continue;
            }
            let height = band.len() / (extent.width as usize * 4);
            let size = Extent::new(extent.width, height as u32);
            let pixels = Pixels::from_rgba(size, std::mem::take(&mut band));
            let pixels = pixels.ok_or_else(|| unreadable(&"a row lacks pixels"))?;
            let one = pixels.reduced(level, [0, 0], Extent::new(smaller.width, 1));
            rgba.extend_from_slice(one.rgba());
        }
    }
    let pixels = Pixels::from_rgba(smaller, rgba).ok_or_else(|| unreadable(&"it lacks rows"))?;
    Ok(Seen {
        pixels,
        is_less: level > 0 || sixteen || !kind.color || profile.is_some() || has_exif,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::raster::{decode, encode_png};

    #[test]
    fn a_file_read_by_rows_is_the_one_read_at_once() {
        let extent = Extent::new(37, 22);
        for alpha in [255, 90] {
            let rgba = (0..extent.area() * 4).map(|at| match at % 4 {
                3 => alpha,
                _ => (at * 7 % 251) as u8,
            });
            let pixels = Pixels::from_rgba(extent, rgba.collect()).unwrap();
            let file = encode_png(&pixels, &[("parameters", "how")]).unwrap();
            let whole = see_png(Cursor::new(&file), 0).unwrap();
            assert_eq!(whole.pixels, pixels);
            assert!(!whole.is_less);
            for level in 1..4 {
                let seen = see_png(Cursor::new(&file), level).unwrap();
                let size = extent.reduced(level);
                assert_eq!(seen.pixels, pixels.reduced(level, [0, 0], size));
                assert!(seen.is_less);
            }
        }
    }

    #[test]
    fn gray_of_sixteen_bits_is_seen_and_known_to_be_finer() {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 5, 4);
        encoder.set_color(ColorType::GrayscaleAlpha);
        encoder.set_depth(BitDepth::Sixteen);
        let mut writer = encoder.write_header().unwrap();
        let samples: Vec<u8> = (0..80).map(|at| at * 3).collect();
        writer.write_image_data(&samples).unwrap();
        writer.finish().unwrap();
        let seen = see_png(Cursor::new(&file), 0).unwrap();
        assert_eq!(seen.pixels, decode(&file).unwrap().pixels);
        assert!(seen.is_less);
        file.truncate(file.len() - 40);
        assert!(see_png(Cursor::new(&file), 0).is_err());
    }
}
