//! A penguin: back, head and flippers have the colour, the belly is white.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, blob, curve, disc, join, oval, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Penguin,
    stance: Stance::Stands,
    height: (0.42, 0.54),
    half_width: 0.38,
    poses: 3,
    body,
    lights: dark,
};

const FOOT: Rgb = hex(0xF59A1E);
const FOOT_SHADE: Rgb = hex(0xD0760F);
const DARK: Rgb = hex(0x1D1A24);

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 2 {
        walking(brush, look);
    } else {
        facing(brush, look);
    }
}

/// Belly and face; on a white penguin they are a shade darker than the back.
fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xD3DAE8)
    } else {
        hex(0xFCFBF7)
    }
}

/// From the front, with hanging or raised flippers.
fn facing(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &blob(&[
                (s * 0.04, -0.05),
                (s * 0.12, -0.085),
                (s * 0.24, -0.03),
                (s * 0.2, 0.0),
                (s * 0.06, 0.0),
            ]),
            flat(if s == look.side { FOOT } else { FOOT_SHADE }),
        );
        let flipper = if look.pose == 0 {
            blob(&[
                (s * 0.2, -0.6),
                (s * 0.3, -0.5),
                (s * 0.385, -0.28),
                (s * 0.36, -0.2),
                (s * 0.29, -0.25),
                (s * 0.22, -0.38),
            ])
        } else {
            blob(&[
                (s * 0.2, -0.58),
                (s * 0.3, -0.66),
                (s * 0.41, -0.82),
                (s * 0.435, -0.76),
                (s * 0.37, -0.56),
                (s * 0.22, -0.42),
            ])
        };
        brush.fill(
            &flipper,
            flat(if s == look.side {
                tones.base.mix(tones.light, 0.3)
            } else {
                tones.shade
            }),
        );
    }
    let trunk = Outline::new(0.0, -1.0)
        .cubic((0.17, -1.0), (0.23, -0.88), (0.235, -0.74))
        .cubic((0.24, -0.62), (0.31, -0.5), (0.31, -0.3))
        .cubic((0.31, -0.12), (0.2, -0.03), (0.0, -0.03))
        .cubic((-0.2, -0.03), (-0.31, -0.12), (-0.31, -0.3))
        .cubic((-0.31, -0.5), (-0.24, -0.62), (-0.235, -0.74))
        .cubic((-0.23, -0.88), (-0.17, -1.0), (0.0, -1.0))
        .close();
    brush.fill(&trunk, look.across(-0.31, 0.31));
    brush.within(&trunk, |brush| {
        brush.fill(
            &oval(0.0, -0.27, 0.205, 0.27),
            look.turned(
                -0.21,
                0.21,
                &[
                    (0.0, pale(look)),
                    (0.6, pale(look)),
                    (1.0, pale(look).times(0.88)),
                ],
            ),
        );
        brush.fill(
            &join(&[
                oval(-0.085, -0.77, 0.105, 0.11),
                oval(0.085, -0.77, 0.105, 0.11),
            ]),
            flat(pale(look)),
        );
    });
    for s in [-1.0_f32, 1.0] {
        brush.fill(&oval(s * 0.095, -0.8, 0.034, 0.044), flat(DARK));
        brush.fill(&disc(s * 0.095 - 0.01, -0.816, 0.013), flat(hex(0xFFFFFF)));
        brush.fill(&oval(s * 0.145, -0.715, 0.032, 0.02), flat(hex(0xF8A8B0)));
    }
    brush.fill(
        &blob(&[(-0.06, -0.745), (0.0, -0.79), (0.06, -0.745), (0.0, -0.68)]),
        flat(FOOT),
    );
    brush.fill(
        &polygon(&[(-0.05, -0.738), (0.05, -0.738), (0.0, -0.685)]),
        flat(FOOT_SHADE),
    );
}

/// From the side, one foot forward.
fn walking(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The tail, and the feet.
    brush.fill(
        &polygon(&[(-0.2, -0.2), (-0.36, -0.04), (-0.1, -0.06)]),
        flat(tones.shade),
    );
    for (x, color) in [(-0.08, FOOT_SHADE), (0.12, FOOT)] {
        brush.fill(
            &blob(&[
                (x - 0.06, -0.08),
                (x + 0.04, -0.09),
                (x + 0.16, -0.02),
                (x + 0.12, 0.0),
                (x - 0.06, 0.0),
            ]),
            flat(color),
        );
    }
    // The beak, under the head.
    brush.fill(
        &polygon(&[(0.17, -0.86), (0.4, -0.755), (0.17, -0.74)]),
        flat(FOOT),
    );
    brush.fill(
        &polygon(&[(0.17, -0.77), (0.37, -0.755), (0.16, -0.71)]),
        flat(FOOT_SHADE),
    );
    let trunk = Outline::new(0.04, -1.0)
        .cubic((0.18, -1.0), (0.26, -0.9), (0.25, -0.78))
        .cubic((0.24, -0.66), (0.32, -0.54), (0.31, -0.32))
        .cubic((0.3, -0.12), (0.18, -0.04), (0.0, -0.04))
        .cubic((-0.14, -0.04), (-0.25, -0.1), (-0.26, -0.26))
        .cubic((-0.27, -0.46), (-0.16, -0.6), (-0.16, -0.78))
        .cubic((-0.17, -0.92), (-0.08, -1.0), (0.04, -1.0))
        .close();
    brush.fill(&trunk, look.across(-0.28, 0.3));
    brush.within(&trunk, |brush| {
        brush.fill(
            &Outline::new(0.4, -0.66)
                .cubic((0.14, -0.66), (0.08, -0.5), (0.1, -0.34))
                .cubic((0.12, -0.18), (0.06, -0.08), (-0.06, 0.0))
                .line(0.4, 0.0)
                .close(),
            flat(pale(look)),
        );
        brush.fill(&oval(0.19, -0.8, 0.13, 0.1), flat(pale(look)));
    });
    brush.fill(&oval(0.145, -0.83, 0.032, 0.042), flat(DARK));
    brush.fill(&disc(0.152, -0.846, 0.012), flat(hex(0xFFFFFF)));
    // The near flipper swings back.
    let flipper = blob(&[
        (-0.02, -0.62),
        (0.06, -0.54),
        (-0.02, -0.36),
        (-0.2, -0.2),
        (-0.27, -0.2),
        (-0.2, -0.38),
        (-0.12, -0.56),
    ]);
    brush.fill(
        &flipper,
        linear(
            (0.0, -0.6),
            (-0.2, -0.2),
            &[(0.0, tones.base), (1.0, tones.shade)],
        ),
    );
    brush.stroke(
        &curve(&[(0.045, -0.52), (-0.03, -0.35), (-0.2, -0.2)]),
        0.018,
        flat(tones.deep),
    );
}
