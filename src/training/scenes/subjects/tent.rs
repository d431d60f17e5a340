//! A tent: its cloth has the colour. A ridge tent seen from a corner, or a dome; the flap is open.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow, linear};
use super::super::shape::{Outline, Shape, curve, disc, polygon};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Tent,
    stance: Stance::Stands,
    height: (0.36, 0.46),
    half_width: 0.84,
    poses: 2,
    body,
    lights,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        ridge(brush, look);
    } else {
        dome(brush, look);
    }
}

/// The way in.
fn door(pose: u8) -> Shape {
    if pose == 0 {
        polygon(&[(-0.27, -0.76), (-0.52, 0.0), (-0.06, 0.0)])
    } else {
        Outline::new(-0.27, 0.0)
            .cubic((-0.25, -0.34), (-0.14, -0.62), (0.02, -0.66))
            .cubic((0.16, -0.6), (0.26, -0.32), (0.28, 0.0))
            .close()
    }
}

fn inside(brush: &mut Brush<'_>, look: &Look) {
    let (top, foot) = if look.lit {
        (hex(0xE8943C), hex(0xFFE08A))
    } else {
        (hex(0x2C2430), hex(0x5A4640))
    };
    brush.fill(
        &door(look.pose),
        linear((0.0, -0.7), (0.0, 0.0), &[(0.0, top), (1.0, foot)]),
    );
}

/// A rope and its peg.
fn guy(brush: &mut Brush<'_>, from: (f32, f32), to: (f32, f32)) {
    brush.stroke(&curve(&[from, to]), 0.022, flat(hex(0xE9DFC8)));
    brush.stroke(
        &curve(&[(to.0, to.1 - 0.035), (to.0, to.1 + 0.02)]),
        0.035,
        flat(hex(0x7A5638)),
    );
}

fn ridge(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    guy(brush, (0.48, -0.86), (0.82, -0.04));
    // The poles cross over the front.
    for points in [
        [(-0.33, -1.0), (-0.22, -0.84)],
        [(-0.21, -1.0), (-0.32, -0.84)],
    ] {
        brush.stroke(&curve(&points), 0.04, flat(hex(0x7A5638)));
    }
    let (front, flank) = if look.side < 0.0 {
        (
            tones.base.mix(tones.light, 0.25),
            tones.base.mix(tones.shade, 0.55),
        )
    } else {
        (
            tones.base.mix(tones.shade, 0.5),
            tones.base.mix(tones.light, 0.1),
        )
    };
    brush.fill(
        &Outline::new(-0.27, -0.92)
            .quad((0.12, -0.83), (0.5, -0.88))
            .quad((0.6, -0.4), (0.74, -0.05))
            .line(0.2, 0.0)
            .close(),
        linear(
            (0.1, -0.9),
            (0.3, 0.0),
            &[
                (0.0, flank.mix(tones.light, 0.3)),
                (0.4, flank),
                (1.0, flank.mix(tones.shade, 0.45)),
            ],
        ),
    );
    brush.fill(
        &polygon(&[(-0.27, -0.92), (-0.74, 0.0), (0.2, 0.0)]),
        flat(front),
    );
    inside(brush, look);
    // The flaps, folded back.
    brush.fill(
        &Outline::new(-0.27, -0.76)
            .quad((-0.36, -0.34), (-0.34, -0.3))
            .quad((-0.44, -0.2), (-0.6, 0.0))
            .line(-0.5, 0.0)
            .close(),
        flat(tones.light),
    );
    brush.fill(
        &Outline::new(-0.27, -0.76)
            .quad((-0.2, -0.36), (-0.19, -0.3))
            .quad((-0.1, -0.2), (0.02, 0.0))
            .line(-0.07, 0.0)
            .close(),
        flat(tones.base.mix(tones.light, 0.6)),
    );
    guy(brush, (-0.45, -0.56), (-0.81, -0.01));
}

fn dome(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    guy(brush, (0.5, -0.6), (0.82, -0.02));
    guy(brush, (-0.5, -0.6), (-0.82, -0.02));
    let shell = Outline::new(-0.74, 0.0)
        .cubic((-0.66, -0.58), (-0.36, -0.98), (0.0, -0.98))
        .cubic((0.36, -0.98), (0.66, -0.58), (0.74, 0.0))
        .close();
    brush.fill(&shell, look.across(-0.74, 0.74));
    brush.within(&shell, |brush| {
        // The front between two poles.
        let front = Outline::new(-0.46, 0.02)
            .cubic((-0.38, -0.54), (-0.18, -0.92), (0.0, -1.0))
            .cubic((0.18, -0.92), (0.38, -0.54), (0.46, 0.02))
            .close();
        brush.fill(
            &front,
            look.turned(
                -0.46,
                0.46,
                &[
                    (0.0, tones.base.mix(tones.light, 0.45)),
                    (1.0, tones.base.mix(tones.shade, 0.35)),
                ],
            ),
        );
        for s in [-1.0_f32, 1.0] {
            brush.stroke(
                &Outline::new(s * 0.46, 0.02)
                    .cubic((s * 0.38, -0.54), (s * 0.18, -0.92), (0.0, -1.0))
                    .cubic((s * 0.18, -0.92), (s * 0.38, -0.54), (s * 0.46, 0.02))
                    .close(),
                0.035,
                flat(tones.shade.mix(tones.deep, 0.3)),
            );
        }
    });
    inside(brush, look);
    // The flap, rolled to one side.
    brush.fill(
        &Outline::new(0.02, -0.66)
            .cubic((0.16, -0.6), (0.26, -0.32), (0.28, 0.0))
            .line(0.12, 0.0)
            .cubic((0.2, -0.24), (0.12, -0.46), (0.02, -0.66))
            .close(),
        flat(tones.light),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let x = if look.pose == 0 { -0.28 } else { 0.0 };
    brush.fill(
        &disc(x, -0.2, 0.5),
        glow((x, -0.2), 0.5, hex(0xFFC860), 0.5),
    );
    brush.within(&door(look.pose), |brush| {
        brush.fill(
            &disc(x, -0.2, 0.3),
            glow((x, -0.2), 0.3, hex(0xFFF2B8), 0.8),
        );
    });
}
