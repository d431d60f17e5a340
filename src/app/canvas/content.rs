//! What the canvas shows, as a texture.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{ColorImage, TextureHandle, TextureId, TextureOptions};

use crate::engine::LatentPreview;
use crate::gpu::{LatentPainter, Latents};
use crate::raster::{Extent, Pixels, fit_within};

/// Longest side of a drawn preview: smooth already, and cheap for devices that compute in software.
const PREVIEW_SIDE: u32 = 512;

/// How a texture is read between its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Smooth,
    /// Every pixel is a square of its own.
    Squares,
}

impl Look {
    fn options(self) -> TextureOptions {
        match self {
            Self::Smooth => TextureOptions::LINEAR,
            Self::Squares => TextureOptions {
                magnification: egui::TextureFilter::Nearest,
                ..TextureOptions::LINEAR
            },
        }
    }
}

/// The one thing shown.
enum Shown {
    Preview(LatentPreview),
    Picture(Arc<Pixels>),
}

/// The one thing shown, and its texture once a frame has asked for it.
pub(super) struct Content {
    painter: Option<LatentPainter>,
    shown: Option<Shown>,
    texture: Option<TextureId>,
    /// Of what the graphics device did not draw itself, with the look it was uploaded for.
    uploaded: Option<(TextureHandle, Look)>,
    previews: u64,
}

impl Content {
    pub(super) fn new(render: Option<RenderState>) -> Self {
        Self {
            painter: render.map(LatentPainter::new),
            shown: None,
            texture: None,
            uploaded: None,
            previews: 0,
        }
    }

    pub(super) fn show_preview(&mut self, preview: LatentPreview) {
        self.replace(Some(Shown::Preview(preview)));
    }

    /// Does nothing if the very picture is shown already.
    pub(super) fn show_picture(&mut self, pixels: Arc<Pixels>) {
        let same =
            matches!(&self.shown, Some(Shown::Picture(shown)) if Arc::ptr_eq(shown, &pixels));
        if !same {
            self.replace(Some(Shown::Picture(pixels)));
        }
    }

    pub(super) fn clear(&mut self) {
        self.replace(None);
    }

    fn replace(&mut self, shown: Option<Shown>) {
        self.shown = shown;
        self.texture = None;
    }

    /// Pixels of the picture, or of the picture to be.
    pub(super) fn extent(&self) -> Option<Extent> {
        self.shown.as_ref().map(|shown| match shown {
            Shown::Preview(preview) => preview.picture_extent,
            Shown::Picture(pixels) => pixels.extent(),
        })
    }

    /// Previews that were drawn.
    pub(super) fn previews(&self) -> u64 {
        self.previews
    }

    /// The texture to show; drawn or uploaded when it is asked for the first time.
    pub(super) fn texture(&mut self, ctx: &egui::Context, look: Look) -> Option<TextureId> {
        match self.shown.as_ref()? {
            Shown::Preview(preview) => {
                if self.texture.is_none() {
                    let drawn = draw(self.painter.as_mut(), preview)?;
                    self.previews += 1;
                    self.texture = Some(match drawn {
                        Drawn::Texture(id) => id,
                        Drawn::Pixels(pixels) => self.upload(ctx, &pixels, Look::Smooth),
                    });
                }
            }
            Shown::Picture(pixels) => {
                let current = matches!(&self.uploaded, Some((_, uploaded)) if *uploaded == look);
                if self.texture.is_none() || !current {
                    let pixels = Arc::clone(pixels);
                    self.texture = Some(self.upload(ctx, &pixels, look));
                }
            }
        }
        self.texture
    }

    fn upload(&mut self, ctx: &egui::Context, pixels: &Pixels, look: Look) -> TextureId {
        let largest = ctx.input(|input| input.max_texture_side) as u32;
        let image = color_image(&fit_within(pixels, largest));
        let handle = match self.uploaded.take() {
            Some((mut handle, _)) => {
                handle.set(image, look.options());
                handle
            }
            None => ctx.load_texture("canvas", image, look.options()),
        };
        let id = handle.id();
        self.uploaded = Some((handle, look));
        id
    }
}

enum Drawn {
    Texture(TextureId),
    Pixels(Pixels),
}

/// Draws a preview on the graphics device, or in plain loops where there is none.
fn draw(painter: Option<&mut LatentPainter>, preview: &LatentPreview) -> Option<Drawn> {
    let colors = &preview.colors;
    let latents = Latents::new(preview.extent, &preview.values, &colors.matrix, colors.bias)?;
    let size = preview_size(preview.picture_extent);
    if let Some(painter) = painter
        && let Some(id) = painter.paint(&latents, size)
    {
        return Some(Drawn::Texture(id));
    }
    latents.draw(size).map(Drawn::Pixels)
}

/// As large as the picture, within reason.
fn preview_size(picture: Extent) -> Extent {
    let longest = picture.width.max(picture.height).max(1);
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(PREVIEW_SIDE) / u64::from(longest);
        (scaled as u32).max(1)
    };
    if longest <= PREVIEW_SIDE {
        picture
    } else {
        Extent::new(side(picture.width), side(picture.height))
    }
}

/// Pixels as egui uploads them.
pub(crate) fn color_image(pixels: &Pixels) -> ColorImage {
    let Extent { width, height } = pixels.extent();
    ColorImage::from_rgba_unmultiplied([width as usize, height as usize], pixels.rgba())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_of_large_pictures_keep_their_shape() {
        assert_eq!(
            preview_size(Extent::new(1024, 512)),
            Extent::new(PREVIEW_SIDE, PREVIEW_SIDE / 2)
        );
        assert_eq!(preview_size(Extent::new(128, 96)), Extent::new(128, 96));
    }
}
