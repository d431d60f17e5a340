//! A hot-air balloon: the envelope has the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow};
use super::super::shape::{Outline, Shape, curve, oval, pill, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Balloon,
    stance: Stance::Drifts,
    height: (0.46, 0.58),
    half_width: 0.38,
    poses: 2,
    body,
    lights,
};

/// The envelope narrowed to a share of its width: the whole, or one of its gores.
fn envelope(share: f32, shift: f32) -> Shape {
    let w = 0.38 * share;
    let n = 0.1 * share;
    Outline::new(shift, -1.0)
        .cubic(
            (shift + w * 0.62, -1.0),
            (shift + w, -0.85),
            (shift + w, -0.65),
        )
        .cubic(
            (shift + w, -0.46),
            (shift + w * 0.5, -0.36),
            (n + shift * 0.3, -0.205),
        )
        .line(shift * 0.3 - n, -0.205)
        .cubic(
            (shift - w * 0.5, -0.36),
            (shift - w, -0.46),
            (shift - w, -0.65),
        )
        .cubic((shift - w, -0.85), (shift - w * 0.62, -1.0), (shift, -1.0))
        .close()
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let rope = hex(0x5A4634);
    for x in [-1.0_f32, 1.0] {
        brush.stroke(
            &curve(&[(x * 0.095, -0.21), (x * 0.075, -0.1)]),
            0.024,
            flat(rope),
        );
    }
    let whole = envelope(1.0, 0.0);
    brush.fill(&whole, look.across(-0.38, 0.38));
    brush.within(&whole, |brush| {
        let s = look.side;
        brush.fill(
            &envelope(0.68, 0.0),
            look.turned(
                -0.26,
                0.26,
                &[
                    (0.0, tones.base.mix(tones.light, 0.55)),
                    (1.0, tones.base.mix(tones.shade, 0.7)),
                ],
            ),
        );
        brush.fill(
            &envelope(0.32, s * 0.015),
            look.turned(
                -0.12,
                0.12,
                &[(0.0, tones.base.mix(tones.light, 0.25)), (1.0, tones.base)],
            ),
        );
        if look.pose == 1 {
            let band = Outline::new(-0.4, -0.69)
                .quad((0.0, -0.585), (0.4, -0.69))
                .line(0.4, -0.585)
                .quad((0.0, -0.475), (-0.4, -0.585))
                .close();
            brush.fill(&band, look.round(look.trim(), -0.38, 0.38));
        }
        brush.fill(
            &slab(-0.4, -0.265, 0.4, -0.2),
            flat(tones.deep.mix(tones.shade, 0.5)),
        );
    });
    let wicker = hex(0xA66E3C);
    brush.fill(
        &pill((-0.095, -0.125), (0.095, 0.0), 0.03),
        look.round(wicker, -0.095, 0.095),
    );
    brush.fill(
        &pill((-0.11, -0.135), (0.11, -0.1), 0.015),
        flat(hex(0x6E4424)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if look.lit {
        brush.fill(&oval(0.0, -0.17, 0.022, 0.04), flat(hex(0xFFE27A)));
        brush.within(&envelope(1.0, 0.0), |brush| {
            brush.fill(
                &slab(-0.5, -1.0, 0.5, 0.0),
                glow((0.0, -0.24), 0.42, look.tones.light, 0.6),
            );
        });
    }
}
