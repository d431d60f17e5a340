//! An umbrella: gores in its colour between narrower pale ones. A parasol in the ground, or one laid down.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat};
use super::super::shape::{Outline, curve, disc, oval, slab, turned};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Umbrella,
    stance: Stance::Stands,
    height: (0.48, 0.6),
    half_width: 0.6,
    poses: 2,
    body,
    lights: dark,
};

/// Half the width of the canopy and its height.
const REACH: f32 = 0.58;
const CROWN: f32 = 0.46;
/// Where the ribs end, from left to right.
const RIBS: [(f32, f32); 6] = [
    (-REACH, 0.0),
    (-0.35, 0.045),
    (-0.19, 0.06),
    (0.19, 0.06),
    (0.35, 0.045),
    (REACH, 0.0),
];

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        brush.fill(
            &oval(0.0, -0.035, 0.13, 0.04),
            look.round(hex(0x8C8690), -0.13, 0.13),
        );
        brush.fill(
            &slab(-0.024, -0.6, 0.024, -0.045),
            look.round(hex(0xC99A62), -0.024, 0.024),
        );
        canopy(
            &mut brush.placed(Transform::from_translate(0.0, -0.51)),
            look,
        );
    } else {
        // On the edge of the canopy and the end of the handle.
        let laid = Transform::from_translate(0.05, -0.425).pre_concat(turned(-0.127));
        let brush = &mut brush.placed(laid);
        brush.stroke(
            &curve(&[(0.0, -0.2), (0.0, 0.5)]),
            0.036,
            flat(hex(0xB9BEC9)),
        );
        brush.stroke(
            &curve(&[
                (0.0, 0.42),
                (0.0, 0.53),
                (0.06, 0.585),
                (0.12, 0.53),
                (0.12, 0.5),
            ]),
            0.05,
            flat(hex(0x7A4E2E)),
        );
        canopy(brush, look);
    }
}

/// The paler gores; slate on white.
fn pale(look: &Look) -> Rgb {
    match look.color {
        Color::White => hex(0xB4C0D6),
        Color::Black => look.tones.base.mix(look.tones.light, 0.8),
        _ => look.tones.light.mix(hex(0xFFFFFF), 0.12),
    }
}

/// The canopy: the middle of its rim at the origin.
fn canopy(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    brush.fill(&oval(0.0, 0.005, REACH * 0.94, 0.055), flat(tones.deep));
    brush.stroke(
        &curve(&[(0.0, -CROWN - 0.04), (0.0, -CROWN + 0.05)]),
        0.035,
        flat(tones.deep),
    );
    for (n, ends) in RIBS.windows(2).enumerate() {
        let &[(x0, y0), (x1, y1)] = ends else {
            continue;
        };
        let along = |x: f32| ((x, -0.27), (x * 0.52, -CROWN));
        let ((a0, b0), (a1, b1)) = (along(x0), along(x1));
        let dip = (y0 + y1) * 0.5 - 0.065;
        let gore = Outline::new(0.0, -CROWN)
            .cubic(b0, a0, (x0, y0))
            .quad(((x0 + x1) * 0.5, dip), (x1, y1))
            .cubic(a1, b1, (0.0, -CROWN))
            .close();
        let color = if n % 2 == 0 { tones.base } else { pale(look) };
        // From the lit side to the other.
        let far = 0.5 - (x0 + x1) * 0.5 / REACH * look.side * 0.6;
        let shade = if n % 2 == 0 { tones.shade } else { tones.base };
        let lit = if n % 2 == 0 { tones.light } else { color };
        brush.fill(
            &gore,
            flat(
                color
                    .mix(shade, (far - 0.4).max(0.0) * 0.6)
                    .mix(lit, (0.35 - far).max(0.0)),
            ),
        );
    }
    brush.fill(&disc(0.0, -CROWN - 0.005, 0.03), flat(tones.shade));
}
