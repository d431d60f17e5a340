//! A tree: its foliage has the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat};
use super::super::shape::{Outline, Shape, disc, join, oval};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Tree,
    stance: Stance::Stands,
    height: (0.48, 0.64),
    half_width: 0.42,
    poses: 3,
    body,
    lights: dark,
};

fn body(brush: &mut Brush<'_>, look: &Look) {
    match look.pose {
        0 => crown(
            brush,
            look,
            &[
                (0.0, -0.73, 0.27),
                (-0.235, -0.56, 0.19),
                (0.235, -0.57, 0.19),
                (-0.16, -0.76, 0.19),
                (0.17, -0.77, 0.18),
                (0.0, -0.53, 0.2),
            ],
        ),
        1 => fir(brush, look),
        _ => crown(
            brush,
            look,
            &[
                (0.0, -0.82, 0.18),
                (-0.14, -0.66, 0.18),
                (0.14, -0.66, 0.18),
                (-0.17, -0.46, 0.19),
                (0.17, -0.46, 0.19),
                (0.0, -0.55, 0.24),
                (0.0, -0.37, 0.17),
            ],
        ),
    }
}

fn trunk(brush: &mut Brush<'_>, look: &Look, top: f32) {
    let bark = hex(0x80543A);
    brush.fill(
        &Outline::new(-0.105, 0.0)
            .quad((-0.05, -0.04), (-0.048, top))
            .line(0.048, top)
            .quad((0.05, -0.04), (0.105, 0.0))
            .close(),
        look.round(bark, -0.06, 0.06),
    );
}

fn crown(brush: &mut Brush<'_>, look: &Look, bumps: &[(f32, f32, f32)]) {
    trunk(brush, look, -0.5);
    let grown = |shift: f32, share: f32| -> Shape {
        let parts: Vec<Shape> = bumps
            .iter()
            .map(|(x, y, r)| disc(x + shift * look.side, y - shift * 0.8, r * share))
            .collect();
        join(&parts)
    };
    let tones = look.tones;
    let whole = grown(0.0, 1.0);
    brush.fill(&whole, flat(tones.shade));
    brush.within(&whole, |brush| {
        brush.fill(&grown(0.05, 0.93), flat(tones.base));
        let glint: Vec<Shape> = bumps
            .iter()
            .take(3)
            .map(|(x, y, r)| oval(x + look.side * r * 0.42, y - r * 0.42, r * 0.46, r * 0.36))
            .collect();
        brush.fill(&join(&glint), flat(tones.base.mix(tones.light, 0.75)));
    });
}

fn fir(brush: &mut Brush<'_>, look: &Look) {
    trunk(brush, look, -0.2);
    let tones = look.tones;
    for (foot, top, half) in [
        (-0.12, -0.58, 0.36),
        (-0.37, -0.8, 0.29),
        (-0.61, -1.0, 0.215),
    ] {
        let tier = Outline::new(0.0, top)
            .quad(
                (half * 0.5, foot - (foot - top) * 0.35),
                (half, foot - 0.02),
            )
            .quad((half * 0.5, foot + 0.05), (0.0, foot + 0.04))
            .quad((-half * 0.5, foot + 0.05), (-half, foot - 0.02))
            .quad((-half * 0.5, foot - (foot - top) * 0.35), (0.0, top))
            .close();
        brush.fill(&tier, flat(tones.base));
        brush.within(&tier, |brush| {
            let s = -look.side;
            let flank = Outline::new(0.0, top)
                .quad(
                    (-s * half * 0.12, foot - (foot - top) * 0.4),
                    (s * half * 0.18, foot + 0.06),
                )
                .line(s * half * 1.2, foot + 0.06)
                .line(s * half * 1.2, top)
                .close();
            brush.fill(&flank, flat(tones.shade));
            let edge = Outline::new(0.0, top)
                .quad(
                    (-s * half * 0.5, foot - (foot - top) * 0.35),
                    (-s * half, foot - 0.02),
                )
                .line(-s * half * 0.62, foot)
                .quad((-s * half * 0.3, foot - (foot - top) * 0.4), (0.0, top))
                .close();
            brush.fill(&edge, flat(tones.base.mix(tones.light, 0.7)));
        });
    }
}
