//! A robot: its head, chest and boots have the colour, its eyes shine.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow};
use super::super::shape::{curve, disc, oval, pill, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Robot,
    stance: Stance::Stands,
    height: (0.48, 0.6),
    half_width: 0.4,
    poses: 2,
    body,
    lights,
};

const STEEL: Rgb = hex(0x8C97AB);
const EYES: f32 = -0.715;

/// Elbow and hand of the arm on the left and on the right, by pose.
fn arms(pose: u8) -> [[(f32, f32); 2]; 2] {
    if pose == 0 {
        [
            [(-0.345, -0.36), (-0.325, -0.23)],
            [(0.345, -0.36), (0.325, -0.23)],
        ]
    } else {
        [
            [(-0.345, -0.35), (-0.36, -0.24)],
            [(0.37, -0.46), (0.375, -0.62)],
        ]
    }
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    for (n, s) in [-1.0_f32, 1.0].into_iter().enumerate() {
        leg(brush, look, s);
        let [elbow, hand] = arms(look.pose)[n];
        arm(brush, look, s, (elbow, hand));
    }
    brush.fill(&slab(-0.08, -0.56, 0.08, -0.48), flat(STEEL.times(0.8)));
    chest(brush, look);
    head(brush, look);
}

fn leg(brush: &mut Brush<'_>, look: &Look, s: f32) {
    let near = s == look.side;
    // The second pose lifts the right foot in a step.
    let (foot, floor) = if look.pose == 1 && s > 0.0 {
        (0.19, -0.05)
    } else {
        (s * 0.13, 0.0)
    };
    brush.stroke(
        &curve(&[(s * 0.12, -0.22), (foot, floor - 0.08)]),
        0.1,
        flat(if near { STEEL } else { STEEL.times(0.82) }),
    );
    brush.fill(
        &pill((foot - 0.1, floor - 0.125), (foot + 0.115, floor), 0.05),
        flat(if near {
            look.tones.base
        } else {
            look.tones.base.mix(look.tones.shade, 0.75)
        }),
    );
    brush.fill(
        &slab(foot - 0.085, floor - 0.03, foot + 0.1, floor),
        flat(look.tones.deep),
    );
}

fn arm(brush: &mut Brush<'_>, look: &Look, s: f32, (elbow, hand): ((f32, f32), (f32, f32))) {
    let near = s == look.side;
    let steel = if near { STEEL } else { STEEL.times(0.82) };
    brush.stroke(&curve(&[(s * 0.24, -0.44), elbow, hand]), 0.07, flat(steel));
    let (dx, dy) = (hand.0 - elbow.0, hand.1 - elbow.1);
    // The cuff, from halfway down the forearm.
    brush.stroke(
        &curve(&[(elbow.0 + dx * 0.35, elbow.1 + dy * 0.35), hand]),
        0.115,
        flat(if near {
            look.tones.base.mix(look.tones.light, 0.25)
        } else {
            look.tones.shade
        }),
    );
    // Two fingers around a gap.
    let down = if dy > 0.0 { 1.0 } else { -1.0 };
    for f in [-1.0_f32, 1.0] {
        brush.stroke(
            &curve(&[
                (hand.0 + f * 0.015, hand.1 + down * 0.055),
                (hand.0 + f * 0.055, hand.1 + down * 0.085),
                (hand.0 + f * 0.045, hand.1 + down * 0.125),
            ]),
            0.036,
            flat(steel.times(0.85)),
        );
    }
    brush.fill(&disc(s * 0.255, -0.44, 0.07), flat(steel.times(0.85)));
}

fn chest(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    brush.fill(
        &pill((-0.245, -0.51), (0.245, -0.17), 0.05),
        look.across(-0.25, 0.25),
    );
    brush.fill(&slab(-0.235, -0.225, 0.235, -0.195), flat(tones.deep));
    brush.fill(
        &pill((-0.165, -0.46), (0.165, -0.27), 0.03),
        flat(hex(0xEEF1F6)),
    );
    // A dial with its hand, and two rows of switches.
    brush.fill(&disc(-0.075, -0.365, 0.062), flat(hex(0x4A5670)));
    brush.fill(&disc(-0.075, -0.365, 0.043), flat(hex(0xF9FBFF)));
    brush.stroke(
        &curve(&[(-0.075, -0.365), (-0.05, -0.392)]),
        0.02,
        flat(hex(0xE0403C)),
    );
    brush.fill(&pill((0.02, -0.42), (0.135, -0.385), 0.015), flat(STEEL));
    for (x, color) in [(0.045, 0xE8504A), (0.11, 0xF2C230)] {
        brush.fill(&disc(x, -0.325, 0.027), flat(hex(color)));
    }
    for x in [-0.205, 0.205] {
        for y in [-0.475, -0.26] {
            brush.fill(&disc(x, y, 0.014), flat(tones.deep));
        }
    }
}

fn head(brush: &mut Brush<'_>, look: &Look) {
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &pill((s * 0.2, -0.785), (s * 0.315, -0.64), 0.035),
            flat(if s == look.side {
                STEEL
            } else {
                STEEL.times(0.75)
            }),
        );
    }
    brush.stroke(&curve(&[(0.0, -0.86), (0.0, -0.94)]), 0.034, flat(STEEL));
    brush.fill(&disc(0.0, -0.955, 0.045), flat(hex(0xE8504A)));
    brush.fill(
        &pill((-0.075, -0.9), (0.075, -0.85), 0.025),
        flat(STEEL.times(0.85)),
    );
    brush.fill(
        &pill((-0.265, -0.875), (0.265, -0.53), 0.085),
        look.across(-0.27, 0.27),
    );
    brush.fill(
        &pill((-0.205, -0.815), (0.205, -0.59), 0.065),
        flat(hex(0x232C44)),
    );
    for s in [-1.0_f32, 1.0] {
        brush.fill(&oval(s * 0.095, EYES, 0.052, 0.06), flat(hex(0x7DEBFF)));
    }
    brush.stroke(
        &curve(&[(-0.055, -0.638), (0.0, -0.62), (0.055, -0.638)]),
        0.024,
        flat(hex(0x7DEBFF)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    let cyan = hex(0x6CE6FF);
    let strength = if look.lit { 0.75 } else { 0.4 };
    for s in [-1.0_f32, 1.0] {
        let x = s * 0.095;
        brush.fill(&disc(x, EYES, 0.15), glow((x, EYES), 0.15, cyan, strength));
        brush.fill(&oval(x, EYES, 0.052, 0.06), flat(hex(0xA8F4FF)));
        brush.fill(&disc(x - 0.016, EYES - 0.02, 0.019), flat(hex(0xFFFFFF)));
    }
    if look.lit {
        let red = hex(0xFF7A62);
        brush.fill(
            &disc(0.0, -0.955, 0.17),
            glow((0.0, -0.955), 0.17, red, 0.8),
        );
        brush.fill(&disc(0.0, -0.955, 0.038), flat(hex(0xFFD2C0)));
    }
}
