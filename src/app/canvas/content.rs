//! What the canvas shows, as a texture.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{
    Color32, ColorImage, Context, Painter, Pos2, Rect, TextureHandle, TextureId, TextureOptions,
    pos2,
};

use super::finishing::{Finishing, Touched};
use super::tiles::{Tiles, WHOLE};
use crate::engine::LatentPreview;
use crate::gpu::{LatentPainter, Latents};
use crate::raster::{Extent, Pixels};
use crate::recipe::Finish;

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
    pub(super) fn options(self) -> TextureOptions {
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
    /// Pixels of a picture that will have another extent.
    Becoming(Arc<Pixels>, Extent),
}

/// The one thing shown, and its texture once a frame has asked for it.
pub(super) struct Content {
    painter: Option<LatentPainter>,
    shown: Option<Shown>,
    texture: Option<TextureId>,
    /// Of what the graphics device did not draw itself, with the look it was uploaded for.
    uploaded: Option<(TextureHandle, Look)>,
    /// Of a large picture, once a frame has asked for it.
    tiles: Option<Tiles>,
    finishing: Finishing,
    /// The picture, where it has a last touch.
    touched: Option<Box<Touched>>,
    previews: u64,
}

impl Content {
    pub(super) fn new(render: Option<RenderState>) -> Self {
        Self {
            finishing: Finishing::new(render.clone()),
            touched: None,
            painter: render.map(LatentPainter::new),
            shown: None,
            texture: None,
            uploaded: None,
            tiles: None,
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

    /// Does nothing if the very pixels are shown already.
    pub(super) fn show_at(&mut self, pixels: Arc<Pixels>, extent: Extent) {
        let same = matches!(&self.shown, Some(Shown::Becoming(shown, known))
            if Arc::ptr_eq(shown, &pixels) && *known == extent);
        if !same {
            self.replace(Some(Shown::Becoming(pixels, extent)));
        }
    }

    pub(super) fn clear(&mut self) {
        self.replace(None);
    }

    /// Shows pictures with a last touch from now on.
    pub(super) fn finish(&mut self, finish: &Finish) {
        if self.finishing.set(finish) {
            self.texture = None;
            if let Some(tiles) = &mut self.tiles {
                tiles.touch_anew(&self.finishing);
            }
        }
    }

    fn replace(&mut self, shown: Option<Shown>) {
        self.shown = shown;
        self.texture = None;
        self.tiles = None;
        self.touched = None;
    }

    /// Pixels of the picture, or of the picture to be.
    pub(super) fn extent(&self) -> Option<Extent> {
        self.shown.as_ref().map(|shown| match shown {
            Shown::Preview(preview) => preview.picture_extent,
            Shown::Picture(pixels) => pixels.extent(),
            Shown::Becoming(_, extent) => *extent,
        })
    }

    /// Previews that were drawn.
    pub(super) fn previews(&self) -> u64 {
        self.previews
    }

    /// Draws it at the given place of the screen; whether there was anything to draw.
    pub(super) fn draw(
        &mut self,
        ctx: &Context,
        painter: &Painter,
        place: Rect,
        look: Look,
    ) -> bool {
        if let Some(Shown::Picture(pixels)) = &self.shown
            && is_large(ctx, pixels.extent())
        {
            let tiles = self.tiles.get_or_insert_default();
            let look = (look, &self.finishing);
            tiles.draw(ctx, painter, (&**pixels, place), look);
            return true;
        }
        let Some(texture) = self.texture(ctx, look) else {
            return false;
        };
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(texture, place, whole, Color32::WHITE);
        true
    }

    /// The texture to show; drawn or uploaded when it is asked for the first time.
    fn texture(&mut self, ctx: &Context, look: Look) -> Option<TextureId> {
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
            Shown::Picture(pixels) | Shown::Becoming(pixels, _) => {
                if self.touched.is_none() {
                    self.touched = self.finishing.bring(pixels, [0, 0]).map(Box::new);
                }
                if let Some(touched) = self.touched.as_mut().filter(|_| self.finishing.is_on()) {
                    return self.finishing.paint(touched, look);
                }
                let current = matches!(&self.uploaded, Some((_, uploaded)) if *uploaded == look);
                if self.texture.is_none() || !current {
                    let mut pixels = Arc::clone(pixels);
                    if self.finishing.is_on() {
                        pixels = Arc::new(self.finishing.baked((*pixels).clone(), [0, 0]));
                    }
                    self.texture = Some(self.upload(ctx, &pixels, look));
                }
            }
        }
        self.texture
    }

    fn upload(&mut self, ctx: &Context, pixels: &Pixels, look: Look) -> TextureId {
        let image = color_image(pixels);
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

/// Whether a picture is more than one texture should hold.
fn is_large(ctx: &Context, extent: Extent) -> bool {
    let most = ctx
        .input(|input| input.max_texture_side)
        .min(WHOLE as usize);
    extent.width.max(extent.height) as usize > most
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
