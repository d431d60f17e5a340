//! Text that is only read.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, FontId, Response, RichText, Role, Ui, WidgetInfo};

use crate::app::theme::{self, Palette};

/// Head of a section.
pub(in crate::app) fn head(ui: &mut Ui, palette: &Palette, text: &str) -> Response {
    ui.label(
        RichText::new(text)
            .font(theme::semibold(13.0))
            .color(palette.text),
    )
}

/// Values and what stands beside things.
pub(in crate::app) fn secondary(
    ui: &mut Ui,
    palette: &Palette,
    text: impl Into<String>,
) -> Response {
    ui.label(
        RichText::new(text)
            .font(theme::SECONDARY)
            .color(palette.text_secondary),
    )
}

/// The faintest text.
pub(in crate::app) fn hint(ui: &mut Ui, palette: &Palette, text: &str) -> Response {
    wrapped(ui, text, theme::HINT, palette.text_hint)
}

/// What is wrong, beside what it is about.
pub(in crate::app) fn problem(ui: &mut Ui, palette: &Palette, text: &str) -> Response {
    let text = sentence(text);
    let response = wrapped(ui, &text, theme::SECONDARY, palette.bad);
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &text));
    response
}

/// What people should know, beside what it is about.
pub(in crate::app) fn inform(ui: &mut Ui, palette: &Palette, text: &str) -> Response {
    let text = sentence(text);
    wrapped(ui, &text, theme::SECONDARY, palette.accent_text)
}

/// Text over as many lines as it needs.
pub(in crate::app) fn wrapped(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Response {
    ui.add(egui::Label::new(RichText::new(text).font(font).color(color)).wrap())
}

/// Text on one line; what does not fit is left out, and told in a tooltip.
pub(in crate::app) fn one_line(
    ui: &mut Ui,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Response {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut job = LayoutJob::simple_singleline(flat, font, color);
    job.wrap = TextWrapping::truncate_at_width(width);
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    let response = ui.label(galley);
    if elided {
        response.on_hover_text(text)
    } else {
        response
    }
}

/// Messages of the engine are parts of sentences; here they stand alone.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    // A path keeps its letters.
    let word_end = text.find(char::is_whitespace).unwrap_or(text.len());
    match letters.next() {
        Some(first) if text[..word_end].chars().all(char::is_alphabetic) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_start_as_sentences_do_and_paths_stay() {
        assert_eq!(sentence("the size is odd"), "The size is odd");
        assert_eq!(
            sentence("unet/config.json is odd"),
            "unet/config.json is odd"
        );
        assert_eq!(sentence("尺寸不合适"), "尺寸不合适");
    }
}
