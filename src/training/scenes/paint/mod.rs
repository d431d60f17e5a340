//! From a scene to pixels: the layers in their order.

use tiny_skia::{Pixmap, PixmapPaint, Transform};

use super::attributes::{Color, Place, Style, Time};
use super::brush::{Brush, radial};
use super::ground::{self, View};
use super::light;
use super::mood::Mood;
use super::scene::{Figure, Scene};
use super::shape::{oval, turned};
use super::style::{self, Sight};
use super::subjects::{self, Look, Stance, SubjectArt};
use super::tint::{Tones, hex};
use super::{backdrop, sky, weather};
use crate::raster::{Extent, Pixels};

/// Each pixel is the mean of this many by this many.
const SUPERSAMPLE: u32 = 2;

/// Draws a scene on a square of `size` pixels.
pub fn paint(scene: &Scene, size: u32) -> Pixels {
    let size = size.max(1);
    let extent = Extent {
        width: size,
        height: size,
    };
    let side = size * SUPERSAMPLE;
    let (Some(mut canvas), Some(mut layer)) = (Pixmap::new(side, side), Pixmap::new(side, side))
    else {
        // Only a size beyond all memory gets here.
        return to_measure(extent, vec![0; extent.area() * 4]);
    };
    compose(&mut canvas, &mut layer, scene);
    let mut rgba = reduce(&canvas, size as usize);
    if scene.style != Style::Flat {
        let mask = scene
            .figure
            .map_or_else(Vec::new, |_| cover(&layer, size as usize));
        let figures: Vec<(f32, Color)> = scene
            .figures()
            .iter()
            .map(|figure| (figure.x, figure.color))
            .collect();
        let sight = Sight {
            side: size as usize,
            mask: &mask,
            figures: &figures,
            horizon: scene.horizon,
            sun: scene.sky.orb.filter(|_| scene.time != Time::Night),
            seed: scene.detail,
        };
        style::restyle(&mut rgba, scene.style, &sight);
    }
    to_measure(extent, rgba)
}

/// Draws everything. `layer` is empty before and holds all subjects afterwards.
fn compose(canvas: &mut Pixmap, layer: &mut Pixmap, scene: &Scene) {
    let mood = Mood::of(scene);
    let side = canvas.width() as f32;
    let whole = Transform::from_scale(side, side);
    let view = View { scene, mood: &mood };
    let mut brush = Brush::new(canvas, whole);
    sky::paint(&mut brush, scene, &mood);
    backdrop::paint(&mut brush, scene, &mood);
    ground::paint(&mut brush, &view);
    weather::paint_behind(&mut brush, scene);
    let mut all: Option<Pixmap> = None;
    for figure in scene.figures() {
        figure_in(canvas, layer, (scene, &mood), &figure);
        match &mut all {
            Some(all) => all.draw_pixmap(
                0,
                0,
                layer.as_ref(),
                &PixmapPaint::default(),
                Transform::identity(),
                None,
            ),
            None => all = Some(layer.clone()),
        }
        layer.fill(tiny_skia::Color::TRANSPARENT);
    }
    if let Some(all) = all {
        *layer = all;
    }
    let mut brush = Brush::new(canvas, whole);
    ground::front(&mut brush, &view);
    weather::paint_before(&mut brush, scene, &mood);
}

/// One subject with its shadow, its mirror image, its halo and its lights. `layer` is empty before and holds
/// the subject alone afterwards.
fn figure_in(
    canvas: &mut Pixmap,
    layer: &mut Pixmap,
    (scene, mood): (&Scene, &Mood),
    figure: &Figure,
) {
    let side = canvas.width() as f32;
    let whole = Transform::from_scale(side, side);
    let art = subjects::art(figure.subject);
    shadow(&mut Brush::new(canvas, whole), (scene, mood), figure, art);
    let look = look_at(figure, mood);
    let frame = whole.pre_concat(frame_of(figure));
    art.paint_body(&mut Brush::new(layer, frame), &look);
    light::light_layer(layer, scene, mood, figure.color);
    let shore = match scene.place {
        Place::Ocean => Some(1.0),
        Place::Lake => Some(scene.horizon + ground::LAKE_SHORE),
        _ => None,
    };
    let wet = scene.place == Place::Ocean && art.in_water() || art.stance == Stance::Floats;
    if let (Some(shore), true) = (shore, wet) {
        light::reflect(canvas, layer, figure, (0.42, shore));
    }
    light::halo(canvas, layer, scene, figure.color);
    light::lay(canvas, layer);
    art.paint_lights(&mut Brush::new(canvas, frame), &look);
}

fn look_at(figure: &Figure, mood: &Mood) -> Look {
    Look {
        color: figure.color,
        tones: Tones::of(figure.color),
        pose: figure.pose,
        lit: mood.lit,
        side: mood.side * figure.facing,
    }
}

#[expect(clippy::expect_used, reason = "both buffers are made to measure")]
fn to_measure(extent: Extent, rgba: Vec<u8>) -> Pixels {
    Pixels::from_rgba(extent, rgba).expect("four bytes a pixel")
}

/// From the subject's own coordinates to the picture's.
fn frame_of(figure: &Figure) -> Transform {
    Transform::from_translate(figure.x, figure.base)
        .pre_concat(turned(figure.tilt))
        .pre_scale(figure.height * figure.facing, figure.height)
}

/// The shadow under the subject, drawn away from the light.
fn shadow(
    brush: &mut Brush<'_>,
    (scene, mood): (&Scene, &Mood),
    figure: &Figure,
    art: &SubjectArt,
) {
    let half = art.half_width * figure.height;
    let flying = figure.base != figure.floor;
    let (reach, flat, opacity) = match (art.stance, flying) {
        (Stance::Floats, _) => (1.0, 0.028, 0.4),
        (_, true) => (
            0.9,
            0.022,
            if matches!(scene.place, Place::Ocean | Place::Lake) {
                0.22
            } else {
                0.36
            },
        ),
        (_, false) => (1.25, 0.034, 0.62),
    };
    let drift = match scene.time {
        _ if flying => 0.1,
        Time::Dawn | Time::Sunset => 0.75,
        Time::Day => 0.42,
        Time::Night | Time::Storm | Time::Dusk => 0.2,
    };
    let (rx, ry) = (half * reach + 0.015, flat * (0.6 + half * 1.6));
    let (x, y) = (figure.x - mood.side * half * drift, figure.floor - 0.002);
    let dark = mood.ground.dark.mix(hex(0x0A0E24), 0.25);
    // A round gradient, flattened by the frame.
    let mut flat_brush = brush.placed(Transform::from_row(rx, 0.0, 0.0, ry, x, y));
    flat_brush.fill(
        &oval(0.0, 0.0, 1.0, 1.0),
        radial(
            (0.0, 0.0),
            1.0,
            &[
                (0.0, dark, opacity),
                (0.62, dark, opacity * 0.85),
                (1.0, dark, 0.0),
            ],
        ),
    );
}

/// Averages each block of the canvas to one opaque pixel.
fn reduce(canvas: &Pixmap, size: usize) -> Vec<u8> {
    let step = SUPERSAMPLE as usize;
    let side = size * step;
    let data = canvas.data();
    let mut rgba = Vec::with_capacity(size * size * 4);
    let count = (step * step) as u32;
    for y in 0..size {
        for x in 0..size {
            let mut sums = [0_u32; 3];
            for dy in 0..step {
                for dx in 0..step {
                    let at = ((y * step + dy) * side + x * step + dx) * 4;
                    for (sum, channel) in sums.iter_mut().zip(&data[at..at + 3]) {
                        *sum += u32::from(*channel);
                    }
                }
            }
            rgba.extend(sums.map(|sum| ((sum + count / 2) / count) as u8));
            rgba.push(255);
        }
    }
    rgba
}

/// How much of each final pixel a layer covers, 0 to 1.
fn cover(layer: &Pixmap, size: usize) -> Vec<f32> {
    let step = SUPERSAMPLE as usize;
    let mut cover = vec![0.0; size * size];
    for (n, pixel) in layer.pixels().iter().enumerate() {
        let (x, y) = (n % (size * step) / step, n / (size * step) / step);
        cover[y * size + x] += f32::from(pixel.alpha());
    }
    let whole = (step * step) as f32 * 255.0;
    cover.iter().map(|sum| sum / whole).collect()
}

#[cfg(test)]
mod tests;
