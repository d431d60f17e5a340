//! Controls in the window's own look. Each has an accessible name and a tooltip, can be reached by
//! Tab, and shows when it has the focus.

mod adjust;
mod curve;
mod field;
mod number;
mod push;
mod slider;
mod text;

pub(super) use adjust::{Adjusted, adjusted, offer_adjusting};
pub(super) use curve::CurveField;
pub(super) use field::{Completed, TextField, offers_names};
pub(super) use number::{NumberField, short_field};
pub(super) use push::{Look, Push};
pub(super) use slider::Slide;
pub(super) use text::{head, hint, inform, one_line, problem, secondary, wrapped};

use egui::{Context, CornerRadius, Event, Id, Key, Painter, Rect, Response, StrokeKind};

use super::theme::Palette;

/// Where it is kept whether people use the keyboard.
fn keyboard_used() -> Id {
    Id::unique("keyboard used")
}

/// Notices whether people go by keyboard or by pointer.
pub(super) fn notice_input(ctx: &Context) {
    let noticed = ctx.input(|input| {
        input.events.iter().rev().find_map(|event| match event {
            Event::Key {
                key: Key::Tab | Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown,
                pressed: true,
                ..
            } => Some(true),
            Event::PointerButton { pressed: true, .. } => Some(false),
            _ => None,
        })
    });
    if let Some(keyboard) = noticed {
        ctx.data_mut(|data| data.insert_temp(keyboard_used(), keyboard));
    }
}

/// Whether a control shows that it has the focus: to people who go by keyboard.
pub(super) fn shows_focus(response: &Response) -> bool {
    response.has_focus() && by_keyboard(&response.ctx)
}

/// Whether people go by keyboard.
pub(super) fn by_keyboard(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(keyboard_used()).unwrap_or(true))
}

/// What was pressed has the focus, so that Tab goes on from there.
pub(super) fn focus_when_pressed(response: &Response) {
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
}

/// Draws the ring around a control that has the focus.
fn focus_ring(painter: &Painter, palette: &Palette, response: &Response, rect: Rect, radius: u8) {
    if shows_focus(response) {
        painter.rect_stroke(
            rect,
            CornerRadius::same(radius),
            palette.focus_ring(),
            StrokeKind::Middle,
        );
    }
}
