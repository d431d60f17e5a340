//! Every allowed combination paints, and its colour can be measured on the subject.

use tiny_skia::{Pixmap, Transform};

use super::super::attributes::{Attributes, Backdrop, Color, Place, Subject, Time};
use super::super::brush::Brush;
use super::super::combos::place_weight;
use super::super::light;
use super::super::mood::Mood;
use super::super::scene::Scene;
use super::super::subjects;
use super::super::tint::Tones;
use super::{frame_of, look_at, paint};

/// The named colour nearest to a pixel: by lightness where there is no hue, else by hue; none for
/// what lies between two names.
fn named([r, g, b]: [f32; 3]) -> Option<Color> {
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    let span = high - low;
    if high < 40.0 {
        return Some(Color::Black);
    }
    let saturation = span / high;
    if high < 104.0 && saturation < 0.42 {
        return Some(Color::Black);
    }
    if saturation < 0.22 {
        return Some(if high > 178.0 {
            Color::White
        } else {
            Color::Gray
        });
    }
    let hue = if high == r {
        ((g - b) / span).rem_euclid(6.0)
    } else if high == g {
        (b - r) / span + 2.0
    } else {
        (r - g) / span + 4.0
    } * 60.0;
    match hue {
        _ if !(13.0..338.0).contains(&hue) && saturation > 0.66 => Some(Color::Red),
        h if (8.0..42.0).contains(&h) && saturation < 0.86 && high < 172.0 => Some(Color::Brown),
        h if (13.0..39.5).contains(&h) && saturation > 0.62 => Some(Color::Orange),
        h if (39.5..66.0).contains(&h) => Some(Color::Yellow),
        h if (85.0..172.0).contains(&h) => Some(Color::Green),
        h if (172.0..200.0).contains(&h) && saturation > 0.36 => Some(Color::Turquoise),
        h if (200.0..240.0).contains(&h) && saturation > 0.5 => Some(Color::Blue),
        h if (252.0..292.0).contains(&h) => Some(Color::Purple),
        h if (305.0..352.0).contains(&h) && saturation < 0.7 => Some(Color::Pink),
        _ => None,
    }
}

/// Shares of the subject's pixels by named colour, in the order of `Color::ALL`.
fn measure(scene: &Scene) -> [f32; Color::ALL.len()] {
    let figure = scene.figure.unwrap();
    let side = 96;
    let mut layer = Pixmap::new(side, side).unwrap();
    let mood = Mood::of(scene);
    let frame = Transform::from_scale(side as f32, side as f32).pre_concat(frame_of(&figure));
    let art = subjects::art(figure.subject);
    art.paint_body(&mut Brush::new(&mut layer, frame), &look_at(&figure, &mood));
    light::light_layer(&mut layer, scene, &mood, figure.color);
    let mut counts = [0_u32; Color::ALL.len()];
    let mut all = 0;
    for pixel in layer.pixels().iter().filter(|pixel| pixel.alpha() == 255) {
        all += 1;
        let rgb = [pixel.red(), pixel.green(), pixel.blue()].map(f32::from);
        if let Some(color) = named(rgb) {
            counts[color as usize] += 1;
        }
    }
    counts.map(|count| count as f32 / all as f32)
}

fn scene(subject: Subject, color: Color, place: Place, time: Time, seed: u64) -> Scene {
    let wanted = Attributes {
        subject: Some((subject, color)),
        place,
        time,
        backdrop: Backdrop::None,
    };
    Scene::with_attributes(wanted, 17, seed)
}

#[test]
fn tones_have_their_own_names() {
    for color in Color::ALL {
        let base = Tones::of(*color).base;
        assert_eq!(named([base.r, base.g, base.b]), Some(*color));
    }
}

#[test]
fn the_colour_is_measurable_in_every_light() {
    let mut wrong = Vec::new();
    for subject in Subject::ALL {
        for color in Color::ALL {
            for time in Time::ALL {
                for seed in 0..3 {
                    let place = if place_weight(*subject, Place::Meadow) == 0 {
                        Place::Ocean
                    } else {
                        Place::Meadow
                    };
                    let scene = scene(*subject, *color, place, *time, seed);
                    let shares = measure(&scene);
                    let own = shares[*color as usize];
                    let what = format!("{subject:?} {color:?} {time:?} {seed}: {shares:.2?}");
                    // A corgi's suit or sweater is half of the dog; a rose has a green stem and leaves.
                    let least = match subject {
                        Subject::Corgi | Subject::PlainCorgi => 0.13,
                        Subject::Tree | Subject::Sailboat | Subject::Balloon | Subject::Cat => 0.3,
                        _ => 0.2,
                    };
                    if own <= least {
                        wrong.push(what.clone());
                    }
                    // White is trim on everything, green is a flower's leaves, a corgi is orange.
                    for other in Color::ALL.iter().filter(|other| *other != color) {
                        let known = match subject {
                            Subject::Corgi | Subject::PlainCorgi => {
                                matches!(other, Color::Orange | Color::Yellow)
                            }
                            Subject::Rose | Subject::Tulip => matches!(other, Color::Green),
                            // Its wheels.
                            Subject::Train => matches!(other, Color::Black),
                            _ => false,
                        };
                        if *other != Color::White && !known && shares[*other as usize] >= own * 0.8
                        {
                            wrong.push(format!("{other:?} in {what}"));
                        }
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
fn every_allowed_combination_paints() {
    for subject in Subject::ALL {
        for place in Place::ALL {
            if place_weight(*subject, *place) == 0 {
                continue;
            }
            for time in Time::ALL {
                for color in Color::ALL {
                    let scene = scene(*subject, *color, *place, *time, 5);
                    let pixels = paint(&scene, 16);
                    assert!(pixels.rgba().chunks_exact(4).all(|pixel| pixel[3] == 255));
                }
            }
        }
    }
}

#[test]
fn painting_is_deterministic_at_any_size() {
    for index in 0..24 {
        let scene = Scene::sample(2, index);
        for size in [1, 31, 64] {
            let once = paint(&scene, size);
            assert_eq!(once, paint(&scene, size));
            assert_eq!(once.extent().width, size);
        }
    }
}

/// The bytes of three hundred small pictures, summed up: they must be the same on every machine and for ever,
/// or models trained on them cannot be trained again.
#[test]
fn pictures_never_change() {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for index in 0..300 {
        for byte in paint(&Scene::sample(1, index), 24).rgba() {
            sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    assert_eq!(sum, GOLDEN, "the painter's pictures changed: {sum:#x}");
}

const GOLDEN: u64 = 0xf8df_b032_6f8e_896c;
