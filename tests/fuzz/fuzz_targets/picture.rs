//! Pictures: our own readers of chunks, EXIF and the boxes of AVIF, and what is kept of a file when its
//! picture is saved. Large ones are left out: they take the decoders' time.
#![no_main]

use afterimage::library::{encode_picture, read_finest, read_picture, see_picture};
use afterimage::raster::{Header, decode};
use afterimage_fuzz::in_a_file;
use libfuzzer_sys::fuzz_target;

const LONGEST_SIDE: u32 = 128;

fuzz_target!(|data: &[u8]| {
    if !is_small(data) {
        return;
    }
    in_a_file("any.picture", data, |path| {
        let _finest = read_finest(path).is_ok();
        let _seen = see_picture(path, 1 << 12).is_ok();
        let Ok(picture) = read_picture(path) else {
            return;
        };
        let file = encode_picture(&picture.pixels, None).expect("a picture that was read");
        let again = decode(&file).expect("a file of ours");
        assert_eq!(again.pixels.extent(), picture.pixels.extent());
        assert_eq!(again.pixels.rgba(), picture.pixels.rgba());
    });
});

fn is_small(data: &[u8]) -> bool {
    // AVIF tells its size only where it is decoded; that of its items stands in boxes of this name.
    const SIZE: &[u8] = b"ispe";
    let mut sizes = data
        .windows(SIZE.len() + 12)
        .filter(|window| window.starts_with(SIZE));
    let is_short =
        |side: &[u8]| side[..2] == [0, 0] && side[2] == 0 && u32::from(side[3]) <= LONGEST_SIDE;
    let mut any = false;
    let all_short = sizes.all(|window| {
        any = true;
        is_short(&window[8..12]) && is_short(&window[12..16])
    });
    if any || data.get(4..8) == Some(b"ftyp".as_slice()) {
        return all_short;
    }
    Header::read(data)
        .is_ok_and(|header| header.extent.width.max(header.extent.height) <= LONGEST_SIDE)
}
