//! What fills the air: rain, snow, fog, and the dust of a storm on the moon.

use super::attributes::{Place, Time, Weather};
use super::brush::{Brush, glaze, veil};
use super::dice::{Dice, Stream};
use super::mood::Mood;
use super::scene::Scene;
use super::shape::{curve, disc, join, oval, slab};
use super::tint::hex;

/// What blows behind the subject.
pub(super) fn paint_behind(brush: &mut Brush<'_>, scene: &Scene) {
    if scene.time == Time::Storm && scene.place == Place::Moon {
        dust(
            brush,
            scene,
            &mut Dice::new(scene.detail, 6, Stream::Detail),
        );
    }
}

/// What falls before everything.
pub(super) fn paint_before(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood) {
    let mut dice = Dice::new(scene.detail, 5, Stream::Detail);
    match scene.weather {
        Weather::Fair => {}
        Weather::Rain => rain(brush, &mut dice),
        Weather::Snowfall => flakes(brush, &mut dice),
        Weather::Fog => fog(brush, scene, mood, &mut dice),
    }
    if scene.time != Time::Storm {
        return;
    }
    match scene.place {
        Place::Moon => {}
        Place::Snow if scene.sky.rain => flakes(brush, &mut dice),
        _ if scene.sky.rain => rain(brush, &mut dice),
        _ => {}
    }
}

/// Slanted streaks on a jittered grid, so that none touch.
fn rain(brush: &mut Brush<'_>, dice: &mut Dice) {
    let mut streaks = Vec::new();
    for row in 0..4 {
        for column in 0..5 {
            let shift = if row % 2 == 0 { 0.0 } else { 0.1 };
            let x = column as f32 * 0.2 + shift + dice.range(0.02, 0.13);
            let y = 0.17 + row as f32 * 0.215 + dice.range(0.0, 0.09);
            let length = dice.range(0.08, 0.11);
            streaks.push((x, y, length));
        }
    }
    for (x, y, length) in streaks {
        brush.stroke(
            &curve(&[(x, y), (x - length * 0.38, y + length)]),
            0.0125,
            glaze(hex(0xDCEAF0), 0.44),
        );
    }
}

fn flakes(brush: &mut Brush<'_>, dice: &mut Dice) {
    let mut parts = Vec::new();
    for row in 0..5 {
        for column in 0..5 {
            let shift = if row % 2 == 0 { 0.0 } else { 0.1 };
            let x = column as f32 * 0.2 + shift + dice.range(0.02, 0.13);
            let y = 0.14 + row as f32 * 0.18 + dice.range(0.0, 0.1);
            parts.push(disc(x, y, dice.range(0.009, 0.014)));
        }
    }
    brush.fill(&join(&parts), glaze(hex(0xFFFFFF), 0.85));
}

/// A veil that is thickest at the horizon, and a few banks that drift before the scene.
fn fog(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood, dice: &mut Dice) {
    let white = mood.sky[3].mix(mood.ground.light, 0.4).faded(0.45);
    let horizon = scene.horizon;
    brush.fill(
        &slab(0.0, 0.0, 1.0, 1.0),
        veil(
            (0.0, 0.0),
            (0.0, 1.0),
            &[
                (0.0, white, 0.1),
                (horizon - 0.06, white, 0.4),
                (horizon + 0.05, white, 0.34),
                (1.0, white, 0.04),
            ],
        ),
    );
    for n in 0..5 {
        let y = horizon - 0.12 + n as f32 * 0.085 + dice.range(-0.02, 0.02);
        let half = dice.range(0.22, 0.36);
        brush.fill(
            &oval(dice.range(0.0, 1.0), y, half, dice.range(0.022, 0.04)),
            glaze(white, 0.22),
        );
    }
}

/// Bands of dust that blow along the ground.
fn dust(brush: &mut Brush<'_>, scene: &Scene, dice: &mut Dice) {
    let tan = hex(0xC6A67C);
    brush.fill(
        &slab(0.0, 0.25, 1.0, 1.0),
        veil(
            (0.0, 0.25),
            (0.0, 1.0),
            &[(0.0, tan, 0.0), (0.45, tan, 0.26), (1.0, tan, 0.05)],
        ),
    );
    for n in 0..5 {
        let y = scene.horizon - 0.22 + n as f32 * 0.11 + dice.range(-0.02, 0.02);
        let half = dice.range(0.2, 0.34);
        brush.fill(
            &oval(dice.range(0.0, 1.0), y, half, dice.range(0.012, 0.02)),
            glaze(hex(0xE2C79C), 0.34),
        );
    }
}
