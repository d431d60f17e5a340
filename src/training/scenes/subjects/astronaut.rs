//! An astronaut: the suit has the colour, the visor is dark.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glaze, linear};
use super::super::shape::{curve, disc, oval, pill, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Astronaut,
    stance: Stance::Stands,
    height: (0.46, 0.58),
    half_width: 0.36,
    poses: 3,
    body,
    lights,
};

/// Elbow and hand of the arm on the left and on the right, by pose.
fn arms(pose: u8) -> [[(f32, f32); 2]; 2] {
    match pose {
        0 => [
            [(-0.3, -0.42), (-0.29, -0.28)],
            [(0.33, -0.56), (0.36, -0.76)],
        ],
        1 => [
            [(-0.3, -0.44), (-0.36, -0.3)],
            [(0.29, -0.42), (0.36, -0.34)],
        ],
        _ => [
            [(-0.33, -0.58), (-0.36, -0.78)],
            [(0.33, -0.58), (0.36, -0.78)],
        ],
    }
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let pale = hex(0xF0F3F8);
    // The life-support pack.
    brush.fill(
        &pill((-0.26, -0.68), (0.26, -0.28), 0.06),
        look.round(hex(0xA4AEC0), -0.26, 0.26),
    );
    // Legs and boots.
    let legs: [(f32, f32); 2] = if look.pose == 1 {
        [(-0.115, -0.19), (0.115, 0.2)]
    } else {
        [(-0.105, -0.115), (0.105, 0.115)]
    };
    for (n, (hip, foot)) in legs.into_iter().enumerate() {
        let near = (n == 0) == (look.side < 0.0);
        brush.stroke(
            &curve(&[(hip, -0.32), ((hip + foot) * 0.5, -0.2), (foot, -0.09)]),
            0.175,
            flat(if near {
                tones.base
            } else {
                tones.base.mix(tones.shade, 0.7)
            }),
        );
        brush.fill(
            &slab(foot - 0.09, -0.125, foot + 0.09, -0.09),
            flat(tones.deep),
        );
        brush.fill(
            &pill((foot - 0.1, -0.1), (foot + 0.11, 0.0), 0.05),
            flat(if near { pale } else { pale.times(0.82) }),
        );
    }
    // Arms and gloves, shoulders hidden by the torso.
    for (s, [elbow, hand]) in [-1.0_f32, 1.0].into_iter().zip(arms(look.pose)) {
        let near = s == look.side;
        brush.stroke(
            &curve(&[(s * 0.17, -0.54), elbow, hand]),
            0.135,
            flat(if near {
                tones.base.mix(tones.light, 0.25)
            } else {
                tones.shade
            }),
        );
        brush.fill(
            &disc(hand.0, hand.1, 0.078),
            flat(if near { pale } else { pale.times(0.82) }),
        );
    }
    brush.fill(
        &pill((-0.215, -0.64), (0.215, -0.26), 0.1),
        look.across(-0.22, 0.22),
    );
    brush.fill(&slab(-0.215, -0.345, 0.215, -0.305), flat(tones.deep));
    brush.fill(&pill((-0.115, -0.53), (0.115, -0.39), 0.03), flat(pale));
    brush.fill(&disc(-0.055, -0.46, 0.032), flat(hex(0x4A5670)));
    brush.fill(
        &pill((0.01, -0.485), (0.085, -0.435), 0.015),
        flat(hex(0x6FC2E8)),
    );
    // Helmet and visor.
    brush.fill(&oval(0.0, -0.625, 0.17, 0.05), flat(tones.deep));
    brush.fill(&oval(0.0, -0.79, 0.235, 0.21), look.across(-0.24, 0.24));
    brush.fill(&oval(0.0, -0.775, 0.19, 0.152), flat(pale));
    brush.fill(
        &oval(0.0, -0.775, 0.165, 0.128),
        linear(
            (0.0, -0.9),
            (0.0, -0.65),
            &[(0.0, hex(0x3B4D7E)), (1.0, hex(0x0E1530))],
        ),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    let s = look.side;
    brush.stroke(
        &curve(&[(s * 0.055, -0.862), (s * 0.105, -0.83), (s * 0.125, -0.785)]),
        0.034,
        glaze(hex(0xE8F6FF), 0.95),
    );
    brush.fill(
        &oval(-s * 0.05, -0.7, 0.06, 0.022),
        glaze(hex(0x7FB0E8), 0.5),
    );
}
