//! What is painted is new, and the rest is what it was.

use moxcms::ColorProfile;
use png::ColorType;
use rand_chacha::rand_core::RngCore as _;

use super::{
    DEPENDENT, FORMATS, Format, PRIVATE, bytes, dice, exif, file, has, icc, opened, raw, up_to,
};
use crate::raster::{Extent, Mask, Pixels, decode, encode_png};

/// A picture, a part of it painted over, and the mask of that part.
struct Painted {
    file: Vec<u8>,
    after: Pixels,
    mask: Vec<bool>,
}

impl Painted {
    fn new(seed: u64, format: Format, profile: Option<&[u8]>, gray: bool) -> Self {
        let mut dice = dice(seed);
        let size = (1 + up_to(&mut dice, 11), 1 + up_to(&mut dice, 8));
        let file = file(&mut dice, format, size, profile);
        let before = opened(&file);
        let extent = Extent::new(size.0, size.1);
        assert_eq!(before.extent(), extent);
        let mut new = bytes(&mut dice, extent.area() * 4);
        for pixel in new.as_chunks_mut::<4>().0 {
            if gray {
                *pixel = [pixel[0], pixel[0], pixel[0], 255];
            }
            pixel[3] = 255;
        }
        let values = (0..extent.area())
            .map(|_| {
                if dice.next_u32().is_multiple_of(3) {
                    255
                } else {
                    0
                }
            })
            .collect();
        let mask = Mask::from_values(extent, values).unwrap();
        let new = Pixels::from_rgba(extent, new).unwrap();
        Self {
            after: before.repainted(&new, &mask),
            mask: mask.values().iter().map(|&value| value > 0).collect(),
            file,
        }
    }
}

fn gamma() -> Vec<u8> {
    icc(&ColorProfile::new_gray_with_gamma(2.2))
}

fn profiles() -> [(&'static str, Option<Vec<u8>>); 4] {
    [
        ("none", None),
        ("sRGB", Some(icc(&ColorProfile::new_srgb()))),
        ("P3", Some(icc(&ColorProfile::new_display_p3()))),
        ("gray 2.2", Some(gamma())),
    ]
}

fn largest_gap(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn what_is_not_painted_keeps_its_samples_and_the_file_what_it_says() {
    for seed in 0..4 {
        for format in FORMATS {
            for (name, profile) in profiles() {
                for gray in [true, false] {
                    let painted = Painted::new(seed, format, profile.as_deref(), gray);
                    let what = format!("{seed} {format:?} {name} {gray}");
                    let saved = encode_png(&painted.after, &[("Title", "new")]).unwrap();
                    keeps(&painted, &saved, &what);
                    shows(&painted, &saved, &what, name);
                }
            }
        }
    }
}

fn keeps(painted: &Painted, saved: &[u8], what: &str) {
    let (before, after) = (raw(&painted.file), raw(saved));
    assert_eq!(after.sixteen, before.sixteen, "{what}");
    assert_eq!(after.has_alpha(), before.has_alpha(), "{what}");
    for (at, painted) in painted.mask.iter().enumerate() {
        assert!(
            *painted || after.pixels[at] == before.pixel_in(at, &after),
            "{what}: {at}"
        );
    }
    if after.has_color() == before.has_color() {
        assert_eq!(after.profile, before.profile, "{what}");
    } else {
        // A gray file can have taken colours only from the paint.
        assert!(after.has_color(), "{what}");
        assert_eq!(after.profile.is_some(), before.profile.is_some(), "{what}");
    }
    assert_eq!(after.exif, Some(exif(1)), "{what}");
    assert!(
        has(saved, PRIVATE, b"early") && has(saved, PRIVATE, b"late"),
        "{what}"
    );
    assert!(!has(saved, DEPENDENT, b"gone"), "{what}");
    for chunk in [png::chunk::tIME, png::chunk::pHYs] {
        let kept = saved.windows(4).any(|kind| kind == chunk.0);
        assert!(kept, "{what}: {chunk:?}");
    }
    let texts = decode(saved).unwrap().texts;
    assert_eq!(texts.len(), 2, "{what}: {texts:?}");
}

/// Reading the file again gives what was painted.
fn shows(painted: &Painted, saved: &[u8], what: &str, profile: &str) {
    let seen = decode(saved).unwrap().pixels;
    let (before, after) = (raw(&painted.file), raw(saved));
    let has_become_color = after.has_color() && !before.has_color();
    // Eight bits of a wider space lie farther apart than those of sRGB.
    let is_coarse = profile == "P3" && !after.sixteen && after.has_color();
    for (at, is_painted) in painted.mask.iter().enumerate() {
        let [seen, wanted] = [&seen, &painted.after].map(|p| &p.rgba()[at * 4..at * 4 + 4]);
        if *is_painted && is_coarse {
            assert_nearest(&after.pixels[at], wanted, what);
        } else {
            let most = u8::from(*is_painted || has_become_color);
            assert!(
                largest_gap(seen, wanted) <= most,
                "{what}: {seen:?} is not {wanted:?}"
            );
        }
    }
}

/// By the primaries of both spaces (SMPTE EG 432-1, IEC 61966-2-1), calculated here.
const P3_OF_SRGB: [[f64; 3]; 3] = [
    [0.822_462, 0.177_538, 0.0],
    [0.033_194, 0.966_806, 0.0],
    [0.017_083, 0.072_397, 0.910_520],
];

/// No other sample of eight bits is nearer to the colour in P3.
fn assert_nearest(sample: &[u16], wanted: &[u8], what: &str) {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    for (row, sample) in P3_OF_SRGB.iter().zip(sample) {
        let light: f64 = row
            .iter()
            .zip(wanted)
            .map(|(share, &v)| share * linear(v))
            .sum();
        let exact = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        } * 255.0;
        assert!(
            (exact - f64::from(*sample)).abs() <= 0.55,
            "{what}: {sample} for {exact}"
        );
    }
}

#[test]
fn a_gray_file_that_takes_colour_means_the_same_grays() {
    let format = FORMATS[1];
    let painted = Painted::new(3, format, Some(&gamma()), false);
    let saved = encode_png(&painted.after, &[]).unwrap();
    let after = raw(&saved);
    assert_eq!((after.color, after.sixteen), (ColorType::Rgb, true));
    let profile = after.profile.unwrap();
    // Whenever it is made, it is the same.
    assert_eq!(profile[24..36], [7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    let profile = ColorProfile::new_from_slice(&profile).unwrap();
    assert_eq!(profile.color_space, moxcms::DataColorSpace::Rgb);
    // By the curve alone: 0.5 to the power of 2.2, in sRGB.
    let light: f64 = 0.5f64.powf(2.2);
    let wanted = (1.055 * light.powf(1.0 / 2.4) - 0.055) * 65535.0;
    let transform = profile
        .create_transform_16bit(
            moxcms::Layout::Rgb,
            &ColorProfile::new_srgb(),
            moxcms::Layout::Rgb,
            moxcms::TransformOptions::default(),
        )
        .unwrap();
    let mut seen = [0; 3];
    transform.transform(&[32768; 3], &mut seen).unwrap();
    for value in seen {
        assert!(
            (f64::from(value) - wanted).abs() < 40.0,
            "{seen:?} is not {wanted}"
        );
    }
}
