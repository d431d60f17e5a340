//! The lake: still water that mirrors what is above it, and a grassy near shore with reeds.

use super::super::attributes::{Backdrop, Time};
use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, disc, join, oval, pill, slab, under};
use super::super::tint::{WHITE, hex};
use super::View;

/// How far below the horizon the water reaches.
pub(in super::super) const SHORE: f32 = 0.26;

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    far_shore(brush, view, &mut dice);
    let horizon = view.scene.horizon;
    let water = view.mood.water();
    brush.mirror(horizon, horizon + SHORE + 0.05, water.near);
    ripples(brush, view, &mut dice);
    near_shore(brush, view, &mut dice);
}

/// A low wooded bank across the water.
fn far_shore(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let color = view.mood.distant(hex(0x4C8C56), 0.3);
    let mut parts = vec![slab(-0.02, horizon - 0.012, 1.02, horizon + 0.004)];
    if view.scene.backdrop != Backdrop::Forest {
        let mut x = dice.range(-0.04, 0.02);
        while x < 1.04 {
            // Lower in the middle, where the view opens.
            let edge = ((x - 0.5).abs() * 2.0).min(1.0);
            let r = (0.012 + 0.03 * edge) * dice.range(0.85, 1.2);
            parts.push(disc(x, horizon - r * 0.7, r));
            x += r * 1.25;
        }
    }
    brush.fill(
        &join(&parts),
        linear(
            (0.0, horizon - 0.07),
            (0.0, horizon),
            &[
                (0.0, color.mix(view.mood.key, 0.12)),
                (1.0, color.times(0.8)),
            ],
        ),
    );
}

fn ripples(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let pale = view.mood.water().light.mix(WHITE, 0.15);
    let rough = view.scene.time == Time::Storm;
    brush.fill(
        &slab(0.0, horizon + 0.001, 1.0, horizon + 0.006),
        glaze(pale, 0.5),
    );
    for n in 0..9 {
        let depth = (n as f32 + 0.6) / 9.0;
        let half = (0.05 + 0.07 * depth) * dice.range(0.7, 1.3);
        brush.fill(
            &oval(
                dice.range(0.0, 1.0),
                horizon + SHORE * depth,
                half,
                0.002 + 0.0025 * depth,
            ),
            glaze(pale, if rough { 0.6 } else { 0.45 }),
        );
    }
}

fn near_shore(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let ground = view.mood.ground;
    let line = view.scene.horizon + SHORE;
    let bend = dice.range(0.35, 0.65);
    let edge = |drop: f32| {
        [
            (-0.1, line - 0.035 + drop),
            (bend - 0.25, line + 0.008 + drop),
            (bend + 0.1, line + 0.018 + drop),
            (1.1, line - 0.03 + drop),
        ]
    };
    brush.fill(&under(&edge(0.0), 1.01), flat(ground.dark));
    brush.fill(
        &under(&edge(0.012), 1.01),
        linear(
            (0.0, line),
            (0.0, 1.0),
            &[
                (0.0, ground.far.mix(ground.light, 0.4)),
                (0.3, ground.far.mix(ground.near, 0.4)),
                (1.0, ground.near),
            ],
        ),
    );
    for _ in 0..3 {
        let x = dice.range(0.3, 0.7);
        let y = line - dice.range(0.03, 0.09);
        if !view.crowds(x, 0.03) {
            lily(brush, view, (x, y));
        }
    }
    for side in [-1.0_f32, 1.0] {
        for n in 0..7 {
            let x = 0.5 + side * (0.5 - n as f32 * 0.03 - dice.range(-0.01, 0.012));
            let height = dice.range(0.1, 0.2) * (1.15 - n as f32 * 0.07);
            if !view.crowds(x, -0.05) {
                reed(
                    brush,
                    view,
                    (x, line + 0.012, height),
                    dice.range(-0.4, 0.4),
                );
            }
        }
    }
    for _ in 0..6 {
        let (x, y) = (dice.range(0.05, 0.95), dice.range(line + 0.08, 0.97));
        brush.fill(&disc(x, y, 0.009), flat(view.mood.graded(hex(0xFFF4B8))));
    }
}

/// A leaf on the water with a small bloom.
fn lily(brush: &mut Brush<'_>, view: &View<'_>, (x, y): (f32, f32)) {
    let leaf = view.mood.graded(hex(0x5CA860));
    brush.fill(&oval(x, y + 0.003, 0.036, 0.0105), flat(leaf.times(0.7)));
    brush.fill(&oval(x, y, 0.034, 0.009), flat(leaf));
    brush.fill(
        &oval(x + 0.006, y - 0.007, 0.011, 0.008),
        flat(view.mood.graded(hex(0xFFE2EE))),
    );
}

/// A blade, and on every taller one a brown head.
fn reed(brush: &mut Brush<'_>, view: &View<'_>, (x, foot, h): (f32, f32, f32), lean: f32) {
    let green = view
        .mood
        .graded(hex(0x5E9A48))
        .mix(view.mood.ground.dark, 0.3);
    let tip = (x + lean * h * 0.35, foot - h);
    brush.fill(
        &Outline::new(x - 0.008, foot)
            .quad((x - 0.006, foot - h * 0.6), tip)
            .quad((x + 0.01, foot - h * 0.5), (x + 0.008, foot))
            .close(),
        flat(green),
    );
    if h > 0.13 {
        brush.fill(
            &pill(
                (tip.0 - 0.008, tip.1 - 0.01),
                (tip.0 + 0.008, tip.1 + 0.045),
                0.008,
            ),
            flat(view.mood.graded(hex(0x7A4E30))),
        );
    }
}

/// Tall grass in the lower corners, and the water that laps at a hull.
pub(super) fn front(brush: &mut Brush<'_>, view: &View<'_>) {
    let water = view.mood.water();
    super::ocean::lap(brush, view, water.near.mix(water.far, 0.4), water.light);
    let mut dice = Dice::new(view.scene.detail, 4, Stream::Detail);
    for side in [-1.0_f32, 1.0] {
        for n in 0..5 {
            let x = 0.5 + side * (0.5 - n as f32 * 0.034);
            let height = dice.range(0.1, 0.16) - n as f32 * 0.012;
            if !view.crowds(x, 0.01) {
                reed(
                    brush,
                    view,
                    (x, 1.01, height.min(0.13)),
                    -side * dice.range(0.1, 0.6),
                );
            }
        }
    }
}
