//! A part of the picture while it is painted anew: seen where it will be, the rest as it is.

use eframe::egui_wgpu::RenderState;
use egui::{Color32, Context, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2};

use super::content::{Content, Look, color_image};
use crate::engine::LatentPreview;
use crate::raster::{Area, Extent, Mask, Pixels, fit_within};

/// The newest state of what is being made.
pub(super) struct Filling {
    content: Content,
    shown: Option<Shown>,
}

struct Shown {
    /// Where in the picture it belongs.
    area: Area,
    picture: Extent,
    veil: Option<Veil>,
}

/// The picture as far as it stays: it lies over the preview.
enum Veil {
    Pixels(Pixels),
    Texture(TextureHandle),
}

impl Filling {
    pub(super) fn new(render: Option<RenderState>) -> Self {
        Self {
            content: Content::new(render),
            shown: None,
        }
    }

    /// Shows a preview over a picture, where the mask paints; everywhere if there is none.
    pub(super) fn show(&mut self, preview: LatentPreview, image: &Pixels, mask: Option<&Mask>) {
        let picture = image.extent();
        let area = preview
            .place
            .unwrap_or_else(|| within(preview.picture_extent, picture));
        let same = |shown: &Shown| shown.area == area && shown.picture == picture;
        if !self.shown.as_ref().is_some_and(same) {
            let veil = mask.and_then(|mask| kept(&image.cropped(area), &mask.cropped(area)));
            self.shown = Some(Shown {
                area,
                picture,
                veil: veil.map(Veil::Pixels),
            });
        }
        self.content.show_preview(preview);
    }

    /// Whether anything is shown.
    pub(super) fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    pub(super) fn end(&mut self) {
        self.shown = None;
        self.content.clear();
    }

    /// Draws it over a picture of the given extent at the given place.
    pub(super) fn draw(&mut self, ctx: &Context, painter: &Painter, place: Rect, picture: Extent) {
        let Some(shown) = self.shown.as_mut().filter(|shown| shown.picture == picture) else {
            return;
        };
        let scale = place.size() / vec2(picture.width as f32, picture.height as f32);
        let Area { x, y, extent } = shown.area;
        let corner = place.min + vec2(x as f32, y as f32) * scale;
        let size = vec2(extent.width as f32, extent.height as f32) * scale;
        let rect = Rect::from_min_size(corner, size);
        if !self.content.draw(ctx, painter, rect, Look::Smooth) {
            return;
        }
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        if let Some(Veil::Pixels(pixels)) = &shown.veil {
            let largest = ctx.input(|input| input.max_texture_side) as u32;
            let image = color_image(&fit_within(pixels, largest));
            let handle = ctx.load_texture("veil", image, TextureOptions::LINEAR);
            shown.veil = Some(Veil::Texture(handle));
        }
        if let Some(Veil::Texture(veil)) = &shown.veil {
            painter.image(veil.id(), rect, whole, Color32::WHITE);
        }
    }
}

/// Where in a picture something of another shape is seen whole, in the middle.
fn within(shown: Extent, picture: Extent) -> Area {
    let (x, y) = (
        f64::from(picture.width) / f64::from(shown.width.max(1)),
        f64::from(picture.height) / f64::from(shown.height.max(1)),
    );
    let scale = x.min(y);
    let side = |side: u32, most: u32| ((f64::from(side) * scale).round() as u32).clamp(1, most);
    let extent = Extent::new(
        side(shown.width, picture.width),
        side(shown.height, picture.height),
    );
    Area {
        x: (picture.width - extent.width) / 2,
        y: (picture.height - extent.height) / 2,
        extent,
    }
}

/// The picture, transparent where the mask (of the same extent) paints.
fn kept(image: &Pixels, mask: &Mask) -> Option<Pixels> {
    let pixels = image.rgba().as_chunks::<4>().0.iter().zip(mask.values());
    let rgba = pixels.flat_map(|(&[r, g, b, a], &painted)| [r, g, b, a.min(u8::MAX - painted)]);
    Pixels::from_rgba(image.extent(), rgba.collect())
}
