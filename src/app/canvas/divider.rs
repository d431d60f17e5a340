//! Two pictures at both sides of a line: by a shader, or each cut to its side where there is no device.

use eframe::egui_wgpu::RenderState;
use egui::{Color32, Context, Painter, Pos2, Rect, pos2};

use super::content::{Content, Look};
use super::view::size_of;
use crate::gpu::{Divided, DividerPainter, Piece, Sheet};
use crate::raster::Extent;

/// Draws both.
pub(super) struct Divider {
    render: Option<RenderState>,
    /// Once it has been needed.
    painter: Option<DividerPainter>,
}

/// A part of a picture that is on the device, and where it is seen.
pub(super) struct Placed {
    pub(super) sheet: Sheet,
    /// In points of the screen.
    pub(super) rect: Rect,
    /// The same in texels.
    pub(super) part: Rect,
}

impl Placed {
    /// All of a sheet.
    pub(super) fn whole(sheet: Sheet, rect: Rect) -> Self {
        let part = Rect::from_min_size(Pos2::ZERO, size_of(sheet.extent()));
        Self { sheet, rect, part }
    }
}

/// Where the whole of both pictures lies on the screen, the part of that which is seen, and where the
/// line is.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    pub(super) place: Rect,
    pub(super) seen: Rect,
    pub(super) line: f32,
}

impl Divider {
    pub(super) const fn new(render: Option<RenderState>) -> Self {
        Self {
            render,
            painter: None,
        }
    }

    /// Draws what was there before at the left of the line, and what is there now at its right.
    pub(super) fn draw(
        &mut self,
        ctx: &Context,
        painter: &Painter,
        [before, after]: [&mut Content; 2],
        sight: Sight,
        look: Look,
    ) {
        let Sight { place, seen, line } = sight;
        if !seen.is_positive() || self.by_shader(ctx, painter, [before, after], sight, look) {
            return;
        }
        let line = line.clamp(seen.left(), seen.right());
        let left = Rect::from_min_max(seen.min, pos2(line, seen.bottom()));
        let right = Rect::from_min_max(pos2(line, seen.top()), seen.max);
        for (content, side) in [(before, left), (after, right)] {
            if side.is_positive() {
                content.draw(ctx, &painter.with_clip_rect(side), place, look);
            }
        }
    }

    /// Nothing is compared: what is on the device for that goes.
    pub(super) fn rest(&mut self) {
        self.painter = None;
    }

    /// Whether it could be done so.
    fn by_shader(
        &mut self,
        ctx: &Context,
        painter: &Painter,
        [before, after]: [&mut Content; 2],
        sight: Sight,
        look: Look,
    ) -> bool {
        let Some(render) = &self.render else {
            return false;
        };
        let sides = [before, after].map(|content| content.pieces(ctx, sight, look));
        let [Some(before), Some(after)] = sides else {
            return false;
        };
        // Whole pixels of the screen, so that each of them is drawn once.
        let scale = ctx.pixels_per_point();
        let room = painter.clip_rect() * scale;
        let room = Rect::from_min_max(room.min.floor(), room.max.ceil());
        let pieces = |placed: Vec<Placed>| -> Vec<Piece> {
            let piece = |placed: Placed| Piece {
                sheet: placed.sheet,
                place: sides_of((placed.rect * scale).translate(-room.min.to_vec2())),
                part: sides_of(placed.part),
            };
            placed.into_iter().map(piece).collect()
        };
        let divided = Divided {
            size: Extent::new(room.width() as u32, room.height() as u32),
            line: sight.line * scale - room.left(),
            squares: look == Look::Squares,
        };
        let shader = self
            .painter
            .get_or_insert_with(|| DividerPainter::new(render.clone()));
        let Some(texture) = shader.paint(divided, pieces(before), pieces(after)) else {
            return false;
        };
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(texture, room / scale, whole, Color32::WHITE);
        true
    }
}

/// Left, top, right and bottom.
fn sides_of(rect: Rect) -> [f32; 4] {
    [rect.left(), rect.top(), rect.right(), rect.bottom()]
}
