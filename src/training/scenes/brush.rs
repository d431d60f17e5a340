//! Filling shapes with inks on a pixmap, in any frame of coordinates.

use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Mask, Paint,
    Pixmap, Point, PremultipliedColorU8, RadialGradient, Shader, SpreadMode, Stroke, Transform,
};

use super::shape::{Shape, wave};
use super::tint::Rgb;

/// A colour with its opacity, 0 to 1.
type Stop = (f32, Rgb, f32);

#[derive(Clone, Debug)]
enum Pattern {
    Flat,
    Linear { from: (f32, f32), to: (f32, f32) },
    Radial { center: (f32, f32), radius: f32 },
}

/// What a shape is filled with.
#[derive(Clone, Debug)]
pub(super) struct Ink {
    pattern: Pattern,
    stops: Vec<Stop>,
    blend: BlendMode,
}

/// An opaque colour.
pub(super) fn flat(color: Rgb) -> Ink {
    glaze(color, 1.0)
}

/// A translucent colour.
pub(super) fn glaze(color: Rgb, opacity: f32) -> Ink {
    Ink {
        pattern: Pattern::Flat,
        stops: vec![(0.0, color, opacity)],
        blend: BlendMode::SourceOver,
    }
}

/// Opaque colours along a line.
pub(super) fn linear(from: (f32, f32), to: (f32, f32), stops: &[(f32, Rgb)]) -> Ink {
    let stops: Vec<Stop> = stops.iter().map(|(at, color)| (*at, *color, 1.0)).collect();
    veil(from, to, &stops)
}

/// Colours of varying opacity along a line.
pub(super) fn veil(from: (f32, f32), to: (f32, f32), stops: &[Stop]) -> Ink {
    Ink {
        pattern: Pattern::Linear { from, to },
        stops: stops.to_vec(),
        blend: BlendMode::SourceOver,
    }
}

/// Colours of varying opacity around a point.
pub(super) fn radial(center: (f32, f32), radius: f32, stops: &[Stop]) -> Ink {
    Ink {
        pattern: Pattern::Radial { center, radius },
        stops: stops.to_vec(),
        blend: BlendMode::SourceOver,
    }
}

/// A soft light: full at the centre, nothing at the radius.
pub(super) fn glow(center: (f32, f32), radius: f32, color: Rgb, strength: f32) -> Ink {
    let stops = [
        (0.0, color, strength),
        (0.4, color, strength * 0.45),
        (0.72, color, strength * 0.12),
        (1.0, color, 0.0),
    ];
    Ink {
        blend: BlendMode::Screen,
        ..radial(center, radius, &stops)
    }
}

impl Ink {
    /// Lets the ink only lighten.
    pub(super) fn screen(self) -> Self {
        Self {
            blend: BlendMode::Screen,
            ..self
        }
    }

    fn shader(&self) -> Shader<'static> {
        let color = |(_, c, opacity): &Stop| {
            let channel = |v: f32| (v / 255.0).clamp(0.0, 1.0);
            Color::from_rgba(
                channel(c.r),
                channel(c.g),
                channel(c.b),
                opacity.clamp(0.0, 1.0),
            )
            .unwrap_or(Color::TRANSPARENT)
        };
        let solid = Shader::SolidColor(self.stops.first().map_or(Color::TRANSPARENT, color));
        let stops = || {
            self.stops
                .iter()
                .map(|stop| GradientStop::new(stop.0, color(stop)))
                .collect()
        };
        let point = |(x, y): (f32, f32)| Point::from_xy(x, y);
        let none = Transform::identity();
        match self.pattern {
            Pattern::Flat => None,
            Pattern::Linear { from, to } => {
                LinearGradient::new(point(from), point(to), stops(), SpreadMode::Pad, none)
            }
            Pattern::Radial { center, radius } => RadialGradient::new(
                point(center),
                point(center),
                radius,
                stops(),
                SpreadMode::Pad,
                none,
            ),
        }
        .unwrap_or(solid)
    }
}

/// The colour at a place on a line of stops.
fn along(stops: &[(f32, Rgb)], at: f32) -> Rgb {
    let mut last = stops.first().copied().unwrap_or((0.0, super::tint::WHITE));
    for stop in stops {
        if at < stop.0 {
            let span = (stop.0 - last.0).max(1e-6);
            return last.1.mix(stop.1, ((at - last.0) / span).clamp(0.0, 1.0));
        }
        last = *stop;
    }
    last.1
}

impl From<Rgb> for Ink {
    fn from(color: Rgb) -> Self {
        flat(color)
    }
}

/// A pixmap seen through a frame of coordinates and, perhaps, a stencil.
pub(super) struct Brush<'a> {
    pixmap: &'a mut Pixmap,
    frame: Transform,
    stencil: Option<&'a Mask>,
}

impl<'a> Brush<'a> {
    /// `frame` takes the brush's coordinates to pixels.
    pub(super) fn new(pixmap: &'a mut Pixmap, frame: Transform) -> Self {
        Self {
            pixmap,
            frame,
            stencil: None,
        }
    }

    /// Covers every row of the pixmap with one opaque colour: the ground for all else, and much
    /// faster than a gradient. Heights are shares of the pixmap's.
    pub(super) fn cover(&mut self, stops: &[(f32, Rgb)]) {
        let (width, height) = (self.pixmap.width() as usize, self.pixmap.height());
        let rows = self.pixmap.pixels_mut().chunks_exact_mut(width.max(1));
        for (row, y) in rows.zip(0..height) {
            let at = (y as f32 + 0.5) / height as f32;
            let color = along(stops, at);
            let channel = |value: f32| (value + 0.5).clamp(0.0, 255.0) as u8;
            let (r, g, b) = (channel(color.r), channel(color.g), channel(color.b));
            if let Some(pixel) = PremultipliedColorU8::from_rgba(r, g, b, 255) {
                row.fill(pixel);
            }
        }
    }

    /// Makes still water of the rows between two heights: they show the rows above them upside down,
    /// trembling, and ever more of the water's own colour. Heights are shares of the pixmap's.
    pub(super) fn mirror(&mut self, line: f32, floor: f32, water: Rgb) {
        let (width, height) = (self.pixmap.width() as usize, self.pixmap.height() as usize);
        let side = height as f32;
        let first = ((line * side) as usize).min(height);
        let last = ((floor * side) as usize).min(height);
        let pixels = self.pixmap.pixels_mut();
        for y in first..last {
            let below = y - first;
            let Some(source) = first.checked_sub(1 + below + below / 4) else {
                break;
            };
            let depth = below as f32 / (last - first) as f32;
            let sway = wave(below as f32 / side * (34.0 - 14.0 * depth)) * side * 0.007 * depth;
            let share = 0.1 + 0.34 * depth;
            for x in 0..width {
                let from = (x as f32 + sway).clamp(0.0, width as f32 - 1.0) as usize;
                let seen = pixels[source * width + from];
                let mixed = |seen: u8, own: f32| {
                    let seen = f32::from(seen);
                    (seen + (own - seen) * share + 0.5).clamp(0.0, 255.0) as u8
                };
                let (r, g, b) = (
                    mixed(seen.red(), water.r),
                    mixed(seen.green(), water.g),
                    mixed(seen.blue(), water.b),
                );
                if let Some(pixel) = PremultipliedColorU8::from_rgba(r, g, b, 255) {
                    pixels[y * width + x] = pixel;
                }
            }
        }
    }

    /// Fills a shape.
    pub(super) fn fill(&mut self, shape: &Shape, ink: impl Into<Ink>) {
        let Some(path) = shape.path() else { return };
        let paint = Self::paint(&ink.into());
        self.pixmap
            .fill_path(path, &paint, FillRule::Winding, self.frame, self.stencil);
    }

    /// Draws a round-ended line of the given width.
    pub(super) fn stroke(&mut self, shape: &Shape, width: f32, ink: impl Into<Ink>) {
        let Some(path) = shape.path() else { return };
        let paint = Self::paint(&ink.into());
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.pixmap
            .stroke_path(path, &paint, &stroke, self.frame, self.stencil);
    }

    /// The same pixmap in coordinates of its own.
    pub(super) fn placed(&mut self, local: Transform) -> Brush<'_> {
        Brush {
            pixmap: self.pixmap,
            frame: self.frame.pre_concat(local),
            stencil: self.stencil,
        }
    }

    /// Draws what `inside` draws, but only within the shape.
    pub(super) fn within(&mut self, shape: &Shape, inside: impl FnOnce(&mut Brush<'_>)) {
        let Some(path) = shape.path() else { return };
        let stencil = match self.stencil {
            Some(outer) => {
                let mut stencil = outer.clone();
                stencil.intersect_path(path, FillRule::Winding, true, self.frame);
                Some(stencil)
            }
            None => Mask::new(self.pixmap.width(), self.pixmap.height()).map(|mut stencil| {
                stencil.fill_path(path, FillRule::Winding, true, self.frame);
                stencil
            }),
        };
        inside(&mut Brush {
            pixmap: self.pixmap,
            frame: self.frame,
            stencil: stencil.as_ref(),
        });
    }

    fn paint(ink: &Ink) -> Paint<'static> {
        Paint {
            shader: ink.shader(),
            blend_mode: ink.blend,
            anti_alias: true,
            force_hq_pipeline: false,
        }
    }
}
