//! What to make: prompt, model, picture.

use egui::{Panel, Ui};

use super::{fold, making, model, prompt, sampling, scrolled};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::TextField;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let frame = egui::Frame::new()
        .fill(view.palette.panel)
        .inner_margin(egui::Margin::symmetric(theme::SIDE, 14));
    Panel::bottom("generate")
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| making::show(ui, view));
    scrolled(ui, "create", |ui| {
        prompt::show(ui, view);
        ui.add_space(6.0);
        negative_prompt(ui, view);
        ui.add_space(theme::SECTION_GAP);
        model::show(ui, view);
        ui.add_space(theme::SECTION_GAP);
        sampling::show(ui, view);
    });
}

fn negative_prompt(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let form = &mut view.settings.form;
    let head = (words.negative_prompt, words.negative_prompt_tip);
    if fold(ui, palette, head, &mut form.negative_open, |_| ()) {
        let field = TextField {
            name: words.negative_prompt,
            tip: words.negative_prompt_tip,
            hint: words.negative_hint,
            rows: 2,
            bad: false,
        };
        field.show(ui, palette, &mut form.draft.negative_prompt);
    }
}
