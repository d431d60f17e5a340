//! The styles a scene can be painted in: filters that turn the flat illustration into a painting, a
//! drawing or pixels. Each keeps the subject's colour, because the caption names it.

mod flow;
mod kuwahara;
mod lines;
mod neon;
mod noise;
mod oil;
mod pencil;
mod pixel;
mod plane;
mod watercolour;

use super::attributes::{Color, Style};
use super::dice::{Dice, Stream};
use super::scene::Orb;
use super::tint::Rgb;
use plane::Picture;

/// What a filter knows of the picture besides its pixels.
pub(super) struct Sight<'a> {
    /// Pixels on a side.
    pub(super) side: usize,
    /// How much of each pixel the subjects cover, 0 to 1; empty in a landscape.
    pub(super) mask: &'a [f32],
    /// Where the subjects stand, in shares of the width, and their colours.
    pub(super) figures: &'a [(f32, Color)],
    /// Where sky and ground meet, in shares of the picture.
    pub(super) horizon: f32,
    /// The sun, as far as nothing hides it.
    pub(super) sun: Option<Orb>,
    /// Seeds the strokes and the grain.
    pub(super) seed: u64,
}

impl Sight<'_> {
    /// How long a pixel of a picture of 256 is here: filters give their lengths for that size.
    fn unit(&self) -> f32 {
        self.side as f32 / 256.0
    }

    /// A whole number of pixels, at least one.
    fn reach(&self, length: f32) -> usize {
        ((length * self.unit()).round() as usize).max(1)
    }

    /// The colour of the subject that is nearest to an abscissa, in shares of the width.
    fn color(&self, x: f32) -> Option<Color> {
        let gap = |figure: &(f32, Color)| (figure.0 - x).abs();
        let nearest = self.figures.iter().min_by(|a, b| gap(a).total_cmp(&gap(b)));
        nearest.map(|figure| figure.1)
    }

    /// How much of a pixel the subject covers.
    fn subject(&self, at: usize) -> f32 {
        self.mask.get(at).copied().unwrap_or(0.0)
    }
}

/// Repaints opaque RGBA pixels in a style.
pub(super) fn restyle(rgba: &mut [u8], style: Style, sight: &Sight<'_>) {
    let filter = match style {
        Style::Flat => return,
        Style::Oil => oil::filter,
        Style::Watercolour => watercolour::filter,
        Style::Pixel => pixel::filter,
        Style::Neon => neon::filter,
        Style::Pencil => pencil::filter,
    };
    let picture = Picture {
        side: sight.side,
        at: rgba
            .chunks_exact(4)
            .map(|pixel| Rgb {
                r: f32::from(pixel[0]),
                g: f32::from(pixel[1]),
                b: f32::from(pixel[2]),
            })
            .collect(),
    };
    // A stream of its own, whatever else a scene's detail seeds.
    let mut dice = Dice::new(sight.seed, 0x0571_713E, Stream::Detail);
    let done = filter(&picture, sight, &mut dice);
    let byte = |value: f32| (value + 0.5).clamp(0.0, 255.0) as u8;
    for (pixel, c) in rgba.chunks_exact_mut(4).zip(&done.at) {
        pixel[..3].copy_from_slice(&[byte(c.r), byte(c.g), byte(c.b)]);
    }
}

#[cfg(test)]
mod tests;
