//! A rose: its petals have the colour.

use tiny_skia::Transform;

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, blob, curve, disc, join, oval, turned};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Rose,
    stance: Stance::Stands,
    height: (0.52, 0.66),
    half_width: 0.34,
    poses: 2,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    let stem = hex(0x2F7A44);
    brush.stroke(
        &curve(&[(0.03, 0.0), (-0.02, -0.26), (0.0, -0.6)]),
        0.05,
        flat(stem),
    );
    if look.pose == 0 {
        leaf(brush, (-0.01, -0.2), -1.0, 0.3);
        leaf(brush, (-0.01, -0.33), 1.0, 0.27);
    } else {
        leaf(brush, (0.0, -0.13), 1.0, 0.31);
        leaf(brush, (-0.01, -0.27), -1.0, 0.29);
    }
    if look.pose == 0 {
        cup(brush, look);
    } else {
        // A slimmer bloom that leans, turned about the top of the stem.
        let lean = Transform::from_translate(0.0, -0.55)
            .pre_concat(turned(0.035))
            .pre_scale(0.9, 1.02)
            .pre_translate(0.0, 0.55);
        cup(&mut brush.placed(lean), look);
    }
}

fn leaf(brush: &mut Brush<'_>, (x, y): (f32, f32), side: f32, size: f32) {
    let at = |u: f32, v: f32| (x + side * size * u, y - size * v);
    let half = |bulge: f32| {
        Outline::new(x, y)
            .cubic(at(0.2, bulge), at(0.75, bulge + 0.3), at(1.05, 0.52))
            .cubic(at(0.75, 0.34), at(0.35, 0.1), (x, y))
            .close()
    };
    brush.fill(&half(0.62), flat(hex(0x4FA35A)));
    let lower = Outline::new(x, y)
        .cubic(at(0.4, -0.24), at(0.9, -0.06), at(1.05, 0.52))
        .cubic(at(0.75, 0.34), at(0.35, 0.1), (x, y))
        .close();
    brush.fill(&lower, flat(hex(0x2F7D46)));
}

/// The bloom from the side.
fn cup(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // Sepals.
    let green = flat(hex(0x3C8C4C));
    brush.fill(
        &blob(&[
            (-0.13, -0.58),
            (-0.05, -0.52),
            (0.0, -0.49),
            (0.05, -0.52),
            (0.13, -0.58),
            (0.0, -0.64),
        ]),
        green,
    );
    // Back petals.
    brush.fill(
        &join(&[
            disc(-0.13, -0.83, 0.13),
            disc(0.13, -0.83, 0.13),
            disc(0.0, -0.87, 0.13),
        ]),
        flat(tones.shade),
    );
    brush.fill(
        &oval(0.0, -0.86, 0.135, 0.1),
        flat(tones.base.mix(tones.light, 0.35)),
    );
    brush.fill(&oval(0.01, -0.845, 0.1, 0.075), flat(tones.shade));
    brush.fill(&oval(0.0, -0.835, 0.062, 0.05), flat(tones.base));
    brush.fill(&oval(0.008, -0.825, 0.033, 0.03), flat(tones.deep));
    // The body of the cup.
    let bowl = Outline::new(-0.235, -0.82)
        .cubic((-0.27, -0.66), (-0.16, -0.55), (0.0, -0.545))
        .cubic((0.16, -0.55), (0.27, -0.66), (0.235, -0.82))
        .cubic((0.12, -0.74), (-0.12, -0.74), (-0.235, -0.82))
        .close();
    brush.fill(&bowl, look.gently(-0.25, 0.25));
    // The outer petals, one over the other.
    let s = look.side;
    let under = Outline::new(-s * 0.29, -0.86)
        .cubic((-s * 0.34, -0.68), (-s * 0.2, -0.54), (0.0, -0.545))
        .cubic((s * 0.1, -0.6), (-s * 0.06, -0.72), (-s * 0.29, -0.86))
        .close();
    brush.fill(&under, flat(tones.base.mix(tones.shade, 0.75)));
    let over = Outline::new(s * 0.3, -0.85)
        .cubic((s * 0.33, -0.66), (s * 0.18, -0.54), (-s * 0.02, -0.545))
        .cubic((-s * 0.16, -0.6), (0.0, -0.74), (s * 0.3, -0.85))
        .close();
    brush.fill(
        &over,
        linear(
            (s * 0.3, -0.8),
            (-s * 0.1, -0.58),
            &[
                (0.0, tones.light),
                (0.4, tones.base.mix(tones.light, 0.25)),
                (1.0, tones.base),
            ],
        ),
    );
    brush.stroke(
        &curve(&[(-s * 0.285, -0.85), (-s * 0.12, -0.75), (-s * 0.02, -0.665)]),
        0.026,
        flat(tones.base.mix(tones.light, 0.6)),
    );
}
