//! Neon signs on a street's houses, and their light on the wet road.

use tiny_skia::Transform;

use super::super::attributes::{Place, Time};
use super::super::brush::{Brush, flat, glaze, glow};
use super::super::dice::{Dice, Stream};
use super::super::scene::Scene;
use super::super::shape::{disc, oval, pill, polygon, slab};
use super::super::tint::{Rgb, WHITE, hex};
use super::View;

const CYAN: Rgb = hex(0x2CF0F4);
const MAGENTA: Rgb = hex(0xFF3CC8);
const YELLOW: Rgb = hex(0xFFE63C);

/// Whether neon signs are on: in half of the towns by night and at dusk.
pub(in super::super) fn has_neon(scene: &Scene) -> bool {
    scene.place == Place::City
        && matches!(scene.time, Time::Night | Time::Dusk)
        && Dice::new(scene.detail, 12, Stream::Detail).chance(0.52)
}

/// A sign: middle, half-width, top and foot.
type Sign = (f32, f32, f32, f32);

/// The signs on the houses, to be painted over them.
pub(super) fn signs(brush: &mut Brush<'_>, view: &View<'_>) {
    for (sign, color, face) in plan(view.scene) {
        hang(brush, sign, color, face);
    }
}

/// Where the signs are, in which colour and with what on them.
fn plan(scene: &Scene) -> Vec<(Sign, Rgb, u32)> {
    let mut dice = Dice::new(scene.detail, 13, Stream::Detail);
    let horizon = scene.horizon;
    let colors = [CYAN, MAGENTA, YELLOW];
    let mut next = dice.below(3) as usize;
    let mut signs = Vec::new();
    for side in [-1.0_f32, 1.0] {
        // Two hang from the house edges, one is over a shop.
        let places = [
            (0.272, 0.03, -0.175, -0.05),
            (0.36, 0.04, -0.33, -0.13),
            (0.45, 0.052, -0.09, -0.025),
        ];
        for (n, (out, half, top, foot)) in places.into_iter().enumerate() {
            let shift = dice.range(-0.02, 0.02);
            let sign = (
                0.5 + side * out,
                half,
                horizon + top + shift,
                horizon + foot + shift,
            );
            let face = if n == 2 { 3 } else { dice.below(3) };
            signs.push((sign, colors[next % 3], face));
            next += 1;
        }
        next += 1;
    }
    signs
}

fn hang(brush: &mut Brush<'_>, (x, half, top, foot): Sign, color: Rgb, face: u32) {
    let middle = (top + foot) * 0.5;
    let reach = half + (foot - top) * 0.75;
    brush.fill(
        &disc(x, middle, reach),
        glow((x, middle), reach, color, 0.75),
    );
    let frame = half * 0.24;
    brush.fill(
        &pill((x - half, top), (x + half, foot), half * 0.5),
        flat(color),
    );
    brush.fill(
        &pill(
            (x - half + frame, top + frame),
            (x + half - frame, foot - frame),
            half * 0.35,
        ),
        flat(hex(0x1A1230).mix(color, 0.12)),
    );
    let pale = color.mix(WHITE, 0.45);
    let (w, h) = (half * 0.46, (foot - top) * 0.5);
    match face {
        // Strokes as of a script.
        0 => {
            for v in [-0.52, -0.08, 0.36] {
                let y = middle + h * v;
                brush.fill(&slab(x - w, y, x + w, y + h * 0.2), flat(pale));
            }
        }
        // A ring over a bar.
        1 => {
            brush.fill(&disc(x, middle - h * 0.3, w), flat(pale));
            brush.fill(&disc(x, middle - h * 0.3, w * 0.45), flat(hex(0x1A1230)));
            brush.fill(
                &slab(x - w, middle + h * 0.3, x + w, middle + h * 0.5),
                flat(pale),
            );
        }
        // An arrow that points at the door.
        2 => brush.fill(
            &polygon(&[
                (x - w * 0.4, middle - h * 0.6),
                (x + w * 0.4, middle - h * 0.6),
                (x + w * 0.4, middle),
                (x + w, middle),
                (x, middle + h * 0.6),
                (x - w, middle),
                (x - w * 0.4, middle),
            ]),
            flat(pale),
        ),
        // Letters in a row.
        _ => {
            for u in [-0.62_f32, -0.2, 0.22] {
                brush.fill(
                    &slab(
                        x + half * u,
                        middle - h * 0.4,
                        x + half * (u + 0.26),
                        middle + h * 0.4,
                    ),
                    flat(pale),
                );
            }
        }
    }
}

/// What the signs throw on the road and the pavements.
pub(super) fn shine(brush: &mut Brush<'_>, view: &View<'_>) {
    let horizon = view.scene.horizon;
    let mut dice = Dice::new(view.scene.detail, 14, Stream::Detail);
    for ((x, half, top, foot), color, _) in plan(view.scene) {
        let first = horizon + (horizon - foot) * 0.35 + 0.015;
        let last = (first + 0.1 + (foot - top) * 1.2).min(0.99);
        let at = 0.5 + (x - 0.5) * 0.92;
        // A soft upright streak, squeezed from a round light.
        let long = (last - first) * 0.6;
        let streak = Transform::from_row(half * 1.9, 0.0, 0.0, long, at, first + long * 0.8);
        brush
            .placed(streak)
            .fill(&disc(0.0, 0.0, 1.0), glow((0.0, 0.0), 1.0, color, 0.95));
        for n in 0..3 {
            let y = first + (last - first) * (0.25 + 0.3 * n as f32);
            brush.fill(
                &oval(
                    at + dice.range(-0.012, 0.012),
                    y,
                    half * dice.range(1.2, 1.8),
                    0.0055,
                ),
                glaze(color.mix(WHITE, 0.2), 0.55),
            );
        }
    }
    // The road itself takes a cyan and a pink sheen.
    for (x, color) in [(0.36, MAGENTA), (0.64, CYAN)] {
        let y = horizon + 0.17;
        let mut flat_brush =
            brush.placed(tiny_skia::Transform::from_row(0.2, 0.0, 0.0, 0.13, x, y));
        flat_brush.fill(&disc(0.0, 0.0, 1.0), glow((0.0, 0.0), 1.0, color, 0.34));
    }
}
