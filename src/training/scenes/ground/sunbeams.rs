//! Sunbeams: a roof of leaves over a clearing, and the light that falls through it.

use super::super::attributes::{Place, Time};
use super::super::brush::{Brush, flat, glaze, veil};
use super::super::dice::{Dice, Stream};
use super::super::scene::Scene;
use super::super::shape::{disc, join, oval, polygon};
use super::super::tint::hex;
use super::View;

/// Whether the sun shines through leaves: half of the forests by day and at dawn.
pub(in super::super) fn has_sunbeams(scene: &Scene) -> bool {
    scene.place == Place::Forest
        && matches!(scene.time, Time::Day | Time::Dawn)
        && scene.sky.orb.is_some()
        && Dice::new(scene.detail, 10, Stream::Detail).chance(0.6)
}

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 11, Stream::Detail);
    roof(brush, view, &mut dice);
    shafts(brush, view, &mut dice);
}

/// Leaves along the upper edge, deeper towards the corners; two layers.
fn roof(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    for (color, deeper) in [(0x5CA24A, 0.035), (0x3C8440, 0.0)] {
        let mut leaves = Vec::new();
        for n in 0..=12 {
            let x = n as f32 / 12.0;
            let edge = (x - 0.5).abs() * 2.0;
            let depth = 0.01 + 0.12 * edge * edge + deeper + dice.range(-0.012, 0.016);
            let size = dice.range(0.05, 0.07);
            leaves.push(disc(x, depth - size, size * 1.1));
            leaves.push(disc(x - 0.02, depth - size * 2.2, size * 1.2));
        }
        brush.fill(&join(&leaves), flat(view.mood.graded(hex(color))));
    }
}

/// Shafts that fan out from the sun's side and end in pools of light.
fn shafts(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let (side, horizon) = (view.mood.side, view.scene.horizon);
    let light = if view.scene.time == Time::Day {
        hex(0xFFF6B4)
    } else {
        hex(0xFFF0C8)
    };
    let source = (0.5 + side * 0.62, -0.3);
    for n in 0..4 {
        let lane = 0.9 - n as f32 * 0.36 + dice.range(-0.04, 0.04);
        let half = dice.range(0.035, 0.065);
        let foot = horizon + dice.range(0.1, 0.3);
        let x = 0.5 + side * (lane - 0.42);
        // How far along the way from the source the roof of leaves is.
        let at = |x: f32, share: f32| {
            (
                source.0 + (x - source.0) * share,
                source.1 + (foot - source.1) * share,
            )
        };
        let start = (0.05 - source.1) / (foot - source.1);
        let shaft = polygon(&[
            at(x - half, start),
            at(x + half, start),
            (x + half, foot),
            (x - half, foot),
        ]);
        brush.fill(
            &shaft,
            veil(
                (0.0, 0.05),
                (0.0, foot),
                &[(0.0, light, 0.62), (0.5, light, 0.4), (1.0, light, 0.1)],
            ),
        );
        brush.fill(&oval(x, foot, half * 1.25, 0.016), glaze(light, 0.5));
    }
}
