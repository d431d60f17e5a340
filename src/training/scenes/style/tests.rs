//! Every style keeps the subject's colour, repeats itself and works at any size.

use super::super::attributes::{Attributes, Backdrop, Color, Place, Style, Subject, Time};
use super::super::paint::paint;
use super::super::scene::Scene;

const SIDE: u32 = 128;

fn scene(subject: Subject, color: Color, time: Time) -> Scene {
    let place = match subject {
        Subject::Sailboat => Place::Ocean,
        Subject::Car => Place::City,
        _ => Place::Meadow,
    };
    let wanted = Attributes {
        subject: Some((subject, color)),
        place,
        time,
        backdrop: Backdrop::None,
    };
    Scene::with_attributes(wanted, 5, 3)
}

fn colors(scene: &Scene) -> Vec<[f32; 3]> {
    paint(scene, SIDE)
        .rgba()
        .chunks_exact(4)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]].map(f32::from))
        .collect()
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3).map(|n| (a[n] - b[n]).abs()).sum()
}

/// Which pixels of the flat picture belong to the subject and have about its colour.
fn area(scene: &Scene, color: Color) -> Vec<bool> {
    let base = super::super::tint::Tones::of(color).base;
    let empty = Scene {
        figure: None,
        ..scene.clone()
    };
    colors(scene)
        .into_iter()
        .zip(colors(&empty))
        .map(|(seen, behind)| {
            distance(seen, behind) > 40.0 && distance(seen, [base.r, base.g, base.b]) < 110.0
        })
        .collect()
}

fn mean(of: &[[f32; 3]], area: &[bool]) -> [f32; 3] {
    let mut sum = [0.0; 3];
    let mut count = 0.0;
    for (seen, _) in of.iter().zip(area).filter(|(_, own)| **own) {
        for (total, value) in sum.iter_mut().zip(seen) {
            *total += value;
        }
        count += 1.0;
    }
    assert!(count > 60.0, "the colour is hardly there");
    sum.map(|total| total / count)
}

/// Hue in degrees, and saturation.
fn hue([r, g, b]: [f32; 3]) -> (f32, f32) {
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    let span = (high - low).max(1e-3);
    let hue = if high == r {
        ((g - b) / span).rem_euclid(6.0)
    } else if high == g {
        (b - r) / span + 2.0
    } else {
        (r - g) / span + 4.0
    };
    (hue * 60.0, span / high.max(1.0))
}

#[test]
fn the_subject_keeps_its_colour() {
    let subjects = [
        Subject::Car,
        Subject::Cat,
        Subject::House,
        Subject::Sailboat,
        Subject::Balloon,
    ];
    let mut wrong = Vec::new();
    for subject in subjects {
        for color in Color::ALL {
            for time in [Time::Day, Time::Sunset, Time::Night] {
                let flat = scene(subject, *color, time);
                let area = area(&flat, *color);
                let (own, rich) = hue(mean(&colors(&flat), &area));
                for style in &Style::ALL[1..] {
                    let after = colors(&flat.clone().in_style(*style));
                    let seen = mean(&after, &area);
                    let (turned, share) = hue(seen);
                    let off = (turned - own + 180.0).rem_euclid(360.0) - 180.0;
                    let bright = seen.iter().sum::<f32>() / 3.0;
                    let fine = match color {
                        Color::White => share < 0.2 && bright > 165.0,
                        Color::Gray => share < 0.28 && (115.0..170.0).contains(&bright),
                        Color::Black => share < 0.5 && bright < 108.0,
                        // A dull orange: not much is left of it in graphite.
                        Color::Brown => off.abs() < 25.0 && share > rich * 0.45,
                        _ => off.abs() < 20.0 && share > rich * 0.6,
                    };
                    if !fine {
                        wrong.push(format!(
                            "{subject:?} {color:?} {time:?} {style:?}: {own:.0} {rich:.2} became {turned:.0} {share:.2} {seen:.0?}"
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn styles_repeat_themselves_at_any_size() {
    for style in Style::ALL {
        let scene = Scene::sample(4, 2).in_style(*style);
        for size in [1, 2, 7, 31, 64] {
            let once = paint(&scene, size);
            assert_eq!(once, paint(&scene, size), "{style:?} {size}");
            assert!(once.rgba().chunks_exact(4).all(|pixel| pixel[3] == 255));
        }
    }
}

#[test]
fn styles_differ() {
    let scene = Scene::sample(4, 3);
    let pictures: Vec<_> = Style::ALL
        .iter()
        .map(|style| paint(&scene.clone().in_style(*style), 64))
        .collect();
    for (n, picture) in pictures.iter().enumerate() {
        assert!(pictures[..n].iter().all(|other| other != picture));
    }
}

#[test]
fn pixel_art_has_blocks_and_few_colours() {
    let pixels = paint(&Scene::sample(4, 5).in_style(Style::Pixel), 256);
    let row = 256 * 4;
    let mut seen = std::collections::BTreeSet::new();
    for (n, pixel) in pixels.rgba().chunks_exact(4).enumerate() {
        let (x, y) = (n % 256, n / 256);
        let corner = y / 4 * 4 * row + x / 4 * 16;
        assert_eq!(pixel, &pixels.rgba()[corner..corner + 4]);
        seen.insert(pixel.to_vec());
    }
    assert!((8..=24).contains(&seen.len()), "{}", seen.len());
}
