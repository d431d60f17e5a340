//! Fields for text.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{
    CompletionPopup, Context, CornerRadius, Frame, Galley, Id, Margin, RectAlign, Response,
    RichText, Stroke, StrokeKind, Suggestion, TextBuffer, TextEdit, TextFormat, Ui,
};

use crate::app::completion::parts_words;
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

/// What a field does with its text beside showing it.
pub(in crate::app) struct Completed<'a> {
    /// The end of the text that is left out; it is struck out.
    pub(in crate::app) cut: Option<&'a str>,
    /// What a word can become.
    pub(in crate::app) suggest: &'a dyn Fn(&str) -> Vec<Suggestion>,
}

impl TextField<'_> {
    pub(in crate::app) fn show(
        self,
        ui: &mut Ui,
        palette: &Palette,
        text: &mut String,
    ) -> Response {
        let focused = self.has_focus(ui);
        let edit = self.edit(ui, palette, text, focused);
        let response = ui.add(edit);
        self.finish(ui, palette, response, focused)
    }

    /// As [`Self::show`]; a list offers what the word at the cursor can become: the arrow keys choose,
    /// Enter or Tab takes it, Escape leaves it.
    pub(in crate::app) fn show_completed(
        self,
        ui: &mut Ui,
        palette: &Palette,
        text: &mut String,
        completed: &Completed<'_>,
    ) -> Response {
        let focused = self.has_focus(ui);
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
            laid_out(ui, palette, text.as_str(), completed.cut, width)
        };
        let id = self.id(ui);
        let edit = self
            .edit(ui, palette, text, focused)
            .layouter(&mut layouter);
        let shown = CompletionPopup::new(id)
            .word_boundary(parts_words)
            .align(RectAlign::BOTTOM_START)
            .show(ui, edit, |query| (completed.suggest)(query.word));
        if shown.is_open {
            let frame = ui.ctx().cumulative_frame_nr();
            ui.data_mut(|data| data.insert_temp(last_offer(), frame));
        }
        self.finish(ui, palette, shown.text_edit.response.response, focused)
    }

    pub(in crate::app) fn id(&self, ui: &mut Ui) -> Id {
        ui.make_persistent_id(("field", self.name))
    }

    fn has_focus(&self, ui: &mut Ui) -> bool {
        let id = self.id(ui);
        ui.memory(|memory| memory.has_focus(id))
    }

    fn edit<'t>(
        &self,
        ui: &mut Ui,
        palette: &Palette,
        text: &'t mut String,
        focused: bool,
    ) -> TextEdit<'t> {
        let line = match (self.bad, focused) {
            (true, _) => palette.bad,
            (false, true) => palette.accent,
            (false, false) => palette.line,
        };
        let margin = if self.rows == 1 {
            Margin::symmetric(9, 6)
        } else {
            Margin::symmetric(11, 10)
        };
        let frame = Frame::new()
            .fill(palette.field)
            .stroke(Stroke::new(1.0, line))
            .corner_radius(CornerRadius::same(self.radius()))
            .inner_margin(margin);
        let edit = if self.rows == 1 {
            TextEdit::singleline(text)
        } else {
            TextEdit::multiline(text).desired_rows(self.rows)
        };
        edit.id(self.id(ui))
            .frame(frame)
            .font(theme::TEXT)
            .text_color(palette.text)
            .hint_text(RichText::new(self.hint).color(palette.text_hint))
            .desired_width(f32::INFINITY)
    }

    fn radius(&self) -> u8 {
        if self.rows == 1 {
            theme::SMALL_RADIUS
        } else {
            theme::BOX_RADIUS
        }
    }

    fn finish(&self, ui: &Ui, palette: &Palette, response: Response, focused: bool) -> Response {
        if focused {
            let glow = Stroke::new(2.0, palette.accent.gamma_multiply(0.35));
            ui.painter().rect_stroke(
                response.rect,
                CornerRadius::same(self.radius()),
                glow,
                StrokeKind::Outside,
            );
        }
        response.accessible_name(self.name).on_hover_text(self.tip)
    }
}

/// The last frame in which names were offered.
fn last_offer() -> Id {
    Id::unique("the last frame in which names were offered")
}

/// Whether a list of names is open, which takes the keys.
pub(in crate::app) fn offers_names(ctx: &Context) -> bool {
    let last = ctx.data(|data| data.get_temp::<u64>(last_offer()));
    last.is_some_and(|frame| frame + 1 >= ctx.cumulative_frame_nr())
}

/// A text whose end is struck out where it is left out.
fn laid_out(ui: &Ui, palette: &Palette, text: &str, cut: Option<&str>, width: f32) -> Arc<Galley> {
    let cut = cut.and_then(|cut| text.trim_end().strip_suffix(cut));
    let read = cut.map_or(text.len(), str::len);
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    job.append(
        &text[..read],
        0.0,
        TextFormat::simple(theme::TEXT, palette.text),
    );
    let left_out = TextFormat {
        strikethrough: Stroke::new(1.0, palette.bad),
        ..TextFormat::simple(theme::TEXT, palette.text_hint)
    };
    job.append(&text[read..], 0.0, left_out);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}
