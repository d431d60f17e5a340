//! The last touch to files of 16 bits.

use super::*;
use crate::raster::encode_finished_png;
use crate::recipe::Finish;

/// A file of one row of grays, and of alphas that hide nothing.
fn ramp(width: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width.into(), 1);
    encoder.set_color(ColorType::GrayscaleAlpha);
    encoder.set_depth(BitDepth::Sixteen);
    let mut writer = encoder.write_header().unwrap();
    let step = u16::MAX / (width - 1);
    let samples = (0..width).flat_map(|at| [at * step, u16::MAX - at]);
    let bytes: Vec<u8> = samples.flat_map(u16::to_be_bytes).collect();
    writer.write_image_data(&bytes).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn sixteen_bits_are_finished_with_all_their_steps() {
    const WIDTH: u16 = 4096;
    let file = ramp(WIDTH);
    let finish = Finish {
        exposure: -0.3,
        ..Finish::default()
    };
    let saved = raw(&encode_finished_png(&opened(&file), &finish, &[]).unwrap());
    assert_eq!(
        (saved.color, saved.sixteen),
        (ColorType::GrayscaleAlpha, true)
    );
    let before = raw(&file);
    let mut seen = std::collections::BTreeSet::new();
    for (was, is) in before.pixels.iter().zip(&saved.pixels) {
        let value = f64::from(was[0]) / 65535.0;
        let light = if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        };
        let light = light * (-0.3f64).exp2();
        let value = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        let gap = (value * 65535.0 - f64::from(is[0])).abs();
        assert!(gap < 2.0, "{was:?} became {is:?}, off by {gap}");
        assert_eq!(was[1], is[1], "alpha to the bit");
        seen.insert(is[0]);
    }
    assert!(seen.len() > 3000, "only {} steps", seen.len());
}

#[test]
fn every_kind_of_file_is_finished_as_its_picture_is_seen_to_be() {
    let mut dice = dice(40);
    let finish = Finish {
        exposure: 0.2,
        warmth: 0.3,
        sharpen: 0.3,
        grain: 0.5,
        ..Finish::default()
    };
    let p3 = icc(&ColorProfile::new_display_p3());
    for format in FORMATS {
        for profile in [None, Some(&p3)] {
            let is_color = !matches!(
                format.color,
                ColorType::Grayscale | ColorType::GrayscaleAlpha
            );
            if profile.is_some() && !is_color {
                continue;
            }
            // Higher than what is worked on at once.
            let file = file(&mut dice, format, (21, 150), profile.map(Vec::as_slice));
            let picture = opened(&file);
            let wanted = picture.finished(&finish);
            let saved = encode_finished_png(&picture, &finish, &[]).unwrap();
            let kept = raw(&saved);
            assert_eq!(
                kept.sixteen,
                format.depth == BitDepth::Sixteen,
                "{format:?}"
            );
            assert_eq!(kept.profile.is_some(), profile.is_some(), "{format:?}");
            assert!(kept.has_color(), "what is warm is not gray");
            assert!(has(&saved, PRIVATE, b"early") && !has(&saved, DEPENDENT, b"gone"));
            let found = decode(&saved).unwrap().pixels;
            let gaps = found.rgba().iter().zip(wanted.rgba());
            let gaps: Vec<_> = gaps.map(|(a, b)| a.abs_diff(*b)).collect();
            // What was seen had been rounded to 8 bits before it was touched, and a profile's own 8
            // bits are coarse where sRGB is dark.
            let most = if profile.is_some() { 12 } else { 3 };
            let worst = *gaps.iter().max().unwrap();
            let mean = gaps.iter().map(|gap| f64::from(*gap)).sum::<f64>() / gaps.len() as f64;
            let what = format!("{format:?} {}: {worst}, {mean}", profile.is_some());
            assert!(worst <= most && mean <= 0.6, "{what}");
        }
    }
}

#[test]
fn what_is_not_touched_is_the_file_itself() {
    let file = ramp(64);
    let saved = encode_finished_png(&opened(&file), &Finish::default(), &[]).unwrap();
    assert_eq!(saved, file);
}
