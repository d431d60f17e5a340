//! An airplane, from the side: a propeller plane or a small jet; its hull has the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glaze, glow, linear};
use super::super::shape::{Outline, Shape, curve, disc, oval, pill, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Airplane,
    stance: Stance::Drifts,
    height: (0.3, 0.37),
    half_width: 1.14,
    poses: 2,
    body,
    lights,
};

const METAL: Rgb = hex(0xB8C0CE);

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        propeller_plane(brush, look);
    } else {
        jet(brush, look);
    }
}

/// Lit above, shaded below.
fn hull_ink(look: &Look, top: f32, bottom: f32) -> super::super::brush::Ink {
    let tones = look.tones;
    linear(
        (0.0, top),
        (0.0, bottom),
        &[
            (0.0, tones.light),
            (0.35, tones.base),
            (0.62, tones.base),
            (1.0, tones.shade),
        ],
    )
}

fn propeller_plane(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The wheels.
    for x in [0.2, 0.52] {
        brush.stroke(&curve(&[(x, -0.3), (x + 0.03, -0.12)]), 0.05, flat(METAL));
        brush.fill(&disc(x + 0.03, -0.1, 0.1), flat(hex(0x2B2F3A)));
        brush.fill(&disc(x + 0.03, -0.1, 0.045), flat(METAL));
    }
    // The tail.
    brush.fill(
        &Outline::new(-0.62, -0.6)
            .quad((-0.82, -0.72), (-0.88, -0.96))
            .quad((-1.0, -1.0), (-1.08, -0.94))
            .line(-1.02, -0.5)
            .close(),
        flat(tones.shade),
    );
    brush.fill(
        &Outline::new(-0.905, -0.86)
            .line(-1.075, -0.86)
            .line(-1.06, -0.74)
            .line(-0.845, -0.74)
            .close(),
        flat(look.trim()),
    );
    cockpit(brush, look);
    let hull = Outline::new(0.86, -0.62)
        .cubic((0.7, -0.7), (0.3, -0.7), (-0.1, -0.68))
        .cubic((-0.5, -0.66), (-0.8, -0.62), (-1.04, -0.58))
        .quad((-1.1, -0.52), (-1.02, -0.46))
        .cubic((-0.6, -0.3), (-0.2, -0.2), (0.3, -0.2))
        .cubic((0.62, -0.2), (0.82, -0.24), (0.86, -0.28))
        .close();
    brush.fill(&hull, hull_ink(look, -0.69, -0.22));
    brush.within(&hull, |brush| {
        brush.stroke(
            &curve(&[(-1.1, -0.5), (-0.2, -0.5), (0.9, -0.5)]),
            0.05,
            flat(look.trim()),
        );
    });
    // The nose with its propeller.
    brush.fill(
        &pill((0.74, -0.65), (0.92, -0.25), 0.06),
        look.round(METAL, 0.7, 0.94),
    );
    brush.fill(&oval(1.0, -0.45, 0.055, 0.44), glaze(hex(0xDDE6F0), 0.5));
    brush.fill(
        &pill((0.975, -0.83), (1.025, -0.07), 0.03),
        flat(hex(0x6A4A38)),
    );
    brush.fill(
        &Outline::new(0.9, -0.56)
            .quad((1.1, -0.54), (1.12, -0.45))
            .quad((1.1, -0.36), (0.9, -0.34))
            .close(),
        flat(tones.shade),
    );
    // The far tailplane and the wing, towards us.
    brush.fill(
        &Outline::new(-0.74, -0.5)
            .line(-0.94, -0.5)
            .quad((-1.14, -0.42), (-1.12, -0.36))
            .line(-0.94, -0.36)
            .close(),
        flat(tones.base.mix(tones.light, 0.35)),
    );
    wing(brush, look, ((0.36, -0.4), (-0.16, -0.4), (-0.46, -0.1)));
}

/// The near wing, from its root to its tip behind and below.
fn wing(
    brush: &mut Brush<'_>,
    look: &Look,
    (front, rear, tip): ((f32, f32), (f32, f32), (f32, f32)),
) {
    let tones = look.tones;
    let plate = |drop: f32| -> Shape {
        Outline::new(front.0, front.1 + drop)
            .line(tip.0 + 0.4, tip.1 - 0.02 + drop)
            .quad((tip.0 + 0.2, tip.1 + 0.05 + drop), (tip.0, tip.1 + drop))
            .line(rear.0, rear.1 + drop)
            .close()
    };
    brush.fill(&plate(0.035), flat(tones.deep));
    brush.fill(
        &plate(0.0),
        linear(
            front,
            tip,
            &[(0.0, tones.base), (1.0, tones.base.mix(tones.light, 0.55))],
        ),
    );
}

fn cockpit(brush: &mut Brush<'_>, look: &Look) {
    let bubble = Outline::new(-0.26, -0.64)
        .cubic((-0.2, -0.92), (0.02, -0.96), (0.14, -0.95))
        .cubic((0.3, -0.94), (0.38, -0.84), (0.48, -0.64))
        .close();
    brush.fill(
        &bubble,
        linear(
            (0.0, -0.96),
            (0.0, -0.64),
            &[(0.0, hex(0xDDF4FF)), (1.0, hex(0x86C4DE))],
        ),
    );
    brush.within(&bubble, |brush| {
        brush.fill(&slab(0.12, -1.0, 0.165, -0.6), flat(look.tones.deep));
    });
}

fn jet(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The far wing, and the tail.
    brush.fill(
        &Outline::new(0.22, -0.56)
            .line(-0.1, -0.84)
            .line(-0.24, -0.84)
            .line(-0.14, -0.56)
            .close(),
        flat(tones.deep),
    );
    brush.fill(
        &Outline::new(-0.52, -0.58)
            .line(-0.86, -1.0)
            .quad((-1.0, -1.02), (-1.06, -0.98))
            .line(-0.98, -0.52)
            .close(),
        flat(tones.shade),
    );
    brush.fill(
        &Outline::new(-0.77, -0.89)
            .line(-1.045, -0.89)
            .line(-1.025, -0.76)
            .line(-0.665, -0.76)
            .close(),
        flat(look.trim()),
    );
    let hull = Outline::new(1.14, -0.42)
        .cubic((1.1, -0.58), (0.92, -0.66), (0.66, -0.66))
        .line(-0.6, -0.64)
        .cubic((-0.86, -0.62), (-1.0, -0.6), (-1.1, -0.55))
        .cubic((-1.0, -0.42), (-0.72, -0.24), (-0.4, -0.22))
        .line(0.7, -0.22)
        .cubic((0.96, -0.23), (1.14, -0.3), (1.14, -0.42))
        .close();
    brush.fill(&hull, hull_ink(look, -0.66, -0.22));
    brush.within(&hull, |brush| {
        brush.fill(&slab(-1.2, -0.31, 1.2, -0.2), flat(look.trim()));
        brush.fill(
            &Outline::new(0.86, -0.7)
                .line(1.2, -0.7)
                .line(1.2, -0.475)
                .line(0.84, -0.475)
                .quad((0.8, -0.55), (0.86, -0.7))
                .close(),
            flat(hex(0x3A4766)),
        );
    });
    for n in 0..6 {
        let x = -0.5 + n as f32 * 0.2;
        brush.fill(
            &pill((x - 0.07, -0.575), (x + 0.07, -0.41), 0.055),
            flat(tones.shade),
        );
        brush.fill(
            &pill((x - 0.05, -0.555), (x + 0.05, -0.43), 0.04),
            flat(look.glass()),
        );
    }
    // The engine under the wing.
    brush.fill(
        &pill((0.0, -0.3), (0.4, -0.1), 0.08),
        look.round(METAL, 0.0, 0.42),
    );
    brush.fill(&oval(0.38, -0.2, 0.04, 0.095), flat(hex(0x4A5266)));
    brush.fill(
        &Outline::new(-0.72, -0.5)
            .line(-0.96, -0.5)
            .line(-1.14, -0.37)
            .line(-1.0, -0.37)
            .close(),
        flat(tones.base.mix(tones.light, 0.35)),
    );
    wing(brush, look, ((0.34, -0.36), (-0.14, -0.36), (-0.52, -0.02)));
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let (tail, tip) = if look.pose == 0 {
        ((-0.98, -0.97), (-0.42, -0.1))
    } else {
        ((-0.97, -1.0), (-0.48, -0.02))
    };
    for ((x, y), color) in [(tail, 0xFF7A62), (tip, 0xFFF2C0)] {
        let color = hex(color);
        brush.fill(&disc(x, y, 0.17), glow((x, y), 0.17, color, 0.85));
        brush.fill(&disc(x, y, 0.03), flat(color.mix(hex(0xFFFFFF), 0.6)));
    }
}
