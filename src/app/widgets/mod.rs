//! Controls in the window's own look. Each has an accessible name and a tooltip, can be reached by
//! Tab, and shows when it has the focus.

mod field;
mod number;
mod push;
mod slider;
mod text;

pub(super) use field::TextField;
pub(super) use number::{NumberField, short_field};
pub(super) use push::{Look, Push};
pub(super) use slider::Slide;
pub(super) use text::{head, hint, inform, one_line, problem, secondary, wrapped};

use egui::{CornerRadius, Painter, Rect, Response, StrokeKind};

use super::theme::Palette;

/// Draws the ring around a control that has the focus.
fn focus_ring(painter: &Painter, palette: &Palette, response: &Response, rect: Rect, radius: u8) {
    if response.has_focus() {
        painter.rect_stroke(
            rect,
            CornerRadius::same(radius),
            palette.focus_ring(),
            StrokeKind::Middle,
        );
    }
}
