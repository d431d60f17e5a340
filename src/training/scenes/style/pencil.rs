//! A pencil sketch: graphite lines and hatching on paper, the subject tinted with a coloured pencil.

use super::super::dice::Dice;
use super::super::shape::sin_cos;
use super::super::tint::{Rgb, hex};
use super::Sight;
use super::lines::{lines, outline};
use super::noise::{clouds, paper, speck};
use super::plane::{Picture, Plane};

/// The layers of hatching: direction in turns, from which darkness on, and pixels between lines.
const LAYERS: [(f32, f32, f32); 4] = [
    (0.136, 0.19, 4.6),
    (0.365, 0.45, 4.8),
    (0.045, 0.66, 4.4),
    (0.24, 0.82, 4.0),
];

pub(super) fn filter(picture: &Picture, sight: &Sight<'_>, dice: &mut Dice) -> Picture {
    let side = picture.side;
    let unit = sight.unit();
    let seed = dice.next_u64() as u32;
    let shaken = shaken(picture, unit, seed);
    let dark = darkness(&shaken, sight);
    let tooth = paper(side, unit, seed ^ 3);
    let mut graphite = Plane::new(side, 0.0);
    for (n, layer) in LAYERS.iter().enumerate() {
        hatch(
            &mut graphite,
            &dark,
            (*layer, sight),
            seed.wrapping_add(n as u32 * 31),
        );
    }
    let pressure = clouds(side, 26.0 * unit, seed ^ 4);
    let drawn = lines(&shaken, sight);
    let around = outline(sight);
    let sheet = hex(0xF6F2E9);
    let lead = hex(0x34353B);
    let mut at = Vec::with_capacity(side * side);
    for n in 0..side * side {
        let press = 0.82 + 0.18 * pressure.at[n];
        let line = (drawn.at[n] * 1.15 * press)
            .max(around.at[n] * 0.95)
            .min(1.0);
        let grain = tooth.at[n];
        // Lead stays on the tooth of the paper and skips its hollows.
        let tone = (graphite.at[n] * (0.86 + 0.5 * grain)).clamp(0.0, 0.8);
        // Between the strokes a little rubbed lead.
        let rubbed = (dark.at[n] * (0.12 + 0.3 * dark.at[n]) * (1.0 + 0.6 * grain)).clamp(0.0, 0.4);
        let subject = sight.subject(n);
        let rubbed = rubbed * (1.0 - subject);
        let paper_here = sheet.times(1.0 + grain * 0.012);
        let tinted = tint(
            paper_here,
            picture.at[n],
            subject * (0.9 + 0.3 * grain).min(1.0),
        );
        // On the subject the coloured pencil itself makes the strokes.
        let stroke = lead.mix(picture.at[n].faded(-0.2).times(0.62), subject);
        let ink = (line * (0.86 + 0.3 * grain)).clamp(0.0, 0.92);
        at.push(
            tinted
                .mix(lead, rubbed)
                .mix(stroke, tone * (0.8 - 0.3 * subject))
                .mix(lead, ink),
        );
    }
    Picture { side, at }
}

/// The picture as an unsteady hand sees it.
fn shaken(picture: &Picture, unit: f32, seed: u32) -> Picture {
    let side = picture.side;
    let across = clouds(side, 19.0 * unit, seed ^ 5);
    let down = clouds(side, 19.0 * unit, seed ^ 6);
    let mut at = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let n = y * side + x;
            at.push(picture.between(
                x as f32 + across.at[n] * 1.1 * unit,
                y as f32 + down.at[n] * 1.1 * unit,
            ));
        }
    }
    Picture { side, at }
}

/// How dark each pixel is to be, 0 to 1: the paper is white, so dark pictures are drawn lighter.
fn darkness(picture: &Picture, sight: &Sight<'_>) -> Plane {
    let luma = picture.blurred(sight.reach(1.0)).luma();
    let mean = luma.at.iter().sum::<f32>() / luma.at.len() as f32 / 255.0;
    let lift = (0.66 - mean).max(0.0) * 0.6;
    Plane::map(picture.side, &luma.at, |value| {
        let light = value / 255.0;
        1.0 - (light + lift * (1.0 - light)).clamp(0.0, 1.0)
    })
}

/// Parallel strokes wherever it is darker than the layer asks for; the darker, the harder they press.
fn hatch(
    graphite: &mut Plane,
    dark: &Plane,
    ((turn, from, gap), sight): ((f32, f32, f32), &Sight<'_>),
    seed: u32,
) {
    let side = dark.side;
    let unit = sight.unit();
    let ground = (sight.horizon * side as f32) as usize;
    let sky_way = sin_cos(turn);
    // Below the horizon the strokes lie flatter: the ground is level.
    let ground_way = sin_cos((turn - 0.25) * 0.28);
    let gap = (gap * unit).max(2.2);
    let wobble = clouds(side, 34.0 * unit, seed);
    let length = 46.0 * unit;
    for y in 0..side {
        let (sin, cos) = if y < ground { sky_way } else { ground_way };
        for x in 0..side {
            let at = y * side + x;
            let need = (dark.at[at] - from) * 3.2;
            if need <= 0.0 {
                continue;
            }
            let (fx, fy) = (x as f32, y as f32);
            let across = (fy * cos - fx * sin) / gap + wobble.at[at] * 0.7;
            let row = across.floor();
            let along = (fx * cos + fy * sin) / length + speck(row as i32, 1, seed) * 9.0;
            let piece = along.floor();
            let part = along - piece;
            // A stroke starts firmly and runs out.
            let swing = (part * 9.0).min(1.0) * ((1.0 - part) * 3.0).min(1.0);
            let firm = 0.6 + 0.4 * speck(row as i32, piece as i32, seed ^ 9);
            let off = (across - row - 0.5).abs() * gap;
            let width = 0.75 * unit.max(0.6) * (0.75 + 0.5 * need.min(1.0));
            let body = (width + 0.55 - off).clamp(0.0, 1.0);
            let mark = body * swing * firm * need.min(1.0);
            let sum = &mut graphite.at[at];
            *sum += mark * (1.0 - *sum * 0.6);
        }
    }
}

/// Coloured pencil: the subject's own colour, with the paper shining through.
fn tint(sheet: Rgb, color: Rgb, share: f32) -> Rgb {
    let rich = color.faded(-0.12);
    let bright = Rgb {
        r: rich.r.max(0.0),
        g: rich.g.max(0.0),
        b: rich.b.max(0.0),
    }
    .mix(sheet, 0.1);
    sheet.mix(bright, share * 0.95)
}
