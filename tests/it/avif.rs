use image::metadata::Orientation;
use image::{DynamicImage, RgbaImage};

use afterimage::raster::{Extent, Pixels, decode, encode_png};

use crate::formats::{file, has, near, pixel, read, saved};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(file(name)).unwrap()
}

fn largest_gap(a: &Pixels, b: &Pixels) -> u8 {
    assert_eq!(a.extent(), b.extent());
    let gaps = a.rgba().iter().zip(b.rgba());
    gaps.map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn every_sampling_of_colours_is_what_libavif_makes_of_it() {
    // Its arithmetic is of whole numbers where samples do not use all values.
    for (name, most) in [("444", 1), ("422", 2), ("420", 2), ("limited", 2)] {
        let ours = read(&format!("smooth-{name}.avif")).unwrap();
        let theirs = read(&format!("smooth-{name}.png")).unwrap();
        let gap = largest_gap(&ours, &theirs);
        assert!(gap <= most, "{name}: {gap}");
    }
}

#[test]
fn a_picture_is_turned_as_its_boxes_say() {
    let upright = read("smooth-444.png").unwrap();
    let Extent { width, height } = upright.extent();
    for way in 2..=8 {
        let stored = RgbaImage::from_raw(width, height, upright.rgba().to_vec()).unwrap();
        let mut wanted = DynamicImage::ImageRgba8(stored);
        wanted.apply_orientation(Orientation::from_exif(way).unwrap());
        let extent = Extent::new(wanted.width(), wanted.height());
        let wanted = Pixels::from_rgba(extent, wanted.into_rgba8().into_raw()).unwrap();
        let found = read(&format!("turned-{way}.avif")).unwrap();
        let gap = largest_gap(&found, &wanted);
        assert!(gap <= 12, "{way}: {gap}");
    }
}

#[test]
fn gray_alpha_and_ten_bits_are_read_and_stay_in_the_png() {
    near(
        pixel(&read("half.avif").unwrap(), 2, 2),
        [220, 20, 20, 128],
        "half.avif",
    );
    let (info, _) = saved("gray.avif");
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    near(
        pixel(&read("gray.avif").unwrap(), 2, 2),
        [80, 80, 80, 255],
        "gray.avif",
    );
    let (info, data) = saved("deep.avif");
    assert_eq!(info.bit_depth, png::BitDepth::Sixteen);
    let red = u16::from_be_bytes([data[0], data[1]]);
    // 10 bits, and what the encoder loses of them.
    assert!(red.abs_diff(220 * 257) <= 300, "{red}");
}

#[test]
fn profile_and_xmp_go_along() {
    let (info, _) = saved("camera.avif");
    assert!(has(&bytes("camera.avif"), &info.icc_profile.unwrap()));
    assert_eq!(info.utf8_text[0].keyword, "XML:com.adobe.xmp");
}

#[test]
fn a_size_beyond_memory_is_refused_before_anything_is_decoded() {
    let mut file = bytes("plain.avif");
    let at = file.windows(4).position(|kind| kind == b"ispe").unwrap() + 8;
    file[at..at + 8].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let error = decode(&file).unwrap_err().to_string();
    assert!(error.contains("60000x60000"), "{error}");
    // A size that is merely wrong.
    file[at..at + 8].copy_from_slice(&[0, 0, 0, 17, 0, 0, 0, 8]);
    assert!(decode(&file).is_err());
}

#[test]
fn what_is_cut_is_refused_and_what_is_damaged_harms_nobody() {
    for name in ["plain.avif", "half.avif", "deep.avif", "camera.avif"] {
        let whole = bytes(name);
        for length in 0..whole.len() {
            assert!(decode(&whole[..length]).is_err(), "{name}: {length}");
        }
        for at in 0..whole.len() {
            for flip in [1, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] ^= flip;
                if let Ok(read) = decode(&damaged) {
                    assert!(encode_png(&read.pixels, &[]).is_ok());
                }
            }
        }
    }
}

#[test]
fn what_an_avif_may_be_that_is_not_read_is_said() {
    for (from, to, reason) in [
        (&b"av01Color"[..], &b"gridColor"[..], "made of tiles"),
        // The transfer function after the primaries.
        (b"nclx\0\x01\0\r", b"nclx\0\x01\0\x10", "bright displays"),
        (b"nclx\0\x01\0\r\0\x06", b"nclx\0\x01\0\r\0\x0e", "matrix"),
    ] {
        let mut file = bytes("plain.avif");
        let at = file.windows(from.len()).position(|found| found == from);
        let at = at.unwrap();
        file[at..at + to.len()].copy_from_slice(to);
        let error = decode(&file).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn wide_colours_without_a_profile_get_one() {
    let mut file = bytes("plain.avif");
    let at = file.windows(4).position(|kind| kind == b"nclx").unwrap();
    file[at + 5] = 12;
    let decoded = decode(&file).unwrap();
    assert!(decoded.holds_more);
    // Display P3's red is more than sRGB's: the same numbers are a stronger colour.
    let [red, green, ..] = pixel(&decoded.pixels, 2, 2);
    let [plain_red, plain_green, ..] = pixel(&read("plain.avif").unwrap(), 2, 2);
    assert!(red > plain_red && green < plain_green, "{red} {green}");
}
