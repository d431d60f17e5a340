//! A flying saucer: its hull has the colour, a small pilot looks out of the dome.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glaze, glow, linear, veil};
use super::super::shape::{Outline, Shape, curve, disc, oval, pill, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Ufo,
    stance: Stance::Hovers,
    height: (0.32, 0.4),
    half_width: 1.02,
    poses: 2,
    body,
    lights,
};

/// Abscissa, height and radius of the lamps along the rim.
const LAMPS: [(f32, f32, f32); 5] = [
    (-0.74, -0.35, 0.062),
    (-0.39, -0.27, 0.072),
    (0.0, -0.24, 0.076),
    (0.39, -0.27, 0.072),
    (0.74, -0.35, 0.062),
];

fn dome(pose: u8) -> Shape {
    // The second pose has a lower, wider dome.
    let (half, top) = if pose == 0 {
        (0.43, -1.0)
    } else {
        (0.52, -0.96)
    };
    let rise = (top + 0.5) * 0.62;
    Outline::new(-half, -0.5)
        .cubic((-half, -0.5 + rise), (-half * 0.6, top), (0.0, top))
        .cubic((half * 0.6, top), (half, -0.5 + rise), (half, -0.5))
        .close()
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let dome = dome(look.pose);
    brush.fill(
        &dome,
        linear(
            (0.0, -1.0),
            (0.0, -0.5),
            &[(0.0, hex(0xE2F6FF)), (1.0, hex(0x8CC6DC))],
        ),
    );
    brush.within(&dome, pilot);
    // The belly, in two steps, and the opening of the beam.
    brush.fill(&oval(0.0, -0.16, 0.6, 0.13), flat(tones.deep));
    brush.fill(
        &pill((-0.3, -0.11), (0.3, 0.0), 0.05),
        look.round(hex(0x7C8699), -0.3, 0.3),
    );
    let hull = hull();
    brush.fill(&hull, look.across(-1.0, 1.0));
    brush.within(&hull, |brush| {
        // The underside, seen as a darker crescent.
        brush.fill(
            &Outline::new(-1.1, -0.4)
                .quad((0.0, -0.13), (1.1, -0.4))
                .line(1.1, 0.0)
                .line(-1.1, 0.0)
                .close(),
            flat(tones.shade),
        );
        brush.stroke(
            &curve(&[(-0.78, -0.49), (-0.4, -0.57), (0.0, -0.59)]),
            0.035,
            flat(tones.light),
        );
    });
    // The collar of the dome.
    brush.fill(&collar(look.pose), flat(look.trim()));
    for (x, y, r) in LAMPS {
        brush.fill(&disc(x, y, r + 0.028), flat(tones.deep));
        brush.fill(&disc(x, y, r), flat(lamp(look)));
    }
    if look.pose == 1 {
        for s in [-1.0_f32, 1.0] {
            brush.stroke(
                &curve(&[(s * 0.66, -0.52), (s * 0.74, -0.72)]),
                0.034,
                flat(hex(0x8C97AB)),
            );
            brush.fill(&disc(s * 0.75, -0.76, 0.055), flat(hex(0xE8504A)));
        }
    }
}

fn hull() -> Shape {
    Outline::new(-1.02, -0.37)
        .cubic((-0.86, -0.52), (-0.5, -0.62), (0.0, -0.62))
        .cubic((0.5, -0.62), (0.86, -0.52), (1.02, -0.37))
        .cubic((0.86, -0.2), (0.5, -0.12), (0.0, -0.12))
        .cubic((-0.5, -0.12), (-0.86, -0.2), (-1.02, -0.37))
        .close()
}

fn collar(pose: u8) -> Shape {
    let half = if pose == 0 { 0.47 } else { 0.56 };
    Outline::new(-half, -0.56)
        .quad((0.0, -0.47), (half, -0.56))
        .line(half, -0.5)
        .quad((0.0, -0.4), (-half, -0.5))
        .close()
}

fn lamp(look: &Look) -> Rgb {
    if look.lit {
        hex(0xFFF0A8)
    } else {
        hex(0xFFF6D4)
    }
}

/// A little green pilot.
fn pilot(brush: &mut Brush<'_>) {
    let skin = hex(0x8FCB86);
    brush.fill(&oval(0.0, -0.47, 0.17, 0.14), flat(hex(0x5C6475)));
    brush.fill(&oval(0.0, -0.69, 0.15, 0.145), flat(skin));
    for s in [-1.0_f32, 1.0] {
        brush.fill(&oval(s * 0.062, -0.695, 0.044, 0.056), flat(hex(0x1D2030)));
        brush.fill(&disc(s * 0.062 - 0.012, -0.715, 0.015), flat(hex(0xFFFFFF)));
    }
    brush.stroke(
        &curve(&[(-0.035, -0.602), (0.0, -0.592), (0.035, -0.602)]),
        0.02,
        flat(hex(0x3A5A3C)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    // The beam, down to the ground.
    let pale = hex(0xC4FFF0);
    let strength = if look.lit { 0.6 } else { 0.5 };
    brush.fill(
        &polygon(&[(-0.26, 0.0), (0.26, 0.0), (0.62, 0.62), (-0.62, 0.62)]),
        veil(
            (0.0, 0.0),
            (0.0, 0.62),
            &[(0.0, pale, strength), (1.0, pale, 0.0)],
        ),
    );
    brush.fill(&oval(0.0, -0.005, 0.25, 0.03), flat(hex(0xEAFFF8)));
    // The shine of the glass.
    let s = look.side;
    brush.stroke(
        &curve(&[(s * 0.2, -0.9), (s * 0.3, -0.82), (s * 0.345, -0.7)]),
        0.045,
        glaze(hex(0xFFFFFF), 0.85),
    );
    if !look.lit {
        return;
    }
    let warm = hex(0xFFE88C);
    for (x, y, r) in LAMPS {
        brush.fill(&disc(x, y, r * 2.8), glow((x, y), r * 2.8, warm, 0.8));
        brush.fill(&disc(x, y, r), flat(hex(0xFFFAE0)));
    }
}
