//! Oil paint: strokes that follow the picture's lines, run together and lit as thick paint.

use super::super::dice::Dice;
use super::super::shape::sin_cos;
use super::super::tint::{Rgb, WHITE};
use super::Sight;
use super::flow::Flow;
use super::kuwahara::kuwahara;
use super::noise::{clouds, speck};
use super::plane::{Picture, Plane};

/// One size of brush, in pixels of a picture of 256.
struct Bristle {
    /// Half the length and half the width of a stroke.
    long: f32,
    wide: f32,
    /// Between strokes.
    gap: f32,
    /// Only where edges are at least as strong.
    least: f32,
    opacity: f32,
}

const BRUSHES: [Bristle; 3] = [
    Bristle {
        long: 17.0,
        wide: 5.2,
        gap: 6.5,
        least: 0.0,
        opacity: 0.95,
    },
    Bristle {
        long: 10.0,
        wide: 3.2,
        gap: 5.0,
        least: 1.2,
        opacity: 0.95,
    },
    Bristle {
        long: 6.0,
        wide: 1.9,
        gap: 3.2,
        least: 6.0,
        opacity: 0.9,
    },
];

pub(super) fn filter(picture: &Picture, sight: &Sight<'_>, dice: &mut Dice) -> Picture {
    let seed = dice.next_u64() as u32;
    let unit = sight.unit();
    let source = varied(picture, sight, seed);
    let flow = Flow::of(&picture.blurred(1), sight.reach(2.5), seed);
    let mut work = Work {
        canvas: source.clone(),
        height: Plane::new(picture.side, 0.3),
    };
    for brush in &BRUSHES {
        work.cover(&source, &flow, (brush, unit), dice);
    }
    let dabs = kuwahara(&work.canvas, &flow, (3.2 * unit).max(1.2));
    relief(dabs, &work, unit)
}

/// Pigment is never quite even: value and warmth drift over the canvas.
fn varied(picture: &Picture, sight: &Sight<'_>, seed: u32) -> Picture {
    let side = picture.side;
    let unit = sight.unit();
    let value = clouds(side, 30.0 * unit, seed ^ 1);
    let warmth = clouds(side, 22.0 * unit, seed ^ 2);
    let mut out = picture.clone();
    for (at, c) in out.at.iter_mut().enumerate() {
        // The subject's colour is its name: it drifts less.
        let free = 1.0 - 0.6 * sight.subject(at);
        let (v, w) = (value.at[at] * 14.0 * free, warmth.at[at] * 15.0 * free);
        *c = Rgb {
            r: c.r + v + w,
            g: c.g + v,
            b: c.b + v - w,
        };
    }
    out
}

/// The painting as it grows: its colours and how thick the paint lies.
struct Work {
    canvas: Picture,
    height: Plane,
}

impl Work {
    fn cover(
        &mut self,
        source: &Picture,
        flow: &Flow,
        (brush, unit): (&Bristle, f32),
        dice: &mut Dice,
    ) {
        let side = source.side;
        let gap = (brush.gap * unit).max(1.5);
        let count = (side as f32 / gap).ceil() as usize;
        let mut order: Vec<u32> = (0..(count * count) as u32).collect();
        for n in (1..order.len()).rev() {
            order.swap(n, dice.below(n as u32 + 1) as usize);
        }
        for n in order {
            let (col, row) = (n as usize % count, n as usize / count);
            let x = (col as f32 + dice.unit()) * gap;
            let y = (row as f32 + dice.unit()) * gap;
            let stroke = Stroke::drawn((x, y), dice);
            let (ix, iy) = ((x as usize).min(side - 1), (y as usize).min(side - 1));
            let at = iy * side + ix;
            if flow.strength[at] < brush.least {
                continue;
            }
            self.lay(&stroke, source, (brush, unit), flow.turn[at]);
        }
    }

    fn lay(
        &mut self,
        stroke: &Stroke,
        source: &Picture,
        (brush, unit): (&Bristle, f32),
        turn: f32,
    ) {
        let side = source.side as isize;
        let (long, wide) = (
            brush.long * unit * stroke.scale,
            (brush.wide * unit).max(0.8),
        );
        let (sin, cos) = sin_cos(turn + stroke.lean);
        let (x, y) = stroke.middle;
        let color = source.get(x as isize, y as isize);
        let load = jittered(color, stroke);
        // The box around the stroke.
        let (bx, by) = (
            cos.abs() * long + (sin.abs() + 0.3) * wide + 1.0,
            sin.abs() * long + (cos.abs() + 0.3) * wide + 1.0,
        );
        let (x0, x1) = (
            ((x - bx) as isize).max(0),
            ((x + bx) as isize + 1).min(side),
        );
        let (y0, y1) = (
            ((y - by) as isize).max(0),
            ((y + by) as isize + 1).min(side),
        );
        for py in y0..y1 {
            for px in x0..x1 {
                let (dx, dy) = (px as f32 - x, py as f32 - y);
                let u = (dx * cos + dy * sin) / long;
                let v = (dy * cos - dx * sin) / wide + stroke.bend * u * u;
                let (end, rim) = (1.0 - u.abs(), 1.0 - v.abs());
                if end <= 0.0 || rim <= 0.0 {
                    continue;
                }
                let at = (py * side + px) as usize;
                let alike = likeness(color, source.at[at]);
                if alike <= 0.0 {
                    continue;
                }
                // Hairs: grooves along the stroke, dry towards its end.
                let lane = (v + 1.0) * (brush.wide * 0.5).max(1.1);
                let (groove, part) = (lane as i32, lane - lane.floor());
                let hair = speck(groove, 0, stroke.seed) * (1.0 - part)
                    + speck(groove + 1, 0, stroke.seed) * part;
                let dry = ((1.0 - u) * 1.7 + hair - 0.45).clamp(0.0, 1.0);
                let alpha =
                    (rim * 3.0).min(1.0) * (end * 4.0).min(1.0) * dry * alike * brush.opacity;
                let tone = 1.0 + (hair - 0.5) * 0.13;
                let c = &mut self.canvas.at[at];
                *c = c.mix(
                    Rgb {
                        r: load.r * tone,
                        g: load.g * tone,
                        b: load.b * tone,
                    },
                    alpha,
                );
                // Paint is pushed to the sides and to the end of a stroke.
                let ridge = 0.25 * (1.0 - (rim * 3.0).min(1.0)) + 0.2 * u.max(0.0);
                let thick = 0.25 + hair * 0.55 + ridge;
                let h = &mut self.height.at[at];
                *h += (thick * (0.6 + 0.4 * stroke.scale) - *h) * alpha;
            }
        }
    }
}

/// What is drawn by lot for one stroke.
struct Stroke {
    middle: (f32, f32),
    scale: f32,
    lean: f32,
    bend: f32,
    value: f32,
    warmth: f32,
    seed: u32,
}

impl Stroke {
    fn drawn(middle: (f32, f32), dice: &mut Dice) -> Self {
        Self {
            middle,
            scale: dice.range(0.7, 1.15),
            lean: dice.range(-0.03, 0.03),
            bend: dice.range(-0.5, 0.5),
            value: dice.range(-1.0, 1.0),
            warmth: dice.range(-1.0, 1.0),
            seed: dice.next_u64() as u32,
        }
    }
}

fn jittered(c: Rgb, stroke: &Stroke) -> Rgb {
    let (v, w) = (1.0 + stroke.value * 0.075, stroke.warmth * 6.0);
    Rgb {
        r: c.r * v + w,
        g: c.g * v,
        b: c.b * v - w,
    }
}

/// Whether a stroke of one colour may cover another: a painter stops at edges.
fn likeness(a: Rgb, b: Rgb) -> f32 {
    let (r, g, b) = (a.r - b.r, a.g - b.g, a.b - b.b);
    let far = r * r + g * g + b * b;
    (1.6 - far / 1500.0).clamp(0.0, 1.0)
}

/// Light from the upper left on the thick paint.
fn relief(mut dabs: Picture, work: &Work, unit: f32) -> Picture {
    let side = dabs.side;
    let mut height = work.height.clone();
    let soft = height.blurred(1);
    let fine = work.canvas.luma();
    let dab = dabs.luma();
    for (at, h) in height.at.iter_mut().enumerate() {
        *h = *h * 0.5 + soft.at[at] * 0.5 + (fine.at[at] - dab.at[at]) * 0.004;
    }
    for y in 0..side {
        for x in 0..side {
            let at = y * side + x;
            let (gx, gy) = height.slope(x, y);
            let light = -(gx * 0.7 + gy) * unit.max(0.5) * 1.45;
            // Some of the hairs that the filter smoothed away.
            let c = dabs.at[at].mix(work.canvas.at[at], 0.35);
            let lit = c.times((1.0 + light).clamp(0.72, 1.22));
            dabs.at[at] = lit.mix(WHITE, (light * 0.5 - 0.03).clamp(0.0, 0.16));
        }
    }
    dabs
}
