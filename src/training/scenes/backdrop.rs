//! What stands at the horizon: mountains, hills, woods, a skyline. (The Earth is in the sky.)

use super::attributes::{Backdrop, Place, Time};
use super::brush::{Brush, flat, linear, veil};
use super::dice::{Dice, Stream};
use super::mood::Mood;
use super::scene::Scene;
use super::shape::{polygon, slab, under};
use super::tint::{Rgb, WHITE, hex};

pub(super) fn paint(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood) {
    let mut dice = Dice::new(scene.detail, 2, Stream::Detail);
    match scene.backdrop {
        Backdrop::None | Backdrop::Earth => {}
        Backdrop::Mountains => mountains(brush, scene, mood, &mut dice),
        Backdrop::Hills => hills(brush, scene, mood, &mut dice),
        Backdrop::Forest => woods(brush, scene, mood, &mut dice),
        Backdrop::Skyline => skyline(brush, scene, mood, &mut dice),
    }
    if scene.time == Time::Dawn && scene.place != Place::Moon {
        mist(brush, scene.horizon, mood);
    }
}

/// Morning mist along the horizon.
fn mist(brush: &mut Brush<'_>, horizon: f32, mood: &Mood) {
    let white = mood.sky[3].mix(WHITE, 0.5);
    brush.fill(
        &slab(0.0, horizon - 0.12, 1.0, horizon + 0.02),
        veil(
            (0.0, horizon - 0.12),
            (0.0, horizon),
            &[(0.0, white, 0.0), (1.0, white, 0.75)],
        ),
    );
}

fn mountains(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood, dice: &mut Dice) {
    let horizon = scene.horizon;
    let (rock, snow) = match scene.place {
        Place::Desert | Place::Canyon => (hex(0xB4684A), None),
        Place::Moon => (hex(0x8E95AA), None),
        _ => (hex(0x5F7FB2), Some(hex(0xFAFDFF))),
    };
    let tall = match scene.place {
        Place::Forest | Place::City | Place::Canyon => 0.1,
        Place::Garden | Place::Village => 0.05,
        _ => 0.0,
    };
    let far = mood.distant(rock, 0.55);
    let count = 3;
    let shift = dice.range(-0.1, 0.1);
    for n in 0..=count {
        let x = (n as f32) / count as f32 + shift + dice.range(-0.05, 0.05);
        let height = dice.range(0.1, 0.16) + tall;
        peak(
            brush,
            (x, horizon, height, dice.range(1.2, 1.5)),
            (far, far.mix(mood.sky[3], 0.2), None),
            mood,
        );
    }
    let near = mood.distant(rock, 0.14);
    let (near, dark) = (near, near.times(0.8).mix(mood.ground.dark, 0.12));
    let cap = snow.map(|snow| {
        mood.graded(snow).mix(
            mood.sky[3],
            if scene.time == Time::Night { 0.1 } else { 0.2 },
        )
    });
    let first = dice.range(0.06, 0.3);
    for n in 0..2 {
        let x = first + n as f32 * dice.range(0.44, 0.58);
        let height = dice.range(0.2, 0.27) + tall;
        peak(
            brush,
            (x, horizon, height, dice.range(0.95, 1.2)),
            (near, dark, cap),
            mood,
        );
    }
}

/// One peak: `(x, foot, height, half-width per height)` in `(lit, shaded, snow)` colours.
fn peak(
    brush: &mut Brush<'_>,
    (x, foot, height, spread): (f32, f32, f32, f32),
    (lit, shaded, snow): (Rgb, Rgb, Option<Rgb>),
    mood: &Mood,
) {
    let half = height * spread;
    let top = foot - height;
    let side = mood.side;
    brush.fill(
        &polygon(&[(x - half, foot), (x, top), (x + half, foot)]),
        flat(lit),
    );
    brush.fill(
        &polygon(&[
            (x, top),
            (x - side * half, foot),
            (x + side * half * 0.12, foot),
            (x - side * half * 0.1, foot - height * 0.5),
        ]),
        flat(shaded),
    );
    let Some(snow) = snow else { return };
    let at = |u: f32, v: f32| (x + u * half * v, top + v * height);
    brush.fill(
        &polygon(&[
            (x, top),
            at(1.0, 0.38),
            at(0.42, 0.3),
            at(0.06, 0.42),
            at(-0.4, 0.3),
            at(-1.0, 0.38),
        ]),
        flat(snow),
    );
    brush.fill(
        &polygon(&[
            (x, top),
            at(-side, 0.38),
            at(-side * 0.42, 0.3),
            at(-side * 0.2, 0.36),
        ]),
        flat(snow.mix(shaded, 0.4)),
    );
}

fn hills(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood, dice: &mut Dice) {
    let horizon = scene.horizon;
    let green = match scene.place {
        Place::Desert | Place::Canyon => hex(0xDDA860),
        Place::Snow => hex(0xC8DCF2),
        Place::Moon => hex(0xAEB3C2),
        _ => hex(0x6FB265),
    };
    let raise = match scene.place {
        Place::Forest | Place::City | Place::Canyon => 0.09,
        Place::Garden | Place::Village => 0.05,
        _ => 0.0,
    };
    for (n, haze) in [(0, 0.55), (1, 0.22)] {
        let height = if n == 0 { 0.15 } else { 0.085 } + raise;
        let color = mood.distant(green, haze);
        let phase = dice.range(-0.2, 0.1);
        let mut points = Vec::new();
        for step in 0..6 {
            let x = phase + step as f32 * 0.28;
            let up = if step % 2 == 0 { 1.0 } else { 0.35 };
            points.push((x, horizon - height * up * dice.range(0.8, 1.1)));
        }
        brush.fill(
            &under(&points, horizon + 0.05),
            linear(
                (0.0, horizon - height),
                (0.0, horizon),
                &[(0.0, color.mix(mood.key, 0.14)), (1.0, color)],
            ),
        );
    }
}

/// A conifer from its foot: a trunk and three tiers.
pub(super) fn conifer(
    brush: &mut Brush<'_>,
    (x, foot, height): (f32, f32, f32),
    color: Rgb,
    side: f32,
) {
    let half = height * 0.035;
    brush.fill(
        &slab(x - half, foot - height * 0.14, x + half, foot),
        flat(color.times(0.55)),
    );
    tiers(brush, (x, foot, height), color, side);
}

/// The three tiers of a conifer, shaded away from the light.
pub(super) fn tiers(
    brush: &mut Brush<'_>,
    (x, foot, height): (f32, f32, f32),
    color: Rgb,
    side: f32,
) {
    let shade = color.times(0.82);
    for (low, high, width) in [(0.1, 0.58, 1.0), (0.34, 0.78, 0.8), (0.58, 1.0, 0.58)] {
        let half = height * 0.3 * width;
        let (top, base) = (foot - height * high, foot - height * low);
        brush.fill(
            &polygon(&[(x - half, base), (x, top), (x + half, base)]),
            flat(color),
        );
        brush.fill(
            &polygon(&[(x - side * half, base), (x, top), (x, base)]),
            flat(shade),
        );
    }
}

fn woods(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood, dice: &mut Dice) {
    let horizon = scene.horizon;
    let leaf = if scene.place == Place::Snow {
        hex(0x4E8A80)
    } else {
        hex(0x3C8A58)
    };
    let raise = if matches!(scene.place, Place::Garden | Place::Village) {
        0.06
    } else {
        0.0
    };
    for (haze, low, high, step) in [(0.5, 0.15, 0.2, 0.095), (0.16, 0.1, 0.16, 0.11)] {
        let color = mood.distant(leaf, haze);
        let mut x = dice.range(-0.04, 0.04);
        while x < 1.06 {
            conifer(
                brush,
                (x, horizon + 0.012, raise + dice.range(low, high)),
                color,
                mood.side,
            );
            x += step * dice.range(0.85, 1.2);
        }
    }
}

fn skyline(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood, dice: &mut Dice) {
    let horizon = scene.horizon;
    let stone = hex(0x7C96C2);
    let raise = match scene.place {
        Place::City => 0.1,
        Place::Garden => 0.06,
        _ => 0.0,
    };
    for (haze, low, high) in [(0.58, 0.14, 0.24), (0.22, 0.07, 0.17)] {
        let color = mood.distant(stone, haze);
        let mut x = dice.range(-0.06, 0.0);
        while x < 1.0 {
            let width = dice.range(0.075, 0.12);
            let top = horizon - raise - dice.range(low, high);
            brush.fill(&slab(x, top, x + width, horizon + 0.01), flat(color));
            match dice.below(4) {
                0 => brush.fill(
                    &polygon(&[(x, top), (x + width * 0.5, top - 0.04), (x + width, top)]),
                    flat(color),
                ),
                1 => brush.fill(
                    &slab(x + width * 0.25, top - 0.022, x + width * 0.75, top),
                    flat(color),
                ),
                _ => {}
            }
            if haze < 0.4 {
                windows(brush, (x, top, width, horizon), mood, dice);
            }
            x += width + dice.range(0.0, 0.02);
        }
    }
}

fn windows(
    brush: &mut Brush<'_>,
    (x, top, width, floor): (f32, f32, f32, f32),
    mood: &Mood,
    dice: &mut Dice,
) {
    let pane = if mood.lit {
        hex(0xFFD67A)
    } else {
        mood.distant(hex(0xDCEAFA), 0.3)
    };
    let size = 0.022;
    let mut y = top + 0.024;
    while y + size < floor - 0.01 {
        for column in 0..2 {
            if dice.chance(if mood.lit { 0.55 } else { 0.8 }) {
                let left = x + width * (0.22 + 0.34 * column as f32);
                brush.fill(&slab(left, y, left + size, y + size), flat(pane));
            }
        }
        y += 0.048;
    }
}
