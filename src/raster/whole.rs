//! Files that are packed as a whole, and files read to their end without being held.

use std::io::{BufRead, Seek};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::error::UnsupportedError;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, ImageReader};

use super::{Beside, Extent, Format, Kind};

/// Of JPEG files: what is lost cannot be seen.
const QUALITY: u8 = 95;

/// Packs 8-bit samples, rows from the top, with the profile and EXIF that go along; WebP without loss.
pub fn encode_whole(
    format: &Format,
    (extent, kind): (Extent, Kind),
    samples: &[u8],
    beside: &Beside,
) -> Result<Vec<u8>, String> {
    if samples.len() != extent.area() * kind.channels() {
        return Err(format!("{} samples are no {extent} pixels", samples.len()));
    }
    let mut file = Vec::new();
    match format.name {
        "WebP" => write(
            WebPEncoder::new_lossless(&mut file),
            (extent, kind),
            samples,
            beside,
        ),
        "JPEG" => {
            let encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
            write(encoder, (extent, kind), samples, beside)
        }
        name => return Err(format!("{name} is not packed as a whole")),
    }
    .map_err(|error| error.to_string())?;
    Ok(file)
}

fn write(
    mut encoder: impl ImageEncoder,
    (extent, kind): (Extent, Kind),
    samples: &[u8],
    beside: &Beside,
) -> image::ImageResult<()> {
    let heard = |set: Result<(), UnsupportedError>| {
        if let Err(error) = set {
            log::warn!("a file is written without a part of what its picture's file said: {error}");
        }
    };
    if let Some(profile) = beside.profile() {
        heard(encoder.set_icc_profile(profile.to_vec()));
    }
    if let Some(exif) = beside.exif() {
        heard(encoder.set_exif_metadata(exif.to_vec()));
    }
    let colors = match (kind.color, kind.alpha) {
        (true, false) => ExtendedColorType::Rgb8,
        (true, true) => ExtendedColorType::Rgba8,
        (false, false) => ExtendedColorType::L8,
        (false, true) => ExtendedColorType::La8,
    };
    encoder.write_image(samples, extent.width, extent.height, colors)
}

/// Reads a file of a known kind to its end, row by row where it was written so, and tells its size.
pub fn read_to_the_end(file: impl BufRead + Seek, format: &Format) -> Result<Extent, String> {
    if !format.streams {
        let kind = match format.name {
            "WebP" => ImageFormat::WebP,
            _ => ImageFormat::Jpeg,
        };
        let mut reader = ImageReader::with_format(file, kind);
        // It was in memory when it was written.
        reader.no_limits();
        let image = reader.decode().map_err(|error| error.to_string())?;
        return Ok(Extent::new(image.width(), image.height()));
    }
    let told = |error: png::DecodingError| error.to_string();
    let mut decoder = png::Decoder::new(file);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(told)?;
    let extent = Extent::new(reader.info().width, reader.info().height);
    let mut rows = 0;
    while reader.next_row().map_err(told)?.is_some() {
        rows += 1;
    }
    if rows != extent.height {
        return Err(format!(
            "only {rows} of its {} rows are there",
            extent.height
        ));
    }
    reader.finish().map_err(told)?;
    Ok(extent)
}
