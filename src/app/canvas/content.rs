//! What the canvas shows, as a texture.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{
    Color32, ColorImage, Context, Painter, Pos2, Rect, TextureHandle, TextureId, TextureOptions,
    pos2,
};

use super::divider::{Placed, Sight};
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
    Becoming(Becoming),
}

/// A picture that is being made, seen smaller: what was there at first, and the parts that are done.
struct Becoming {
    first: Arc<Pixels>,
    parts: Vec<Patch>,
    /// It will have.
    extent: Extent,
}

impl Becoming {
    /// All that is there.
    fn pixels(&self) -> Arc<Pixels> {
        let mut pixels = Arc::clone(&self.first);
        for part in &self.parts {
            Arc::make_mut(&mut pixels).put(part.corner, &part.pixels);
        }
        pixels
    }
}

/// Pixels in the place of others, from a corner on.
#[derive(Clone, Debug)]
pub struct Patch {
    pub corner: [u32; 2],
    pub pixels: Arc<Pixels>,
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

    /// Shows what a picture of an extent becomes: of parts that are known already nothing is done, and
    /// a new one costs what it covers.
    pub(super) fn show_at(&mut self, first: &Arc<Pixels>, extent: Extent, parts: &[Patch]) {
        let known = match &mut self.shown {
            Some(Shown::Becoming(shown))
                if Arc::ptr_eq(&shown.first, first)
                    && shown.extent == extent
                    && shown.parts.len() <= parts.len() =>
            {
                shown
            }
            _ => {
                let (first, parts) = (Arc::clone(first), parts.to_vec());
                self.replace(Some(Shown::Becoming(Becoming {
                    first,
                    parts,
                    extent,
                })));
                return;
            }
        };
        let new = &parts[known.parts.len()..];
        known.parts.extend_from_slice(new);
        for part in new {
            self.put(part);
        }
    }

    /// Puts a part where the picture is on the device already.
    fn put(&mut self, part: &Patch) {
        if let Some(touched) = &mut self.touched {
            self.finishing.put(touched, part.corner, &part.pixels);
        }
        if self.finishing.is_on() {
            // Touched in plain loops, all of it is another one.
            self.texture = None;
        } else if let Some((handle, look)) =
            self.uploaded.as_mut().filter(|_| self.texture.is_some())
        {
            let corner = part.corner.map(|at| at as usize);
            handle.set_partial(corner, color_image(&part.pixels), look.options());
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
            Shown::Becoming(becoming) => becoming.extent,
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

    /// What of it is seen, on the device; `None` where it cannot be there, or is none of pixels.
    pub(super) fn pieces(
        &mut self,
        ctx: &Context,
        sight: Sight,
        look: Look,
    ) -> Option<Vec<Placed>> {
        if let Some(Shown::Picture(pixels)) = &self.shown
            && is_large(ctx, pixels.extent())
        {
            let tiles = self.tiles.get_or_insert_default();
            return tiles.pieces(ctx, (&**pixels, sight), (look, &self.finishing));
        }
        let (finishing, touched) = self.bring()?;
        let sheet = finishing.sheet(touched, look)?;
        Some(vec![Placed::whole(sheet, sight.place)])
    }

    /// The picture on the device.
    fn bring(&mut self) -> Option<(&Finishing, &mut Touched)> {
        if self.touched.is_none() {
            let pixels = self.pixels()?;
            self.touched = self.finishing.bring(&pixels, [0, 0]).map(Box::new);
        }
        let touched = self.touched.as_deref_mut()?;
        Some((&self.finishing, touched))
    }

    /// The pixels that are shown.
    fn pixels(&self) -> Option<Arc<Pixels>> {
        match self.shown.as_ref()? {
            Shown::Preview(_) => None,
            Shown::Picture(pixels) => Some(Arc::clone(pixels)),
            Shown::Becoming(becoming) => Some(becoming.pixels()),
        }
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
            Shown::Picture(_) | Shown::Becoming(_) => {
                if self.finishing.is_on()
                    && let Some((finishing, touched)) = self.bring()
                {
                    return finishing.paint(touched, look);
                }
                let current = matches!(&self.uploaded, Some((_, uploaded)) if *uploaded == look);
                if self.texture.is_none() || !current {
                    let mut pixels = self.pixels()?;
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
