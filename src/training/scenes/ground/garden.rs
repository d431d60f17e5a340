//! The garden: a lawn between clipped hedges, a gravel path and beds full of flowers.

use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, disc, join, oval, pill, polygon, sin_cos};
use super::super::tint::{Rgb, hex};
use super::{View, plain};

/// Blooms by daylight.
const BLOOMS: [u32; 6] = [0xF2566A, 0xFFD84A, 0xFFFFFF, 0xFF8FBE, 0xB07AE0, 0xFF9C48];

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    plain(brush, view);
    lawn(brush, view);
    hedge(brush, view);
    for side in [-1.0, 1.0] {
        topiary(brush, view, side, dice.chance(0.5));
    }
    path(brush, view);
    border(brush, view, &mut dice);
    for side in [-1.0, 1.0] {
        bed(brush, view, side, &mut dice);
    }
}

/// A bloom's colour in this light, a little brighter than all else.
fn tint(view: &View<'_>, kind: usize) -> Rgb {
    let color = hex(BLOOMS[kind % BLOOMS.len()]);
    view.mood.graded(color).mix(color, 0.18)
}

/// Mown stripes that run towards the middle of the hedge.
fn lawn(brush: &mut Brush<'_>, view: &View<'_>) {
    let horizon = view.scene.horizon;
    for n in -5..5 {
        let left = n as f32 * 0.4;
        brush.fill(
            &polygon(&[
                (0.5 + left * 0.3, horizon),
                (0.5 + (left + 0.2) * 0.3, horizon),
                (0.5 + left + 0.2, 1.01),
                (0.5 + left, 1.01),
            ]),
            glaze(view.mood.ground.light, 0.28),
        );
    }
}

fn hedge(brush: &mut Brush<'_>, view: &View<'_>) {
    let (horizon, mood) = (view.scene.horizon, view.mood);
    let leaf = mood.graded(hex(0x3E8E46));
    // Open in the middle, where the path leaves.
    for side in [-1.0_f32, 1.0] {
        let (inner, outer) = (0.5 + side * 0.085, 0.5 + side * 0.6);
        brush.fill(
            &pill((inner, horizon - 0.085), (outer, horizon + 0.06), 0.022),
            linear(
                (0.0, horizon - 0.085),
                (0.0, horizon + 0.045),
                &[(0.0, leaf), (1.0, leaf.times(0.68))],
            ),
        );
        brush.fill(
            &pill((inner, horizon - 0.085), (outer, horizon - 0.058), 0.014),
            flat(leaf.mix(mood.ground.light, 0.45)),
        );
    }
}

/// A bush clipped to a ball or a cone.
fn topiary(brush: &mut Brush<'_>, view: &View<'_>, side: f32, round: bool) {
    let (horizon, mood) = (view.scene.horizon, view.mood);
    let x = 0.5 + side * 0.155;
    let leaf = mood.graded(hex(0x4A9C4C));
    let lit = leaf.mix(mood.ground.light, 0.4);
    let foot = horizon + 0.055;
    brush.fill(&oval(x, foot, 0.05, 0.012), glaze(mood.ground.dark, 0.6));
    if round {
        let trunk = mood.graded(hex(0x7A5638));
        brush.fill(
            &pill((x - 0.007, foot - 0.07), (x + 0.007, foot), 0.004),
            flat(trunk),
        );
        for (y, r) in [(foot - 0.085, 0.046), (foot - 0.16, 0.032)] {
            brush.fill(&disc(x, y, r), flat(leaf));
            brush.fill(
                &disc(x + mood.side * r * 0.3, y - r * 0.3, r * 0.55),
                flat(lit),
            );
        }
    } else {
        let cone = |left: f32, right: f32| {
            Outline::new(x + left, foot)
                .quad((x + left * 0.75, foot - 0.1), (x, foot - 0.2))
                .quad((x + right * 0.75, foot - 0.1), (x + right, foot))
                .close()
        };
        brush.fill(&cone(-0.05, 0.05), flat(leaf));
        brush.fill(&cone(mood.side * 0.012, mood.side * 0.05), flat(lit));
    }
}

fn path(brush: &mut Brush<'_>, view: &View<'_>) {
    let horizon = view.scene.horizon;
    let gravel = view.mood.graded(hex(0xEBD9B4));
    let lane = |half: f32, foot: f32| {
        Outline::new(0.5 - half, horizon + 0.02)
            .quad((0.49 - half * 1.4, horizon + 0.15), (0.5 - foot, 1.01))
            .line(0.5 + foot, 1.01)
            .quad(
                (0.51 + half * 1.4, horizon + 0.15),
                (0.5 + half, horizon + 0.02),
            )
            .close()
    };
    brush.fill(
        &lane(0.04, 0.24),
        flat(view.mood.ground.dark.mix(gravel, 0.45)),
    );
    brush.fill(
        &lane(0.033, 0.218),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[(0.0, gravel), (1.0, gravel.times(0.86))],
        ),
    );
}

/// Small blooms all along the hedge.
fn border(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let leaf = view
        .mood
        .graded(hex(0x3C8A44))
        .mix(view.mood.ground.dark, 0.3);
    for side in [-1.0_f32, 1.0] {
        let mut bushes = Vec::new();
        let mut heads = Vec::new();
        for n in 0..9 {
            let x = 0.5 + side * (0.225 + n as f32 * 0.034);
            bushes.push(oval(x, horizon + 0.06, 0.03, 0.024));
            heads.push((
                x + dice.range(-0.008, 0.008),
                horizon + dice.range(0.038, 0.062),
                dice.below(6) as usize,
            ));
        }
        brush.fill(&join(&bushes), flat(leaf));
        for (x, y, kind) in heads {
            let color = tint(view, kind);
            brush.fill(&disc(x, y, 0.0125), flat(color));
        }
    }
}

/// A bed at the side of the lawn with blooms that grow towards the viewer.
fn bed(brush: &mut Brush<'_>, view: &View<'_>, side: f32, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let ground = view.mood.ground;
    let y = |depth: f32| horizon + (1.0 - horizon) * depth;
    let earth = view.mood.graded(hex(0x8A6242)).mix(ground.dark, 0.35);
    let at = |out: f32, depth: f32| (0.5 + side * out, y(depth));
    let (a, b, c) = (at(0.36, 0.3), at(0.29, 0.6), at(0.34, 1.03));
    brush.fill(
        &Outline::new(0.5 + side * 0.56, y(0.26))
            .line(a.0, a.1)
            .cubic((a.0 - side * 0.06, y(0.4)), (b.0, y(0.5)), b)
            .cubic((b.0, y(0.8)), (c.0 - side * 0.02, y(0.9)), c)
            .line(0.5 + side * 0.56, y(1.03))
            .close(),
        flat(earth),
    );
    let favourite = dice.below(6) as usize;
    for row in 0..5 {
        let depth = 0.34 + row as f32 * 0.145;
        let size = 0.014 + 0.019 * depth;
        let columns = 4;
        for column in 0..columns {
            let out = 0.355 + column as f32 * 0.052 + dice.range(-0.008, 0.008)
                - if row % 2 == 0 { 0.0 } else { 0.024 };
            let x = 0.5 + side * out;
            // Rows keep to one kind, so that the bed looks planted.
            let color = tint(view, (favourite + row) % 6);
            bloom(brush, view, (x, y(depth), size), color);
        }
    }
}

/// Five petals over a leaf.
fn bloom(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32), color: Rgb) {
    let leaf = view
        .mood
        .graded(hex(0x4C9C48))
        .mix(view.mood.ground.dark, 0.2);
    brush.fill(&oval(x, y + s * 0.9, s * 1.25, s * 0.75), flat(leaf));
    let petals: Vec<_> = (0..5)
        .map(|n| {
            let (sin, cos) = sin_cos(n as f32 / 5.0);
            disc(x + sin * s * 0.62, y - cos * s * 0.62, s * 0.5)
        })
        .collect();
    brush.fill(&join(&petals), flat(color));
    brush.fill(
        &disc(x, y, s * 0.38),
        flat(view.mood.graded(hex(0xFFE27A)).mix(color.times(0.8), 0.3)),
    );
}

/// A few tall blooms in the lower corners.
pub(super) fn front(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 4, Stream::Detail);
    for side in [-1.0_f32, 1.0] {
        for n in 0..3 {
            let x = 0.5 + side * (0.47 - n as f32 * 0.065);
            let y = 0.935 + n as f32 * 0.02 + dice.range(-0.012, 0.012);
            let color = tint(view, dice.below(6) as usize);
            if !view.crowds(x, 0.03) {
                bloom(brush, view, (x, y, 0.036), color);
            }
        }
    }
}
