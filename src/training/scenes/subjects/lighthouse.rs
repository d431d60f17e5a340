//! A lighthouse: broad stripes in its colour.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glow, veil};
use super::super::shape::{Outline, Shape, disc, oval, pill, polygon, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Lighthouse,
    stance: Stance::Stands,
    height: (0.52, 0.66),
    half_width: 0.24,
    poses: 2,
    body,
    lights,
};

fn tower() -> Shape {
    Outline::new(-0.2, 0.0)
        .quad((-0.135, -0.3), (-0.12, -0.73))
        .line(0.12, -0.73)
        .quad((0.135, -0.3), (0.2, 0.0))
        .close()
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let tower = tower();
    let pale = if look.color == Color::White {
        hex(0xB4C0D4)
    } else {
        hex(0xFBF8F0)
    };
    brush.fill(&tower, look.across(-0.19, 0.19));
    brush.within(&tower, |brush| {
        // Two bands between three of the colour; the second pose winds them.
        let slant = if look.pose == 1 { 0.09 } else { 0.0 };
        for y in [-0.22_f32, -0.50] {
            let band = Outline::new(-0.25, y + slant)
                .quad((0.0, y + 0.03), (0.25, y - slant))
                .line(0.25, y - 0.105 - slant)
                .quad((0.0, y - 0.075), (-0.25, y - 0.105 + slant))
                .close();
            brush.fill(&band, look.round(pale, -0.17, 0.17));
        }
    });
    brush.fill(
        &pill((-0.055, -0.15), (0.055, 0.03), 0.05),
        flat(hex(0x5A3B2C)),
    );
    brush.fill(
        &slab(-0.085, -0.89, 0.085, -0.74),
        flat(if look.lit {
            hex(0xFFE27A)
        } else {
            hex(0xC8E8F4)
        }),
    );
    for x in [-0.078, 0.0, 0.078] {
        brush.fill(
            &slab(x - 0.011, -0.89, x + 0.011, -0.75),
            flat(hex(0x3E4658)),
        );
    }
    brush.fill(
        &pill((-0.165, -0.765), (0.165, -0.715), 0.012),
        flat(hex(0x3E4658)),
    );
    brush.fill(
        &Outline::new(-0.125, -0.875)
            .cubic((-0.12, -0.95), (-0.05, -0.96), (0.0, -0.975))
            .cubic((0.05, -0.96), (0.12, -0.95), (0.125, -0.875))
            .close(),
        look.round(tones.shade.mix(tones.deep, 0.3), -0.12, 0.12),
    );
    brush.fill(&disc(0.0, -0.975, 0.025), flat(tones.deep));
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let y = -0.82;
    let warm = hex(0xFFF0AA);
    for s in [-1.0_f32, 1.0] {
        let beam = polygon(&[
            (s * 0.06, y - 0.03),
            (s * 1.15, y - 0.2),
            (s * 1.15, y + 0.12),
            (s * 0.06, y + 0.03),
        ]);
        brush.fill(
            &beam,
            veil(
                (0.0, y),
                (s * 1.15, y),
                &[(0.0, warm, 0.7), (0.5, warm, 0.26), (1.0, warm, 0.0)],
            )
            .screen(),
        );
    }
    brush.fill(&disc(0.0, y, 0.3), glow((0.0, y), 0.3, warm, 0.7));
    brush.fill(&oval(0.0, y, 0.055, 0.055), flat(hex(0xFFFBE0)));
}
