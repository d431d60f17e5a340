//! Every network on the same part of a picture, side by side.

use egui::{Context, TextureHandle, TextureOptions};

use super::Maker;
use crate::app::canvas::color_image;
use crate::engine::JobId;
use crate::raster::{Area, Extent, Pixels};

/// Side of the part that is tried, in pixels of the picture: seconds by the slowest network.
const SIDE: u32 = 96;

/// What each of them makes of the part.
pub(in crate::app) struct Trial {
    pub(in crate::app) tries: Vec<Try>,
}

pub(in crate::app) struct Try {
    pub(in crate::app) maker: Maker,
    pub(in crate::app) job: JobId,
    /// Once it is made.
    pub(in crate::app) texture: Option<TextureHandle>,
    /// Nothing more comes.
    pub(in crate::app) ended: bool,
}

impl Trial {
    /// The part of a picture around a place, from (0, 0) to (1, 1): plain pixels.
    pub(in crate::app) fn part(pixels: &Pixels, [x, y]: [f32; 2]) -> Pixels {
        let Extent { width, height } = pixels.extent();
        let span = |share: f32, whole: u32| {
            let side = SIDE.min(whole);
            let first = share.clamp(0.0, 1.0) * whole as f32 - side as f32 / 2.0;
            (first.clamp(0.0, (whole - side) as f32) as u32, side)
        };
        let ((x, width), (y, height)) = (span(x, width), span(y, height));
        let extent = Extent::new(width, height);
        pixels.cropped(Area { x, y, extent }).with_original(None)
    }

    /// What a job made.
    pub(in crate::app) fn take(&mut self, ctx: &Context, job: JobId, pixels: &Pixels) {
        if let Some(tried) = self.tries.iter_mut().find(|tried| tried.job == job) {
            let image = color_image(pixels);
            tried.texture = Some(ctx.load_texture("trial", image, TextureOptions::NEAREST));
        }
    }

    pub(in crate::app) fn end(&mut self, job: JobId) {
        if let Some(tried) = self.tries.iter_mut().find(|tried| tried.job == job) {
            tried.ended = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_lies_around_its_place_within_the_picture() {
        let extent = Extent::new(300, 50);
        let rgb: Vec<u8> = (0..extent.area())
            .flat_map(|at| [(at % 300 / 2) as u8; 3])
            .collect();
        let pixels = Pixels::from_rgb(extent, &rgb).unwrap();
        for (share, first) in [(0.0, 0), (0.5, 102 / 2), (1.0, 204 / 2)] {
            let part = Trial::part(&pixels, [share, 0.5]);
            assert_eq!(part.extent(), Extent::new(96, 50));
            assert_eq!(part.rgba()[0], first, "{share}");
        }
    }
}
