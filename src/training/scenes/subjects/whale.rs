//! A whale in the sea, with its spout: its back has the colour.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, Shape, blob, curve, disc, oval};
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

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    spout(brush, look.pose);
    flukes(brush, look);
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
        &curve(&[(0.84, -0.21), (0.7, -0.15), (0.58, -0.155)]),
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

fn spout(brush: &mut Brush<'_>, pose: u8) {
    let water = hex(0xE2F4FD);
    let under = hex(0xA9DCF4);
    let x = 0.34;
    let reach = if pose == 0 { 0.2 } else { 0.28 };
    for (ink, width, drop) in [(under, 0.09, 0.02), (water, 0.055, 0.0)] {
        for s in [-1.0_f32, 1.0] {
            brush.stroke(
                &curve(&[
                    (x, -0.56),
                    (x + s * 0.008, -0.78),
                    (x + s * reach * 0.36, -0.915 + drop),
                    (x + s * reach * 0.78, -0.915 + drop),
                    (x + s * reach, -0.8 + drop),
                ]),
                width,
                flat(ink),
            );
        }
    }
    for (dx, y, r) in [(-0.03, -0.965, 0.03), (0.05, -0.95, 0.022)] {
        brush.fill(&disc(x + dx, y, r), flat(water));
    }
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &oval(x + s * (reach + 0.015), -0.7, 0.026, 0.036),
            flat(water),
        );
    }
}
