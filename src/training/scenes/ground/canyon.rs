//! The canyon: red walls in layers on both sides, a sandy floor and a mesa far away.

use super::super::brush::{Brush, flat, glaze, linear, veil};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, blob, oval, polygon, slab, under};
use super::super::tint::{Rgb, hex};
use super::{View, plain};

/// The layers of the rock from the top, and again from the first.
const STRATA: [u32; 5] = [0xD9734A, 0xB84E36, 0xE89A66, 0xC85E3C, 0x9E4232];

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    mesa(brush, view, &mut dice);
    for side in [-1.0, 1.0] {
        let top = dice.range(0.24, 0.31);
        let steps = [(0.30, 0.0), (0.25, 0.1), (0.195, 0.19)];
        wall(brush, view, (side, top, 0.42), steps, &mut dice);
    }
    plain(brush, view);
    floor(brush, view, &mut dice);
    for side in [-1.0, 1.0] {
        let top = dice.range(0.0, 0.1);
        let steps = [(0.42, 0.0), (0.375, 0.17), (0.325, 0.34)];
        wall(brush, view, (side, top, 0.0), steps, &mut dice);
    }
    for _ in 0..4 {
        let (x, depth) = (dice.range(0.08, 0.92), dice.range(0.3, 0.9));
        let size = 0.018 + 0.024 * depth;
        if !view.crowds(x, size) {
            let y = view.scene.horizon + (1.0 - view.scene.horizon) * depth;
            boulder(brush, view, (x, y, size));
        }
    }
}

/// The colour of a layer.
fn stratum(view: &View<'_>, n: usize, haze: f32) -> Rgb {
    view.mood.distant(hex(STRATA[n % STRATA.len()]), haze)
}

fn mesa(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let x = 0.5 + dice.range(-0.06, 0.06);
    let top = horizon - dice.range(0.11, 0.14);
    let cliff = horizon - 0.055;
    let body = polygon(&[
        (x - 0.17, horizon + 0.01),
        (x - 0.1, cliff),
        (x - 0.09, top + 0.004),
        (x - 0.06, top),
        (x + 0.07, top + 0.003),
        (x + 0.085, top + 0.008),
        (x + 0.095, cliff),
        (x + 0.18, horizon + 0.01),
    ]);
    brush.fill(&body, flat(stratum(view, 0, 0.5)));
    brush.within(&body, |brush| {
        brush.fill(
            &slab(0.0, top + 0.022, 1.0, top + 0.036),
            flat(stratum(view, 2, 0.5)),
        );
        brush.fill(
            &slab(0.0, cliff, 1.0, horizon + 0.02),
            flat(stratum(view, 3, 0.5)),
        );
        let side = view.mood.side;
        brush.fill(
            &slab(x - side * 0.03, 0.0, x - side * 0.3, 1.0),
            glaze(stratum(view, 4, 0.25), 0.5),
        );
    });
}

/// A wall `(side, top, haze)` that steps down towards the middle: distance of each step's edge from
/// the picture's side edge and its drop below the top.
fn wall(
    brush: &mut Brush<'_>,
    view: &View<'_>,
    (side, top, haze): (f32, f32, f32),
    steps: [(f32, f32); 3],
    dice: &mut Dice,
) {
    let near = haze == 0.0;
    let foot = view.scene.horizon + if near { 0.115 } else { 0.012 };
    let slope = if near { 0.035 } else { 0.028 };
    // Steps are given by the distance from the middle at which they end.
    let x = |out: f32| 0.5 + side * out;
    let mut points = vec![(x(0.7), foot), (x(0.7), top - 0.05)];
    let mut level = top;
    for (n, (out, drop)) in steps.into_iter().enumerate() {
        level = top + drop + dice.range(-0.012, 0.012);
        let back = out + slope;
        points.push((x(back), level));
        points.push((x(out), level + 0.014));
        // A cliff, a little undercut.
        let next = steps
            .get(n + 1)
            .map_or(foot - 0.05, |(_, drop)| top + drop - 0.012);
        points.push((x(out - 0.012), next));
    }
    let toe = steps[2].0 - 0.012;
    points.push((x(toe - 0.05), foot - (foot - level) * 0.06));
    points.push((x(toe - 0.085), foot));
    let shape = polygon(&points);
    brush.fill(&shape, flat(stratum(view, 0, haze)));
    brush.within(&shape, |brush| {
        let mut y = top - 0.06;
        let mut n = dice.below(5) as usize;
        while y < foot {
            let thick = dice.range(0.035, 0.07) * if near { 1.0 } else { 0.7 };
            let (left, right) = (x(0.7), x(0.0));
            let tilt = dice.range(-0.006, 0.006);
            brush.fill(
                &Outline::new(left, y)
                    .quad((x(0.4), y + tilt + 0.006), (right, y + 0.012))
                    .line(right, y + thick + 0.03)
                    .line(left, y + thick + 0.03)
                    .close(),
                flat(stratum(view, n, haze)),
            );
            y += thick;
            n += 1;
        }
        // Clefts that narrow downwards, and the whole wall darker away from the light and towards the
        // edge.
        for out in [0.46_f32, 0.37] {
            let u = out + dice.range(-0.025, 0.025);
            let end = top + (foot - top) * dice.range(0.35, 0.75);
            brush.fill(
                &polygon(&[
                    (x(u), top - 0.06),
                    (x(u + 0.022), top - 0.06),
                    (x(u + 0.016), top + (end - top) * 0.55),
                    (x(u + 0.004), end),
                    (x(u + 0.002), top + (end - top) * 0.5),
                ]),
                glaze(stratum(view, 4, haze).times(0.7), 0.5),
            );
        }
        let shade = stratum(view, 4, haze).times(0.55);
        let share = if side == view.mood.side { 0.55 } else { 0.2 };
        brush.fill(
            &slab(x(0.7), 0.0, x(0.0), 1.0),
            veil(
                (x(0.5), 0.0),
                (x(0.2), 0.0),
                &[(0.0, shade, share + 0.1), (1.0, shade, share * 0.5)],
            ),
        );
        if near {
            brush.fill(
                &slab(x(0.7), foot - 0.12, x(0.0), foot),
                veil(
                    (0.0, foot - 0.12),
                    (0.0, foot),
                    &[(0.0, shade, 0.0), (1.0, shade, 0.45)],
                ),
            );
        }
    });
}

fn floor(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    // A dry bed winds between the walls.
    let bend = dice.range(-0.05, 0.05);
    brush.fill(
        &Outline::new(0.48, horizon + 0.005)
            .cubic(
                (0.36 + bend, horizon + 0.1),
                (0.66 + bend, horizon + 0.17),
                (0.24, 1.01),
            )
            .line(0.74, 1.01)
            .cubic(
                (0.86 + bend, horizon + 0.18),
                (0.5 + bend, horizon + 0.1),
                (0.53, horizon + 0.005),
            )
            .close(),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[
                (0.0, ground.light),
                (1.0, ground.near.mix(ground.light, 0.5)),
            ],
        ),
    );
    for (depth, height) in [(0.5, 0.02), (0.78, 0.028)] {
        let y = horizon + (1.0 - horizon) * depth;
        let points = [
            (-0.1, y - height),
            (0.22, y + height * 0.6),
            (0.5, y + height * 2.2),
            (0.8, y + height * 0.8),
            (1.1, y - height),
        ];
        brush.fill(
            &under(&points, 1.01),
            glaze(ground.near.mix(ground.dark, 0.2), 0.3),
        );
    }
}

fn boulder(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32)) {
    let side = view.mood.side;
    let rock = stratum(view, 1, 0.0);
    brush.fill(
        &oval(x - side * s * 0.7, y, s * 1.5, s * 0.3),
        glaze(view.mood.ground.dark, 0.6),
    );
    brush.fill(
        &blob(&[
            (x - s, y),
            (x - s * 0.75, y - s * 0.8),
            (x + s * 0.1, y - s * 1.1),
            (x + s * 0.85, y - s * 0.6),
            (x + s, y),
        ]),
        linear(
            (x + side * s, y - s),
            (x - side * s, y),
            &[
                (0.0, rock.mix(view.mood.key, 0.35)),
                (1.0, rock.times(0.62)),
            ],
        ),
    );
}
