//! Neon: a dark town of violet and blue with glowing edges; the subject keeps its own colour.

use super::super::attributes::Color;
use super::super::dice::Dice;
use super::super::tint::{Rgb, Tones, WHITE, hex};
use super::Sight;
use super::lines::{lines, outline};
use super::noise::clouds;
use super::plane::Picture;

/// From dark to light: night blue, violet, purple, pink and a pale glow.
const RAMP: [Rgb; 5] = [
    hex(0x07051A),
    hex(0x171042),
    hex(0x35197A),
    hex(0x6C2BA8),
    hex(0xC25AD6),
];
const CYAN: Rgb = hex(0x22E6FF);
const MAGENTA: Rgb = hex(0xFF2BD0);
const VIOLET: Rgb = hex(0x8A5CFF);

pub(super) fn filter(picture: &Picture, sight: &Sight<'_>, dice: &mut Dice) -> Picture {
    let side = picture.side;
    let seed = dice.next_u64() as u32;
    let luma = picture.luma();
    let mean = luma.at.iter().sum::<f32>() / luma.at.len() as f32;
    // Bright days are turned down to a night.
    let gain = 1.0 / (mean + 60.0) * 0.5;
    let around_luma = luma.blurred(sight.reach(14.0));
    let drift = clouds(side, side as f32 * 0.3, seed);
    let lit = lines(picture, sight);
    let around = outline(sight);
    let columns: Vec<(Option<Color>, Rgb)> = (0..side)
        .map(|x| {
            let color = sight.color((x as f32 + 0.5) / side as f32);
            (color, own_glow(color))
        })
        .collect();
    let mut base = Vec::with_capacity(side * side);
    let mut glow = Vec::with_capacity(side * side);
    for n in 0..side * side {
        let c = picture.at[n];
        let height = (n / side) as f32 / side as f32;
        let (color, own) = columns[n % side];
        let subject = sight.subject(n);
        let bright = (luma.at[n] * gain).clamp(0.0, 1.0);
        // What hour it is stays in the air: a little of the picture's own colour.
        let town = along(bright * 0.85)
            .mix(cast(c, bright), 0.25)
            .mix(rich(c, -0.5).times(0.42), 0.45);
        let town = sun(town, luma.at[n], n, sight);
        base.push(town.mix(body(c, color), subject));
        // Cyan above and magenta below, or the other way round where the noise wants it.
        let which = (height - sight.horizon) * 2.4 + drift.at[n] * 1.1 + warm(c) * 0.9;
        let tube = if which > 0.0 {
            VIOLET.mix(MAGENTA, (which * 2.5).min(1.0))
        } else {
            VIOLET.mix(CYAN, (-which * 2.5).min(1.0))
        };
        let line = (lit.at[n] * 1.1 - 0.12).clamp(0.0, 1.0) * (1.0 - 0.75 * subject);
        let rim = around.at[n];
        // Suns, windows and stars shine by themselves.
        let above = (luma.at[n] - around_luma.at[n]) / 60.0 - 0.22;
        let shine = above.clamp(0.0, 0.75) * (1.0 - subject);
        let tube = tube.times(line).mix(rich(c, -0.35).mix(tube, 0.4), shine);
        glow.push(tube.times(1.0 - rim).mix(own, rim));
    }
    let base = Picture { side, at: base };
    let glow = Picture { side, at: glow };
    let near = glow.blurred(sight.reach(2.0));
    let far = near.blurred(sight.reach(8.0));
    let mut at = Vec::with_capacity(side * side);
    for n in 0..side * side {
        let y = n / side;
        let subject = sight.subject(n);
        let calm = 1.0 - 0.88 * subject;
        let haze = haze(y, sight);
        let mut c = screen(base.at[n], haze.times(calm));
        c = screen(c, far.at[n].times(1.15 * calm));
        c = screen(c, near.at[n].times(0.85 * calm));
        c = screen(c, glow.at[n].times(1.0 - 0.3 * subject));
        at.push(c.times(1.0 - scan(y, sight) * (1.0 - 0.6 * subject)));
    }
    Picture { side, at }
}

/// The town's colour at a brightness.
fn along(bright: f32) -> Rgb {
    let at = bright * (RAMP.len() - 1) as f32;
    let step = (at as usize).min(RAMP.len() - 2);
    RAMP[step].mix(RAMP[step + 1], at - step as f32)
}

/// A colour without some of its grey (or, for a positive share, with more).
fn rich(c: Rgb, share: f32) -> Rgb {
    let c = c.faded(share);
    Rgb {
        r: c.r.clamp(0.0, 255.0),
        g: c.g.clamp(0.0, 255.0),
        b: c.b.clamp(0.0, 255.0),
    }
}

/// How much warmer than cool a colour is, -1 to 1.
fn warm(c: Rgb) -> f32 {
    (c.r - c.b) / (c.r.max(c.g).max(c.b) + 20.0)
}

/// What is left of a thing's own colour: warm things glow magenta, cool and green ones cyan.
fn cast(c: Rgb, bright: f32) -> Rgb {
    let warmth = warm(c);
    let hue = if warmth > 0.0 { MAGENTA } else { CYAN };
    along(bright).mix(hue.times(bright * 0.9 + 0.04), warmth.abs().min(1.0) * 0.8)
}

/// The subject: its own colour, richer, and a little darker than by day.
fn body(c: Rgb, color: Option<Color>) -> Rgb {
    let share = if color == Some(Color::White) {
        0.12
    } else {
        -0.22
    };
    let c = rich(c, share);
    Rgb {
        r: c.r * 0.93,
        g: c.g * 0.91,
        b: c.b * 0.95 + 6.0,
    }
}

/// The sun of this town: yellow above, pink below. What hides it is darker than it is.
fn sun(town: Rgb, luma: f32, n: usize, sight: &Sight<'_>) -> Rgb {
    let Some(orb) = sight.sun else { return town };
    let side = sight.side as f32;
    let x = (n % sight.side) as f32 + 0.5 - orb.x * side;
    let y = (n / sight.side) as f32 + 0.5 - orb.y * side;
    let radius = orb.radius * side;
    let inside = (radius + 0.5 - (x * x + y * y).sqrt()).clamp(0.0, 1.0);
    let seen = ((luma - 128.0) / 24.0).clamp(0.0, 1.0);
    let low = (y / radius * 0.5 + 0.5).clamp(0.0, 1.0);
    town.mix(hex(0xFFD84A).mix(hex(0xFF4FA0), low), inside * seen * 0.9)
}

/// The glow of the subject's outline.
fn own_glow(color: Option<Color>) -> Rgb {
    color.map_or(CYAN, |color| {
        let tones = Tones::of(color);
        tones.base.mix(tones.light, 0.6).mix(WHITE, 0.15)
    })
}

/// Light added to light.
fn screen(a: Rgb, b: Rgb) -> Rgb {
    let add = |a: f32, b: f32| 255.0 - (255.0 - a) * (255.0 - b.clamp(0.0, 255.0)) / 255.0;
    Rgb {
        r: add(a.r, b.r),
        g: add(a.g, b.g),
        b: add(a.b, b.b),
    }
}

/// Mist over the horizon.
fn haze(y: usize, sight: &Sight<'_>) -> Rgb {
    let off = (y as f32 / sight.side as f32 - sight.horizon).abs();
    let near = (1.0 - off * 3.2).max(0.0);
    hex(0xC81E9E)
        .mix(hex(0x2A6CFF), (off * 3.0).min(1.0))
        .times(near * near * 0.42)
}

/// The lines of a screen: how much they take.
fn scan(y: usize, sight: &Sight<'_>) -> f32 {
    let row = (y as f32 / sight.unit().max(0.5)) as usize;
    if row % 4 < 2 { 0.0 } else { 0.06 }
}
