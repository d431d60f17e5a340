//! Fields for text.

use egui::{CornerRadius, Frame, Margin, Response, RichText, Stroke, StrokeKind, TextEdit, Ui};

use crate::app::theme::{self, Palette};

/// A field for text of one or more lines.
pub(in crate::app) struct TextField<'a> {
    pub(in crate::app) name: &'a str,
    pub(in crate::app) tip: &'a str,
    pub(in crate::app) hint: &'a str,
    /// Lines shown; 1 makes a field that takes no line breaks.
    pub(in crate::app) rows: usize,
    /// What is in it cannot be used.
    pub(in crate::app) bad: bool,
}

impl TextField<'_> {
    pub(in crate::app) fn show(
        self,
        ui: &mut Ui,
        palette: &Palette,
        text: &mut String,
    ) -> Response {
        let id = ui.make_persistent_id(("field", self.name));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let line = match (self.bad, focused) {
            (true, _) => palette.bad,
            (false, true) => palette.accent,
            (false, false) => palette.line,
        };
        let (radius, margin) = if self.rows == 1 {
            (theme::SMALL_RADIUS, Margin::symmetric(9, 6))
        } else {
            (theme::BOX_RADIUS, Margin::symmetric(11, 10))
        };
        let frame = Frame::new()
            .fill(palette.field)
            .stroke(Stroke::new(1.0, line))
            .corner_radius(CornerRadius::same(radius))
            .inner_margin(margin);
        let edit = if self.rows == 1 {
            TextEdit::singleline(text)
        } else {
            TextEdit::multiline(text).desired_rows(self.rows)
        };
        let edit = edit
            .id(id)
            .frame(frame)
            .font(theme::TEXT)
            .text_color(palette.text)
            .hint_text(RichText::new(self.hint).color(palette.text_hint))
            .desired_width(f32::INFINITY);
        let response = ui.add(edit);
        if focused {
            let glow = Stroke::new(2.0, palette.accent.gamma_multiply(0.35));
            ui.painter().rect_stroke(
                response.rect,
                CornerRadius::same(radius),
                glow,
                StrokeKind::Outside,
            );
        }
        response.accessible_name(self.name).on_hover_text(self.tip)
    }
}
