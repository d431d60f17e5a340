//! A car, from the side: its body has the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow, veil};
use super::super::shape::{Outline, Shape, disc, oval, pill, polygon, slab};
use super::super::tint::hex;
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Car,
    stance: Stance::Stands,
    height: (0.29, 0.36),
    half_width: 0.98,
    poses: 2,
    body,
    lights,
};

fn shell(pose: u8) -> Shape {
    if pose == 0 {
        Outline::new(-0.94, -0.2)
            .cubic((-0.99, -0.42), (-0.93, -0.56), (-0.74, -0.6))
            .cubic((-0.6, -0.86), (-0.42, -1.0), (-0.08, -1.0))
            .cubic((0.24, -1.0), (0.38, -0.82), (0.5, -0.6))
            .cubic((0.76, -0.57), (0.95, -0.5), (0.95, -0.2))
            .close()
    } else {
        Outline::new(-0.93, -0.2)
            .line(-0.93, -0.82)
            .quad((-0.93, -1.0), (-0.76, -1.0))
            .line(0.2, -1.0)
            .quad((0.36, -1.0), (0.46, -0.86))
            .line(0.6, -0.6)
            .quad((0.95, -0.56), (0.95, -0.4))
            .line(0.95, -0.2)
            .close()
    }
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let shell = shell(look.pose);
    brush.fill(&shell, flat(tones.base));
    brush.within(&shell, |brush| {
        brush.fill(&slab(-1.0, -1.0, 1.0, -0.9), flat(tones.light));
        brush.fill(
            &slab(-1.0, -0.58, 1.0, -0.5),
            flat(tones.base.mix(tones.light, 0.6)),
        );
        brush.fill(&slab(-1.0, -0.32, 1.0, -0.1), flat(tones.shade));
    });
    let glass = hex(0xBDE4F6);
    let panes: [Shape; 2] = if look.pose == 0 {
        [
            Outline::new(-0.6, -0.6)
                .cubic((-0.5, -0.8), (-0.36, -0.89), (-0.14, -0.9))
                .line(-0.14, -0.6)
                .close(),
            Outline::new(-0.04, -0.6)
                .line(-0.04, -0.9)
                .cubic((0.14, -0.88), (0.25, -0.76), (0.35, -0.6))
                .close(),
        ]
    } else {
        [
            pill((-0.8, -0.88), (-0.24, -0.58), 0.06),
            Outline::new(-0.12, -0.58)
                .line(-0.12, -0.88)
                .line(0.18, -0.88)
                .quad((0.28, -0.86), (0.45, -0.58))
                .close(),
        ]
    };
    for pane in &panes {
        brush.fill(pane, flat(glass));
        brush.within(pane, |brush| {
            brush.fill(
                &polygon(&[(-1.0, -0.56), (0.6, -0.56), (0.6, -0.68), (-1.0, -0.6)]),
                flat(hex(0x7FB4D6)),
            );
        });
    }
    brush.fill(&slab(-0.105, -0.57, -0.075, -0.24), flat(tones.shade));
    brush.fill(&pill((0.0, -0.5), (0.14, -0.455), 0.02), flat(tones.deep));
    brush.fill(
        &pill((-1.0, -0.27), (-0.82, -0.17), 0.04),
        flat(hex(0xD5DAE2)),
    );
    brush.fill(
        &pill((0.82, -0.27), (1.0, -0.17), 0.04),
        flat(hex(0xD5DAE2)),
    );
    brush.fill(&oval(0.875, -0.42, 0.055, 0.075), flat(hex(0xFFF3B8)));
    brush.fill(
        &pill((-0.955, -0.48), (-0.885, -0.34), 0.03),
        flat(hex(0xE2483C)),
    );
    for x in [-0.55, 0.55] {
        brush.fill(&disc(x, -0.2, 0.255), flat(tones.deep));
        brush.fill(&disc(x, -0.2, 0.21), flat(hex(0x23262F)));
        brush.fill(&disc(x, -0.2, 0.105), flat(hex(0xD9DEE6)));
        brush.fill(&disc(x, -0.2, 0.04), flat(hex(0x6A7080)));
    }
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let warm = hex(0xFFEFA8);
    let beam = polygon(&[(0.9, -0.46), (1.75, -0.56), (1.75, -0.02), (0.9, -0.36)]);
    brush.fill(
        &beam,
        veil(
            (0.9, 0.0),
            (1.75, 0.0),
            &[(0.0, warm, 0.6), (1.0, warm, 0.0)],
        )
        .screen(),
    );
    brush.fill(&disc(0.88, -0.42, 0.2), glow((0.88, -0.42), 0.2, warm, 0.7));
    brush.fill(&oval(0.875, -0.42, 0.055, 0.075), flat(hex(0xFFFBE2)));
}
