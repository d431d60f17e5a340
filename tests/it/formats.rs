use std::io::Cursor;
use std::path::{Path, PathBuf};

use afterimage::library::read_picture;
use afterimage::raster::{Extent, Pixels, decode, encode_png};

pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/formats")
        .join(name)
}

pub(crate) fn read(name: &str) -> Result<Pixels, String> {
    read_picture(&file(name))
        .map(|file| file.pixels)
        .map_err(|error| error.to_string())
}

pub(crate) fn pixel(pixels: &Pixels, x: u32, y: u32) -> [u8; 4] {
    let at = (y * pixels.extent().width + x) as usize * 4;
    pixels.rgba()[at..at + 4].try_into().unwrap()
}

pub(crate) fn near(found: [u8; 4], wanted: [u8; 4], name: &str) {
    let gap = found.iter().zip(wanted).map(|(a, b)| a.abs_diff(b)).max();
    assert!(gap <= Some(6), "{name}: {found:?} is not {wanted:?}");
}

#[test]
fn every_usual_kind_shows_the_same_scene_upright() {
    for name in [
        "plain.bmp",
        "plain.tif",
        "plain.webp",
        "still.gif",
        "palette.png",
        "cmyk.jpg",
        "turned.jpg",
        "camera.jpg",
        "xyz.webp",
        "deep.tif",
        "float.tif",
        "plain.avif",
        "deep.avif",
        "camera.avif",
    ] {
        let pixels = read(name).unwrap();
        assert_eq!(pixels.extent(), Extent::new(16, 8), "{name}");
        near(pixel(&pixels, 2, 2), [220, 20, 20, 255], name);
        near(pixel(&pixels, 13, 5), [20, 20, 220, 255], name);
    }
}

#[test]
fn sixteen_bits_gray_and_alpha_keep_their_values() {
    for name in ["gray16.png", "gray16.tif"] {
        let pixels = read(name).unwrap();
        near(pixel(&pixels, 2, 2), [80, 80, 80, 255], name);
        near(pixel(&pixels, 13, 5), [43, 43, 43, 255], name);
    }
    near(
        pixel(&read("half.png").unwrap(), 2, 2),
        [220, 20, 20, 128],
        "half.png",
    );
}

#[test]
fn what_is_no_whole_picture_is_refused_with_a_reason() {
    let error = read("text.png").unwrap_err();
    assert!(
        error.contains("text.png") && error.contains("not a picture"),
        "{error}"
    );
    let error = read("cut.png").unwrap_err();
    assert!(error.contains("cut.png"), "{error}");
    assert!(read("make.py").is_err());
}

/// What png alone reads of a file that became a PNG.
pub(crate) fn saved(name: &str) -> (png::Info<'static>, Vec<u8>) {
    let file = encode_png(&read(name).unwrap(), &[("Title", "saved")]).unwrap();
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    (reader.info().clone(), data)
}

pub(crate) fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|found| found == part)
}

#[test]
fn what_a_camera_says_is_said_by_the_png_too_and_its_pixels_lie_upright() {
    let (info, data) = saved("camera.jpg");
    assert_eq!(data, read("camera.jpg").unwrap().rgb());
    let exif = info.exif_metadata.unwrap();
    assert!(has(&exif, b"somebody"));
    // Orientation, a short, one of them: big-endian, as Pillow writes.
    assert!(
        has(&exif, &[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1]),
        "{exif:?}"
    );
    let camera = std::fs::read(file("camera.jpg")).unwrap();
    assert!(has(&camera, &info.icc_profile.unwrap()));
    let [xmp] = &info.utf8_text[..] else {
        panic!("{:?}", info.utf8_text)
    };
    assert_eq!(xmp.keyword, "XML:com.adobe.xmp");
    assert!(xmp.get_text().unwrap().contains("tiff:Orientation=\"1\""));
}

#[test]
fn sixteen_bits_stay_and_floats_become_as_many() {
    let shorts = |data: &[u8]| -> Vec<u16> {
        let pairs = data.as_chunks().0.iter();
        pairs.map(|&pair| u16::from_be_bytes(pair)).collect()
    };
    let (info, data) = saved("deep.tif");
    assert_eq!(info.bit_depth, png::BitDepth::Sixteen);
    assert_eq!(shorts(&data)[..3], [220 * 257, 20 * 257, 20 * 257 + 100]);
    let (_, data) = saved("float.tif");
    let values = shorts(&data);
    assert_eq!((values[0], values[2]), (0, u16::MAX));
    assert!(values[1].abs_diff(u16::MAX / 2) <= 1);
    assert!(values[3].abs_diff(220 * 257) <= 1);
}

#[test]
fn a_profile_of_other_colours_than_the_files_goes() {
    assert_eq!(saved("xyz.webp").0.icc_profile, None);
    assert_eq!(saved("cmyk.jpg").0.icc_profile, None);
}

/// Files, and how many bytes at their end are no part of the picture.
const WHOLE: [(&str, usize); 8] = [
    ("plain.bmp", 0),
    ("plain.tif", 0),
    ("plain.webp", 0),
    // The second frame.
    ("still.gif", 57),
    ("palette.png", 4),
    ("turned.jpg", 0),
    ("camera.jpg", 0),
    ("deep.tif", 0),
];

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    for (name, beyond) in WHOLE {
        let whole = std::fs::read(file(name)).unwrap();
        assert!(decode(&whole).is_ok(), "{name}");
        for length in 0..whole.len() - beyond {
            let read = decode(&whole[..length]);
            assert!(read.is_err(), "{name}, {length} of {}", whole.len());
        }
    }
}

#[test]
fn a_header_that_promises_too_much_is_refused_in_every_format() {
    // Where width and height stand, how wide each is, and whether the low byte comes first.
    for (name, at, wide, little) in [
        ("plain.bmp", [18, 22], 4, true),
        ("palette.png", [16, 20], 4, false),
        ("still.gif", [6, 8], 2, true),
        ("turned.jpg", [0, 0], 2, false),
    ] {
        let mut bytes = std::fs::read(file(name)).unwrap();
        let at = if name == "turned.jpg" {
            let start = bytes
                .windows(2)
                .position(|mark| mark == [0xff, 0xc0])
                .unwrap();
            [start + 5, start + 7]
        } else {
            at
        };
        for at in at {
            let side: u32 = 60_000;
            let mut value = side.to_be_bytes()[4 - wide..].to_vec();
            if little {
                value.reverse();
            }
            bytes[at..at + wide].copy_from_slice(&value);
        }
        if name == "palette.png" {
            let sum = crc32fast::hash(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        }
        let error = decode(&bytes).unwrap_err().to_string();
        assert!(error.contains("60000x60000"), "{name}: {error}");
    }
}
