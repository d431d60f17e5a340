//! A steam train, from the side: engine and carriage have the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow, linear, veil};
use super::super::shape::{Outline, curve, disc, join, pill, polygon, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Train,
    stance: Stance::Stands,
    height: (0.31, 0.36),
    half_width: 1.3,
    poses: 2,
    body,
    lights,
};

const IRON: Rgb = hex(0x363B49);
const BRASS: Rgb = hex(0xD9C08A);

fn body(brush: &mut Brush<'_>, look: &Look) {
    smoke(brush, look);
    // The rail and its sleepers.
    for n in 0..9 {
        let x = -1.18 + n as f32 * 0.295;
        brush.fill(&slab(x - 0.06, -0.035, x + 0.06, 0.0), flat(hex(0x75604E)));
    }
    brush.fill(&slab(-1.3, -0.06, 1.3, -0.03), flat(hex(0x9AA2B0)));
    // The coupling.
    brush.fill(&slab(-0.3, -0.235, 0.1, -0.19), flat(IRON));
    carriage(brush, look);
    engine(brush, look);
}

fn smoke(brush: &mut Brush<'_>, look: &Look) {
    let puffs: [(f32, f32, f32); 5] = if look.pose == 0 {
        [
            (0.89, -0.85, 0.07),
            (0.8, -0.91, 0.105),
            (0.65, -0.93, 0.12),
            (0.48, -0.94, 0.1),
            (0.34, -0.95, 0.065),
        ]
    } else {
        [
            (0.9, -0.85, 0.07),
            (0.85, -0.94, 0.1),
            (0.73, -1.0, 0.12),
            (0.58, -0.98, 0.09),
            (0.46, -1.0, 0.06),
        ]
    };
    let cloud = puffs.map(|(x, y, r)| disc(x, y, r));
    brush.fill(
        &join(&cloud),
        linear(
            (0.0, -1.06),
            (0.0, -0.82),
            &[(0.0, hex(0xFFFFFF)), (1.0, hex(0xCBD2DE))],
        ),
    );
}

fn wheel(brush: &mut Brush<'_>, look: &Look, x: f32, r: f32) {
    let y = -0.06 - r;
    brush.fill(&disc(x, y, r), flat(IRON));
    brush.fill(&disc(x, y, r * 0.72), flat(look.tones.shade));
    brush.fill(&disc(x, y, r * 0.3), flat(hex(0xD5DAE2)));
}

/// A window in its frame.
fn pane(brush: &mut Brush<'_>, look: &Look, (left, top): (f32, f32), (right, bottom): (f32, f32)) {
    let rim = 0.026;
    brush.fill(
        &pill((left - rim, top - rim), (right + rim, bottom + rim), 0.05),
        flat(look.tones.deep),
    );
    brush.fill(
        &pill((left, top), (right, bottom), 0.03),
        flat(look.glass()),
    );
}

fn carriage(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let side = pill((-1.24, -0.7), (-0.24, -0.2), 0.05);
    brush.fill(&side, flat(tones.base));
    brush.within(&side, |brush| {
        brush.fill(&slab(-1.3, -0.31, 0.0, -0.1), flat(tones.shade));
        brush.fill(&slab(-1.3, -0.355, 0.0, -0.315), flat(look.trim()));
    });
    brush.fill(
        &Outline::new(-1.29, -0.66)
            .cubic((-1.26, -0.79), (-1.1, -0.79), (-0.74, -0.79))
            .cubic((-0.38, -0.79), (-0.22, -0.79), (-0.19, -0.66))
            .close(),
        flat(tones.deep),
    );
    // Windows; the second pose has a door among them.
    let panes: &[(f32, f32)] = if look.pose == 0 {
        &[(-1.15, -0.93), (-0.85, -0.63), (-0.55, -0.33)]
    } else {
        &[(-1.16, -0.92), (-0.56, -0.32)]
    };
    for (left, right) in panes {
        pane(brush, look, (*left, -0.61), (*right, -0.42));
    }
    if look.pose == 1 {
        brush.fill(
            &pill((-0.84, -0.62), (-0.64, -0.21), 0.03),
            flat(tones.deep),
        );
        pane(brush, look, (-0.795, -0.58), (-0.685, -0.42));
    }
    for x in [-1.0, -0.48] {
        wheel(brush, look, x, 0.115);
    }
}

fn engine(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The frame, and the guard that clears the track.
    brush.fill(&slab(0.0, -0.27, 1.14, -0.17), flat(tones.deep));
    brush.fill(
        &polygon(&[(1.06, -0.25), (1.28, -0.065), (1.0, -0.065)]),
        flat(tones.shade),
    );
    // Chimney and dome.
    brush.fill(
        &polygon(&[(0.84, -0.54), (0.81, -0.77), (1.03, -0.77), (1.0, -0.54)]),
        look.round(IRON, 0.8, 1.04),
    );
    brush.fill(
        &pill((0.78, -0.81), (1.06, -0.745), 0.02),
        flat(tones.shade),
    );
    brush.fill(
        &pill((0.54, -0.69), (0.7, -0.5), 0.075),
        look.round(BRASS, 0.54, 0.7),
    );
    // The boiler with its bands.
    brush.fill(
        &pill((0.3, -0.61), (1.06, -0.24), 0.04),
        linear(
            (0.0, -0.61),
            (0.0, -0.24),
            &[
                (0.0, tones.base),
                (0.22, tones.light),
                (0.5, tones.base),
                (1.0, tones.shade),
            ],
        ),
    );
    for x in [0.5, 0.76] {
        brush.fill(&slab(x - 0.018, -0.61, x + 0.018, -0.25), flat(look.trim()));
    }
    brush.fill(
        &pill((0.98, -0.625), (1.12, -0.23), 0.045),
        look.round(IRON, 0.9, 1.14),
    );
    brush.fill(&pill((1.08, -0.56), (1.19, -0.44), 0.03), flat(BRASS));
    // The cab.
    brush.fill(&slab(0.0, -0.74, 0.4, -0.2), look.gently(0.0, 0.4));
    pane(brush, look, (0.08, -0.65), (0.32, -0.44));
    brush.fill(&pill((-0.07, -0.8), (0.47, -0.72), 0.035), flat(tones.deep));
    // Wheels with their rod.
    for x in [0.2, 0.54] {
        wheel(brush, look, x, 0.155);
    }
    for x in [0.82, 1.02] {
        wheel(brush, look, x, 0.095);
    }
    brush.stroke(
        &curve(&[(0.2, -0.19), (0.54, -0.19), (0.84, -0.19)]),
        0.035,
        flat(hex(0xD5DAE2)),
    );
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let warm = hex(0xFFEFA8);
    let (x, y) = (1.17, -0.5);
    brush.fill(
        &polygon(&[(x, y - 0.05), (1.9, -0.72), (1.9, -0.1), (x, y + 0.05)]),
        veil((x, 0.0), (1.9, 0.0), &[(0.0, warm, 0.55), (1.0, warm, 0.0)]).screen(),
    );
    brush.fill(&disc(x, y, 0.2), glow((x, y), 0.2, warm, 0.75));
    brush.fill(&disc(x, y, 0.045), flat(hex(0xFFFBE2)));
}
