use std::path::Path;

use afterimage::library::read_picture;
use afterimage::raster::{Extent, Pixels};

fn read(name: &str) -> Result<Pixels, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    read_picture(&folder.join(name))
        .map(|file| file.pixels)
        .map_err(|error| error.to_string())
}

fn pixel(pixels: &Pixels, x: u32, y: u32) -> [u8; 4] {
    let at = (y * pixels.extent().width + x) as usize * 4;
    pixels.rgba()[at..at + 4].try_into().unwrap()
}

fn near(found: [u8; 4], wanted: [u8; 4], name: &str) {
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
