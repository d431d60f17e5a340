//! A street lamp: post and hood have the colour. With one lantern, or with one on either arm.

use tiny_skia::Transform;

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow};
use super::super::shape::{Outline, Shape, curve, disc, oval, pill, polygon};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::StreetLamp,
    stance: Stance::Stands,
    height: (0.58, 0.7),
    half_width: 0.36,
    poses: 2,
    body,
    lights,
};

/// Foot and size of each lantern.
fn lanterns(pose: u8) -> &'static [(f32, f32, f32)] {
    if pose == 0 {
        &[(0.0, -0.69, 0.92)]
    } else {
        &[(-0.235, -0.7, 0.84), (0.235, -0.7, 0.84)]
    }
}

/// The frame of a lantern: its foot at the origin.
fn held((x, y, size): (f32, f32, f32)) -> Transform {
    Transform::from_translate(x, y).pre_scale(size, size)
}

fn glass() -> Shape {
    polygon(&[(-0.095, -0.03), (0.095, -0.03), (0.15, -0.2), (-0.15, -0.2)])
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    post(brush, look);
    for lantern in lanterns(look.pose) {
        head(&mut brush.placed(held(*lantern)), look);
    }
}

fn post(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let top = if look.pose == 0 { -0.7 } else { -0.8 };
    brush.fill(
        &pill((-0.048, top), (0.048, -0.2), 0.02),
        look.across(-0.048, 0.048),
    );
    if look.pose == 0 {
        // The bar for the lamplighter's ladder.
        brush.fill(
            &pill((-0.15, -0.635), (0.15, -0.6), 0.015),
            look.across(-0.15, 0.15),
        );
        for x in [-0.15, 0.15] {
            brush.fill(&disc(x, -0.6175, 0.032), flat(tones.shade));
        }
    } else {
        for s in [-1.0_f32, 1.0] {
            brush.stroke(
                &curve(&[
                    (0.0, -0.5),
                    (s * 0.13, -0.51),
                    (s * 0.225, -0.6),
                    (s * 0.235, -0.69),
                ]),
                0.06,
                flat(if s == look.side {
                    tones.base
                } else {
                    tones.shade
                }),
            );
        }
        brush.fill(
            &Outline::new(-0.06, -0.78)
                .quad((-0.04, -0.88), (0.0, -0.95))
                .quad((0.04, -0.88), (0.06, -0.78))
                .close(),
            look.across(-0.06, 0.06),
        );
    }
    // The foot, in steps, and rings around the post.
    let foot = Outline::new(-0.115, -0.05)
        .quad((-0.11, -0.16), (-0.06, -0.2))
        .line(0.06, -0.2)
        .quad((0.11, -0.16), (0.115, -0.05))
        .close();
    brush.fill(&foot, look.across(-0.115, 0.115));
    brush.fill(
        &pill((-0.15, -0.065), (0.15, 0.0), 0.02),
        look.turned(
            -0.15,
            0.15,
            &[(0.0, tones.base), (1.0, tones.shade.mix(tones.deep, 0.4))],
        ),
    );
    for (y, half) in [(-0.205, 0.08), (-0.475, 0.072), (top + 0.015, 0.085)] {
        brush.fill(
            &pill((-half, y - 0.025), (half, y + 0.025), 0.02),
            look.turned(
                -half,
                half,
                &[(0.0, tones.light), (0.5, tones.base), (1.0, tones.deep)],
            ),
        );
    }
}

fn head(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let pane = if look.lit {
        hex(0xFFE08A)
    } else {
        hex(0xC4DEEE)
    };
    brush.fill(&glass(), flat(pane));
    for points in [
        [(-0.095, -0.03), (-0.15, -0.2)],
        [(0.095, -0.03), (0.15, -0.2)],
        [(0.0, -0.03), (0.0, -0.2)],
    ] {
        brush.stroke(&curve(&points), 0.03, flat(tones.shade));
    }
    brush.fill(&pill((-0.12, -0.05), (0.12, 0.0), 0.02), flat(tones.shade));
    let hood = Outline::new(-0.205, -0.19)
        .cubic((-0.15, -0.21), (-0.13, -0.295), (-0.05, -0.3))
        .line(0.05, -0.3)
        .cubic((0.13, -0.295), (0.15, -0.21), (0.205, -0.19))
        .close();
    brush.fill(&hood, look.across(-0.2, 0.2));
    brush.fill(
        &disc(0.0, -0.305, 0.034),
        flat(tones.base.mix(tones.light, 0.3)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let warm = hex(0xFFE9A0);
    for lantern in lanterns(look.pose) {
        let brush = &mut brush.placed(held(*lantern));
        brush.fill(
            &disc(0.0, -0.12, 0.42),
            glow((0.0, -0.12), 0.42, warm, 0.75),
        );
        brush.fill(&oval(0.0, -0.115, 0.04, 0.055), flat(hex(0xFFFDEB)));
    }
}
