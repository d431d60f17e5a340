//! A cat: its fur has the colour.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat};
use super::super::shape::{Outline, blob, curve, disc, oval, pill, polygon};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Cat,
    stance: Stance::Stands,
    height: (0.42, 0.55),
    half_width: 0.44,
    poses: 2,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        sitting(brush, look);
        head(brush, look, (0.0, -0.665));
    } else {
        standing(brush, look);
        head(brush, look, (0.17, -0.665));
    }
}

/// Breast, paws and muzzle.
fn pale(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xFFFFFF)
    } else {
        look.tones.light.mix(hex(0xFFFFFF), 0.35)
    }
}

fn sitting(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    brush.stroke(
        &curve(&[(0.18, -0.055), (0.36, -0.07), (0.41, -0.2), (0.34, -0.33)]),
        0.1,
        flat(tones.shade),
    );
    brush.stroke(
        &curve(&[(0.38, -0.28), (0.34, -0.33)]),
        0.1,
        flat(pale(look)),
    );
    let torso = blob(&[
        (-0.15, -0.5),
        (0.15, -0.5),
        (0.25, -0.24),
        (0.27, -0.06),
        (0.17, 0.0),
        (-0.17, 0.0),
        (-0.27, -0.06),
        (-0.25, -0.24),
    ]);
    brush.fill(&torso, look.across(-0.28, 0.28));
    brush.fill(
        &blob(&[
            (0.0, -0.5),
            (0.12, -0.38),
            (0.06, -0.24),
            (0.0, -0.2),
            (-0.06, -0.24),
            (-0.12, -0.38),
        ]),
        flat(pale(look)),
    );
    for x in [-0.085_f32, 0.085] {
        brush.fill(
            &pill((x - 0.075, -0.3), (x + 0.075, 0.0), 0.07),
            flat(tones.base),
        );
        brush.fill(&oval(x, -0.032, 0.088, 0.045), flat(pale(look)));
    }
    brush.fill(
        &pill((-0.012, -0.24), (0.012, -0.07), 0.01),
        flat(tones.shade),
    );
}

fn standing(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    brush.stroke(
        &curve(&[(-0.34, -0.34), (-0.46, -0.5), (-0.44, -0.7), (-0.34, -0.78)]),
        0.09,
        flat(tones.base),
    );
    brush.stroke(
        &curve(&[(-0.39, -0.745), (-0.34, -0.78)]),
        0.09,
        flat(pale(look)),
    );
    for x in [-0.2, 0.1] {
        brush.fill(
            &pill((x - 0.06, -0.3), (x + 0.06, -0.01), 0.05),
            flat(tones.shade),
        );
    }
    brush.fill(&pill((-0.42, -0.5), (0.34, -0.18), 0.16), linear_back(look));
    for x in [-0.31, 0.25] {
        brush.fill(
            &pill((x - 0.07, -0.34), (x + 0.07, 0.0), 0.06),
            flat(tones.base),
        );
        brush.fill(&oval(x + 0.012, -0.03, 0.085, 0.042), flat(pale(look)));
    }
    for x in [-0.24_f32, -0.1, 0.04] {
        brush.fill(
            &Outline::new(x - 0.035, -0.51)
                .line(x + 0.035, -0.51)
                .line(x, -0.36)
                .close(),
            flat(tones.shade),
        );
    }
}

fn linear_back(look: &Look) -> super::super::brush::Ink {
    let tones = look.tones;
    super::super::brush::linear(
        (0.0, -0.5),
        (0.0, -0.18),
        &[
            (0.0, tones.base.mix(tones.light, 0.45)),
            (0.4, tones.base),
            (1.0, tones.shade),
        ],
    )
}

fn head(brush: &mut Brush<'_>, look: &Look, (x, y): (f32, f32)) {
    let tones = look.tones;
    for s in [-1.0_f32, 1.0] {
        let ear = |w: f32, tip: f32| {
            polygon(&[
                (x + s * (0.16 - w), y - 0.15),
                (x + s * 0.215, y - tip),
                (x + s * (0.18 + w * 0.8), y - 0.06),
            ])
        };
        brush.fill(
            &ear(0.12, 0.335),
            flat(if s == look.side {
                tones.base
            } else {
                tones.shade
            }),
        );
        brush.fill(&ear(0.06, 0.265), flat(hex(0xF7A8B4).mix(tones.deep, 0.12)));
    }
    let face = blob(&[
        (x, y - 0.215),
        (x + 0.19, y - 0.15),
        (x + 0.285, y + 0.03),
        (x + 0.17, y + 0.165),
        (x, y + 0.2),
        (x - 0.17, y + 0.165),
        (x - 0.285, y + 0.03),
        (x - 0.19, y - 0.15),
    ]);
    brush.fill(&face, look.across(x - 0.3, x + 0.3));
    // The marks on the forehead.
    for dx in [-0.07_f32, 0.0, 0.07] {
        let drop = if dx == 0.0 { 0.13 } else { 0.1 };
        brush.fill(
            &Outline::new(x + dx - 0.022, y - 0.225)
                .line(x + dx + 0.022, y - 0.225)
                .line(x + dx, y - 0.225 + drop)
                .close(),
            flat(tones.shade),
        );
    }
    brush.fill(
        &blob(&[
            (x, y + 0.02),
            (x + 0.1, y + 0.07),
            (x + 0.085, y + 0.15),
            (x, y + 0.175),
            (x - 0.085, y + 0.15),
            (x - 0.1, y + 0.07),
        ]),
        flat(pale(look)),
    );
    let iris = match look.color {
        Color::Yellow | Color::White | Color::Orange | Color::Brown => hex(0x57C26A),
        _ => hex(0xFFE55C),
    };
    for s in [-1.0_f32, 1.0] {
        let ex = x + s * 0.125;
        brush.fill(&oval(ex, y - 0.02, 0.068, 0.076), flat(hex(0x22202C)));
        brush.fill(&oval(ex, y - 0.02, 0.052, 0.06), flat(iris));
        brush.fill(&oval(ex, y - 0.02, 0.026, 0.055), flat(hex(0x17151F)));
        brush.fill(&disc(ex - 0.018, y - 0.045, 0.016), flat(hex(0xFFFFFF)));
    }
    brush.fill(
        &polygon(&[
            (x - 0.038, y + 0.045),
            (x + 0.038, y + 0.045),
            (x, y + 0.085),
        ]),
        flat(hex(0xE8677C)),
    );
    let ink = tones.deep.times(0.8);
    brush.stroke(
        &curve(&[
            (x - 0.06, y + 0.115),
            (x - 0.03, y + 0.13),
            (x, y + 0.095),
            (x + 0.03, y + 0.13),
            (x + 0.06, y + 0.115),
        ]),
        0.02,
        flat(ink),
    );
    let whisker = match look.color {
        Color::White | Color::Yellow | Color::Pink => ink,
        _ => hex(0xFFFFFF),
    };
    for s in [-1.0_f32, 1.0] {
        for (y0, y1) in [(0.07, 0.045), (0.105, 0.125)] {
            brush.stroke(
                &curve(&[(x + s * 0.13, y + y0), (x + s * 0.34, y + y1)]),
                0.021,
                flat(whisker),
            );
        }
    }
}
