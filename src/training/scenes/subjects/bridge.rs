//! A bridge, from the side: hung from two towers, or on stone arches; all of it has the colour.

use super::super::attributes::Subject;
use super::super::brush::{Brush, flat, glow, linear};
use super::super::shape::{Outline, Shape, curve, disc, pill, polygon, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Bridge,
    stance: Stance::Stands,
    height: (0.36, 0.43),
    half_width: 1.06,
    poses: 2,
    body,
    lights,
};

const STONE: Rgb = hex(0x9AA0AE);

/// Where the lamps of the arched bridge stand.
const LAMPS: [f32; 4] = [-0.84, -0.3, 0.3, 0.84];

fn body(brush: &mut Brush<'_>, look: &Look) {
    if look.pose == 0 {
        hung(brush, look);
    } else {
        arched(brush, look);
    }
}

/// How high the cable hangs at an abscissa.
fn cable(x: f32) -> f32 {
    let u = x.abs() / 0.56;
    if u < 1.0 {
        -0.44 - 0.5 * u * u
    } else {
        let v = (1.06 - x.abs()) / 0.5;
        -0.34 - 0.6 * v * v
    }
}

fn cables(from: i16, to: i16) -> Shape {
    let points: Vec<(f32, f32)> = (from..=to)
        .map(|n| {
            let x = f32::from(n) * 0.56 / 8.0;
            (x, cable(x))
        })
        .collect();
    curve(&points)
}

fn hung(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    // The hangers.
    for n in -14_i16..=14 {
        let x = f32::from(n) * 0.07;
        if n % 2 == 0 && cable(x) < -0.4 {
            brush.fill(
                &slab(x - 0.012, cable(x), x + 0.012, -0.32),
                flat(tones.shade),
            );
        }
    }
    // Abutments and piers of stone.
    for s in [-1.0_f32, 1.0] {
        brush.fill(
            &polygon(&[
                (s * 1.06, -0.3),
                (s * 0.9, -0.3),
                (s * 0.84, 0.0),
                (s * 1.06, 0.0),
            ]),
            look.round(STONE, s * 0.95 - 0.12, s * 0.95 + 0.12),
        );
        brush.fill(
            &pill((s * 0.56 - 0.15, -0.1), (s * 0.56 + 0.15, 0.0), 0.03),
            look.round(STONE, s * 0.56 - 0.15, s * 0.56 + 0.15),
        );
    }
    for (from, to) in [(-15, -8), (-8, 8), (8, 15)] {
        brush.stroke(&cables(from, to), 0.05, flat(tones.base));
    }
    // The deck, with a lit edge.
    let deck = Outline::new(-1.06, -0.235)
        .quad((0.0, -0.285), (1.06, -0.235))
        .line(1.06, -0.345)
        .quad((0.0, -0.395), (-1.06, -0.345))
        .close();
    brush.fill(&deck, flat(tones.base));
    brush.within(&deck, |brush| {
        brush.stroke(
            &curve(&[(-1.1, -0.345), (0.0, -0.37), (1.1, -0.345)]),
            0.04,
            flat(tones.base.mix(tones.light, 0.6)),
        );
        brush.stroke(
            &curve(&[(-1.1, -0.238), (0.0, -0.262), (1.1, -0.238)]),
            0.05,
            flat(tones.shade),
        );
    });
    for s in [-1.0_f32, 1.0] {
        let x = s * 0.56;
        let leg = polygon(&[
            (x - 0.1, -0.08),
            (x - 0.07, -0.97),
            (x + 0.07, -0.97),
            (x + 0.1, -0.08),
        ]);
        brush.fill(&leg, look.across(x - 0.1, x + 0.1));
        // Recesses, as in towers of steel.
        for (top, bottom) in [(-0.87, -0.68), (-0.62, -0.43), (-0.2, -0.12)] {
            brush.fill(
                &pill((x - 0.032, top), (x + 0.032, bottom), 0.02),
                flat(tones.shade),
            );
        }
        brush.fill(
            &pill((x - 0.1, -1.0), (x + 0.1, -0.93), 0.02),
            flat(tones.deep),
        );
    }
}

/// The opening under one arch.
fn opening(x: f32, half: f32, crown: f32, grow: f32) -> Shape {
    let (half, top) = (half + grow, crown - grow);
    Outline::new(x - half, 0.0)
        .cubic((x - half, top * 0.62), (x - half * 0.6, top), (x, top))
        .cubic(
            (x + half * 0.6, top),
            (x + half, top * 0.62),
            (x + half, 0.0),
        )
        .close()
}

fn arched(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    for x in LAMPS {
        let foot = road(x) + 0.04;
        brush.stroke(
            &curve(&[(x, foot), (x, foot - 0.26)]),
            0.032,
            flat(hex(0x444B5C)),
        );
        brush.fill(
            &disc(x, foot - 0.27, 0.052),
            flat(if look.lit {
                hex(0xFFE9A0)
            } else {
                hex(0xF4F0E0)
            }),
        );
    }
    // Three spans: each stretch of wall ends at the crown of an arch and at a pier.
    let wall = masonry();
    brush.fill(
        &wall,
        linear(
            (0.0, -0.75),
            (0.0, 0.0),
            &[
                (0.0, tones.base.mix(tones.light, 0.3)),
                (0.45, tones.base),
                (1.0, tones.base.mix(tones.shade, 0.6)),
            ],
        ),
    );
    brush.within(&wall, |brush| {
        for (x, half, crown) in SPANS {
            brush.stroke(&opening(x, half, crown, 0.02), 0.1, flat(tones.shade));
        }
        for (x, y) in [(-0.92, -0.3), (-0.36, -0.5), (0.36, -0.5), (0.92, -0.3)] {
            brush.fill(
                &pill((x - 0.055, y - 0.02), (x + 0.055, y + 0.02), 0.012),
                flat(tones.shade),
            );
        }
    });
    // The parapet.
    brush.stroke(&curve(&ROAD), 0.075, flat(look.trim()));
}

/// The road's line over the arches.
const ROAD: [(f32, f32); 5] = [
    (-1.02, -0.5),
    (-0.5, -0.63),
    (0.0, -0.685),
    (0.5, -0.63),
    (1.02, -0.5),
];

/// Middle, half width and crown of each arch.
const SPANS: [(f32, f32, f32); 3] = [(-0.66, 0.21, -0.36), (0.0, 0.3, -0.5), (0.66, 0.21, -0.36)];

fn road(x: f32) -> f32 {
    -0.685 + 0.185 * x * x
}

/// The wall with its three openings, one outline.
fn masonry() -> Shape {
    let mut outline = Outline::new(-1.06, 0.0)
        .line(-1.06, -0.5)
        .quad((0.0, -0.87), (1.06, -0.5))
        .line(1.06, 0.0);
    for (x, half, crown) in SPANS.into_iter().rev() {
        outline = outline
            .line(x + half, 0.0)
            .cubic(
                (x + half, crown * 0.62),
                (x + half * 0.6, crown),
                (x, crown),
            )
            .cubic(
                (x - half * 0.6, crown),
                (x - half, crown * 0.62),
                (x - half, 0.0),
            );
    }
    outline.close()
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let warm = hex(0xFFE39A);
    if look.pose == 0 {
        for s in [-1.0_f32, 1.0] {
            let (x, y) = (s * 0.56, -1.02);
            let red = hex(0xFF7A62);
            brush.fill(&disc(x, y, 0.13), glow((x, y), 0.13, red, 0.8));
            brush.fill(&disc(x, y, 0.026), flat(hex(0xFFD2C0)));
        }
        return;
    }
    for x in LAMPS {
        let y = road(x) - 0.23;
        brush.fill(&disc(x, y, 0.2), glow((x, y), 0.2, warm, 0.75));
        brush.fill(&disc(x, y, 0.045), flat(hex(0xFFFBE2)));
    }
}
