//! A sailboat: its sails have the colour, the hull is wood.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, curve, disc, polygon, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Sailboat,
    stance: Stance::Floats,
    height: (0.44, 0.58),
    half_width: 0.48,
    poses: 2,
    body,
    lights,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let tall = look.pose == 0;
    brush.fill(&slab(-0.018, -1.0, 0.018, -0.15), flat(hex(0x6A4630)));
    // The mainsail, behind the mast.
    let main = Outline::new(-0.035, -0.96)
        .cubic((-0.14, -0.72), (-0.32, -0.5), (-0.42, -0.27))
        .quad((-0.2, -0.235), (-0.035, -0.265))
        .close();
    brush.fill(
        &main,
        linear(
            (-0.4, -0.3),
            (0.0, -0.6),
            &[(0.0, tones.base.mix(tones.shade, 0.3)), (1.0, tones.base)],
        ),
    );
    brush.within(&main, |brush| {
        brush.fill(
            &Outline::new(-0.035, -0.96)
                .cubic((-0.05, -0.7), (-0.16, -0.4), (-0.2, -0.2))
                .line(0.0, -0.2)
                .line(0.0, -0.96)
                .close(),
            flat(tones.base.mix(tones.light, 0.35)),
        );
    });
    // The foresail, full of wind.
    let reach = if tall { 0.38 } else { 0.46 };
    let fore = Outline::new(0.03, if tall { -0.9 } else { -0.97 })
        .cubic((0.2, -0.74), (reach * 0.98, -0.5), (reach, -0.29))
        .quad((0.2, -0.22), (0.03, -0.29))
        .close();
    brush.fill(
        &fore,
        linear(
            (0.03, -0.4),
            (reach, -0.4),
            &[
                (0.0, tones.shade),
                (0.45, tones.base),
                (1.0, tones.base.mix(tones.light, 0.55)),
            ],
        ),
    );
    brush.fill(
        &polygon(&[(0.0, -1.0), (-0.13, -0.965), (0.0, -0.93)]),
        flat(tones.shade),
    );
    // The hull.
    let hull = Outline::new(-0.44, -0.2)
        .quad((0.1, -0.15), (0.5, -0.235))
        .quad((0.42, -0.02), (0.28, 0.02))
        .line(-0.3, 0.02)
        .quad((-0.41, -0.06), (-0.44, -0.2))
        .close();
    brush.fill(
        &hull,
        linear(
            (0.0, -0.2),
            (0.0, 0.02),
            &[(0.0, hex(0xA8683E)), (1.0, hex(0x63371F))],
        ),
    );
    brush.stroke(
        &curve(&[(-0.43, -0.175), (0.05, -0.15), (0.47, -0.2)]),
        0.035,
        flat(hex(0xFBF2E0)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if look.lit {
        brush.fill(&disc(-0.36, -0.24, 0.03), flat(hex(0xFFE39A)));
    }
}
