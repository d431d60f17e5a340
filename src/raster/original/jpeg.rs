//! Whether a JPEG is all there. Its decoder makes a picture of any part, gray from where it ends.

const FILL: u8 = 0xff;
/// Behind a fill byte it makes a sample of it.
const STUFFED: u8 = 0;
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: [u8; 2] = [FILL, 0xd9];

/// Whether the end of the picture is said behind its first scan (ITU-T T.81, annex B). What stands
/// before may hold a whole small picture, with an end of its own.
///
/// Goes from segment to segment as the decoder does: past stray bytes between them, and taking any
/// marker before the scan for one with a length. Where no scan begins, the decoder is to tell.
pub(super) fn has_end(file: &[u8]) -> bool {
    // What begins every JPEG has no length.
    let mut rest = file.get(2..).unwrap_or_default();
    while let Some((marker, after)) = next_marker(rest) {
        if marker == START_OF_SCAN {
            return after.windows(2).any(|bytes| bytes == END_OF_IMAGE);
        }
        let Some((length, _)) = after.split_first_chunk() else {
            return true;
        };
        let length = usize::from(u16::from_be_bytes(*length));
        rest = after.get(length..).unwrap_or_default();
    }
    true
}

/// The next marker and what comes after.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let is_marker = |pair: &[u8]| pair[0] == FILL && ![FILL, STUFFED].contains(&pair[1]);
    let at = bytes.windows(2).position(is_marker)? + 1;
    Some((bytes[at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder as _, codecs::jpeg::JpegEncoder};

    use super::super::Source;

    fn file() -> Vec<u8> {
        let mut file = Vec::new();
        let rgb: Vec<u8> = (0..16 * 16 * 3u32).map(|at| (at * 7) as u8).collect();
        JpegEncoder::new(&mut file)
            .write_image(&rgb, 16, 16, ExtendedColorType::Rgb8)
            .unwrap();
        file
    }

    /// Those of the picture, if it can be read.
    fn pixels(file: &[u8]) -> Option<Vec<u8>> {
        let pixels = Source::read(file).ok()?.into_pixels().ok()?;
        Some(pixels.rgba().to_vec())
    }

    #[test]
    fn what_stands_between_segments_does_not_hide_the_end() {
        let whole = file();
        let strays: [&[u8]; 6] = [
            b"x",
            b"stray",
            b"\xff",
            b"\xff\xff\xff",
            b"\xff\0",
            b"\xff\x01\0\x04ab",
        ];
        // Behind the first segment: what comes before tells that it is a JPEG.
        let at = usize::from(u16::from_be_bytes([whole[4], whole[5]])) + 4;
        for stray in strays {
            let file = [&whole[..at], stray, &whole[at..]].concat();
            assert!(pixels(&file) == pixels(&whole), "{stray:?}");
        }
        assert!(pixels(&whole).is_some());
    }

    #[test]
    fn a_file_that_is_cut_is_refused_wherever_that_is() {
        let whole = file();
        for length in 0..whole.len() {
            assert_eq!(pixels(&whole[..length]), None, "{length}");
        }
    }
}
