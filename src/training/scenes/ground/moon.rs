//! The moon's surface: a curved horizon, craters and boulders.

use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{blob, oval, under};
use super::View;

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    // The world is small: the horizon bends.
    let arc: Vec<(f32, f32)> = (-6..=6)
        .map(|step| {
            let u = step as f32 / 5.0;
            (0.5 + u * 0.5, horizon + 0.045 * u * u)
        })
        .collect();
    brush.stroke(
        &super::super::shape::curve(&arc),
        0.02,
        glaze(ground.light, 0.55),
    );
    brush.fill(
        &under(&arc, 1.05),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[(0.0, ground.far), (1.0, ground.near)],
        ),
    );
    // Craters, ever larger towards the viewer, one per strip so that they do not touch.
    for (n, depth) in [0.17_f32, 0.32, 0.5, 0.72, 0.93].into_iter().enumerate() {
        let lane = if n % 2 == 0 { 0.0 } else { 0.5 };
        for half in 0..2 {
            if n > 1 && half == 1 && dice.chance(0.35) {
                continue;
            }
            let x = (lane + half as f32 * 0.52 + dice.range(0.02, 0.3)) % 1.0;
            let radius = (0.045 + 0.10 * depth) * dice.range(0.75, 1.2);
            let y = horizon + (1.0 - horizon) * depth + 0.02;
            crater(brush, view, (x, y, radius));
        }
    }
    for _ in 0..2 {
        let (x, depth) = (dice.range(0.05, 0.95), dice.range(0.3, 0.85));
        let size = 0.02 + 0.03 * depth;
        if !view.crowds(x, size) {
            boulder(brush, view, (x, horizon + (1.0 - horizon) * depth, size));
        }
    }
}

fn crater(brush: &mut Brush<'_>, view: &View<'_>, (x, y, radius): (f32, f32, f32)) {
    let ground = view.mood.ground;
    let flatness = radius * 0.3;
    let side = view.mood.side;
    let depth = ((y - view.scene.horizon) / (1.0 - view.scene.horizon)).clamp(0.0, 1.0);
    let body = view.at_depth(depth);
    brush.fill(
        &oval(
            x - side * radius * 0.04,
            y + flatness * 0.12,
            radius * 1.14,
            flatness * 1.2,
        ),
        flat(body.mix(ground.light, 0.75)),
    );
    let bowl = oval(x, y, radius, flatness);
    brush.fill(&bowl, flat(body.mix(ground.dark, 0.8)));
    brush.within(&bowl, |brush| {
        brush.fill(
            &oval(
                x - side * radius * 0.22,
                y + flatness * 0.4,
                radius * 0.98,
                flatness * 0.95,
            ),
            flat(body.mix(ground.dark, 0.38)),
        );
    });
}

fn boulder(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32)) {
    let ground = view.mood.ground;
    let side = view.mood.side;
    brush.fill(
        &oval(x - side * s * 0.7, y, s * 1.5, s * 0.28),
        glaze(ground.dark, 0.6),
    );
    brush.fill(
        &blob(&[
            (x - s, y),
            (x - s * 0.8, y - s * 0.8),
            (x, y - s * 1.15),
            (x + s * 0.8, y - s * 0.75),
            (x + s, y),
        ]),
        linear(
            (x + side * s, y - s),
            (x - side * s, y),
            &[(0.0, ground.light), (1.0, ground.dark)],
        ),
    );
}
