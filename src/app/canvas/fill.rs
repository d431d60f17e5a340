//! A part of the picture while it is painted anew: seen where it will be, the rest as it is.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{Context, Painter, Rect, vec2};

use super::content::{Content, Look};
use super::finishing::Finishing;
use super::tiles::{Source, Tiles};
use crate::engine::LatentPreview;
use crate::raster::{Area, Extent, Mask, Pixels};

/// The newest state of what is being made.
pub(super) struct Filling {
    content: Content,
    shown: Option<Shown>,
}

struct Shown {
    /// Where in the picture it belongs.
    area: Area,
    picture: Extent,
    veil: Option<(Kept, Tiles)>,
}

/// The picture as far as a mask keeps it: it lies over the preview.
struct Kept {
    image: Arc<Pixels>,
    /// Of the picture's extent.
    mask: Arc<Mask>,
}

impl Kept {
    fn is(&self, image: &Arc<Pixels>, mask: &Arc<Mask>) -> bool {
        Arc::ptr_eq(&self.image, image) && Arc::ptr_eq(&self.mask, mask)
    }
}

impl Source for Kept {
    fn extent(&self) -> Extent {
        self.image.extent()
    }

    fn part(&self, level: u32, corner: [i64; 2], extent: Extent) -> Pixels {
        self.image.kept_reduced(&self.mask, level, corner, extent)
    }

    fn rough(&self, most: u32) -> Pixels {
        self.image.kept_sampled(&self.mask, most)
    }
}

impl Filling {
    pub(super) fn new(render: Option<RenderState>) -> Self {
        Self {
            content: Content::new(render),
            shown: None,
        }
    }

    /// Shows a preview over a picture, where the mask (of its extent) paints; everywhere if there
    /// is none.
    pub(super) fn show(
        &mut self,
        preview: LatentPreview,
        image: &Arc<Pixels>,
        mask: Option<&Arc<Mask>>,
    ) {
        let picture = image.extent();
        let area = preview
            .place
            .unwrap_or_else(|| within(preview.picture_extent, picture));
        let known = self.shown.take().and_then(|shown| shown.veil);
        let veil = mask.map(|mask| {
            let same = known.filter(|(kept, _)| kept.is(image, mask));
            same.unwrap_or_else(|| {
                let (image, mask) = (Arc::clone(image), Arc::clone(mask));
                (Kept { image, mask }, Tiles::default())
            })
        });
        self.shown = Some(Shown {
            area,
            picture,
            veil,
        });
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

    /// Draws it over a picture of the given extent at the given place, as that is looked at.
    pub(super) fn draw(
        &mut self,
        ctx: &Context,
        painter: &Painter,
        (place, picture): (Rect, Extent),
        look: Look,
    ) {
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
        if let Some((kept, tiles)) = &mut shown.veil {
            // A tile costs the same for every size of picture, and none is made of what is out of
            // sight.
            let over = painter.with_clip_rect(painter.clip_rect().intersect(rect));
            tiles.draw(ctx, &over, (kept, place), (look, &Finishing::default()));
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

#[cfg(test)]
mod tests {
    use egui::{LayerId, RawInput, TextureId, pos2};

    use super::*;
    use crate::engine::{JobId, LatentColors};

    const PICTURE: Extent = Extent::new(4000, 3000);

    /// A preview of one colour.
    fn preview() -> LatentPreview {
        LatentPreview {
            job: JobId(1),
            picture: 0,
            step: 1,
            channels: 1,
            extent: Extent::new(2, 2),
            values: vec![0.5; 4],
            colors: Arc::new(LatentColors {
                matrix: vec![[0.3; 3]],
                bias: [0.0; 3],
            }),
            picture_extent: PICTURE,
            place: None,
        }
    }

    /// Draws the picture at a width on the screen; the sides of all textures that takes.
    fn sides(ctx: &Context, filling: &mut Filling, width: f32) -> Vec<[usize; 2]> {
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0));
        ctx.begin_pass(RawInput {
            screen_rect: Some(screen),
            ..RawInput::default()
        });
        let painter = Painter::new(ctx.clone(), LayerId::background(), screen);
        let place = Rect::from_center_size(screen.center(), vec2(width, width * 0.75));
        filling.draw(ctx, &painter, (place, PICTURE), Look::Smooth);
        let mut made = ctx.end_pass().textures_delta;
        let sides = made
            .set
            .iter()
            // The first one holds letters.
            .filter(|(id, _)| **id != TextureId::default())
            .flat_map(|(_, deltas)| deltas)
            .map(|delta| delta.image.size())
            .collect();
        made.clear();
        sides
    }

    #[test]
    fn the_veil_of_a_huge_picture_is_made_of_few_small_tiles_and_once() {
        let image = vec![90; PICTURE.area() * 4];
        let image = Arc::new(Pixels::from_rgba(PICTURE, image).unwrap());
        let values = (0..PICTURE.area()).map(|at| u8::from(at % 4000 < 900) * 255);
        let mask = Mask::from_values(PICTURE, values.collect()).unwrap();
        let mask = Arc::new(mask);
        for width in [800.0, 4000.0] {
            let ctx = Context::default();
            let mut filling = Filling::new(None);
            filling.show(preview(), &image, Some(&mask));
            let made = sides(&ctx, &mut filling, width);
            // Within a frame, the rough copy and what is in sight; none is as large as the picture.
            assert!((2..=8).contains(&made.len()), "{made:?}");
            assert!(
                made.iter().flatten().all(|&side| side <= 518),
                "{width}: {made:?}"
            );
            while !sides(&ctx, &mut filling, width).is_empty() {}
            filling.show(preview(), &image, Some(&mask));
            let again = sides(&ctx, &mut filling, width);
            assert!(again.len() <= 1, "made anew: {again:?}");
        }
    }
}
