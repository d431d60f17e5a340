//! A windmill: its tower has the colour, four lattice sails turn before it.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glow};
use super::super::shape::{Outline, Shape, disc, oval, pill, slab, turned};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Windmill,
    stance: Stance::Stands,
    height: (0.58, 0.7),
    half_width: 0.42,
    poses: 2,
    body,
    lights,
};

/// The hub of the sails.
const HUB: (f32, f32) = (0.0, -0.63);

/// The sails' canvas: pale, but for a white mill, which has them in wood.
fn canvas(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xD9B48A)
    } else {
        hex(0xFBF6EA)
    }
}

fn tower() -> Shape {
    Outline::new(-0.235, 0.0)
        .quad((-0.165, -0.3), (-0.135, -0.63))
        .line(0.135, -0.63)
        .quad((0.165, -0.3), (0.235, 0.0))
        .close()
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let tower = tower();
    brush.fill(&tower, look.across(-0.22, 0.22));
    brush.within(&tower, |brush| {
        // The foot, and a few bricks.
        brush.fill(&slab(-0.3, -0.05, 0.3, 0.0), flat(tones.deep));
        for (x, y) in [(-0.14, -0.16), (0.12, -0.29), (0.14, -0.13), (-0.09, -0.4)] {
            brush.fill(
                &pill((x - 0.034, y - 0.013), (x + 0.034, y + 0.013), 0.01),
                flat(tones.shade),
            );
        }
        // The door.
        brush.fill(
            &pill((-0.075, -0.185), (0.075, 0.03), 0.07),
            flat(look.trim()),
        );
        brush.fill(
            &pill((-0.052, -0.16), (0.052, 0.03), 0.05),
            flat(hex(0x5A3B2C)),
        );
    });
    brush.fill(&disc(0.0, -0.33, 0.05), flat(look.trim()));
    brush.fill(&disc(0.0, -0.33, 0.034), flat(look.glass()));
    // The cap, over a gallery.
    brush.fill(
        &Outline::new(-0.165, -0.62)
            .cubic((-0.16, -0.74), (-0.09, -0.79), (0.0, -0.8))
            .cubic((0.09, -0.79), (0.16, -0.74), (0.165, -0.62))
            .close(),
        look.round(tones.shade.mix(tones.deep, 0.45), -0.16, 0.16),
    );
    brush.fill(
        &pill((-0.18, -0.635), (0.18, -0.595), 0.015),
        flat(tones.deep),
    );
    let lean = if look.pose == 0 { 0.125 } else { 0.03 };
    for n in 0..4 {
        let turn =
            Transform::from_translate(HUB.0, HUB.1).pre_concat(turned(lean + n as f32 * 0.25));
        sail(&mut brush.placed(turn), look);
    }
    brush.fill(&disc(HUB.0, HUB.1, 0.05), flat(hex(0x5A3B2C)));
    brush.fill(&disc(HUB.0, HUB.1, 0.024), flat(hex(0xD9C08A)));
}

/// One sail, upwards from the origin: a spar with a lattice on one side.
fn sail(brush: &mut Brush<'_>, look: &Look) {
    let wood = hex(0x7A5238);
    let (near, far, wide) = (-0.09, -0.385, 0.125);
    brush.fill(&slab(0.0, far, wide, near), flat(canvas(look)));
    let beam = 0.007;
    for n in 0..4 {
        let y = near + (far - near) * n as f32 / 3.0;
        brush.fill(&slab(0.0, y - beam, wide + beam, y + beam), flat(wood));
    }
    brush.fill(
        &slab(wide - beam, far - beam, wide + beam, near + beam),
        flat(wood),
    );
    brush.fill(&pill((-0.017, far - 0.02), (0.017, 0.0), 0.015), flat(wood));
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let (x, y) = (0.0, -0.33);
    brush.fill(&disc(x, y, 0.14), glow((x, y), 0.14, hex(0xFFD98A), 0.6));
    brush.fill(&oval(x, y, 0.034, 0.034), flat(hex(0xFFE9A0)));
}
