//! The picture in the middle: every step as it is computed, then the picture itself, with pan and
//! zoom.

mod compare;
mod content;
mod divider;
mod edges;
mod fill;
mod finishing;
mod grid;
mod painting;
mod tiles;
mod view;

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{
    CursorIcon, EventFilter, Id, PointerButton, Rect, Response, Role, Sense, Stroke, StrokeKind,
    Ui, Vec2, WidgetInfo,
};

pub use compare::Before;
use compare::Compare;
pub use content::Patch;
pub(crate) use content::color_image;
use content::{Content, Look};
use divider::{Divider, Sight};
use edges::Edges;
pub use edges::{Frame, Way};
use fill::Filling;
pub use painting::{MaskLook, Painting};
use painting::{MaskOnScreen, Place};
use view::{Room, View, size_of};

use super::theme::Palette;
use crate::engine::LatentPreview;
use crate::raster::{Extent, Mask, Pixels};
use crate::recipe::Finish;

/// Above this zoom, chosen by hand, every pixel is shown as the square it is.
const SQUARES_ABOVE: f32 = 2.0;

/// Part of the room that the picture moves by at once.
const STEP: f32 = 0.1;

/// Zoom per point of wheel travel, as an exponent.
const WHEEL: f32 = 0.005;

/// Shows one picture, or the latest preview of one that is being made, at the same place and size.
pub struct Canvas {
    content: Content,
    filling: Filling,
    compare: Compare,
    divider: Divider,
    edges: Edges,
    mask: MaskOnScreen,
    view: View,
    grid: bool,
    /// Of the last frame.
    room: Room,
    id: Option<Id>,
}

impl Canvas {
    /// Previews are drawn on the window's graphics device, or in plain loops where there is none.
    pub fn new(render: Option<RenderState>) -> Self {
        Self {
            content: Content::new(render.clone()),
            filling: Filling::new(render.clone()),
            compare: Compare::new(render.clone()),
            divider: Divider::new(render),
            edges: Edges::default(),
            mask: MaskOnScreen::default(),
            view: View::FIT,
            grid: false,
            room: Room {
                rect: Rect::ZERO,
                picture: Vec2::splat(1.0),
                pixels_per_point: 1.0,
            },
            id: None,
        }
    }

    /// The widget it was in the last frame.
    pub const fn id(&self) -> Option<Id> {
        self.id
    }

    /// Shows the state of a picture that is being made.
    pub fn show_preview(&mut self, preview: LatentPreview) {
        let before = self.content.extent();
        self.content.show_preview(preview);
        self.keep_or_fit(before);
    }

    /// Shows a picture.
    pub fn show_picture(&mut self, pixels: Arc<Pixels>) {
        let before = self.content.extent();
        self.content.show_picture(pixels);
        self.keep_or_fit(before);
    }

    /// Pixels of the picture that is shown, or of the picture to be.
    pub fn extent(&self) -> Option<Extent> {
        self.content.extent()
    }

    /// Shows a picture that is being made larger: pixels of another size than it will have, and those
    /// of the parts that are done.
    pub fn show_at(&mut self, first: &Arc<Pixels>, extent: Extent, parts: &[Patch]) {
        let before = self.content.extent();
        self.content.show_at(first, extent, parts);
        self.keep_or_fit(before);
    }

    /// Whether a grid lies between pixels that are large enough.
    pub fn show_grid(&mut self, shown: bool) {
        self.grid = shown;
    }

    /// Shows the state of a part that is being painted anew, over the picture it belongs to.
    pub fn show_fill(
        &mut self,
        preview: LatentPreview,
        image: &Arc<Pixels>,
        mask: Option<&Arc<Mask>>,
    ) {
        self.filling.show(preview, image, mask);
    }

    /// Shows the picture alone again.
    pub fn end_fill(&mut self) {
        self.filling.end();
    }

    /// Shows a picture of the same extent, or one that is stretched to it, at the left of a line that
    /// people pull; `None` ends that.
    pub fn compare_with(&mut self, before: Option<Before>) {
        let fits = |before: &Before| {
            before.stretched || Some(before.pixels.extent()) == self.content.extent()
        };
        self.compare.set(before.filter(fits));
    }

    /// Shows pictures with a last touch from now on; what they are compared with stays without.
    pub fn finish(&mut self, finish: &Finish) {
        self.content.finish(finish);
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        self.content.clear();
    }

    /// Pictures of one size are seen at the same place and zoom, so that they can be compared.
    fn keep_or_fit(&mut self, before: Option<Extent>) {
        if before.is_some() && before != self.content.extent() {
            self.fit();
        }
    }

    /// The next larger usual zoom.
    pub fn zoom_in(&mut self) {
        self.view.step(self.room, true);
    }

    /// The next smaller usual zoom.
    pub fn zoom_out(&mut self) {
        self.view.step(self.room, false);
    }

    /// As large as the room allows, and staying so.
    pub fn fit(&mut self) {
        self.view = View::FIT;
    }

    /// One screen pixel for each pixel of the picture.
    pub fn actual_size(&mut self) {
        self.view.zoom_to(self.room, 1.0, self.room.rect.center());
    }

    /// Shows more of the picture in a direction of length 1.
    pub fn look_along(&mut self, direction: Vec2) {
        // The picture moves the other way than the eye.
        let by = -direction * self.room.rect.size() * STEP;
        self.view.pan(self.room, by);
    }

    /// Screen pixels per pixel of the picture, in percent.
    pub fn zoom_percent(&self) -> u32 {
        (self.view.zoom(self.room) * 100.0).round() as u32
    }

    /// Whether the picture follows the size of the window.
    pub fn is_fit(&self) -> bool {
        self.view.is_fit()
    }

    /// The place of the picture at the middle of what is in sight, from (0, 0) to (1, 1).
    pub fn middle(&self) -> [f32; 2] {
        let place = self.view.place(self.room);
        let share = (self.room.rect.center() - place.min) / place.size().max(Vec2::splat(1.0));
        [share.x, share.y]
    }

    /// Previews that were drawn since the start.
    pub fn previews_shown(&self) -> u64 {
        self.content.previews()
    }

    /// Where the picture lay in the last frame, cut to the canvas; empty without a picture.
    pub fn picture_rect(&self) -> Rect {
        if self.content.extent().is_some() {
            self.view.place(self.room).intersect(self.room.rect)
        } else {
            Rect::NOTHING
        }
    }

    /// Fills what is left of `ui`; with something to paint on, the pointer paints.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        palette: &Palette,
        accessible_name: &str,
        mut painting: Option<Painting<'_>>,
    ) -> Response {
        let rect = ui.available_rect_before_wrap();
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        self.id = Some(response.id);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, accessible_name));
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, palette.ground);
        let Some(extent) = self.content.extent() else {
            return response;
        };
        self.room = Room {
            rect,
            picture: size_of(extent),
            pixels_per_point: ui.pixels_per_point(),
        };
        let hand = painting.as_ref().is_none_or(|painting| !painting.paints());
        let frame = painting.as_ref().and_then(|p| p.frame.as_ref());
        if let Some(frame) = frame {
            let place = Place {
                room: self.room,
                picture: self.view.place(self.room),
            };
            self.edges.grasp(ui, &response, place, frame);
        }
        let dragging = frame.is_some() && self.edges.is_held();
        self.pointer(ui, &response, hand && !dragging);
        keep_arrows(ui, &response);

        let place = self.view.place(self.room);
        let squares = !self.view.is_fit() && self.view.zoom(self.room) > SQUARES_ABOVE;
        let look = if squares { Look::Squares } else { Look::Smooth };
        let shadow = egui::Shadow {
            offset: [0, 10],
            blur: 36,
            spread: 0,
            color: palette.shadow,
        };
        painter.add(shadow.as_shape(place, 2.0));
        let seen = place.intersect(rect);
        let line = self.compare.grasp(ui, &response, seen);
        if line.is_some() {
            let line = self.compare.line(seen);
            let sight = Sight { place, seen, line };
            let sides = [&mut self.compare.content, &mut self.content];
            self.divider.draw(ui.ctx(), &painter, sides, sight, look);
        } else {
            self.divider.rest();
            self.content.draw(ui.ctx(), &painter, place, look);
        }
        if self.grid {
            grid::show(&painter, (rect, place), self.room);
        }
        if let Some(line) = &line {
            self.compare.show((&painter, palette), seen, line);
        }
        if let Some(painting) = &mut painting {
            self.filling.draw(ui.ctx(), &painter, (place, extent), look);
            if self.filling.is_shown() {
                // The line around it stays; a tint would hide what is being made.
                painting.look.opacity = 0.0;
            }
            let place = Place {
                room: self.room,
                picture: place,
            };
            if let Some(frame) = &mut painting.frame {
                edges::limited(frame, extent);
                let on = (&painter, palette);
                self.edges.show(ui, on, &response, place, frame);
            } else if !hand || painting.easel.is_drawing() {
                painting.pointer(ui, &response, place);
            }
            if painting.look.shown {
                self.mask.show(ui, &painter, palette, painting, place);
            }
            if !hand && painting.frame.is_none() {
                painting.hands(ui, &painter, &response, place);
            }
        }
        if response.has_focus() {
            let ring = Stroke::new(1.5, palette.accent);
            painter.rect_stroke(rect.shrink(2.0), 4.0, ring, StrokeKind::Inside);
        }
        response
    }

    /// Moves and zooms the picture; the primary button does so only as a `hand`.
    fn pointer(&mut self, ui: &Ui, response: &Response, hand: bool) {
        let dragged = response.dragged_by(PointerButton::Middle)
            || (hand && response.dragged_by(PointerButton::Primary));
        if dragged && response.drag_delta() != Vec2::ZERO {
            self.view.pan(self.room, response.drag_delta());
        }
        if hand && response.double_clicked() {
            if self.view.is_fit() {
                self.actual_size();
            } else {
                self.fit();
            }
        }
        // Also over the line between before and after.
        let pointer = ui.input(|input| input.pointer.hover_pos());
        if let Some(pointer) = pointer.filter(|_| response.contains_pointer()) {
            // The pinch, or Ctrl and the wheel; else the wheel alone.
            let (pinch, wheel) =
                ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta().y));
            let factor = pinch * (wheel * WHEEL).exp();
            if factor != 1.0 {
                let zoom = self.view.zoom(self.room) * factor;
                self.view.zoom_to(self.room, zoom, pointer);
            }
            if dragged {
                ui.set_cursor_icon(CursorIcon::Grabbing);
            } else if hand && response.hovered() {
                ui.set_cursor_icon(CursorIcon::Grab);
            }
        }
    }
}

/// Arrows look along the picture while it has the focus, instead of taking the focus away.
fn keep_arrows(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let arrows = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    }
}
