//! A snowman: hat, scarf and mittens have the colour.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glaze};
use super::super::shape::{Outline, curve, disc, oval, pill, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Snowman,
    stance: Stance::Stands,
    height: (0.48, 0.6),
    half_width: 0.46,
    poses: 2,
    body,
    lights: dark,
};

/// Lit and shaded snow; bluer under white clothes, so that these stand out.
fn snow(look: &Look) -> [Rgb; 2] {
    if look.color == Color::White {
        [hex(0xDCE9F8), hex(0xA4BCDE)]
    } else {
        [hex(0xFFFFFF), hex(0xC6D8EE)]
    }
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let [lit, shaded] = snow(look);
    let ball = |half: f32| look.turned(-half, half, &[(0.0, lit), (0.45, lit), (1.0, shaded)]);
    arms(brush, look);
    brush.fill(&oval(0.0, -0.265, 0.305, 0.265), ball(0.3));
    for y in [-0.34, -0.23, -0.12] {
        brush.fill(&disc(0.05, y, 0.026), flat(hex(0x2E3240)));
    }
    brush.fill(&oval(0.0, -0.635, 0.215, 0.2), ball(0.21));
    scarf(brush, look);
    face(brush);
    if look.pose == 0 {
        bobble_hat(brush, look);
    } else {
        top_hat(brush, look);
    }
}

/// Sticks with mittens; in the first pose the hand in front waves.
fn arms(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let hands: [(f32, f32); 2] = if look.pose == 0 {
        [(-0.385, -0.34), (0.385, -0.6)]
    } else {
        [(-0.385, -0.48), (0.385, -0.48)]
    };
    for (s, (x, y)) in [-1.0_f32, 1.0].into_iter().zip(hands) {
        let near = s == look.side;
        let fill = if near {
            tones.base
        } else {
            tones.base.mix(tones.shade, 0.6)
        };
        brush.stroke(
            &curve(&[(s * 0.22, -0.36), (s * 0.32, (y - 0.4) * 0.5), (x, y)]),
            0.034,
            flat(hex(0x6B4630)),
        );
        // Towards the tip of the hand.
        let up = if y > -0.4 { 0.05 } else { -0.05 };
        brush.fill(&oval(x - s * 0.055, y + up * 0.4, 0.04, 0.045), flat(fill));
        brush.fill(&oval(x + s * 0.005, y + up, 0.075, 0.092), flat(fill));
        brush.fill(
            &pill(
                (x - 0.062, y - up * 0.9 - 0.022),
                (x + 0.07, y - up * 0.9 + 0.022),
                0.02,
            ),
            flat(tones.light),
        );
    }
}

fn scarf(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let s = look.side;
    // The hanging end, with a fringe.
    let x = -0.13;
    brush.fill(
        &polygon(&[
            (x - 0.06, -0.48),
            (x + 0.07, -0.48),
            (x + 0.055, -0.2),
            (x - 0.095, -0.2),
        ]),
        flat(tones.base.mix(tones.shade, 0.4)),
    );
    brush.fill(
        &polygon(&[
            (x - 0.085, -0.275),
            (x + 0.06, -0.275),
            (x + 0.057, -0.235),
            (x - 0.09, -0.235),
        ]),
        flat(tones.light),
    );
    let wrap = Outline::new(-0.225, -0.545)
        .cubic((-0.1, -0.475), (0.1, -0.475), (0.225, -0.545))
        .cubic((0.27, -0.52), (0.265, -0.45), (0.23, -0.43))
        .cubic((0.1, -0.37), (-0.1, -0.37), (-0.23, -0.43))
        .cubic((-0.265, -0.45), (-0.27, -0.52), (-0.225, -0.545))
        .close();
    brush.fill(&wrap, look.across(-0.25, 0.25));
    brush.within(&wrap, |brush| {
        brush.fill(&oval(-s * 0.05, -0.38, 0.3, 0.035), glaze(tones.shade, 0.8));
    });
    brush.fill(
        &pill((x - 0.075, -0.505), (x + 0.085, -0.395), 0.045),
        flat(tones.base.mix(tones.light, 0.25)),
    );
}

fn face(brush: &mut Brush<'_>) {
    let coal = hex(0x2E3240);
    for x in [-0.055, 0.105] {
        brush.fill(&oval(x, -0.675, 0.028, 0.033), flat(coal));
        brush.fill(&disc(x - 0.009, -0.687, 0.01), flat(hex(0xFFFFFF)));
    }
    brush.stroke(
        &curve(&[(-0.075, -0.59), (0.02, -0.543), (0.115, -0.58)]),
        0.022,
        flat(coal),
    );
    // The carrot.
    brush.fill(
        &polygon(&[(0.01, -0.655), (0.205, -0.605), (0.01, -0.595)]),
        flat(hex(0xFF8C2E)),
    );
    brush.fill(
        &polygon(&[(0.01, -0.615), (0.205, -0.605), (0.01, -0.595)]),
        flat(hex(0xD8651A)),
    );
}

fn bobble_hat(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let crown = Outline::new(-0.2, -0.74)
        .cubic((-0.2, -0.9), (-0.1, -0.955), (0.0, -0.955))
        .cubic((0.1, -0.955), (0.2, -0.9), (0.2, -0.74))
        .close();
    brush.fill(&crown, look.across(-0.2, 0.2));
    brush.fill(
        &disc(0.0, -0.945, 0.058),
        flat(tones.base.mix(tones.light, 0.7)),
    );
    brush.fill(
        &pill((-0.225, -0.795), (0.225, -0.715), 0.04),
        look.turned(
            -0.22,
            0.22,
            &[
                (0.0, tones.base.mix(tones.light, 0.75)),
                (1.0, tones.base.mix(tones.light, 0.15)),
            ],
        ),
    );
}

fn top_hat(brush: &mut Brush<'_>, look: &Look) {
    let crown = polygon(&[
        (-0.155, -0.77),
        (-0.175, -1.0),
        (0.175, -1.0),
        (0.155, -0.77),
    ]);
    brush.fill(&crown, look.across(-0.175, 0.175));
    brush.within(&crown, |brush| {
        brush.fill(&pill((-0.2, -0.865), (0.2, -0.805), 0.0), flat(look.trim()));
    });
    brush.fill(
        &pill((-0.27, -0.81), (0.27, -0.745), 0.03),
        look.across(-0.27, 0.27),
    );
}
