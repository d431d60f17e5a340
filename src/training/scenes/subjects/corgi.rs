//! A corgi in a spacesuit: the suit has the colour.

use tiny_skia::Transform;

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glaze, linear};
use super::super::shape::{Outline, blob, curve, disc, oval, pill, polygon, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Corgi,
    stance: Stance::Stands,
    height: (0.44, 0.57),
    half_width: 0.44,
    poses: 2,
    body,
    lights,
};

/// Where the helmet is.
fn helmet(pose: u8) -> (f32, f32) {
    if pose == 0 {
        (0.0, -0.69)
    } else {
        (0.14, -0.69)
    }
}

const BUBBLE: f32 = 0.305;

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        sitting(brush, look);
    } else {
        standing(brush, look);
    }
    let (x, y) = helmet(look.pose);
    brush.fill(&disc(x, y, BUBBLE), flat(hex(0xF2F6FA)));
    brush.fill(
        &disc(x, y, BUBBLE - 0.026),
        linear(
            (x, y - BUBBLE),
            (x, y + BUBBLE),
            &[(0.0, hex(0xCDEBFA)), (1.0, hex(0x8CC0E2))],
        ),
    );
    // The face is drawn round the origin, a little larger than it fits the bubble.
    face(
        &mut brush.placed(Transform::from_row(0.92, 0.0, 0.0, 0.92, x, y)),
        (0.0, 0.0),
    );
    // The collar.
    brush.fill(
        &oval(x, y + BUBBLE - 0.035, 0.235, 0.062),
        flat(hex(0xF4F6FA)),
    );
    brush.fill(
        &oval(x, y + BUBBLE - 0.015, 0.2, 0.034),
        flat(hex(0xB3BED0)),
    );
}

fn sitting(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    brush.fill(
        &pill((-0.31, -0.46), (0.31, -0.12), 0.08),
        look.round(hex(0xA7B0C0), -0.31, 0.31),
    );
    // The haunches, then the breast, then the forelegs.
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &oval(s * 0.225, -0.12, 0.135, 0.13),
            flat(if s == look.side {
                tones.base
            } else {
                tones.shade
            }),
        );
        brush.fill(
            &pill((s * 0.13, -0.075), (s * 0.38, 0.0), 0.04),
            flat(if s == look.side {
                hex(0xF4F6FA)
            } else {
                hex(0xCBD3E0)
            }),
        );
    }
    let torso = blob(&[
        (-0.19, -0.46),
        (0.19, -0.46),
        (0.255, -0.3),
        (0.225, -0.1),
        (0.16, -0.02),
        (-0.16, -0.02),
        (-0.225, -0.1),
        (-0.255, -0.3),
    ]);
    brush.fill(&torso, look.across(-0.26, 0.26));
    for x in [-0.095_f32, 0.095] {
        brush.fill(
            &pill((x - 0.08, -0.26), (x + 0.08, 0.0), 0.07),
            flat(tones.base),
        );
        brush.fill(&slab(x - 0.08, -0.115, x + 0.08, -0.08), flat(tones.shade));
        brush.fill(
            &pill((x - 0.09, -0.08), (x + 0.09, 0.004), 0.045),
            flat(hex(0xF4F6FA)),
        );
    }
    brush.fill(
        &pill((-0.014, -0.22), (0.014, -0.08), 0.01),
        flat(tones.deep),
    );
    panel(brush, (0.0, -0.29));
}

fn standing(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    for x in [-0.2, 0.08] {
        brush.fill(
            &pill((x - 0.075, -0.26), (x + 0.075, -0.01), 0.05),
            flat(tones.shade),
        );
        brush.fill(
            &pill((x - 0.085, -0.085), (x + 0.085, -0.008), 0.04),
            flat(hex(0xC4CCDA)),
        );
    }
    brush.fill(&disc(-0.43, -0.4, 0.06), flat(tones.shade));
    brush.fill(
        &pill((-0.36, -0.59), (-0.06, -0.4), 0.06),
        look.round(hex(0xA7B0C0), -0.36, -0.06),
    );
    let torso = pill((-0.44, -0.5), (0.36, -0.16), 0.17);
    brush.fill(
        &torso,
        linear(
            (0.0, -0.5),
            (0.0, -0.16),
            &[
                (0.0, tones.light),
                (0.35, tones.base),
                (0.7, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    for x in [-0.32, 0.24] {
        brush.fill(
            &pill((x - 0.085, -0.3), (x + 0.085, 0.0), 0.06),
            flat(tones.base),
        );
        brush.fill(
            &slab(x - 0.085, -0.125, x + 0.085, -0.09),
            flat(tones.shade),
        );
        brush.fill(
            &pill((x - 0.095, -0.09), (x + 0.1, 0.004), 0.045),
            flat(hex(0xF4F6FA)),
        );
    }
    brush.fill(
        &pill((-0.2, -0.36), (-0.06, -0.24), 0.03),
        flat(hex(0xF4F6FA)),
    );
}

fn panel(brush: &mut Brush<'_>, (x, y): (f32, f32)) {
    brush.fill(
        &pill((x - 0.085, y - 0.05), (x + 0.085, y + 0.05), 0.025),
        flat(hex(0xF4F6FA)),
    );
    brush.fill(&disc(x - 0.04, y, 0.025), flat(hex(0x4A5670)));
    brush.fill(&disc(x + 0.04, y, 0.025), flat(hex(0x4A5670)));
}

/// The head, ears and all, about half a unit wide.
pub(super) fn face(brush: &mut Brush<'_>, (x, y): (f32, f32)) {
    let fur = hex(0xE08E45);
    let shadow = hex(0xBC6C2C);
    let white = hex(0xFFFBF4);
    for s in [-1.0_f32, 1.0] {
        let ear = |grow: f32| {
            Outline::new(x + s * (0.05 + grow), y - 0.1)
                .quad(
                    (x + s * 0.11, y - 0.22),
                    (x + s * 0.185, y - 0.268 + grow * 1.4),
                )
                .quad(
                    (x + s * (0.25 - grow), y - 0.15),
                    (x + s * (0.215 - grow), y + 0.0),
                )
                .close()
        };
        brush.fill(&ear(0.0), flat(fur.mix(shadow, 0.4)));
        brush.fill(&ear(0.033), flat(hex(0xF4B2A4)));
    }
    let head = blob(&[
        (x, y - 0.16),
        (x + 0.15, y - 0.12),
        (x + 0.225, y + 0.04),
        (x + 0.16, y + 0.17),
        (x, y + 0.225),
        (x - 0.16, y + 0.17),
        (x - 0.225, y + 0.04),
        (x - 0.15, y - 0.12),
    ]);
    brush.fill(&head, flat(fur));
    // The blaze, and the white of cheeks and muzzle.
    brush.within(&head, |brush| {
        brush.fill(
            &Outline::new(x - 0.035, y - 0.2)
                .line(x + 0.035, y - 0.2)
                .cubic(
                    (x + 0.035, y - 0.02),
                    (x + 0.06, y + 0.02),
                    (x + 0.15, y + 0.09),
                )
                .quad((x + 0.14, y + 0.22), (x, y + 0.24))
                .quad((x - 0.14, y + 0.22), (x - 0.15, y + 0.09))
                .cubic(
                    (x - 0.06, y + 0.02),
                    (x - 0.035, y - 0.02),
                    (x - 0.035, y - 0.2),
                )
                .close(),
            flat(white),
        );
    });
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &oval(x + s * 0.105, y - 0.005, 0.036, 0.042),
            flat(hex(0x1D1712)),
        );
        brush.fill(
            &disc(x + s * 0.105 - 0.012, y - 0.02, 0.013),
            flat(hex(0xFFFFFF)),
        );
    }
    brush.fill(&oval(x, y + 0.075, 0.048, 0.034), flat(hex(0x1D1712)));
    brush.fill(
        &pill((x - 0.034, y + 0.125), (x + 0.034, y + 0.2), 0.034),
        flat(hex(0xF0707E)),
    );
    brush.stroke(
        &curve(&[
            (x - 0.075, y + 0.115),
            (x - 0.035, y + 0.14),
            (x, y + 0.105),
            (x + 0.035, y + 0.14),
            (x + 0.075, y + 0.115),
        ]),
        0.02,
        flat(hex(0x4A2E20)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    // The shine of the glass, in any light.
    let (x, y) = helmet(look.pose);
    let s = look.side;
    brush.stroke(
        &curve(&[
            (x + s * 0.11, y - 0.24),
            (x + s * 0.205, y - 0.17),
            (x + s * 0.25, y - 0.07),
        ]),
        0.034,
        glaze(hex(0xFFFFFF), 0.92),
    );
    brush.fill(
        &disc(x + s * 0.258, y - 0.005, 0.02),
        glaze(hex(0xFFFFFF), 0.92),
    );
    brush.within(&disc(x, y, BUBBLE - 0.026), |brush| {
        brush.fill(
            &polygon(&[
                (x - s * 0.4, y + 0.1),
                (x - s * 0.1, y + 0.4),
                (x - s * 0.4, y + 0.4),
            ]),
            glaze(hex(0x2A5C8C), 0.14),
        );
    });
}
