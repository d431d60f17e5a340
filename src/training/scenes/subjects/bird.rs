//! A bird in flight: its feathers have the colour.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, Shape, blob, disc, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Bird,
    stance: Stance::Drifts,
    height: (0.34, 0.43),
    half_width: 0.72,
    poses: 2,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    // With raised wings the body hangs low, with lowered wings it rides high.
    let middle = if look.pose == 0 { -0.26 } else { -0.72 };
    let mut brush = brush.placed(Transform::from_translate(0.0, middle));
    let flap = if look.pose == 0 { -1.0 } else { 1.0 };
    let tones = look.tones;
    far_wing(&mut brush, look, flap);
    tail(&mut brush, look);
    let trunk = trunk();
    brush.fill(
        &trunk,
        linear(
            (0.0, -0.26),
            (0.0, 0.24),
            &[
                (0.0, tones.base.mix(tones.light, 0.5)),
                (0.4, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    brush.within(&trunk, |brush| {
        brush.fill(
            &blob(&[
                (0.62, 0.02),
                (0.4, 0.04),
                (0.1, 0.12),
                (-0.3, 0.15),
                (-0.2, 0.4),
                (0.4, 0.4),
            ]),
            flat(pale(look)),
        );
    });
    face(&mut brush);
    near_wing(&mut brush, look, flap);
}

/// Throat and belly.
fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xDDE3EE)
    } else {
        look.tones.light.mix(hex(0xFFFFFF), 0.55)
    }
}

/// Head and body in one.
fn trunk() -> Shape {
    Outline::new(-0.52, 0.0)
        .cubic((-0.3, -0.12), (-0.05, -0.16), (0.14, -0.18))
        .cubic((0.22, -0.3), (0.46, -0.32), (0.54, -0.14))
        .cubic((0.58, -0.02), (0.52, 0.08), (0.44, 0.13))
        .cubic((0.28, 0.28), (-0.16, 0.3), (-0.52, 0.06))
        .close()
}

fn tail(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    brush.fill(
        &polygon(&[(-0.34, -0.06), (-0.72, -0.11), (-0.64, 0.0), (-0.4, 0.06)]),
        flat(tones.base),
    );
    brush.fill(
        &polygon(&[(-0.36, 0.0), (-0.64, 0.0), (-0.7, 0.12), (-0.36, 0.1)]),
        flat(tones.shade),
    );
}

fn face(brush: &mut Brush<'_>) {
    brush.fill(
        &polygon(&[(0.52, -0.12), (0.72, -0.02), (0.53, 0.0)]),
        flat(hex(0xFFB326)),
    );
    brush.fill(
        &polygon(&[(0.53, -0.01), (0.69, -0.015), (0.52, 0.06)]),
        flat(hex(0xE08A14)),
    );
    brush.fill(&disc(0.41, -0.1, 0.062), flat(hex(0xFFFFFF)));
    brush.fill(&disc(0.42, -0.095, 0.045), flat(hex(0x1B1822)));
    brush.fill(&disc(0.405, -0.115, 0.016), flat(hex(0xFFFFFF)));
}

/// A wing between its root and its tip; `v` runs away from the body.
fn wing(root: (f32, f32), tip: (f32, f32), flap: f32) -> Shape {
    Outline::new(root.0, 0.0)
        .cubic(
            (root.0 + 0.08, flap * 0.3),
            (tip.0 + 0.26, flap * 0.56),
            (tip.0, flap * tip.1),
        )
        // Three feathers end in scallops.
        .quad(
            (tip.0 - 0.09, flap * (tip.1 - 0.1)),
            (tip.0 - 0.06, flap * (tip.1 - 0.2)),
        )
        .quad(
            (tip.0 - 0.18, flap * (tip.1 - 0.26)),
            (tip.0 - 0.11, flap * (tip.1 - 0.37)),
        )
        .quad(
            (tip.0 - 0.22, flap * (tip.1 - 0.46)),
            (tip.0 - 0.1, flap * (tip.1 - 0.54)),
        )
        .quad((root.1 - 0.1, flap * 0.1), (root.1, 0.0))
        .close()
}

fn far_wing(brush: &mut Brush<'_>, look: &Look, flap: f32) {
    brush.fill(
        &wing((0.28, -0.02), (0.14, 0.66), flap),
        flat(look.tones.shade),
    );
}

fn near_wing(brush: &mut Brush<'_>, look: &Look, flap: f32) {
    let tones = look.tones;
    let near = wing((0.16, -0.24), (-0.26, 0.74), flap);
    brush.fill(
        &near,
        linear(
            (0.1, 0.0),
            (-0.3, flap * 0.7),
            &[
                (0.0, tones.base),
                (0.55, tones.base.mix(tones.light, 0.25)),
                (1.0, tones.light),
            ],
        ),
    );
    brush.within(&near, |brush| {
        // The flight feathers, along the trailing edge.
        brush.fill(
            &blob(&[
                (-0.26, flap * 0.8),
                (-0.2, flap * 0.5),
                (-0.14, flap * 0.28),
                (-0.16, flap * 0.02),
                (-0.6, flap * 0.02),
                (-0.6, flap * 0.8),
            ]),
            flat(tones.shade),
        );
    });
}
