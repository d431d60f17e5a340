//! A tulip: its petals have the colour. One flower, or a bunch of three.

use tiny_skia::Transform;

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, linear};
use super::super::shape::{Outline, Shape, curve, turned};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Tulip,
    stance: Stance::Stands,
    height: (0.52, 0.66),
    half_width: 0.38,
    poses: 2,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        stem(brush, (0.0, 0.0), (0.0, -0.6), 0.05);
        blade(brush, (0.0, 0.0), (-0.29, -0.46), -1.0);
        blade(brush, (0.0, 0.0), (0.25, -0.33), 1.0);
        bloom(brush, look, (0.0, -0.52), 0.0, 1.1);
    } else {
        stem(brush, (-0.03, 0.0), (-0.2, -0.48), 0.042);
        stem(brush, (0.03, 0.0), (0.2, -0.44), 0.042);
        bloom(brush, look, (-0.2, -0.46), -0.035, 0.72);
        bloom(brush, look, (0.2, -0.42), 0.035, 0.72);
        stem(brush, (0.0, 0.0), (0.0, -0.68), 0.042);
        blade(brush, (0.0, 0.0), (-0.3, -0.3), -1.0);
        blade(brush, (0.0, 0.0), (0.29, -0.26), 1.0);
        bloom(brush, look, (0.0, -0.64), 0.0, 0.82);
    }
}

fn stem(brush: &mut Brush<'_>, foot: (f32, f32), top: (f32, f32), width: f32) {
    let knee = (foot.0 + (top.0 - foot.0) * 0.35, top.1 * 0.55);
    brush.stroke(&curve(&[foot, knee, top]), width, flat(hex(0x3C8C4C)));
}

/// A long leaf from the foot of the stem to its tip, with a lit and a shaded half.
fn blade(brush: &mut Brush<'_>, (x, y): (f32, f32), tip: (f32, f32), side: f32) {
    let (dx, dy) = (tip.0 - x, tip.1 - y);
    let at = |u: f32, v: f32| (x + dx * u, y + dy * v);
    let middle = (at(0.2, 0.5), at(0.55, 0.8));
    let half = |a: (f32, f32), b: (f32, f32)| {
        Outline::new(x, y)
            .cubic(a, b, tip)
            .cubic(middle.1, middle.0, (x, y))
            .close()
    };
    let inner = half(at(-0.12, 0.6), at(0.35, 1.0));
    let outer = half((x + side * 0.15, y - 0.02), (x + dx * 0.75, y + dy * 0.45));
    brush.fill(&inner, flat(hex(0x5DB266)));
    brush.fill(&outer, flat(hex(0x2F7D46)));
}

/// A flower of three petals before two, on the top of its stem.
fn bloom(brush: &mut Brush<'_>, look: &Look, (x, y): (f32, f32), lean: f32, size: f32) {
    let local = Transform::from_translate(x, y)
        .pre_concat(turned(lean))
        .pre_scale(size, size);
    let brush = &mut brush.placed(local);
    let tones = look.tones;
    let s = look.side;
    for side in [-1.0_f32, 1.0] {
        let back = Outline::new(0.0, -0.1)
            .quad((side * 0.02, -0.3), (side * 0.085, -0.43))
            .quad((side * 0.17, -0.32), (side * 0.16, -0.1))
            .close();
        brush.fill(&back, flat(tones.shade.mix(tones.deep, 0.3)));
    }
    brush.fill(&flank(-s), flat(tones.base.mix(tones.shade, 0.75)));
    brush.fill(
        &flank(s),
        linear(
            (s * 0.22, -0.3),
            (0.0, -0.1),
            &[(0.0, tones.light), (1.0, tones.base)],
        ),
    );
    let front = Outline::new(0.0, 0.0)
        .cubic((-0.15, -0.01), (-0.17, -0.2), (0.0, -0.38))
        .cubic((0.17, -0.2), (0.15, -0.01), (0.0, 0.0))
        .close();
    brush.fill(
        &front,
        linear(
            (0.0, -0.38),
            (0.0, 0.0),
            &[
                (0.0, tones.base.mix(tones.light, 0.55)),
                (0.5, tones.base),
                (1.0, tones.base.mix(tones.shade, 0.5)),
            ],
        ),
    );
    brush.stroke(
        &curve(&[(0.0, -0.3), (0.0, -0.12)]),
        0.022,
        flat(tones.base.mix(tones.shade, 0.45)),
    );
}

/// The petal on one side of the cup.
fn flank(side: f32) -> Shape {
    Outline::new(0.0, 0.0)
        .cubic(
            (side * 0.21, 0.01),
            (side * 0.26, -0.2),
            (side * 0.18, -0.43),
        )
        .cubic((side * 0.09, -0.36), (0.0, -0.24), (-side * 0.02, 0.0))
        .close()
}
