//! A corgi in its own fur: the sweater round its body has the colour.

use tiny_skia::Transform;

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, blob, curve, disc, oval, pill, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, corgi, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::PlainCorgi,
    stance: Stance::Stands,
    height: (0.42, 0.54),
    half_width: 0.46,
    poses: 2,
    body,
    lights: dark,
};

const FUR: Rgb = hex(0xE08E45);
const FUR_SHADE: Rgb = hex(0xB9692A);
const WHITE_FUR: Rgb = hex(0xFFFBF4);

fn body(brush: &mut Brush<'_>, look: &Look) {
    let at = if look.pose == 0 {
        sitting(brush, look);
        (0.0, -0.66)
    } else {
        standing(brush, look);
        (0.2, -0.655)
    };
    corgi::face(
        &mut brush.placed(Transform::from_row(1.24, 0.0, 0.0, 1.24, at.0, at.1)),
        (0.0, 0.0),
    );
}

fn sitting(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The haunches with the hind feet.
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &oval(s * 0.22, -0.115, 0.125, 0.115),
            flat(if s == look.side { FUR } else { FUR_SHADE }),
        );
        brush.fill(
            &pill((s * 0.14, -0.07), (s * 0.37, 0.0), 0.036),
            flat(WHITE_FUR),
        );
    }
    let torso = blob(&[
        (-0.2, -0.52),
        (0.2, -0.52),
        (0.275, -0.32),
        (0.255, -0.12),
        (0.17, -0.05),
        (-0.17, -0.05),
        (-0.255, -0.12),
        (-0.275, -0.32),
    ]);
    brush.fill(&torso, look.across(-0.28, 0.28));
    brush.within(&torso, |brush| {
        // The hem, and a stripe across the breast.
        brush.fill(&slab(-0.4, -0.11, 0.4, 0.0), flat(tones.shade));
        brush.fill(
            &Outline::new(-0.3, -0.325)
                .quad((0.0, -0.285), (0.3, -0.325))
                .line(0.3, -0.28)
                .quad((0.0, -0.24), (-0.3, -0.28))
                .close(),
            flat(look.trim()),
        );
    });
    for s in [-1.0_f32, 1.0] {
        let x = s * 0.1;
        brush.fill(
            &pill((x - 0.066, -0.2), (x + 0.066, 0.0), 0.06),
            flat(WHITE_FUR),
        );
        brush.fill(&oval(x, -0.03, 0.084, 0.034), flat(WHITE_FUR));
        brush.fill(
            &pill((x - 0.078, -0.22), (x + 0.078, -0.12), 0.05),
            flat(if s == look.side {
                tones.base
            } else {
                tones.base.mix(tones.shade, 0.4)
            }),
        );
        brush.fill(
            &pill((x - 0.084, -0.15), (x + 0.084, -0.1), 0.024),
            flat(tones.shade),
        );
    }
    brush.fill(&pill((-0.01, -0.19), (0.01, -0.02), 0.01), flat(tones.deep));
    // The collar, rolled down under the chin.
    brush.fill(
        &pill((-0.185, -0.475), (0.185, -0.36), 0.055),
        look.turned(
            -0.185,
            0.185,
            &[(0.0, tones.light), (1.0, tones.base.mix(tones.shade, 0.5))],
        ),
    );
}

fn standing(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The far legs.
    for (x, sleeve) in [(-0.2, FUR_SHADE), (0.1, tones.shade)] {
        brush.fill(
            &pill((x - 0.06, -0.28), (x + 0.06, -0.06), 0.05),
            flat(sleeve),
        );
        brush.fill(
            &pill((x - 0.065, -0.09), (x + 0.07, -0.008), 0.035),
            flat(hex(0xD9CFC4)),
        );
    }
    // The stub of a tail.
    brush.fill(&oval(-0.43, -0.46, 0.055, 0.065), flat(FUR_SHADE));
    let torso = pill((-0.45, -0.5), (0.38, -0.15), 0.17);
    brush.fill(
        &torso,
        linear(
            (0.0, -0.5),
            (0.0, -0.15),
            &[
                (0.0, FUR.mix(hex(0xFFFFFF), 0.2)),
                (0.5, FUR),
                (1.0, FUR_SHADE),
            ],
        ),
    );
    // The white of the rump.
    brush.fill(&oval(-0.4, -0.25, 0.07, 0.1), flat(WHITE_FUR));
    // The near hind leg.
    brush.fill(&oval(-0.29, -0.24, 0.115, 0.13), flat(FUR));
    brush.fill(&pill((-0.37, -0.2), (-0.24, -0.05), 0.05), flat(FUR));
    brush.fill(&pill((-0.375, -0.1), (-0.225, 0.0), 0.04), flat(WHITE_FUR));
    // The sweater.
    let sweater = Outline::new(-0.2, -0.52)
        .quad((-0.14, -0.33), (-0.2, -0.13))
        .line(0.2, -0.13)
        .cubic((0.36, -0.15), (0.41, -0.25), (0.4, -0.4))
        .line(0.36, -0.54)
        .close();
    brush.fill(
        &sweater,
        linear(
            (0.0, -0.5),
            (0.0, -0.14),
            &[
                (0.0, tones.light),
                (0.35, tones.base),
                (0.7, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    brush.stroke(
        &curve(&[(-0.19, -0.495), (-0.155, -0.33), (-0.19, -0.15)]),
        0.05,
        flat(tones.shade),
    );
    brush.stroke(
        &curve(&[(-0.07, -0.485), (-0.04, -0.33), (-0.07, -0.165)]),
        0.038,
        flat(look.trim()),
    );
    // The near foreleg in its sleeve.
    brush.fill(&pill((0.2, -0.14), (0.335, 0.0), 0.05), flat(WHITE_FUR));
    brush.fill(
        &pill((0.175, -0.36), (0.345, -0.085), 0.07),
        flat(tones.base),
    );
    brush.fill(
        &pill((0.17, -0.12), (0.35, -0.07), 0.024),
        flat(tones.shade),
    );
    brush.fill(&oval(0.275, -0.028, 0.08, 0.03), flat(WHITE_FUR));
    brush.fill(&disc(0.2, -0.43, 0.19), flat(tones.base));
    brush.fill(
        &pill((0.02, -0.465), (0.37, -0.355), 0.05),
        flat(tones.light),
    );
}
