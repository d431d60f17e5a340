//! A bicycle, from the side: frame and mudguards have the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow, veil};
use super::super::shape::{Shape, curve, disc, pill, polygon, sin_cos};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Bicycle,
    stance: Stance::Stands,
    height: (0.4, 0.48),
    half_width: 0.84,
    poses: 2,
    body,
    lights,
};

/// The hubs' abscissas, their height and the radius of the wheels.
const REAR: f32 = -0.5;
const FRONT: f32 = 0.5;
const HUB: f32 = -0.315;
const WHEEL: f32 = 0.285;
const RUBBER: Rgb = hex(0x2B2F3A);
const STEEL: Rgb = hex(0xC4CBD6);

/// A part of a circle around a hub, between two angles in turns.
fn arc(x: f32, r: f32, from: f32, to: f32) -> Shape {
    let points: Vec<(f32, f32)> = (0..=12)
        .map(|n| {
            let (sin, cos) = sin_cos(from + (to - from) * n as f32 / 12.0);
            (x + r * cos, HUB + r * sin)
        })
        .collect();
    curve(&points)
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    for x in [REAR, FRONT] {
        for n in 0..6 {
            let (sin, cos) = sin_cos(n as f32 / 12.0 + 0.04);
            let (dx, dy) = (cos * WHEEL, sin * WHEEL);
            brush.stroke(
                &curve(&[(x - dx, HUB - dy), (x + dx, HUB + dy)]),
                0.015,
                flat(hex(0xA9B1BF)),
            );
        }
        brush.stroke(&arc(x, WHEEL, 0.0, 1.0), 0.06, flat(RUBBER));
        brush.stroke(&arc(x, WHEEL - 0.042, 0.0, 1.0), 0.026, flat(STEEL));
    }
    frame(brush, look);
    seat(brush);
    front(brush, look);
}

fn frame(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let tube = 0.082;
    let crank = (-0.07, -0.28);
    let head = (0.3, -0.7);
    // Mudguards over both wheels.
    brush.stroke(&arc(REAR, 0.345, 0.47, 0.93), 0.07, flat(tones.base));
    brush.stroke(&arc(FRONT, 0.345, 0.58, 0.98), 0.07, flat(tones.base));
    let shaded = flat(tones.base.mix(tones.shade, 0.7));
    brush.stroke(&curve(&[(-0.2, -0.62), (REAR, HUB)]), 0.06, shaded.clone());
    brush.stroke(&curve(&[(REAR, HUB), crank]), 0.06, shaded);
    brush.stroke(&curve(&[(-0.215, -0.68), crank]), tube, flat(tones.base));
    if look.pose == 0 {
        brush.stroke(&curve(&[head, crank]), tube, flat(tones.base));
        brush.stroke(
            &curve(&[(-0.2, -0.63), head]),
            tube,
            flat(tones.base.mix(tones.light, 0.45)),
        );
    } else {
        // A low step: two tubes in a swoop.
        brush.stroke(
            &curve(&[head, (0.16, -0.42), crank]),
            tube,
            flat(tones.base),
        );
        brush.stroke(
            &curve(&[(0.27, -0.78), (0.09, -0.56), (-0.13, -0.43)]),
            tube,
            flat(tones.base.mix(tones.light, 0.45)),
        );
    }
    // The fork.
    brush.stroke(
        &curve(&[(0.265, -0.8), (0.36, -0.54), (FRONT, HUB)]),
        tube,
        flat(tones.base),
    );
    for x in [REAR, FRONT] {
        brush.fill(&disc(x, HUB, 0.045), flat(hex(0x5C6475)));
        brush.fill(&disc(x, HUB, 0.02), flat(STEEL));
    }
    // The chain guard and the pedals.
    brush.fill(
        &pill((REAR - 0.01, -0.345), (crank.0 + 0.06, -0.225), 0.06),
        flat(tones.shade),
    );
    brush.fill(&disc(crank.0, crank.1, 0.095), flat(tones.base));
    brush.fill(&disc(crank.0, crank.1, 0.05), flat(STEEL));
    brush.stroke(&curve(&[crank, (0.03, -0.14)]), 0.034, flat(hex(0x5C6475)));
    brush.fill(&pill((-0.05, -0.15), (0.11, -0.1), 0.02), flat(RUBBER));
}

fn seat(brush: &mut Brush<'_>) {
    brush.stroke(
        &curve(&[(-0.215, -0.68), (-0.245, -0.8)]),
        0.045,
        flat(STEEL),
    );
    brush.stroke(
        &curve(&[(-0.37, -0.85), (-0.28, -0.835), (-0.1, -0.83)]),
        0.07,
        flat(hex(0x5A3B2C)),
    );
}

fn front(brush: &mut Brush<'_>, look: &Look) {
    // The bar sweeps back to its grip.
    brush.stroke(
        &curve(&[(0.27, -0.78), (0.25, -0.9), (0.3, -0.955), (0.2, -0.965)]),
        0.045,
        flat(STEEL),
    );
    brush.stroke(
        &curve(&[(0.24, -0.965), (0.11, -0.95)]),
        0.066,
        flat(hex(0x5A3B2C)),
    );
    if look.pose == 1 {
        // A carrier with a parcel instead of the basket.
        for x in [-0.74, -0.42] {
            brush.stroke(&curve(&[(x, -0.69), (REAR, HUB)]), 0.022, flat(STEEL));
        }
        brush.stroke(&curve(&[(-0.76, -0.69), (-0.26, -0.69)]), 0.03, flat(STEEL));
        brush.fill(
            &pill((-0.72, -0.88), (-0.42, -0.705), 0.02),
            look.round(hex(0xC09468), -0.72, -0.42),
        );
        brush.fill(
            &pill((-0.595, -0.88), (-0.545, -0.705), 0.0),
            flat(look.trim()),
        );
    } else {
        let wicker = hex(0xC49A6C);
        brush.fill(
            &polygon(&[(0.36, -0.86), (0.71, -0.86), (0.66, -0.65), (0.41, -0.65)]),
            look.round(wicker, 0.36, 0.7),
        );
        for y in [-0.785, -0.715] {
            brush.stroke(
                &curve(&[(0.4, y), (0.67, y)]),
                0.018,
                flat(wicker.times(0.72)),
            );
        }
        brush.stroke(
            &curve(&[(0.36, -0.865), (0.71, -0.865)]),
            0.04,
            flat(wicker.times(0.85)),
        );
        // Flowers look out.
        for (x, y, color) in [(0.45, -0.915, 0xF6F4EE), (0.615, -0.92, 0xF6F4EE)] {
            brush.fill(&disc(x + 0.05, y + 0.02, 0.038), flat(hex(0x5E9A58)));
            brush.fill(&disc(x, y, 0.045), flat(hex(color)));
            brush.fill(&disc(x, y, 0.018), flat(hex(0xE8B030)));
        }
    }
    brush.fill(
        &pill((0.36, -0.635), (0.45, -0.555), 0.03),
        flat(hex(0xFFF3B8)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let warm = hex(0xFFEFA8);
    let (x, y) = (0.43, -0.595);
    brush.fill(
        &polygon(&[(x, y - 0.03), (1.25, -0.7), (1.25, -0.2), (x, y + 0.03)]),
        veil((x, 0.0), (1.25, 0.0), &[(0.0, warm, 0.5), (1.0, warm, 0.0)]).screen(),
    );
    brush.fill(&disc(x, y, 0.16), glow((x, y), 0.16, warm, 0.75));
    brush.fill(&disc(x, y, 0.035), flat(hex(0xFFFBE2)));
}
