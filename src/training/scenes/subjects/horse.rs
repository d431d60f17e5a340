//! A horse, from the side: its coat has the colour, mane and tail are of its deepest tone.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, Shape, blob, curve, disc, oval, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Horse,
    stance: Stance::Stands,
    height: (0.48, 0.6),
    half_width: 0.62,
    poses: 2,
    body,
    lights: dark,
};

/// A leg from the body to the fetlock.
type Leg = [(f32, f32); 4];

/// Standing: far foreleg, far hind leg, near foreleg, near hind leg.
const AT_REST: [Leg; 4] = [
    [(0.22, -0.46), (0.24, -0.3), (0.25, -0.16), (0.25, -0.05)],
    [(-0.24, -0.46), (-0.2, -0.3), (-0.25, -0.17), (-0.23, -0.05)],
    [(0.15, -0.46), (0.15, -0.3), (0.145, -0.16), (0.14, -0.05)],
    [
        (-0.31, -0.48),
        (-0.29, -0.31),
        (-0.36, -0.18),
        (-0.34, -0.05),
    ],
];

/// Trotting: one leg of each pair swings.
const TROTTING: [Leg; 4] = [
    [(0.22, -0.46), (0.36, -0.38), (0.46, -0.3), (0.4, -0.2)],
    [(-0.26, -0.46), (-0.16, -0.3), (-0.16, -0.17), (-0.1, -0.05)],
    [(0.15, -0.46), (0.14, -0.3), (0.11, -0.16), (0.07, -0.05)],
    [
        (-0.31, -0.48),
        (-0.34, -0.32),
        (-0.48, -0.24),
        (-0.52, -0.12),
    ],
];

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let trotting = look.pose == 1;
    let [far_fore, far_hind, near_fore, near_hind] = if trotting { TROTTING } else { AT_REST };
    tail(brush, look, trotting);
    for path in [far_fore, far_hind] {
        leg(brush, path, tones.shade, pale(look).times(0.8));
    }
    // The far ear.
    brush.fill(
        &polygon(&[(0.3, -0.88), (0.38, -1.0), (0.4, -0.86)]),
        flat(tones.shade),
    );
    brush.fill(
        &trunk(),
        linear(
            (-0.1, -0.74),
            (0.0, -0.32),
            &[
                (0.0, tones.base.mix(tones.light, 0.55)),
                (0.4, tones.base),
                (0.75, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    brush.within(&trunk(), |brush| {
        // The blaze down the nose, and the dark muzzle.
        brush.fill(
            &blob(&[(0.64, -0.78), (0.5, -0.72), (0.49, -0.6), (0.7, -0.56)]),
            flat(tones.base.mix(tones.shade, 0.85)),
        );
        brush.stroke(
            &curve(&[(0.4, -0.94), (0.5, -0.83), (0.55, -0.77)]),
            0.06,
            flat(pale(look)),
        );
        // The fold between breast and shoulder.
        brush.stroke(
            &curve(&[(0.2, -0.62), (0.13, -0.52), (0.14, -0.4)]),
            0.02,
            flat(tones.base.mix(tones.shade, 0.6)),
        );
    });
    // The thigh, so that the near hind leg grows out of the rump.
    brush.fill(&oval(-0.29, -0.51, 0.12, 0.14), flat(tones.base));
    for path in [near_fore, near_hind] {
        leg(brush, path, tones.base, pale(look));
    }
    mane(brush, look);
    brush.fill(&disc(0.425, -0.8, 0.028), flat(hex(0x1C1720)));
    brush.fill(&disc(0.432, -0.809, 0.01), flat(hex(0xFFFFFF)));
    brush.fill(
        &oval(0.575, -0.665, 0.014, 0.018),
        flat(tones.deep.times(0.7)),
    );
}

/// Socks and blaze.
fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xDCE2EC)
    } else {
        hex(0xFFF8EE)
    }
}

/// Barrel, neck and head in one.
fn trunk() -> Shape {
    Outline::new(-0.42, -0.56)
        .cubic((-0.41, -0.7), (-0.28, -0.72), (-0.16, -0.68))
        .cubic((-0.08, -0.66), (0.0, -0.66), (0.06, -0.69))
        .cubic((0.16, -0.74), (0.2, -0.92), (0.36, -0.93))
        .cubic((0.44, -0.93), (0.48, -0.86), (0.6, -0.73))
        .cubic((0.65, -0.66), (0.62, -0.6), (0.54, -0.61))
        .cubic((0.48, -0.62), (0.44, -0.66), (0.37, -0.68))
        .cubic((0.32, -0.64), (0.32, -0.56), (0.29, -0.48))
        .cubic((0.24, -0.36), (0.08, -0.36), (-0.04, -0.35))
        .cubic((-0.14, -0.35), (-0.22, -0.38), (-0.3, -0.38))
        .cubic((-0.39, -0.4), (-0.43, -0.48), (-0.42, -0.56))
        .close()
}

fn leg(brush: &mut Brush<'_>, path: Leg, coat: Rgb, sock: Rgb) {
    let [top, knee, shin, foot] = path;
    brush.stroke(&curve(&[top, knee]), 0.125, flat(coat));
    brush.stroke(&curve(&[top, knee, shin, foot]), 0.082, flat(coat));
    brush.stroke(
        &curve(&[
            (
                shin.0 + (foot.0 - shin.0) * 0.5,
                shin.1 + (foot.1 - shin.1) * 0.5,
            ),
            foot,
        ]),
        0.082,
        flat(sock),
    );
    // The hoof continues the line of the shin.
    let (dx, dy) = (foot.0 - shin.0, foot.1 - shin.1);
    let (x, y) = (foot.0 + dx * 0.12, foot.1 + dy * 0.12);
    brush.fill(
        &polygon(&[
            (x - dy * 0.36, y + dx * 0.36),
            (x + dy * 0.36, y - dx * 0.36),
            (x + dy * 0.46 + dx * 0.36, y - dx * 0.46 + dy * 0.36),
            (x - dy * 0.52 + dx * 0.36, y + dx * 0.52 + dy * 0.36),
        ]),
        flat(hex(0x3B3038)),
    );
}

/// The colour of mane and tail.
fn hair(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0x97A2BA)
    } else {
        look.tones.deep
    }
}

fn tail(brush: &mut Brush<'_>, look: &Look, streaming: bool) {
    let points: [(f32, f32); 8] = if streaming {
        [
            (-0.38, -0.64),
            (-0.48, -0.68),
            (-0.6, -0.62),
            (-0.68, -0.44),
            (-0.64, -0.36),
            (-0.56, -0.44),
            (-0.48, -0.5),
            (-0.38, -0.54),
        ]
    } else {
        [
            (-0.38, -0.64),
            (-0.47, -0.65),
            (-0.54, -0.54),
            (-0.56, -0.36),
            (-0.52, -0.2),
            (-0.45, -0.24),
            (-0.43, -0.4),
            (-0.38, -0.52),
        ]
    };
    let shape = blob(&points);
    let hair = hair(look);
    brush.fill(&shape, flat(hair));
    brush.stroke(
        &curve(&[points[0], points[1], points[2], points[3]]),
        0.03,
        flat(hair.mix(look.tones.base, 0.4)),
    );
}

fn mane(brush: &mut Brush<'_>, look: &Look) {
    let hair = hair(look);
    let crest = blob(&[
        (0.4, -0.93),
        (0.3, -0.97),
        (0.2, -0.92),
        (0.12, -0.8),
        (0.02, -0.69),
        (0.08, -0.62),
        (0.14, -0.66),
        (0.17, -0.62),
        (0.22, -0.7),
        (0.25, -0.74),
        (0.28, -0.8),
        (0.33, -0.84),
    ]);
    brush.fill(&crest, flat(hair));
    brush.stroke(
        &curve(&[(0.29, -0.93), (0.2, -0.84), (0.13, -0.73)]),
        0.026,
        flat(hair.mix(look.tones.base, 0.4)),
    );
    // The near ear, and the forelock.
    brush.fill(
        &polygon(&[(0.3, -0.88), (0.345, -1.0), (0.395, -0.88)]),
        flat(look.tones.base),
    );
    brush.fill(
        &blob(&[(0.37, -0.95), (0.44, -0.92), (0.47, -0.84), (0.41, -0.87)]),
        flat(hair),
    );
}
