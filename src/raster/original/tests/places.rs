//! Where the file lies in the picture, and what is done without it.

use image::{ExtendedColorType, ImageEncoder as _, codecs::jpeg::JpegEncoder};
use moxcms::ColorProfile;

use super::{DEPENDENT, FORMATS, PRIVATE, dice, exif, file, has, icc, opened, raw};
use crate::raster::original::Source;
use crate::raster::{
    Area, Extent, Fit, Margins, Mask, Original, Pixels, Place, decode, encode_png, fit_within,
    resized,
};

const SIZE: (u32, u32) = (9, 6);

fn p3_file() -> Vec<u8> {
    let profile = icc(&ColorProfile::new_display_p3());
    file(&mut dice(1), FORMATS[5], SIZE, Some(&profile))
}

#[test]
fn a_picture_cut_out_and_extended_has_its_samples_where_they_lie_now() {
    let file = p3_file();
    let before = raw(&file);
    let area = Area {
        x: 3,
        y: 2,
        extent: Extent::new(5, 4),
    };
    let margins = Margins {
        left: 4,
        top: 1,
        right: 0,
        bottom: 2,
    };
    let cut = opened(&file).cropped(area);
    let empty = Mask::from_values(area.extent, vec![0; area.extent.area()]).unwrap();
    let (extended, _) = cut.with_margins(margins, &empty);
    assert_eq!(
        extended.original().map(Original::place),
        Some(Place::At { x: 1, y: -1 })
    );
    let saved = encode_png(&extended, &[]).unwrap();
    let after = raw(&saved);
    for (x, y) in (0..5).flat_map(|x| (0..4).map(move |y| (x, y))) {
        let (new, old) = ((y + 1) * 9 + x + 4, (y + 2) * SIZE.0 + x + 3);
        assert_eq!(after.pixels[new as usize], before.pixels[old as usize]);
    }
    assert_eq!(after.profile, before.profile);
    assert_eq!(decode(&saved).unwrap().pixels.extent(), Extent::new(9, 7));
}

#[test]
fn what_lies_outside_of_the_picture_by_now_is_no_part_of_it() {
    let file = p3_file();
    let picture = Pixels::from_rgba(Extent::new(2, 2), vec![9; 16]).unwrap();
    for (x, y) in [(-100, 0), (0, 7), (i64::MIN, i64::MAX)] {
        let original = Original::new(file.clone(), Place::At { x, y });
        let saved = encode_png(&picture.clone().with_original(Some(original)), &[]).unwrap();
        assert_eq!(decode(&saved).unwrap().pixels, picture);
    }
}

#[test]
fn another_scale_keeps_what_the_file_says_but_its_colours() {
    let file = p3_file();
    let opened = opened(&file);
    let larger = resized(&opened, Extent::new(20, 12), Fit::Stretch);
    assert_eq!(larger.original(), None);
    let larger = larger.in_place_of(&opened);
    let saved = encode_png(&larger, &[]).unwrap();
    let after = raw(&saved);
    assert_eq!((after.profile, after.sixteen), (None, false));
    assert_eq!(after.exif, Some(exif(1)));
    assert!(has(&saved, PRIVATE, b"early") && !has(&saved, DEPENDENT, b"gone"));
    assert_eq!(decode(&saved).unwrap().pixels.rgba(), larger.rgba());
    assert!(fit_within(&opened, 99).original().is_none());
}

#[test]
fn a_png_to_which_nothing_was_done_is_the_same_file() {
    let file = p3_file();
    assert!(encode_png(&opened(&file), &[]).unwrap() == file);
    let titled = encode_png(&opened(&file), &[("Author", "me")]).unwrap();
    assert_eq!(raw(&titled).pixels, raw(&file).pixels);
    assert_eq!(
        decode(&titled).unwrap().texts,
        [("Author".to_owned(), "me".to_owned())]
    );
}

#[test]
fn transparency_that_stays_is_the_files_own_and_new_one_adds_a_channel() {
    let file = file(&mut dice(5), FORMATS[7], SIZE, None);
    let before = opened(&file);
    let paint: Vec<u8> = before
        .rgba()
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[r, g, b, alpha]| [!r, g, b, alpha])
        .collect();
    let painted = Pixels::from_rgba(before.extent(), paint).unwrap();
    let saved = encode_png(&painted.in_place_of(&before), &[]).unwrap();
    let alphas = |file: &[u8]| raw(file).pixels.iter().map(|p| p[3]).collect::<Vec<_>>();
    assert_eq!(alphas(&saved), alphas(&file));

    let file = p3_file();
    let before = opened(&file);
    let mut rgba = before.rgba().to_vec();
    rgba[3] = 100;
    let holed = Pixels::from_rgba(before.extent(), rgba).unwrap();
    let after = raw(&encode_png(&holed.in_place_of(&before), &[]).unwrap());
    assert_eq!(after.pixels[0][3], 100 * 257);
    assert_eq!(after.pixels[5], raw(&file).pixel_in(5, &after));
}

#[test]
fn a_picture_lies_upright_and_says_so() {
    let mut file = p3_file();
    let (from, to) = (exif(1), exif(6));
    let at = file
        .windows(from.len())
        .position(|found| found == from)
        .unwrap();
    file[at..at + to.len()].copy_from_slice(&to);
    let sum = crc32fast::hash(&file[at - 4..at + to.len()]);
    file[at + to.len()..at + to.len() + 4].copy_from_slice(&sum.to_be_bytes());
    let turned = opened(&file);
    assert_eq!(turned.extent(), Extent::new(SIZE.1, SIZE.0));
    let saved = encode_png(&turned, &[]).unwrap();
    let (before, after) = (raw(&file), raw(&saved));
    assert_eq!(after.exif, Some(exif(1)));
    // A quarter clockwise: the lower left becomes the upper left.
    let lower_left = ((SIZE.1 - 1) * SIZE.0) as usize;
    assert_eq!(after.pixels[0], before.pixels[lower_left]);
    assert!(opened(&saved).rgba() == turned.rgba());
}

#[test]
fn how_the_file_was_made_is_not_said_of_other_pixels() {
    let plain = Pixels::from_rgb(Extent::new(2, 1), &[9; 6]).unwrap();
    let texts = [
        ("parameters", "a cat"),
        ("afterimage", "{}"),
        ("Title", "x"),
    ];
    let before = opened(&encode_png(&plain, &texts).unwrap());
    let keys = |picture: &Pixels, texts: &[(&str, &str)]| {
        let texts = decode(&encode_png(picture, texts).unwrap()).unwrap().texts;
        let texts: Vec<String> = texts
            .into_iter()
            .map(|(key, text)| key + "=" + &text)
            .collect();
        texts.join(" ")
    };
    let changed = Pixels::from_rgb(plain.extent(), &[9, 9, 9, 9, 9, 8]).unwrap();
    let changed = changed.in_place_of(&before);
    let all = "parameters=a cat afterimage={} Title=x";
    assert_eq!(keys(&before, &[]), all);
    assert_eq!(keys(&changed, &[]), "Title=x");
    let anew = [("parameters", "a dog")];
    assert_eq!(keys(&changed, &anew), "parameters=a dog Title=x");
    let area = Area {
        x: 1,
        y: 0,
        extent: Extent::new(1, 1),
    };
    assert_eq!(keys(&before.cropped(area), &[]), "Title=x");
}

#[test]
fn a_profile_that_cannot_be_used_stays_with_the_samples_it_is_of() {
    let mut profile = icc(&ColorProfile::new_display_p3());
    // Its version, without which nothing can be made of it.
    profile[8..12].fill(0xee);
    assert!(ColorProfile::new_from_slice(&profile).is_err());
    let jpeg = |profile: &[u8]| {
        let mut file = Vec::new();
        let mut encoder = JpegEncoder::new(&mut file);
        encoder.set_icc_profile(profile.to_vec()).unwrap();
        let rgb = [200, 100, 50].repeat(64);
        encoder
            .write_image(&rgb, 8, 8, ExtendedColorType::Rgb8)
            .unwrap();
        opened(&file)
    };
    let before = jpeg(&profile);
    let mut rgba = before.rgba().to_vec();
    rgba[..3].copy_from_slice(&[1, 2, 3]);
    let painted = Pixels::from_rgba(before.extent(), rgba).unwrap();
    let saved = raw(&encode_png(&painted.clone().in_place_of(&before), &[]).unwrap());
    assert_eq!(saved.profile.as_deref(), Some(&profile[..]));
    let rgb = painted.rgb();
    let written = saved.pixels.concat();
    assert!(written.iter().zip(&rgb).all(|(a, &b)| *a == u16::from(b)));

    // Of inks, which a decoder makes colours of.
    profile[16..20].copy_from_slice(b"CMYK");
    let saved = raw(&encode_png(&jpeg(&profile), &[]).unwrap());
    assert_eq!(saved.profile, None);
}

#[test]
fn a_profile_that_swells_beyond_measure_is_not_looked_at() {
    let file = file(&mut dice(1), FORMATS[4], SIZE, Some(&vec![0; 80 << 20]));
    assert!(file.len() < 1 << 20);
    assert_eq!(Source::read(&file).unwrap().profile, None);
    assert_eq!(opened(&file).extent(), Extent::new(SIZE.0, SIZE.1));
}
