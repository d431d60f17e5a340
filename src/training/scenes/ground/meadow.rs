//! The meadow: rolling green, tufts and a few pale flowers.

use super::super::attributes::Time;
use super::super::brush::{Brush, flat, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, disc, join, under};
use super::super::tint::{Rgb, hex};
use super::{View, plain};

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    plain(brush, view);
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    for (n, depth) in [0.0_f32, 0.26, 0.6].into_iter().enumerate() {
        let y = horizon + (1.0 - horizon) * depth;
        let rise = 0.03 + 0.02 * depth;
        let lean = if n % 2 == 0 { 1.0 } else { -1.0 };
        let bend = dice.range(0.3, 0.7);
        let points = [
            (-0.1, y + rise * lean),
            (bend - 0.25, y + rise * 0.3 * lean),
            (bend + 0.15, y - rise * 0.5 * lean),
            (1.1, y - rise * lean * 0.4),
        ];
        let body = view.at_depth(depth);
        brush.fill(
            &under(&points, 1.01),
            linear(
                (0.0, y - rise),
                (0.0, y + 0.3),
                &[
                    (0.0, body.mix(ground.light, 0.45)),
                    (0.35, body),
                    (1.0, ground.near),
                ],
            ),
        );
    }
    for _ in 0..5 {
        let (x, depth) = (dice.range(0.03, 0.97), dice.range(0.2, 0.85));
        tuft(
            brush,
            view,
            (x, depth),
            ground.dark.mix(view.at_depth(depth), 0.25),
        );
    }
    for n in 0..6 {
        let (x, depth) = (dice.range(0.03, 0.97), dice.range(0.25, 0.95));
        let color = if n % 2 == 0 {
            hex(0xFFFFFF)
        } else {
            hex(0xFFF0A0)
        };
        flower(brush, view, (x, depth), view.mood.graded(color));
    }
}

fn tuft(brush: &mut Brush<'_>, view: &View<'_>, (x, depth): (f32, f32), color: Rgb) {
    let horizon = view.scene.horizon;
    let y = horizon + (1.0 - horizon) * depth;
    let size = 0.028 + 0.03 * depth;
    let blade = |dx: f32, lean: f32, tall: f32| {
        Outline::new(x + (dx - 0.22) * size, y)
            .quad(
                (x + dx * size, y - size * tall * 0.6),
                (x + (dx + lean) * size, y - size * tall),
            )
            .quad(
                (x + (dx + 0.3) * size, y - size * tall * 0.5),
                (x + (dx + 0.22) * size, y),
            )
            .close()
    };
    brush.fill(
        &join(&[
            blade(-0.35, -0.4, 0.8),
            blade(0.0, 0.05, 1.15),
            blade(0.35, 0.42, 0.85),
        ]),
        flat(color),
    );
}

fn flower(brush: &mut Brush<'_>, view: &View<'_>, (x, depth): (f32, f32), color: Rgb) {
    let horizon = view.scene.horizon;
    let y = horizon + (1.0 - horizon) * depth;
    let dim = if view.scene.time == Time::Storm {
        0.85
    } else {
        1.0
    };
    brush.fill(&disc(x, y, 0.009 + 0.006 * depth), flat(color.times(dim)));
}

/// Grass that overlaps the subject's foot.
pub(super) fn front(brush: &mut Brush<'_>, view: &View<'_>) {
    let Some(figure) = view.scene.figure else {
        return;
    };
    if figure.base != figure.floor {
        return;
    }
    let mut dice = Dice::new(view.scene.detail, 4, Stream::Detail);
    let horizon = view.scene.horizon;
    let depth = (figure.base - horizon) / (1.0 - horizon);
    let half = super::super::subjects::art(figure.subject).half_width * figure.height;
    for side in [-1.0_f32, 1.0] {
        let x = figure.x + side * half * dice.range(0.75, 1.0);
        tuft(
            brush,
            view,
            (x, depth + 0.05),
            view.mood.ground.dark.mix(view.at_depth(depth), 0.15),
        );
    }
}
