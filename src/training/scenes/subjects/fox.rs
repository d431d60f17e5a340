//! A fox: its fur has the colour, muzzle, breast and the tip of the tail are pale.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, blob, curve, disc, oval, pill, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Fox,
    stance: Stance::Stands,
    height: (0.42, 0.54),
    half_width: 0.64,
    poses: 2,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        sitting(brush, look);
        head(brush, look, (0.06, -0.66));
    } else {
        // Head and tail reach equally far from the middle.
        let mut brush = brush.placed(Transform::from_translate(0.05, 0.0));
        walking(&mut brush, look);
        head(&mut brush, look, (0.28, -0.66));
    }
}

/// Muzzle, breast and tail tip.
fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xFFFFFF)
    } else {
        hex(0xFFF6EA).mix(look.tones.light, 0.12)
    }
}

/// The dark of the feet and the backs of the ears.
fn sock(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0x6F7A94)
    } else {
        look.tones.deep.times(0.8)
    }
}

fn sitting(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The brush of a tail curls up at the back.
    let tail = blob(&[
        (-0.06, -0.03),
        (-0.3, 0.0),
        (-0.5, -0.12),
        (-0.54, -0.34),
        (-0.44, -0.54),
        (-0.34, -0.62),
        (-0.31, -0.46),
        (-0.25, -0.28),
        (-0.1, -0.16),
    ]);
    brush.fill(
        &tail,
        linear(
            (-0.54, -0.3),
            (-0.1, -0.1),
            &[(0.0, tones.base.mix(tones.light, 0.3)), (1.0, tones.shade)],
        ),
    );
    brush.within(&tail, |brush| {
        brush.fill(
            &polygon(&[
                (-0.7, -0.42),
                (-0.5, -0.46),
                (-0.44, -0.38),
                (-0.37, -0.46),
                (-0.28, -0.4),
                (-0.2, -0.8),
                (-0.7, -0.8),
            ]),
            flat(pale(look)),
        );
    });
    let torso = blob(&[
        (-0.06, -0.5),
        (0.16, -0.5),
        (0.24, -0.3),
        (0.24, -0.06),
        (0.14, 0.0),
        (-0.16, 0.0),
        (-0.23, -0.1),
        (-0.17, -0.3),
    ]);
    brush.fill(&torso, look.across(-0.25, 0.27));
    for x in [0.03_f32, 0.17] {
        brush.fill(
            &pill((x - 0.058, -0.32), (x + 0.058, 0.0), 0.055),
            flat(tones.base),
        );
        brush.fill(
            &pill((x - 0.062, -0.13), (x + 0.062, 0.0), 0.05),
            flat(sock(look)),
        );
    }
    brush.fill(
        &blob(&[
            (0.07, -0.52),
            (0.2, -0.42),
            (0.15, -0.28),
            (0.1, -0.19),
            (0.04, -0.28),
            (-0.02, -0.42),
        ]),
        flat(pale(look)),
    );
    // The hind paw.
    brush.fill(&oval(-0.13, -0.035, 0.085, 0.037), flat(sock(look)));
}

fn walking(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let tail = blob(&[
        (-0.22, -0.4),
        (-0.38, -0.47),
        (-0.56, -0.44),
        (-0.67, -0.31),
        (-0.71, -0.15),
        (-0.6, -0.16),
        (-0.42, -0.2),
        (-0.28, -0.28),
    ]);
    brush.fill(
        &tail,
        linear(
            (-0.5, -0.48),
            (-0.5, -0.12),
            &[(0.0, tones.base.mix(tones.light, 0.35)), (1.0, tones.shade)],
        ),
    );
    brush.within(&tail, |brush| {
        brush.fill(
            &polygon(&[
                (-0.64, -0.5),
                (-0.56, -0.35),
                (-0.62, -0.28),
                (-0.54, -0.22),
                (-0.56, 0.0),
                (-1.0, 0.0),
                (-1.0, -0.5),
            ]),
            flat(pale(look)),
        );
    });
    for (top, foot) in [
        ((-0.12, -0.28), (-0.08, -0.03)),
        ((0.2, -0.28), (0.16, -0.03)),
    ] {
        leg(
            brush,
            (top, foot),
            (tones.shade, sock(look).mix(tones.shade, 0.25)),
        );
    }
    let torso = blob(&[
        (-0.3, -0.42),
        (-0.1, -0.46),
        (0.16, -0.47),
        (0.36, -0.5),
        (0.4, -0.36),
        (0.3, -0.22),
        (0.06, -0.2),
        (-0.2, -0.22),
        (-0.33, -0.28),
    ]);
    brush.fill(
        &torso,
        linear(
            (0.0, -0.5),
            (0.0, -0.18),
            &[
                (0.0, tones.base.mix(tones.light, 0.5)),
                (0.4, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    brush.fill(&oval(-0.22, -0.3, 0.11, 0.12), flat(tones.base));
    for (top, foot) in [
        ((-0.24, -0.26), (-0.3, -0.03)),
        ((0.3, -0.3), (0.34, -0.03)),
    ] {
        leg(brush, (top, foot), (tones.base, sock(look)));
    }
    brush.fill(
        &blob(&[
            (0.28, -0.5),
            (0.41, -0.44),
            (0.42, -0.34),
            (0.35, -0.27),
            (0.28, -0.36),
        ]),
        flat(pale(look)),
    );
}

/// A leg with its dark sock.
fn leg(brush: &mut Brush<'_>, (top, foot): ((f32, f32), (f32, f32)), (fur, sock): (Rgb, Rgb)) {
    let knee = ((top.0 + foot.0) * 0.5, (top.1 + foot.1) * 0.5);
    brush.stroke(&curve(&[top, foot]), 0.105, flat(fur));
    brush.stroke(&curve(&[knee, (foot.0, foot.1 - 0.01)]), 0.09, flat(sock));
    brush.fill(&oval(foot.0 + 0.02, -0.028, 0.068, 0.03), flat(sock));
}

fn head(brush: &mut Brush<'_>, look: &Look, (x, y): (f32, f32)) {
    let tones = look.tones;
    for s in [-1.0_f32, 1.0] {
        let ear = |inset: f32, tip: f32| {
            polygon(&[
                (x + s * (0.05 + inset), y - 0.11),
                (x + s * 0.205, y - tip),
                (x + s * (0.265 - inset), y - 0.0),
            ])
        };
        let lit = s == look.side;
        brush.fill(
            &ear(0.0, 0.34),
            flat(if lit { tones.base } else { tones.shade }),
        );
        // Dark tips, pale inside.
        brush.within(&ear(0.0, 0.34), |brush| {
            brush.fill(&oval(x + s * 0.21, y - 0.34, 0.2, 0.085), flat(sock(look)));
        });
        brush.fill(&ear(0.055, 0.23), flat(pale(look).mix(tones.shade, 0.3)));
    }
    // Wide cheeks that run to a pointed chin.
    let face = Outline::new(x, y - 0.16)
        .cubic(
            (x + 0.14, y - 0.17),
            (x + 0.21, y - 0.1),
            (x + 0.24, y + 0.0),
        )
        .line(x + 0.32, y + 0.08)
        .cubic((x + 0.2, y + 0.16), (x + 0.1, y + 0.2), (x, y + 0.26))
        .cubic(
            (x - 0.1, y + 0.2),
            (x - 0.2, y + 0.16),
            (x - 0.32, y + 0.08),
        )
        .line(x - 0.24, y + 0.0)
        .cubic((x - 0.21, y - 0.1), (x - 0.14, y - 0.17), (x, y - 0.16))
        .close();
    brush.fill(&face, look.across(x - 0.32, x + 0.32));
    brush.within(&face, |brush| {
        for s in [-1.0_f32, 1.0] {
            brush.fill(
                &Outline::new(x + s * 0.02, y + 0.16)
                    .cubic(
                        (x + s * 0.05, y + 0.02),
                        (x + s * 0.16, y + 0.02),
                        (x + s * 0.34, y + 0.07),
                    )
                    .line(x + s * 0.3, y + 0.3)
                    .line(x, y + 0.3)
                    .close(),
                flat(pale(look)),
            );
        }
    });
    for s in [-1.0_f32, 1.0] {
        let ex = x + s * 0.105;
        brush.fill(&oval(ex, y + 0.0, 0.034, 0.044), flat(hex(0x1D1720)));
        brush.fill(&disc(ex - 0.01, y - 0.016, 0.013), flat(hex(0xFFFFFF)));
    }
    brush.fill(&oval(x, y + 0.222, 0.046, 0.038), flat(hex(0x1D1720)));
    brush.fill(&disc(x - 0.012, y + 0.208, 0.011), flat(hex(0x8C8794)));
}
