//! A mushroom: its cap has the colour, with pale dots. Alone, or with a small one beside it.

use tiny_skia::Transform;

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glaze};
use super::super::shape::{Outline, Shape, curve, oval};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt, dark};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Mushroom,
    stance: Stance::Stands,
    height: (0.44, 0.56),
    half_width: 0.56,
    poses: 2,
    body,
    lights: dark,
};

/// Middle and half-axes of each dot on the cap.
const DOTS: [(f32, f32, f32, f32); 7] = [
    (-0.03, -0.72, 0.115, 0.1),
    (-0.3, -0.6, 0.085, 0.085),
    (0.26, -0.64, 0.09, 0.09),
    (0.13, -0.92, 0.07, 0.045),
    (-0.2, -0.87, 0.065, 0.055),
    (0.46, -0.52, 0.06, 0.075),
    (0.07, -0.5, 0.075, 0.055),
];

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        grown(brush, look);
    } else {
        let small = Transform::from_translate(0.35, 0.0).pre_scale(0.46, 0.46);
        let large = Transform::from_translate(-0.1, 0.0).pre_scale(0.92, 1.0);
        grown(&mut brush.placed(large), look);
        grown(&mut brush.placed(small), look);
    }
}

/// The dots: white, but not on white.
fn dots(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0xB4C0D6)
    } else {
        hex(0xFFF8EC)
    }
}

fn cap() -> Shape {
    Outline::new(-0.5, -0.47)
        .cubic((-0.5, -0.8), (-0.27, -1.0), (0.0, -1.0))
        .cubic((0.27, -1.0), (0.5, -0.8), (0.5, -0.47))
        .cubic((0.5, -0.37), (0.27, -0.36), (0.0, -0.36))
        .cubic((-0.27, -0.36), (-0.5, -0.37), (-0.5, -0.47))
        .close()
}

fn grown(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let flesh = hex(0xF2E2C6);
    let stalk = Outline::new(-0.19, 0.0)
        .cubic((-0.27, -0.1), (-0.15, -0.26), (-0.13, -0.42))
        .line(0.13, -0.42)
        .cubic((0.15, -0.26), (0.27, -0.1), (0.19, 0.0))
        .close();
    brush.fill(&stalk, look.round(flesh, -0.2, 0.2));
    brush.within(&stalk, |brush| {
        // The shadow of the cap.
        brush.fill(&oval(0.0, -0.36, 0.3, 0.1), glaze(hex(0x6E4A30), 0.4));
    });
    // The ring around the stalk.
    let ring = Outline::new(-0.14, -0.3)
        .quad((0.0, -0.26), (0.14, -0.3))
        .quad((0.17, -0.25), (0.19, -0.2))
        .quad((0.0, -0.13), (-0.19, -0.2))
        .quad((-0.17, -0.25), (-0.14, -0.3))
        .close();
    brush.fill(&ring, look.round(hex(0xFFF4DE), -0.19, 0.19));
    brush.stroke(
        &curve(&[(-0.17, -0.195), (0.0, -0.162), (0.17, -0.195)]),
        0.022,
        flat(hex(0xC9B08A)),
    );
    let cap = cap();
    brush.fill(&cap, look.across(-0.5, 0.5));
    brush.within(&cap, |brush| {
        let brim = Outline::new(-0.52, -0.46)
            .quad((0.0, -0.4), (0.52, -0.46))
            .line(0.52, -0.3)
            .line(-0.52, -0.3)
            .close();
        brush.fill(&brim, flat(tones.shade));
        for (x, y, rx, ry) in DOTS {
            let pale = dots(look);
            let far = (x * look.side + 0.5).clamp(0.0, 1.0);
            brush.fill(
                &oval(x, y, rx, ry),
                flat(pale.times(0.82).mix(pale, 0.3 + 0.7 * far)),
            );
        }
    });
}
