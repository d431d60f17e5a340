//! A butterfly: its wings have the colour, with a dark border and pale spots.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, Shape, curve, disc, oval, turned};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Butterfly,
    stance: Stance::Hovers,
    height: (0.36, 0.46),
    half_width: 0.6,
    poses: 2,
    body,
    lights: dark,
};

const BODY: Rgb = hex(0x3A2C34);

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        spread(brush, look);
    } else {
        // The wings stand up and back from a body that leans upward.
        folded(brush, look);
    }
}

/// The dark edge of the wings.
fn border(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0x6E7A96)
    } else {
        look.tones.deep
    }
}

/// Spots on the wings.
fn spot(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xFFFFFF)
    } else {
        look.tones.light.mix(hex(0xFFFFFF), 0.55)
    }
}

/// A fore wing to the right of the origin, and the same drawn smaller for what lies inside the edge.
fn fore_wing(k: f32) -> Shape {
    Outline::new(0.0, 0.0)
        .cubic(
            (0.08 * k, -0.26 * k),
            (0.32 * k, -0.54 * k),
            (0.52 * k, -0.5 * k),
        )
        .cubic(
            (0.62 * k, -0.46 * k),
            (0.56 * k, -0.2 * k),
            (0.46 * k, -0.06 * k),
        )
        .cubic((0.36 * k, 0.06 * k), (0.14 * k, 0.06 * k), (0.0, 0.0))
        .close()
}

fn hind_wing(k: f32) -> Shape {
    Outline::new(0.0, 0.0)
        .cubic(
            (0.18 * k, -0.04 * k),
            (0.42 * k, 0.04 * k),
            (0.45 * k, 0.2 * k),
        )
        .cubic(
            (0.46 * k, 0.36 * k),
            (0.3 * k, 0.5 * k),
            (0.2 * k, 0.44 * k),
        )
        .cubic((0.1 * k, 0.38 * k), (0.02 * k, 0.2 * k), (0.0, 0.0))
        .close()
}

/// One side's pair of wings.
fn wings(brush: &mut Brush<'_>, look: &Look, lit: bool) {
    let tones = look.tones;
    let (near, far) = if lit {
        (tones.base, tones.base.mix(tones.light, 0.65))
    } else {
        (tones.base.mix(tones.shade, 0.55), tones.base)
    };
    brush.fill(&hind_wing(1.0), flat(border(look)));
    brush.fill(
        &hind_wing(0.86),
        linear((0.0, 0.0), (0.3, 0.36), &[(0.0, near), (1.0, far)]),
    );
    brush.fill(&disc(0.24, 0.2, 0.07), flat(tones.shade));
    brush.fill(&disc(0.24, 0.2, 0.042), flat(spot(look)));
    brush.fill(&fore_wing(1.0), flat(border(look)));
    brush.fill(
        &fore_wing(0.86),
        linear((0.0, 0.0), (0.4, -0.4), &[(0.0, near), (1.0, far)]),
    );
    // The cell by the body, and the spots along the edge.
    brush.fill(
        &Outline::new(0.05, -0.05)
            .cubic((0.1, -0.18), (0.2, -0.28), (0.28, -0.28))
            .cubic((0.3, -0.2), (0.2, -0.04), (0.05, -0.05))
            .close(),
        flat(tones.shade.mix(near, 0.25)),
    );
    for (x, y, r) in [(0.4, -0.34, 0.05), (0.42, -0.2, 0.038), (0.36, -0.09, 0.03)] {
        brush.fill(&disc(x, y, r), flat(spot(look)));
    }
}

/// From above, both pairs open.
fn spread(brush: &mut Brush<'_>, look: &Look) {
    let lean = Transform::from_translate(0.0, -0.47).pre_concat(turned(0.035));
    let mut brush = brush.placed(lean);
    for s in [-1.0_f32, 1.0] {
        let mut half = brush.placed(Transform::from_row(s, 0.0, 0.0, 1.0, s * 0.025, 0.0));
        wings(&mut half, look, s == look.side);
    }
    for s in [-1.0_f32, 1.0] {
        brush.stroke(
            &curve(&[(s * 0.015, -0.18), (s * 0.06, -0.34), (s * 0.15, -0.42)]),
            0.022,
            flat(BODY),
        );
        brush.fill(&disc(s * 0.15, -0.42, 0.024), flat(BODY));
    }
    trunk(&mut brush);
}

fn trunk(brush: &mut Brush<'_>) {
    brush.fill(&oval(0.0, 0.1, 0.035, 0.24), flat(BODY));
    brush.fill(
        &oval(0.0, -0.06, 0.048, 0.11),
        flat(BODY.mix(hex(0xFFFFFF), 0.1)),
    );
    brush.fill(&disc(0.0, -0.17, 0.055), flat(BODY));
}

/// From the side, the wings raised.
fn folded(brush: &mut Brush<'_>, look: &Look) {
    // The far pair shows behind the near one.
    for (turn, squeeze, lit) in [(0.03, 0.9, false), (-0.09, 1.12, true)] {
        let place = Transform::from_translate(0.02, -0.34)
            .pre_concat(turned(turn))
            .pre_scale(-squeeze, squeeze);
        wings(&mut brush.placed(place), look, lit);
    }
    let lean = Transform::from_translate(0.03, -0.32).pre_concat(turned(0.14));
    let mut brush = brush.placed(lean);
    for dx in [0.0_f32, 0.09] {
        brush.stroke(
            &curve(&[(0.0, -0.18), (0.02 + dx * 0.5, -0.32), (0.06 + dx, -0.4)]),
            0.022,
            flat(BODY),
        );
        brush.fill(&disc(0.06 + dx, -0.4, 0.024), flat(BODY));
    }
    trunk(&mut brush);
}
