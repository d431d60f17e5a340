//! The snowfield: drifts with blue hollows and a few snow-laden firs.

use super::super::attributes::Backdrop;
use super::super::backdrop::conifer;
use super::super::brush::{Brush, flat, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{oval, polygon, under};
use super::super::tint::hex;
use super::{View, plain};

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    plain(brush, view);
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    for (n, depth) in [0.0_f32, 0.24, 0.62].into_iter().enumerate() {
        let y = horizon + (1.0 - horizon) * depth;
        let rise = 0.035 + 0.025 * depth;
        let lean = if n % 2 == 0 { -1.0 } else { 1.0 };
        let bend = dice.range(0.25, 0.75);
        let points = [
            (-0.15, y + rise * lean * 0.8),
            (bend - 0.3, y + rise * 0.5 * lean),
            (bend + 0.1, y - rise * lean),
            (1.15, y - rise * lean * 0.1),
        ];
        let body = view.at_depth(depth);
        brush.fill(
            &under(&points, 1.01),
            linear(
                (0.0, y - rise),
                (0.0, y + 0.26),
                &[
                    (0.0, ground.light.mix(body, 0.2)),
                    (0.3, body),
                    (1.0, body.mix(ground.dark, 0.55)),
                ],
            ),
        );
        if n == 1 {
            firs(brush, view, &mut dice);
        }
    }
}

fn firs(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    if view.scene.backdrop == Backdrop::Forest {
        return;
    }
    let wanted = dice.between(1, 3);
    let mut drawn = 0;
    for _ in 0..6 {
        let x = dice.range(0.05, 0.95);
        let height = dice.range(0.13, 0.2);
        if drawn == wanted || view.crowds(x, height * 0.3) {
            continue;
        }
        drawn += 1;
        let foot = view.scene.horizon + dice.range(0.05, 0.09);
        let green = view.mood.graded(hex(0x4F8A7C));
        brush.fill(
            &oval(
                x - view.mood.side * height * 0.25,
                foot,
                height * 0.4,
                height * 0.06,
            ),
            super::super::brush::glaze(view.mood.ground.dark, 0.6),
        );
        conifer(brush, (x, foot, height), green, view.mood.side);
        let snow = view.mood.ground.light;
        let half = height * 0.3;
        for (y0, y1, w) in [(0.58, 1.0, 0.58), (0.34, 0.68, 0.7)] {
            let top = foot - height * y1;
            let drop = height * (y1 - y0) * 0.42;
            brush.fill(
                &polygon(&[
                    (x, top),
                    (x + half * w * 0.44, top + drop),
                    (x, top + drop * 0.8),
                    (x - half * w * 0.44, top + drop),
                ]),
                flat(snow),
            );
        }
    }
}
