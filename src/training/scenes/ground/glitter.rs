//! The light of the sun or moon on open water.

use tiny_skia::Transform;

use super::super::attributes::Time;
use super::super::brush::{Brush, glaze, radial};
use super::super::dice::Dice;
use super::super::scene::Orb;
use super::super::shape::{Shape, disc, join, oval};
use super::super::tint::hex;
use super::View;

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let Some(orb) = view.scene.sky.orb else {
        return;
    };
    match view.scene.time {
        Time::Sunset => broad(brush, view, orb, dice),
        Time::Dawn => few(brush, view, orb, 0.8, dice),
        Time::Night | Time::Dusk => few(brush, view, orb, 0.5, dice),
        Time::Day | Time::Storm => few(brush, view, orb, 0.3, dice),
    }
}

/// Six bars of light, one below the other.
fn few(brush: &mut Brush<'_>, view: &View<'_>, orb: Orb, strength: f32, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    for n in 0..6 {
        let depth = (n as f32 + 0.4) / 6.0;
        let y = horizon + (1.0 - horizon) * depth * 0.95;
        let half = orb.radius * (0.55 + 0.7 * depth) * dice.range(0.7, 1.15);
        let x = orb.x + dice.range(-0.02, 0.02) * (1.0 + depth);
        brush.fill(
            &oval(x, y, half, 0.007 + 0.008 * depth),
            glaze(view.mood.key, strength * (1.0 - 0.55 * depth)),
        );
    }
}

/// The path of a low sun: a glow that widens towards the viewer, full of glints.
fn broad(brush: &mut Brush<'_>, view: &View<'_>, orb: Orb, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let deep = 1.0 - horizon;
    let orange = hex(0xFF9430);
    brush.within(
        &super::super::shape::slab(0.0, horizon, 1.0, 1.01),
        |brush| {
            for (wide, long, opacity) in [(2.5, 1.15, 0.62), (1.2, 0.85, 0.6)] {
                let pool =
                    Transform::from_row(orb.radius * wide, 0.0, 0.0, deep * long, orb.x, horizon);
                brush.placed(pool).fill(
                    &disc(0.0, 0.0, 1.0),
                    radial(
                        (0.0, 0.0),
                        1.0,
                        &[
                            (0.0, orange, opacity),
                            (0.5, orange, opacity * 0.6),
                            (1.0, orange, 0.0),
                        ],
                    ),
                );
            }
        },
    );
    for n in 0..15 {
        // Rows lie denser towards the horizon.
        let t = (n as f32 + 0.5) / 15.0;
        let depth = t * (0.35 + 0.65 * t);
        let y = horizon + 0.004 + deep * depth;
        let reach = orb.radius * (0.75 + 1.6 * depth);
        let thick = 0.0032 + 0.0085 * depth;
        let mut glints: Vec<Shape> = Vec::new();
        let pieces = 1 + dice.below(3);
        for piece in 0..pieces {
            let lane = (piece as f32 + 0.5) / pieces as f32 * 2.0 - 1.0;
            let x = orb.x + reach * (lane * 0.62 + dice.range(-0.22, 0.22));
            let half = reach * dice.range(0.55, 0.85) / (0.6 + 0.5 * pieces as f32);
            glints.push(oval(x, y + dice.range(-0.3, 0.3) * thick, half, thick));
        }
        let gold = hex(0xFFF2A8).mix(hex(0xFFB44C), depth);
        brush.fill(&join(&glints), glaze(gold, 0.95 - 0.3 * depth));
    }
}
