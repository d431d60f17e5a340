//! The sea: swells, the sun's path on the water, and an islet or a rock for what cannot swim.

use super::super::attributes::{Subject, Time};
use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Shape, blob, oval, polygon, slab, under, wave};
use super::super::subjects::{self, Stance};
use super::super::tint::{Rgb, WHITE, hex};
use super::{View, glitter, plain};

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    plain(brush, view);
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    swells(brush, view, &mut dice);
    glitter::paint(brush, view, &mut dice);
    crests(brush, view, &mut dice);
    stand(brush, view);
}

/// Long swells that get larger towards the viewer.
fn swells(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let rough = if view.scene.time == Time::Storm {
        2.6
    } else {
        1.0
    };
    for (depth, height) in [(0.22, 0.006), (0.52, 0.010), (0.8, 0.014)] {
        let y = horizon + (1.0 - horizon) * depth;
        let phase = dice.unit();
        let lengths = 1.6 + 0.5 * dice.unit();
        let points: Vec<(f32, f32)> = (0..=12)
            .map(|step| {
                let x = -0.05 + step as f32 * 0.092;
                (x, y - height * rough * wave(x * lengths + phase))
            })
            .collect();
        let color = view.at_depth(depth).mix(view.mood.ground.dark, 0.28);
        brush.fill(
            &under(&points, 1.01),
            linear(
                (0.0, y),
                (0.0, 1.0),
                &[
                    (0.0, color),
                    (1.0, view.mood.ground.near.mix(view.mood.ground.dark, 0.35)),
                ],
            ),
        );
    }
}

/// A few crescents of light on the waves.
fn crests(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let storm = view.scene.time == Time::Storm;
    for n in 0..8 {
        let depth = (n as f32 + dice.range(0.3, 0.9)) / 8.0;
        let y = horizon + (1.0 - horizon) * (0.05 + 0.9 * depth);
        let x = dice.range(0.0, 1.0);
        let half = (0.05 + 0.06 * depth) * dice.range(0.8, 1.3);
        let thick = (0.006 + 0.007 * depth) * if storm { 1.5 } else { 1.0 };
        brush.fill(
            &crest(x, y, half, thick),
            glaze(view.mood.ground.light, if storm { 0.7 } else { 0.6 }),
        );
    }
}

pub(super) fn crest(x: f32, y: f32, half: f32, thick: f32) -> Shape {
    blob(&[
        (x - half, y + thick * 0.6),
        (x - half * 0.45, y - thick * 0.5),
        (x, y - thick),
        (x + half * 0.45, y - thick * 0.5),
        (x + half, y + thick * 0.6),
        (x, y + thick * 0.2),
    ])
}

/// What the subject stands on, if it does not swim or fly.
fn stand(brush: &mut Brush<'_>, view: &View<'_>) {
    let Some(figure) = view.scene.figure else {
        return;
    };
    let art = subjects::art(figure.subject);
    let stands = match art.stance {
        Stance::Stands => true,
        Stance::Launches => figure.pose == 0,
        Stance::Floats | Stance::Hovers | Stance::Drifts => false,
    };
    if !stands || art.in_water() {
        return;
    }
    let half = (art.half_width * figure.height * 1.15).max(0.16) + 0.07;
    if figure.subject == Subject::Lighthouse {
        rock(brush, view, (figure.x, figure.base, half));
    } else {
        islet(brush, view, (figure.x, figure.base, half));
    }
}

fn islet(brush: &mut Brush<'_>, view: &View<'_>, (x, y, half): (f32, f32, f32)) {
    let mood = view.mood;
    let sand = mood.graded(hex(0xF6DC9E));
    let wet = mood.graded(hex(0xD3AC68));
    let green = mood.graded(hex(0x86BE58));
    let foam = mood.ground.light.mix(WHITE, 0.4);
    brush.fill(&oval(x, y + 0.042, half + 0.035, 0.05), glaze(foam, 0.75));
    brush.fill(&oval(x, y + 0.03, half, 0.045), flat(wet));
    brush.fill(&oval(x, y + 0.016, half - 0.012, 0.042), flat(sand));
    brush.fill(&oval(x, y + 0.004, half * 0.72, 0.026), flat(green));
}

fn rock(brush: &mut Brush<'_>, view: &View<'_>, (x, y, half): (f32, f32, f32)) {
    let mood = view.mood;
    let stone = mood.graded(hex(0x8C8F9C));
    let dark = mood.graded(hex(0x5B5F70));
    let foam = mood.ground.light.mix(WHITE, 0.4);
    brush.fill(&oval(x, y + 0.085, half + 0.04, 0.03), glaze(foam, 0.8));
    brush.fill(
        &polygon(&[
            (x - half, y + 0.085),
            (x - half * 0.78, y + 0.03),
            (x - half * 0.45, y - 0.02),
            (x + half * 0.42, y - 0.022),
            (x + half * 0.8, y + 0.02),
            (x + half, y + 0.085),
            (x + half * 0.4, y + 0.105),
            (x - half * 0.4, y + 0.105),
        ]),
        flat(stone),
    );
    let s = -mood.side;
    brush.fill(
        &polygon(&[
            (x + s * half, y + 0.085),
            (x + s * half * 0.78, y + 0.025),
            (x + s * half * 0.43, y - 0.02),
            (x + s * half * 0.2, y + 0.03),
            (x + s * half * 0.34, y + 0.105),
        ]),
        flat(dark),
    );
    brush.fill(
        &oval(x - half * 0.25, y + 0.097, half * 0.3, 0.012),
        glaze(foam, 0.9),
    );
    brush.fill(
        &oval(x + half * 0.5, y + 0.094, half * 0.26, 0.011),
        glaze(foam, 0.9),
    );
}

pub(super) fn front(brush: &mut Brush<'_>, view: &View<'_>) {
    let Some(figure) = view.scene.figure else {
        return;
    };
    let depth = (figure.base - view.scene.horizon) / (1.0 - view.scene.horizon);
    let water = view.at_depth(depth).mix(view.mood.ground.dark, 0.25);
    lap(brush, view, water, view.mood.ground.light);
}

/// The water that laps at a hull, and the light on it.
pub(super) fn lap(brush: &mut Brush<'_>, view: &View<'_>, water: Rgb, light: Rgb) {
    let Some(figure) = view.scene.figure else {
        return;
    };
    let art = subjects::art(figure.subject);
    if !matches!(art.stance, Stance::Floats) {
        return;
    }
    let half = art.half_width * figure.height;
    brush.within(&slab(0.0, figure.base - 0.02, 1.0, 1.0), |brush| {
        brush.fill(
            &oval(figure.x, figure.base + 0.006, half * 0.92, 0.015),
            flat(water),
        );
        brush.fill(
            &crest(
                figure.x - half * 0.5,
                figure.base - 0.002,
                half * 0.34,
                0.012,
            ),
            glaze(light, 0.85),
        );
        brush.fill(
            &crest(
                figure.x + half * 0.45,
                figure.base + 0.004,
                half * 0.36,
                0.012,
            ),
            glaze(light, 0.85),
        );
    });
}
