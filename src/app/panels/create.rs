//! What to make: prompt, model, picture.

use egui::{Panel, Ui};

use super::{fold, making, model, row, sampling, scrolled};
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{TextField, head, inform, secondary};
use crate::app::words::{failures, phrases};
use crate::recipe::Field;

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
        prompt(ui, view);
        ui.add_space(6.0);
        negative_prompt(ui, view);
        ui.add_space(theme::SECTION_GAP);
        model::show(ui, view);
        ui.add_space(theme::SECTION_GAP);
        sampling::show(ui, view);
    });
}

fn prompt(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let tokens = view.session.tokens;
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.prompt)),
        |ui| {
            if let Some((tokens, window)) = tokens {
                let text = phrases::tokens(language, tokens, window);
                if tokens > window {
                    ui.colored_label(
                        palette.bad,
                        egui::RichText::new(text).font(theme::SECONDARY),
                    );
                } else {
                    secondary(ui, palette, text);
                }
            }
        },
    );
    let tip = phrases::makes_it(language, words.prompt_tip, &view.key(Command::Generate));
    let field = TextField {
        name: words.prompt,
        tip: &tip,
        hint: words.prompt_hint,
        rows: 5,
        bad: false,
    };
    let response = field.show(ui, palette, &mut view.settings.form.draft.prompt);
    if std::mem::take(view.focus_prompt) {
        response.request_focus();
    }
    let problems = view.settings.form.draft.problems(view.session.limits());
    sampling::told(ui, view, &problems, &[Field::Prompt]);
    for note in &view.session.notes {
        inform(ui, palette, &failures::note(language, note));
    }
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
