//! Whether a JPEG is all there. Its decoder makes a picture of any part, gray from where it ends.

const FILL: u8 = 0xff;
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: [u8; 2] = [FILL, 0xd9];

/// Whether the end of the picture is said behind its first scan (ITU-T T.81, annex B). What stands
/// before may hold a whole small picture, with an end of its own.
pub(super) fn has_end(file: &[u8]) -> bool {
    // What begins every JPEG has no length.
    let mut rest = file.get(2..).unwrap_or_default();
    while let [FILL, marker, after @ ..] = rest {
        match (*marker, after) {
            // Any number of these may stand before a marker.
            (FILL, _) => rest = &rest[1..],
            (START_OF_SCAN, scan) => return scan.windows(2).any(|bytes| bytes == END_OF_IMAGE),
            (_, [high, low, ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = after.get(length..).unwrap_or_default();
            }
            _ => return false,
        }
    }
    false
}
