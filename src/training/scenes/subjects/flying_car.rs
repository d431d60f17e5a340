//! A flying car: no wheels, a bubble canopy, tail fins, and a glow that holds it in the air.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow, linear, veil};
use super::super::shape::{Outline, Shape, disc, oval, pill, polygon, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::FlyingCar,
    stance: Stance::Hovers,
    height: (0.27, 0.33),
    half_width: 1.02,
    poses: 2,
    body,
    lights,
};

fn shell() -> Shape {
    Outline::new(1.0, -0.4)
        .cubic((0.92, -0.52), (0.62, -0.6), (0.36, -0.62))
        .line(-0.62, -0.64)
        .cubic((-0.8, -0.64), (-0.92, -0.58), (-0.94, -0.46))
        .cubic((-0.94, -0.28), (-0.7, -0.17), (-0.3, -0.15))
        .line(0.42, -0.15)
        .cubic((0.76, -0.17), (0.96, -0.26), (1.0, -0.4))
        .close()
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The thruster.
    brush.fill(
        &pill((-1.02, -0.54), (-0.84, -0.3), 0.05),
        flat(hex(0x5B6376)),
    );
    // The canopy.
    let canopy = Outline::new(-0.46, -0.58)
        .cubic((-0.4, -0.88), (-0.18, -1.0), (0.02, -1.0))
        .cubic((0.26, -0.99), (0.42, -0.84), (0.52, -0.58))
        .close();
    brush.fill(
        &canopy,
        linear(
            (0.0, -1.0),
            (0.0, -0.58),
            &[(0.0, hex(0xD6F4FF)), (1.0, hex(0x6AB2DC))],
        ),
    );
    brush.within(&canopy, |brush| {
        brush.fill(&slab(-0.06, -1.0, -0.005, -0.5), flat(tones.shade));
        brush.fill(
            &polygon(&[(0.1, -1.0), (0.2, -1.0), (0.36, -0.58), (0.22, -0.58)]),
            flat(hex(0xF2FCFF)),
        );
    });
    // The tail fin.
    let fin = if look.pose == 0 {
        Outline::new(-0.98, -0.98)
            .quad((-0.74, -0.94), (-0.42, -0.58))
            .line(-0.86, -0.56)
            .close()
    } else {
        Outline::new(-1.0, -0.92)
            .line(-0.66, -0.92)
            .line(-0.5, -0.58)
            .line(-0.84, -0.58)
            .close()
    };
    brush.fill(&fin, flat(tones.shade));
    let shell = shell();
    brush.fill(&shell, flat(tones.base));
    brush.within(&shell, |brush| {
        brush.fill(&oval(0.0, -0.66, 1.0, 0.1), flat(tones.light));
        brush.fill(&slab(-1.0, -0.31, 1.1, -0.1), flat(tones.shade));
        brush.fill(&slab(-1.0, -0.37, 1.1, -0.30), flat(look.trim()));
    });
    brush.fill(&oval(0.9, -0.42, 0.055, 0.05), flat(hex(0xFFF6C4)));
    // The side wing.
    if look.pose == 1 {
        brush.fill(
            &Outline::new(0.1, -0.44)
                .line(-0.5, -0.24)
                .line(-0.66, -0.24)
                .line(-0.42, -0.46)
                .close(),
            flat(tones.deep),
        );
    }
    // What it hovers on.
    for x in [-0.5, 0.46] {
        brush.fill(
            &pill((x - 0.2, -0.2), (x + 0.2, -0.07), 0.06),
            flat(hex(0x454D60)),
        );
        brush.fill(
            &pill((x - 0.15, -0.12), (x + 0.15, -0.04), 0.04),
            flat(hex(0x8FF6FF)),
        );
    }
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    let cyan = hex(0x58E4FF);
    let strength = if look.lit { 0.8 } else { 0.62 };
    for x in [-0.5, 0.46] {
        let cone = polygon(&[
            (x - 0.14, -0.07),
            (x + 0.14, -0.07),
            (x + 0.24, 0.42),
            (x - 0.24, 0.42),
        ]);
        brush.fill(
            &cone,
            veil(
                (x, -0.07),
                (x, 0.42),
                &[(0.0, cyan, strength), (1.0, cyan, 0.0)],
            ),
        );
        brush.fill(
            &pill((x - 0.15, -0.12), (x + 0.15, -0.04), 0.04),
            flat(hex(0xC8FCFF)),
        );
    }
    let flame = Outline::new(-0.98, -0.5)
        .quad((-1.2, -0.5), (-1.42, -0.42))
        .quad((-1.2, -0.34), (-0.98, -0.34))
        .close();
    brush.fill(
        &flame,
        linear(
            (-0.98, 0.0),
            (-1.42, 0.0),
            &[(0.0, hex(0xFFF3B0)), (1.0, hex(0xFF8A34))],
        ),
    );
    if look.lit {
        brush.fill(
            &disc(0.9, -0.42, 0.26),
            glow((0.9, -0.42), 0.26, hex(0xFFF0B0), 0.7),
        );
        brush.fill(&oval(0.9, -0.42, 0.055, 0.05), flat(hex(0xFFFCE6)));
    }
}
