//! Watercolour: thin washes on white paper with wobbling edges, dark rims, blooms and grain.

use super::super::dice::Dice;
use super::super::tint::{Rgb, hex};
use super::Sight;
use super::noise::{billows, paper};
use super::plane::{Picture, Plane};

pub(super) fn filter(picture: &Picture, sight: &Sight<'_>, dice: &mut Dice) -> Picture {
    let side = picture.side;
    let unit = sight.unit();
    let seed = dice.next_u64() as u32;
    let (wobbled, own) = wobbled(picture, sight, seed);
    let washed = washed(&wobbled, &own, sight);
    let rims = rims(&washed, &own, sight);
    let pools = billows(side, 46.0 * unit, 4, seed ^ 3);
    let tooth = paper(side, unit, seed ^ 4);
    let blooms = blooms(sight, seed, dice);
    let margin = margin(sight, seed);
    let sheet = hex(0xFCFAF4);
    let mut at = Vec::with_capacity(side * side);
    for n in 0..side * side {
        let subject = own.at[n];
        let c = washed.at[n];
        // Light comes from the paper: a wash is never quite dark.
        let thin = lifted(c, 0.9 - 0.1 * (1.0 - subject));
        let free = 1.0 - 0.55 * subject;
        let density = 0.92
            + pools.at[n] * 0.26 * free
            + blooms.at[n] * free
            + tooth.at[n] * 0.17
            + rims.at[n] * 0.75
            + margin.rim.at[n] * 0.5;
        let painted = dense(thin, density.clamp(0.25, 2.2));
        at.push(
            sheet
                .times(1.0 + tooth.at[n] * 0.012)
                .mix(painted, margin.wet.at[n]),
        );
    }
    Picture { side, at }
}

/// Towards the white of the paper.
fn lifted(c: Rgb, share: f32) -> Rgb {
    let up = |value: f32| 255.0 - (255.0 - value) * share;
    Rgb {
        r: up(c.r),
        g: up(c.g),
        b: up(c.b),
    }
}

/// More or less pigment of the same colour: it darkens and keeps its hue.
fn dense(c: Rgb, density: f32) -> Rgb {
    let thick = |value: f32| {
        let v = (value / 255.0).clamp(0.0, 1.0);
        (v * (1.0 - (1.0 - v) * (density - 1.0))).clamp(0.0, 1.0) * 255.0
    };
    Rgb {
        r: thick(c.r),
        g: thick(c.g),
        b: thick(c.b),
    }
}

/// Edges that run a little astray, of the picture and of the subject's area.
fn wobbled(picture: &Picture, sight: &Sight<'_>, seed: u32) -> (Picture, Plane) {
    let side = picture.side;
    let unit = sight.unit();
    let across = billows(side, 13.0 * unit, 3, seed ^ 1);
    let down = billows(side, 13.0 * unit, 3, seed ^ 2);
    let mut at = Vec::with_capacity(side * side);
    let mut own = Plane::new(side, 0.0);
    let mut cover = own.clone();
    for (value, share) in cover.at.iter_mut().zip(sight.mask) {
        *value = *share;
    }
    for y in 0..side {
        for x in 0..side {
            let n = y * side + x;
            let fx = x as f32 + across.at[n] * 1.7 * unit;
            let fy = y as f32 + down.at[n] * 1.7 * unit;
            at.push(picture.between(fx, fy));
            own.at[n] = cover.between(fx, fy);
        }
    }
    (Picture { side, at }, own)
}

/// Even washes with soft but kept edges: a guided filter, twice.
fn washed(picture: &Picture, own: &Plane, sight: &Sight<'_>) -> Picture {
    let mut out = picture.clone();
    for (length, even) in [(2.0, 90.0), (4.0, 200.0)] {
        let reach = sight.reach(length);
        let mut guide = out.luma();
        // The subject's colour does not run out, even where both sides are as bright.
        for (value, share) in guide.at.iter_mut().zip(&own.at) {
            *value += share * 170.0;
        }
        let mean = guide.blurred(reach);
        let square = Plane::map(out.side, &guide.at, |v| v * v).blurred(reach);
        let planes = out.planes().map(|plane| {
            let level = plane.blurred(reach);
            let mut both = plane.clone();
            for (value, g) in both.at.iter_mut().zip(&guide.at) {
                *value *= g;
            }
            let both = both.blurred(reach);
            let (mut gain, mut base) = (level.clone(), level.clone());
            for n in 0..level.at.len() {
                let spread = square.at[n] - mean.at[n] * mean.at[n];
                let a = (both.at[n] - mean.at[n] * level.at[n]) / (spread + even);
                gain.at[n] = a;
                base.at[n] = level.at[n] - a * mean.at[n];
            }
            let gain = gain.blurred(1);
            let mut base = base.blurred(1);
            for ((value, a), g) in base.at.iter_mut().zip(&gain.at).zip(&guide.at) {
                *value += a * g;
            }
            base
        });
        out = Picture::of(&planes);
    }
    out
}

/// Pigment gathers where a wash ends: a dark line just inside darker areas and around the subject.
fn rims(washed: &Picture, own: &Plane, sight: &Sight<'_>) -> Plane {
    let luma = washed.luma();
    let near = luma.blurred(1);
    let far = luma.blurred(sight.reach(3.0));
    let wide = own.blurred(sight.reach(3.0));
    let mut rims = Plane::new(washed.side, 0.0);
    for (n, value) in rims.at.iter_mut().enumerate() {
        let shade = (far.at[n] - near.at[n]) / 30.0;
        // Inside the subject, close to its edge.
        let edge = (own.at[n] - wide.at[n]).max(0.0) * own.at[n] * 2.0;
        *value = shade.clamp(0.0, 0.8).max(edge.min(0.8));
    }
    rims
}

/// Back-runs: water that spread into a drying wash leaves a pale patch with a ragged dark rim.
fn blooms(sight: &Sight<'_>, seed: u32, dice: &mut Dice) -> Plane {
    let side = sight.side;
    let ragged = billows(side, 17.0 * sight.unit(), 4, seed ^ 5);
    let mut plane = Plane::new(side, 0.0);
    for _ in 0..dice.between(3, 6) {
        let radius = dice.range(0.06, 0.17) * side as f32;
        let (x, y) = (dice.unit() * side as f32, dice.unit() * side as f32);
        for (n, value) in plane.at.iter_mut().enumerate() {
            let (dx, dy) = ((n % side) as f32 - x, (n / side) as f32 - y);
            let square = dx * dx + dy * dy;
            if square > radius * radius * 2.6 {
                continue;
            }
            let far = square.sqrt() / radius + ragged.at[n] * 0.26;
            // Pale within; the rim is soft inside and sharp outside.
            if far < 1.0 {
                *value += (far - 1.0) * 0.5 + (1.0 - (1.0 - far) * 5.0).max(0.0) * 0.2;
            } else {
                *value += (1.0 - (far - 1.0) * 12.0).max(0.0) * 0.2;
            }
        }
    }
    plane
}

/// The unpainted edge of the sheet.
struct Margin {
    /// 1 where there is paint.
    wet: Plane,
    /// The dark line where the washes end.
    rim: Plane,
}

fn margin(sight: &Sight<'_>, seed: u32) -> Margin {
    let side = sight.side;
    let unit = sight.unit();
    let ragged = billows(side, 30.0 * unit, 4, seed ^ 6);
    let mut margin = Margin {
        wet: Plane::new(side, 1.0),
        rim: Plane::new(side, 0.0),
    };
    for n in 0..side * side {
        let (x, y) = (n % side, n / side);
        let to_edge = x.min(y).min(side - 1 - x).min(side - 1 - y) as f32 / unit;
        if to_edge > 24.0 {
            continue;
        }
        let inside = to_edge - 7.5 + ragged.at[n] * 4.5;
        margin.wet.at[n] = (inside * 0.8 * unit.max(0.4)).clamp(0.0, 1.0);
        margin.rim.at[n] = (1.0 - (inside - 1.6).abs() / 2.2).max(0.0);
    }
    margin
}
