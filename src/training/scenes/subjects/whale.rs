//! A whale in the sea, with its spout: its back has the colour.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, Shape, blob, curve, disc, oval, slab, turned};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Whale,
    stance: Stance::Floats,
    height: (0.38, 0.46),
    half_width: 0.9,
    poses: 2,
    body,
    lights: dark,
};

/// Water in the air.
const SPRAY: Rgb = hex(0xE2F4FD);

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        spout(brush, (0.34, -0.56), 1.0);
        flukes(brush, look);
        swimmer(brush, look);
    } else {
        leaping(brush, look);
    }
}

/// Half out of the water, the nose in the air.
fn leaping(brush: &mut Brush<'_>, look: &Look) {
    spout(brush, (-0.06, -0.66), 0.78);
    // The water hides what is below the line.
    brush.within(&slab(-2.0, -2.0, 2.0, 0.02), |brush| {
        let rising = Transform::from_translate(0.06, 0.02)
            .pre_concat(turned(-0.125))
            .pre_scale(0.95, 0.95);
        swimmer(&mut brush.placed(rising), look);
        let tail = Transform::from_translate(0.02, 0.34);
        flukes(&mut brush.placed(tail), look);
    });
    // Where it breaks the surface.
    for (x, y, rx, ry) in [
        (-0.4, 0.0, 0.17, 0.07),
        (-0.25, 0.0, 0.12, 0.05),
        (0.27, 0.0, 0.18, 0.08),
        (0.42, 0.0, 0.13, 0.05),
    ] {
        brush.fill(&oval(x, y, rx, ry), flat(SPRAY));
    }
    for (x, y, r) in [
        (0.5, -0.15, 0.03),
        (0.4, -0.12, 0.022),
        (-0.53, -0.13, 0.026),
    ] {
        brush.fill(&disc(x, y, r), flat(SPRAY));
    }
}

/// Body, face and flipper, in the attitude of swimming.
fn swimmer(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let trunk = trunk();
    brush.fill(
        &trunk,
        linear(
            (0.0, -0.6),
            (0.0, 0.04),
            &[
                (0.0, tones.light),
                (0.22, tones.base.mix(tones.light, 0.2)),
                (0.55, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    brush.within(&trunk, |brush| belly(brush, look));
    // The eye and the mouth.
    brush.fill(&disc(0.5, -0.27, 0.05), flat(hex(0xFFFFFF)));
    brush.fill(&disc(0.51, -0.265, 0.036), flat(hex(0x191722)));
    brush.fill(&disc(0.498, -0.283, 0.013), flat(hex(0xFFFFFF)));
    brush.stroke(
        &curve(&[
            (0.86, -0.175),
            (0.73, -0.135),
            (0.62, -0.155),
            (0.57, -0.215),
        ]),
        0.024,
        flat(tones.deep),
    );
    // The flipper.
    brush.fill(
        &Outline::new(0.3, -0.13)
            .cubic((0.24, -0.02), (0.1, 0.05), (-0.02, 0.03))
            .cubic((0.0, -0.06), (0.06, -0.13), (0.14, -0.17))
            .close(),
        flat(tones.shade),
    );
}

fn trunk() -> Shape {
    Outline::new(0.88, -0.2)
        .cubic((0.88, -0.5), (0.62, -0.62), (0.3, -0.6))
        .cubic((-0.08, -0.58), (-0.3, -0.34), (-0.56, -0.38))
        .cubic((-0.64, -0.4), (-0.68, -0.46), (-0.68, -0.54))
        .line(-0.8, -0.5)
        .cubic((-0.8, -0.26), (-0.66, 0.02), (-0.3, 0.05))
        .line(0.66, 0.05)
        .cubic((0.82, 0.03), (0.88, -0.06), (0.88, -0.2))
        .close()
}

fn belly(brush: &mut Brush<'_>, look: &Look) {
    let pale = pale(look);
    brush.fill(
        &Outline::new(0.95, -0.17)
            .cubic((0.72, -0.08), (0.5, -0.12), (0.3, -0.09))
            .cubic((0.0, -0.05), (-0.2, -0.02), (-0.4, 0.06))
            .line(0.95, 0.08)
            .close(),
        flat(pale),
    );
    for y in [-0.07_f32, -0.02] {
        brush.stroke(
            &curve(&[(0.9, y - 0.02), (0.6, y + 0.01), (0.3, y + 0.02)]),
            0.018,
            flat(look.tones.shade.mix(pale, 0.45)),
        );
    }
}

fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xD4DCEA)
    } else {
        look.tones.light.mix(hex(0xFFFFFF), 0.7)
    }
}

fn flukes(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // Both halves of the tail, lifted out of the water.
    brush.fill(
        &blob(&[
            (-0.72, -0.5),
            (-0.62, -0.62),
            (-0.46, -0.7),
            (-0.42, -0.66),
            (-0.5, -0.54),
            (-0.66, -0.46),
        ]),
        flat(tones.shade),
    );
    brush.fill(
        &blob(&[
            (-0.7, -0.48),
            (-0.76, -0.62),
            (-0.88, -0.72),
            (-0.94, -0.69),
            (-0.92, -0.56),
            (-0.78, -0.46),
        ]),
        flat(tones.base),
    );
}

/// Two falling arcs of water and their drops, `size` of the full height, over the blowhole.
fn spout(brush: &mut Brush<'_>, (x, y): (f32, f32), size: f32) {
    let reach = 0.22;
    let mut brush = brush.placed(Transform::from_row(size, 0.0, 0.0, size, x, y));
    for (ink, width, drop) in [(hex(0xA9DCF4), 0.09, 0.02), (SPRAY, 0.055, 0.0)] {
        for s in [-1.0_f32, 1.0] {
            brush.stroke(
                &curve(&[
                    (0.0, 0.02),
                    (s * 0.008, -0.22),
                    (s * reach * 0.36, drop - 0.355),
                    (s * reach * 0.78, drop - 0.355),
                    (s * reach, drop - 0.24),
                ]),
                width,
                flat(ink),
            );
        }
    }
    for (dx, dy, r) in [(-0.03, -0.405, 0.03), (0.05, -0.39, 0.022)] {
        brush.fill(&disc(dx, dy, r), flat(SPRAY));
    }
    for s in [-1.0_f32, 1.0] {
        brush.fill(&oval(s * (reach + 0.015), -0.14, 0.026, 0.036), flat(SPRAY));
    }
}
