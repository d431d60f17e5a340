//! The forest: a clearing between tall trees, with the sky open in the middle.

use super::super::backdrop::{conifer, tiers};
use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, blob, oval, under};
use super::super::tint::hex;
use super::stream::{self, has_stream};
use super::sunbeams::{self, has_sunbeams};
use super::{View, plain};

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    let mood = view.mood;
    let horizon = view.scene.horizon;
    // Two rows behind, lower towards the middle, so that the sky shows.
    for (haze, low, rise, step) in [(0.46, 0.15, 0.34, 0.085), (0.14, 0.1, 0.42, 0.1)] {
        let color = mood.distant(hex(0x3B8450), haze);
        let mut x = dice.range(-0.05, 0.02);
        while x < 1.06 {
            let edge = ((x - 0.5).abs() * 2.0).min(1.0);
            let height = low + rise * edge * edge + dice.range(-0.015, 0.025);
            conifer(brush, (x, horizon + 0.02, height), color, mood.side);
            x += step * dice.range(0.85, 1.2);
        }
    }
    plain(brush, view);
    let ground = mood.ground;
    let points = [
        (-0.1, horizon - 0.012),
        (0.25, horizon + 0.012),
        (0.6, horizon - 0.008),
        (1.1, horizon + 0.01),
    ];
    brush.fill(
        &under(&points, 1.01),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[
                (0.0, ground.far),
                (0.4, view.at_depth(0.6)),
                (1.0, ground.near),
            ],
        ),
    );
    if has_stream(view.scene) {
        stream::paint(brush, view);
    } else {
        path(brush, view);
    }
    for (x, foot, height) in [(-0.02, 0.83, 0.86), (1.02, 0.86, 0.9)] {
        let height = height * dice.range(0.92, 1.06);
        let x = x + dice.range(-0.03, 0.03);
        brush.fill(&oval(x, foot, 0.2, 0.025), glaze(ground.dark, 0.6));
        big_fir(brush, view, (x, foot, height));
    }
    for _ in 0..4 {
        let (x, depth) = (dice.range(0.04, 0.96), dice.range(0.3, 0.9));
        if !view.crowds(x, 0.05) && !stream::floods(view.scene, x, depth) {
            fern(brush, view, (x, depth));
        }
    }
    if has_sunbeams(view.scene) {
        sunbeams::paint(brush, view);
    }
}

/// A path of light across the clearing.
fn path(brush: &mut Brush<'_>, view: &View<'_>) {
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    brush.fill(
        &Outline::new(0.47, horizon + 0.005)
            .cubic((0.36, horizon + 0.1), (0.7, horizon + 0.16), (0.3, 1.01))
            .line(0.78, 1.01)
            .cubic(
                (0.86, horizon + 0.18),
                (0.5, horizon + 0.12),
                (0.53, horizon + 0.005),
            )
            .close(),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[
                (0.0, ground.light),
                (1.0, ground.near.mix(ground.light, 0.45)),
            ],
        ),
    );
}

fn big_fir(brush: &mut Brush<'_>, view: &View<'_>, (x, foot, height): (f32, f32, f32)) {
    let color = view
        .mood
        .graded(hex(0x2C7044))
        .mix(view.mood.ground.dark, 0.2);
    // The branches reach the ground.
    tiers(
        brush,
        (x, foot + height * 0.09, height),
        color,
        view.mood.side,
    );
}

fn fern(brush: &mut Brush<'_>, view: &View<'_>, (x, depth): (f32, f32)) {
    let y = view.scene.horizon + (1.0 - view.scene.horizon) * depth;
    let size = 0.035 + 0.035 * depth;
    let color = view.mood.ground.dark.mix(view.mood.ground.light, 0.22);
    brush.fill(
        &blob(&[
            (x - size, y),
            (x - size * 0.85, y - size * 0.6),
            (x - size * 0.35, y - size * 0.75),
            (x, y - size * 1.05),
            (x + size * 0.4, y - size * 0.7),
            (x + size * 0.9, y - size * 0.5),
            (x + size, y),
        ]),
        flat(color),
    );
}

/// Two bushes in the lower corners.
pub(super) fn front(brush: &mut Brush<'_>, view: &View<'_>) {
    let color = view
        .mood
        .ground
        .dark
        .mix(view.mood.graded(hex(0x2C7044)), 0.3);
    for (x, side) in [(0.0_f32, 1.0_f32), (1.0, -1.0)] {
        if view
            .scene
            .figure
            .is_some_and(|figure| (figure.x - x).abs() < 0.3 && figure.base > 0.85)
        {
            continue;
        }
        brush.fill(
            &blob(&[
                (x - side * 0.1, 1.05),
                (x - side * 0.08, 0.86),
                (x + side * 0.07, 0.88),
                (x + side * 0.14, 0.94),
                (x + side * 0.22, 0.965),
                (x + side * 0.24, 1.05),
            ]),
            flat(color),
        );
    }
}
