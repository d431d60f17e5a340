//! A rabbit: its fur has the colour.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{blob, curve, disc, oval, pill};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Rabbit,
    stance: Stance::Stands,
    height: (0.44, 0.55),
    half_width: 0.36,
    poses: 2,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        sitting(brush, look);
    } else {
        crouching(brush, look);
    }
}

/// Belly, tail and feet.
fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xFFFFFF)
    } else {
        look.tones.light.mix(hex(0xFFFFFF), 0.6)
    }
}

const PINK: Rgb = hex(0xF7A8B8);
const DARK: Rgb = hex(0x221C28);

/// An upright ear from its root to its tip.
fn ear(brush: &mut Brush<'_>, look: &Look, (root, tip): ((f32, f32), (f32, f32)), lit: bool) {
    let tones = look.tones;
    let along = |share: f32| {
        (
            root.0 + (tip.0 - root.0) * share,
            root.1 + (tip.1 - root.1) * share,
        )
    };
    let leaf = |width: f32, from: f32, to: f32| {
        let (a, b, c) = (along(from), along(from + (to - from) * 0.55), along(to));
        blob(&[
            (a.0 - width * 0.6, a.1),
            (b.0 - width, b.1),
            c,
            (b.0 + width, b.1),
            (a.0 + width * 0.6, a.1),
        ])
    };
    brush.fill(
        &leaf(0.085, -0.05, 1.0),
        flat(if lit { tones.base } else { tones.shade }),
    );
    brush.fill(&leaf(0.042, 0.1, 0.84), flat(PINK.mix(tones.deep, 0.08)));
}

/// From the front, upright.
fn sitting(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    for s in [-1.0_f32, 1.0] {
        ear(
            brush,
            look,
            ((s * 0.09, -0.66), (s * 0.15, -1.0)),
            s == look.side,
        );
    }
    brush.fill(&disc(0.24, -0.1, 0.085), flat(pale(look)));
    let torso = blob(&[
        (0.0, -0.44),
        (0.17, -0.36),
        (0.26, -0.16),
        (0.2, -0.02),
        (0.0, 0.0),
        (-0.2, -0.02),
        (-0.26, -0.16),
        (-0.17, -0.36),
    ]);
    brush.fill(&torso, look.across(-0.27, 0.27));
    brush.fill(&oval(0.0, -0.17, 0.13, 0.15), flat(pale(look)));
    for s in [-1.0_f32, 1.0] {
        // Forepaws before the breast, feet on the ground.
        brush.fill(
            &pill((s * 0.03, -0.3), (s * 0.145, -0.12), 0.055),
            flat(if s == look.side {
                tones.base
            } else {
                tones.shade
            }),
        );
        brush.fill(
            &oval(s * 0.15, -0.042, 0.115, 0.05),
            flat(if s == look.side {
                tones.base.mix(tones.light, 0.4)
            } else {
                tones.base
            }),
        );
        brush.fill(&oval(s * 0.165, -0.035, 0.055, 0.03), flat(PINK));
    }
    let face = blob(&[
        (0.0, -0.73),
        (0.16, -0.69),
        (0.235, -0.55),
        (0.18, -0.41),
        (0.0, -0.36),
        (-0.18, -0.41),
        (-0.235, -0.55),
        (-0.16, -0.69),
    ]);
    brush.fill(&face, look.across(-0.24, 0.24));
    // The muzzle with its two teeth.
    brush.fill(
        &pill((-0.032, -0.46), (0.032, -0.395), 0.012),
        flat(hex(0xFFFFFF)),
    );
    for s in [-1.0_f32, 1.0] {
        brush.fill(&oval(s * 0.055, -0.468, 0.068, 0.05), flat(pale(look)));
        brush.fill(&oval(s * 0.1, -0.57, 0.038, 0.05), flat(DARK));
        brush.fill(&disc(s * 0.1 - 0.012, -0.588, 0.015), flat(hex(0xFFFFFF)));
        brush.fill(
            &oval(s * 0.17, -0.49, 0.035, 0.024),
            flat(PINK.mix(tones.base, 0.25)),
        );
    }
    brush.fill(&oval(0.0, -0.508, 0.032, 0.023), flat(hex(0xE8607A)));
}

/// From the side, ready to hop.
fn crouching(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    ear(brush, look, ((0.15, -0.64), (0.13, -1.0)), false);
    brush.fill(&disc(-0.35, -0.17, 0.09), flat(pale(look)));
    brush.fill(&pill((0.1, -0.24), (0.2, -0.01), 0.05), flat(tones.shade));
    let torso = blob(&[
        (-0.34, -0.22),
        (-0.26, -0.4),
        (-0.06, -0.49),
        (0.14, -0.46),
        (0.26, -0.34),
        (0.24, -0.16),
        (0.06, -0.06),
        (-0.2, -0.04),
        (-0.33, -0.1),
    ]);
    brush.fill(
        &torso,
        linear(
            (0.0, -0.5),
            (0.0, -0.02),
            &[
                (0.0, tones.base.mix(tones.light, 0.6)),
                (0.4, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    brush.fill(&oval(0.2, -0.24, 0.08, 0.12), flat(pale(look)));
    // The haunch and the long hind foot.
    brush.fill(&oval(-0.18, -0.2, 0.155, 0.165), flat(tones.base));
    brush.stroke(
        &curve(&[(-0.06, -0.32), (-0.02, -0.22), (-0.05, -0.12)]),
        0.022,
        flat(tones.shade),
    );
    brush.fill(
        &pill((-0.29, -0.085), (0.03, 0.0), 0.045),
        flat(tones.base.mix(tones.light, 0.45)),
    );
    brush.fill(&pill((0.16, -0.28), (0.26, 0.0), 0.05), flat(tones.base));
    brush.fill(
        &oval(0.225, -0.03, 0.07, 0.03),
        flat(tones.base.mix(tones.light, 0.45)),
    );
    let head = blob(&[
        (0.02, -0.56),
        (0.1, -0.68),
        (0.24, -0.69),
        (0.35, -0.6),
        (0.42, -0.5),
        (0.36, -0.41),
        (0.2, -0.38),
        (0.06, -0.44),
    ]);
    brush.fill(&head, look.across(0.02, 0.42));
    brush.within(&head, |brush| {
        brush.fill(&oval(0.36, -0.42, 0.14, 0.085), flat(pale(look)));
    });
    ear(brush, look, ((0.08, -0.64), (-0.03, -0.97)), true);
    brush.fill(&oval(0.255, -0.56, 0.036, 0.047), flat(DARK));
    brush.fill(&disc(0.265, -0.578, 0.014), flat(hex(0xFFFFFF)));
    brush.fill(&oval(0.405, -0.515, 0.028, 0.022), flat(hex(0xE8607A)));
    brush.fill(
        &oval(0.21, -0.46, 0.035, 0.024),
        flat(PINK.mix(tones.base, 0.25)),
    );
}
