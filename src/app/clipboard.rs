//! Pictures to the system's clipboard.

use super::canvas::color_image;
use crate::raster::Pixels;

/// Copies a picture, for other programs to paste.
pub fn copy(ctx: &egui::Context, pixels: &Pixels) {
    ctx.copy_image(color_image(pixels));
}
