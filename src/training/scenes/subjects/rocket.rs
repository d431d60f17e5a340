//! A rocket: its body has the colour. It stands, climbs, or climbs aslant.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glow, linear};
use super::super::shape::{Outline, Shape, disc, oval, polygon, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Rocket,
    stance: Stance::Launches,
    height: (0.48, 0.6),
    half_width: 0.32,
    poses: 3,
    body,
    lights,
};

fn hull() -> Shape {
    Outline::new(0.0, -1.0)
        .cubic((0.13, -0.9), (0.215, -0.7), (0.205, -0.46))
        .cubic((0.2, -0.32), (0.16, -0.2), (0.13, -0.13))
        .line(-0.13, -0.13)
        .cubic((-0.16, -0.2), (-0.2, -0.32), (-0.205, -0.46))
        .cubic((-0.215, -0.7), (-0.13, -0.9), (0.0, -1.0))
        .close()
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let trim = if look.color == Color::White {
        hex(0x6A7BA0)
    } else {
        hex(0xEDEFF4)
    };
    brush.fill(
        &polygon(&[(-0.1, -0.14), (0.1, -0.14), (0.125, -0.06), (-0.125, -0.06)]),
        look.round(hex(0x6B7284), -0.12, 0.12),
    );
    for s in [-1.0_f32, 1.0] {
        let fin = Outline::new(s * 0.18, -0.42)
            .quad((s * 0.34, -0.28), (s * 0.33, 0.0))
            .quad((s * 0.23, -0.12), (s * 0.12, -0.15))
            .close();
        let fill = if s == look.side {
            trim
        } else {
            trim.times(0.72)
        };
        brush.fill(&fin, flat(fill));
    }
    let hull = hull();
    brush.fill(&hull, look.across(-0.21, 0.21));
    brush.within(&hull, |brush| {
        let cone = Outline::new(-0.3, -0.79)
            .quad((0.0, -0.75), (0.3, -0.79))
            .line(0.3, -1.1)
            .line(-0.3, -1.1)
            .close();
        brush.fill(&cone, look.round(trim, -0.17, 0.17));
        brush.fill(
            &slab(-0.3, -0.215, 0.3, -0.1),
            look.round(look.tones.shade.mix(look.tones.deep, 0.4), -0.2, 0.2),
        );
    });
    brush.fill(&disc(0.0, -0.6, 0.105), flat(hex(0xDDE3EE)));
    brush.fill(
        &disc(0.0, -0.6, 0.075),
        linear(
            (-0.06, -0.66),
            (0.06, -0.54),
            &[(0.0, hex(0x9AE2FF)), (1.0, hex(0x2A6CB8))],
        ),
    );
    let fin = trim.mix(look.tones.shade, 0.12);
    brush.fill(&oval(0.0, -0.16, 0.032, 0.15), flat(fin));
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        if look.lit {
            brush.fill(&disc(0.0, -0.6, 0.06), flat(hex(0xFFE49A)));
        }
        return;
    }
    let flame = |w: f32, length: f32| {
        Outline::new(-w, -0.07)
            .cubic((-w * 1.5, 0.08), (-w * 0.5, length * 0.7), (0.0, length))
            .cubic((w * 0.5, length * 0.7), (w * 1.5, 0.08), (w, -0.07))
            .close()
    };
    brush.fill(
        &disc(0.0, 0.08, 0.5),
        glow((0.0, 0.08), 0.5, hex(0xFFA040), 0.55),
    );
    brush.fill(
        &flame(0.105, 0.36),
        linear(
            (0.0, -0.05),
            (0.0, 0.36),
            &[(0.0, hex(0xFFB030)), (1.0, hex(0xFF6A2C))],
        ),
    );
    brush.fill(&flame(0.06, 0.2), flat(hex(0xFFF0A0)));
}
