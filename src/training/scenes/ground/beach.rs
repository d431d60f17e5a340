//! The beach: a strip of sea with breaking foam, sand, a palm or a parasol, and shells.

use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, blob, curve, disc, oval, polygon, slab, under, wave};
use super::super::tint::{WHITE, hex};
use super::{View, ocean, plain};

/// How far below the horizon the sea reaches.
const SHORE: f32 = 0.135;

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    plain(brush, view);
    sea(brush, view, &mut dice);
    sand(brush, view, &mut dice);
    let at_left = view
        .scene
        .figure
        .map_or_else(|| dice.chance(0.5), |figure| figure.x > 0.5);
    let side = if at_left { -1.0 } else { 1.0 };
    if dice.chance(0.6) {
        palm(brush, view, side, &mut dice);
    } else {
        parasol(brush, view, side);
    }
    for n in 0..5 {
        let (x, depth) = (dice.range(0.04, 0.96), dice.range(0.5, 0.95));
        if !view.crowds(x, 0.03) {
            let y = view.scene.horizon + (1.0 - view.scene.horizon) * depth;
            let size = 0.012 + 0.012 * depth;
            if n % 2 == 0 {
                shell(brush, view, (x, y, size));
            } else {
                starfish(brush, view, (x, y, size));
            }
        }
    }
}

fn sea(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let water = view.mood.water();
    let horizon = view.scene.horizon;
    let shallow = water.far.mix(view.mood.graded(hex(0x7CE4DC)), 0.55);
    brush.fill(
        &slab(0.0, horizon, 1.0, horizon + SHORE + 0.05),
        linear(
            (0.0, horizon),
            (0.0, horizon + SHORE),
            &[
                (0.0, water.near.mix(water.far, 0.3)),
                (0.45, water.near.mix(water.far, 0.5)),
                (1.0, shallow),
            ],
        ),
    );
    if let Some(orb) = view.scene.sky.orb {
        for n in 0..4 {
            let y = horizon + 0.012 + n as f32 * 0.022;
            let half = orb.radius * (0.6 + 0.22 * n as f32) * dice.range(0.8, 1.15);
            brush.fill(&oval(orb.x, y, half, 0.0055), glaze(view.mood.key, 0.6));
        }
    }
    // Breakers on their way: white crests over a shaded foot.
    let foam = water.light.mix(WHITE, 0.5);
    for (drop, lane) in [(0.052, 0.0), (0.088, 0.5)] {
        let x = (lane + dice.range(0.1, 0.5)) % 1.0;
        let (y, half) = (horizon + drop, dice.range(0.24, 0.34));
        brush.fill(
            &ocean::crest(x, y + 0.009, half, 0.016),
            glaze(water.dark, 0.4),
        );
        brush.fill(&ocean::crest(x, y, half, 0.017), glaze(foam, 0.95));
    }
}

/// Foam, wet sand and dry sand along one scalloped line.
fn sand(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let ground = view.mood.ground;
    let water = view.mood.water();
    let line = view.scene.horizon + SHORE;
    let phase = dice.unit();
    let edge = |drop: f32, calm: f32| -> Vec<(f32, f32)> {
        (0..=16)
            .map(|step| {
                let x = -0.06 + step as f32 * 0.07;
                let swing = wave(x * 0.8 + phase) * 0.018 + wave(x * 3.1 + phase) * 0.006 * calm;
                (x, line + drop + swing)
            })
            .collect()
    };
    let foam = water.light.mix(WHITE, 0.55);
    brush.fill(&under(&edge(-0.012, 1.0), 1.01), glaze(foam, 0.45));
    brush.fill(&under(&edge(0.0, 1.3), 1.01), flat(foam));
    let wet = ground.far.mix(ground.dark, 0.5).mix(water.far, 0.14);
    brush.fill(&under(&edge(0.017, 1.0), 1.01), flat(wet));
    brush.fill(
        &under(&edge(0.058, 0.5), 1.01),
        linear(
            (0.0, line),
            (0.0, 1.0),
            &[
                (0.0, ground.far),
                (0.5, view.at_depth(0.6)),
                (1.0, ground.near),
            ],
        ),
    );
    // Low ridges of wind-blown sand.
    for _ in 0..3 {
        let (x, depth) = (dice.range(0.1, 0.9), dice.range(0.55, 0.9));
        let y = view.scene.horizon + (1.0 - view.scene.horizon) * depth;
        let half = dice.range(0.16, 0.26);
        brush.fill(
            &blob(&[
                (x - half, y + 0.012),
                (x - half * 0.2, y - 0.014),
                (x + half, y + 0.012),
                (x, y + 0.006),
            ]),
            glaze(ground.light, 0.75),
        );
    }
}

fn palm(brush: &mut Brush<'_>, view: &View<'_>, side: f32, dice: &mut Dice) {
    let mood = view.mood;
    let edge = 0.5 + side * dice.range(0.40, 0.44);
    let foot = view.scene.horizon + 0.27;
    let crown = (
        edge - side * 0.07,
        view.scene.horizon - dice.range(0.24, 0.3),
    );
    brush.fill(
        &oval(edge - mood.side * 0.08, foot, 0.13, 0.016),
        glaze(mood.ground.dark, 0.5),
    );
    let bark = mood.graded(hex(0xA07850));
    let trunk = |shift: f32| {
        curve(&[
            (edge + shift, foot),
            (edge + side * 0.012 + shift, (foot + crown.1) * 0.5),
            (crown.0 + shift, crown.1),
        ])
    };
    brush.stroke(&trunk(0.0), 0.03, flat(bark.times(0.78)));
    brush.stroke(&trunk(mood.side * 0.006), 0.014, flat(bark));
    let leaf = mood.graded(hex(0x3E9A50));
    // Tips of the fronds, the hanging ones last.
    let fronds = [
        (-0.1_f32, -0.13_f32),
        (0.1, -0.13),
        (-0.19, -0.05),
        (0.19, -0.05),
        (-0.17, 0.09),
        (0.17, 0.09),
    ];
    for (n, (dx, dy)) in fronds.into_iter().enumerate() {
        let tip = (crown.0 + dx, crown.1 + dy);
        let bow = (crown.0 + dx * 0.55, crown.1 + dy.min(0.0) * 0.7 - 0.055);
        let shade = if (dx > 0.0) == (mood.side > 0.0) {
            leaf.mix(mood.ground.light, 0.16)
        } else {
            leaf.times(0.8)
        };
        brush.fill(
            &Outline::new(crown.0, crown.1)
                .quad(bow, tip)
                .quad((bow.0, bow.1 + 0.062), (crown.0, crown.1 + 0.018))
                .close(),
            flat(shade.times(if n < 2 { 0.86 } else { 1.0 })),
        );
    }
    let nut = mood.graded(hex(0x6A4630));
    for dx in [-0.016, 0.016] {
        brush.fill(&disc(crown.0 + dx, crown.1 + 0.018, 0.016), flat(nut));
    }
}

fn parasol(brush: &mut Brush<'_>, view: &View<'_>, side: f32) {
    let mood = view.mood;
    let x = 0.5 + side * 0.38;
    let foot = view.scene.horizon + 0.27;
    let (top, brim) = (foot - 0.3, foot - 0.19);
    let half = 0.13;
    brush.fill(
        &oval(x - mood.side * 0.06, foot + 0.004, 0.14, 0.02),
        glaze(mood.ground.dark, 0.5),
    );
    // A towel beside it.
    brush.fill(
        &polygon(&[
            (x - 0.11, foot + 0.055),
            (x + 0.05, foot + 0.055),
            (x + 0.08, foot + 0.022),
            (x - 0.06, foot + 0.022),
        ]),
        flat(mood.graded(hex(0x6FB6C8))),
    );
    brush.fill(
        &slab(x - 0.005, top, x + 0.005, foot),
        flat(mood.graded(hex(0xE8E2D4)).times(0.85)),
    );
    let dome = Outline::new(x - half, brim)
        .cubic(
            (x - half * 0.85, top + 0.02),
            (x - half * 0.3, top),
            (x, top),
        )
        .cubic(
            (x + half * 0.3, top),
            (x + half * 0.85, top + 0.02),
            (x + half, brim),
        )
        .quad((x + half * 0.8, brim - 0.016), (x + half * 0.6, brim))
        .quad((x + half * 0.4, brim - 0.016), (x + half * 0.2, brim))
        .quad((x, brim - 0.016), (x - half * 0.2, brim))
        .quad((x - half * 0.4, brim - 0.016), (x - half * 0.6, brim))
        .quad((x - half * 0.8, brim - 0.016), (x - half, brim))
        .close();
    brush.fill(&dome, flat(mood.graded(hex(0x3FB4AC))));
    brush.within(&dome, |brush| {
        for u in [-0.4_f32, 0.4] {
            brush.fill(
                &polygon(&[
                    (x, top - 0.01),
                    (x + half * (u - 0.2), brim + 0.01),
                    (x + half * (u + 0.2), brim + 0.01),
                ]),
                flat(mood.graded(hex(0xFFF8EA))),
            );
        }
        // The side away from the light.
        brush.fill(
            &polygon(&[
                (x, top - 0.01),
                (x - mood.side * half * 0.2, brim + 0.02),
                (x - mood.side * half * 1.2, brim + 0.02),
                (x - mood.side * half * 1.2, top),
            ]),
            glaze(mood.ground.dark, 0.25),
        );
    });
    brush.fill(&disc(x, top, 0.009), flat(mood.graded(hex(0xFFF8EA))));
}

/// A scallop.
fn shell(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32)) {
    let rose = view.mood.graded(hex(0xFFE4DC));
    brush.fill(
        &oval(x - view.mood.side * s * 0.4, y, s * 1.2, s * 0.3),
        glaze(view.mood.ground.dark, 0.45),
    );
    brush.fill(
        &Outline::new(x - s * 0.3, y)
            .cubic(
                (x - s * 1.6, y - s * 0.9),
                (x - s * 0.7, y - s * 1.6),
                (x, y - s * 1.5),
            )
            .cubic(
                (x + s * 0.7, y - s * 1.6),
                (x + s * 1.6, y - s * 0.9),
                (x + s * 0.3, y),
            )
            .close(),
        flat(rose),
    );
}

fn starfish(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32)) {
    let points: Vec<(f32, f32)> = (0..10)
        .map(|n| {
            let (sin, cos) = super::super::shape::sin_cos(n as f32 / 10.0);
            let r = s * if n % 2 == 0 { 1.35 } else { 0.55 };
            (x + sin * r, y - cos * r * 0.6)
        })
        .collect();
    brush.fill(&polygon(&points), flat(view.mood.graded(hex(0xE8825C))));
}
