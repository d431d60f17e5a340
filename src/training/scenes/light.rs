//! How a subject sits in the light: it is painted on a layer of its own, graded, rimmed and set
//! off from what lies behind.

use tiny_skia::{Pixmap, PremultipliedColorU8};

use super::attributes::{Color, Place, Time};
use super::mood::Mood;
use super::scene::{Figure, Scene};
use super::shape::wave;
use super::tint::{Rgb, hex};

/// A light's effect on the subject. All steps are linear, so they hold for premultiplied pixels.
struct Grade {
    /// Towards grey, 0 to 1.
    fade: f32,
    filter: [f32; 3],
    /// A colour of the air and how much of it is mixed in.
    air: (Rgb, f32),
}

/// The grade is mild: the subject's colour must stay nameable in every light.
fn grade(time: Time) -> Grade {
    let (fade, filter, air, share) = match time {
        Time::Day => (0.0, [1.0, 1.0, 1.0], 0xFFFFFF, 0.0),
        Time::Dawn => (0.0, [1.0, 0.99, 0.99], 0xFFE8E2, 0.13),
        Time::Sunset => (0.0, [0.99, 0.945, 0.91], 0xE0743C, 0.05),
        Time::Night => (0.0, [0.93, 0.93, 1.0], 0x3A50A8, 0.055),
        Time::Storm => (0.0, [0.95, 0.96, 0.95], 0x7A8A86, 0.05),
        Time::Dusk => (0.0, [0.95, 0.93, 1.0], 0x6A56B8, 0.05),
    };
    Grade {
        fade,
        filter,
        air: (hex(air), share),
    }
}

/// The rectangle of a layer that has been painted: left, top, right, bottom (exclusive).
type Bounds = [usize; 4];

fn bounds(layer: &Pixmap) -> Option<Bounds> {
    let (width, height) = (layer.width() as usize, layer.height() as usize);
    let pixels = layer.pixels();
    let mut found: Option<Bounds> = None;
    for y in 0..height {
        let row = &pixels[y * width..(y + 1) * width];
        let Some(first) = row.iter().position(|pixel| pixel.alpha() > 0) else {
            continue;
        };
        let last = row
            .iter()
            .rposition(|pixel| pixel.alpha() > 0)
            .unwrap_or(first)
            + 1;
        found = Some(match found {
            None => [first, y, last, y + 1],
            Some([x0, y0, x1, _]) => [x0.min(first), y0, x1.max(last), y + 1],
        });
    }
    found
}

fn pixel(channels: [f32; 3], alpha: f32) -> PremultipliedColorU8 {
    let alpha = (alpha + 0.5).clamp(0.0, 255.0) as u8;
    let channel = |value: f32| ((value + 0.5).clamp(0.0, 255.0) as u8).min(alpha);
    PremultipliedColorU8::from_rgba(
        channel(channels[0]),
        channel(channels[1]),
        channel(channels[2]),
        alpha,
    )
    .unwrap_or(PremultipliedColorU8::TRANSPARENT)
}

/// Grades the layer and adds light on its sunny edge and shade on the other.
pub(super) fn light_layer(layer: &mut Pixmap, scene: &Scene, mood: &Mood, color: Color) {
    let Some([x0, y0, x1, y1]) = bounds(layer) else {
        return;
    };
    let width = layer.width() as usize;
    let height = layer.height() as usize;
    let grade = grade(scene.time);
    let before: Vec<u8> = layer.pixels().iter().map(|pixel| pixel.alpha()).collect();
    // The width of the lit edge: about 1.6 pixels of 128.
    let edge = (width as f32 * 0.0125).max(1.0);
    let step = |value: f32| value.round() as isize;
    let towards_light = (step(mood.side * edge), step(-edge * 0.55));
    let alpha_at = |x: isize, y: isize| -> f32 {
        if x < 0 || y < 0 || x >= width as isize || y >= height as isize {
            255.0
        } else {
            f32::from(before[y as usize * width + x as usize])
        }
    };
    let (rim, strength) = match scene.time {
        Time::Day => (hex(0xFFFDF0), 0.45),
        Time::Dawn => (hex(0xFFFAEC), 0.55),
        Time::Sunset => (hex(0xFFC46A), 0.75),
        Time::Night if color == Color::Black => (hex(0xC4D6FF), 0.9),
        Time::Night => (hex(0xC4D6FF), 0.6),
        Time::Storm => (hex(0xE4EEE8), 0.4),
        Time::Dusk => (hex(0xFFC0DC), 0.65),
    };
    let dark = super::tint::Tones::of(color).deep;
    let pixels = layer.pixels_mut();
    for y in y0..y1 {
        for x in x0..x1 {
            let old = pixels[y * width + x];
            let alpha = f32::from(old.alpha());
            if alpha == 0.0 {
                continue;
            }
            let share = alpha / 255.0;
            let mut c = Rgb {
                r: f32::from(old.red()),
                g: f32::from(old.green()),
                b: f32::from(old.blue()),
            };
            c = c.faded(grade.fade).filtered(grade.filter);
            let air = grade.air.0.times(share);
            c = c.mix(air, grade.air.1);
            let (ix, iy) = (x as isize, y as isize);
            let sunny =
                (alpha - alpha_at(ix + towards_light.0, iy + towards_light.1)).max(0.0) / 255.0;
            let shady =
                (alpha - alpha_at(ix - towards_light.0, iy - towards_light.1)).max(0.0) / 255.0;
            c = c.mix(dark.times(share), shady * 0.4);
            c = c.mix(rim.times(share), sunny * strength);
            pixels[y * width + x] = pixel([c.r, c.g, c.b], alpha);
        }
    }
}

/// What sets the subject off: light around it in the dark and among its like, shade around a pale
/// thing on a pale ground.
pub(super) fn halo(canvas: &mut Pixmap, layer: &Pixmap, scene: &Scene, color: Color) {
    let Some([x0, y0, x1, y1]) = bounds(layer) else {
        return;
    };
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let bright = matches!(scene.time, Time::Day | Time::Dawn);
    let pale = color == Color::White
        || (color == Color::Yellow
            && matches!(scene.place, Place::Desert | Place::Beach | Place::Canyon));
    let (tint, strength) = match scene.time {
        _ if bright && pale => (hex(0x46689C), 0.42),
        Time::Day => (hex(0xFFFFFF), 0.5),
        Time::Dawn => (hex(0xFFFFFF), 0.6),
        Time::Sunset => (hex(0xFFCC98), 0.42),
        Time::Night if color == Color::Black => (hex(0xAFC6FF), 0.56),
        Time::Night => (hex(0xAFC6FF), 0.36),
        Time::Storm => (hex(0xDCE8E0), 0.4),
        Time::Dusk => (hex(0xCFC0FF), 0.38),
    };
    let reach = ((width as f32) * 0.02).round().max(1.0) as usize;
    let pad = reach * 2 + 1;
    let (left, top) = (x0.saturating_sub(pad), y0.saturating_sub(pad));
    let (right, bottom) = ((x1 + pad).min(width), (y1 + pad).min(height));
    let (w, h) = (right - left, bottom - top);
    let mut mask: Vec<f32> = Vec::with_capacity(w * h);
    for y in top..bottom {
        let row = &layer.pixels()[y * width + left..y * width + right];
        mask.extend(row.iter().map(|pixel| f32::from(pixel.alpha()) / 255.0));
    }
    for _ in 0..2 {
        blur_rows(&mut mask, w, reach);
        blur_columns(&mut mask, w, h, reach);
    }
    let pixels = canvas.pixels_mut();
    for y in 0..h {
        for x in 0..w {
            let share = (mask[y * w + x] * 1.35).min(1.0) * strength;
            if share < 0.004 {
                continue;
            }
            let at = (y + top) * width + x + left;
            let old = pixels[at];
            let c = Rgb {
                r: f32::from(old.red()),
                g: f32::from(old.green()),
                b: f32::from(old.blue()),
            }
            .mix(tint, share);
            pixels[at] = pixel([c.r, c.g, c.b], 255.0);
        }
    }
}

fn blur_rows(mask: &mut [f32], width: usize, reach: usize) {
    let mut line = vec![0.0; width];
    for row in mask.chunks_exact_mut(width) {
        line.copy_from_slice(row);
        blur_line(&line, reach, |at, value| row[at] = value);
    }
}

fn blur_columns(mask: &mut [f32], width: usize, height: usize, reach: usize) {
    let mut line = vec![0.0; height];
    for x in 0..width {
        for y in 0..height {
            line[y] = mask[y * width + x];
        }
        blur_line(&line, reach, |at, value| mask[at * width + x] = value);
    }
}

/// The running mean over `reach` neighbours on both sides; outside is empty.
fn blur_line(line: &[f32], reach: usize, mut write: impl FnMut(usize, f32)) {
    let span = (2 * reach + 1) as f32;
    let mut sum: f32 = line.iter().take(reach).sum();
    for at in 0..line.len() {
        if let Some(coming) = line.get(at + reach) {
            sum += coming;
        }
        write(at, sum / span);
        if at >= reach {
            sum -= line[at - reach];
        }
    }
}

/// The mirror image of the layer on the water below `figure.base`, trembling, as far as
/// the height `shore`.
pub(super) fn reflect(
    canvas: &mut Pixmap,
    layer: &Pixmap,
    figure: &Figure,
    (strength, shore): (f32, f32),
) {
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let side = width as f32;
    let waterline = figure.base * side;
    let first = (waterline.max(0.0) as usize).min(height);
    let last = ((shore * side) as usize).min(height);
    for y in first..last {
        let below = y as f32 - waterline;
        // The first row may lie a little above the waterline.
        let source = (waterline - below * 1.5).min(height as f32 - 1.0);
        if source < 0.0 {
            break;
        }
        let fade = strength * (1.0 - below / (height as f32 - waterline + 1.0) * 0.75);
        let sway = wave(below / side * 22.0) * side * 0.006;
        for x in 0..width {
            let from = x as f32 + sway;
            if from < 0.0 || from >= side {
                continue;
            }
            let row = (source as usize).min(height - 1);
            let seen = layer.pixels()[row * width + from as usize];
            if seen.alpha() == 0 {
                continue;
            }
            let keep = 1.0 - fade * f32::from(seen.alpha()) / 255.0;
            let old = canvas.pixels()[y * width + x];
            let blend = |a: u8, b: u8| f32::from(a) * keep + f32::from(b) * fade;
            canvas.pixels_mut()[y * width + x] = pixel(
                [
                    blend(old.red(), seen.red()),
                    blend(old.green(), seen.green()),
                    blend(old.blue(), seen.blue()),
                ],
                255.0,
            );
        }
    }
}

/// Lays the layer over the canvas.
pub(super) fn lay(canvas: &mut Pixmap, layer: &Pixmap) {
    for (under, over) in canvas.pixels_mut().iter_mut().zip(layer.pixels()) {
        let alpha = u32::from(over.alpha());
        if alpha == 0 {
            continue;
        }
        let keep = 255 - alpha;
        let blend =
            |a: u8, b: u8| (u32::from(b) + (u32::from(a) * keep + 127) / 255).min(255) as u8;
        let (r, g, b) = (
            blend(under.red(), over.red()),
            blend(under.green(), over.green()),
            blend(under.blue(), over.blue()),
        );
        if let Some(mixed) = PremultipliedColorU8::from_rgba(r, g, b, 255) {
            *under = mixed;
        }
    }
}
