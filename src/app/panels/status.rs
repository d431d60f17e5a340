//! The status line: what is ready, what computes, what is saved, and the language.

use egui::{Align, Color32, Layout, RichText, Sense, Ui, vec2};

use super::upscale::stem;
use crate::app::action::{Action, Activity};
use crate::app::session::Card;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push};
use crate::app::words::phrases;
use crate::models::title_of;
use crate::recipe::Task;

/// Between two facts.
const GAP: f32 = 18.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let size = vec2(ui.available_width(), ui.available_height());
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.spacing_mut().item_spacing.x = 4.0;
        model(ui, view);
        device(ui, view);
        memory(ui, view);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            language(ui, view);
            saved(ui, view);
            queue(ui, view);
        });
    });
}

fn text(ui: &mut Ui, text: impl Into<String>, color: Color32) {
    ui.label(RichText::new(text).font(theme::SECONDARY).color(color));
}

fn strong(ui: &mut Ui, view: &View<'_>, text: impl Into<String>) {
    let text = RichText::new(text)
        .font(theme::semibold(12.0))
        .color(view.palette.text);
    ui.label(text);
}

fn model(ui: &mut Ui, view: &View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let (color, state) = match (&view.session.card, view.session.running()) {
        (_, Some(_)) => (palette.accent, words.working),
        (Card::Known(_), None) => (palette.good, words.ready),
        (Card::Reading, None) => (palette.text_hint, words.reading_model),
        (Card::Failed(_), None) => (palette.bad, words.not_ready),
    };
    let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    ui.painter().circle_filled(dot.center(), 3.5, color);
    ui.add_space(2.0);
    let recipe = view.session.running().map(|run| &run.recipe);
    let at_work = if recipe.is_some_and(|recipe| matches!(recipe.task, Task::Style(_))) {
        words.style.to_owned()
    } else if view.activity == Activity::Upscale {
        let network = view.settings.upscale.network(&view.session.extras);
        network.map_or_else(|| words.lanczos.to_owned(), |name| stem(&name).to_owned())
    } else {
        title_of(&view.settings.form.draft.model)
    };
    strong(ui, view, at_work);
    text(ui, state, palette.text_secondary);
}

fn device(ui: &mut Ui, view: &View<'_>) {
    let device = view.device;
    let chosen = view.settings.threads.map(usize::from);
    let threads = phrases::threads(view.language(), chosen.unwrap_or(device.cores));
    let parts = [device.name.as_str(), threads.as_str(), device.simd.as_str()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    ui.add_space(GAP);
    text(ui, parts.join(" · "), view.palette.text_secondary);
}

fn memory(ui: &mut Ui, view: &View<'_>) {
    let needed = if view.activity == Activity::Upscale {
        view.memory_to_enlarge()
    } else {
        view.memory_needed(&view.settings.form.draft)
    };
    let Some(needed) = needed else {
        return;
    };
    let palette = view.palette;
    let [before, numbers, after] =
        phrases::memory(view.language(), needed, view.device.memory_bytes);
    ui.add_space(GAP);
    text(ui, before, palette.text_secondary);
    if needed > view.device.memory_bytes {
        text(ui, numbers, palette.bad);
    } else {
        strong(ui, view, numbers);
    }
    text(ui, after, palette.text_secondary);
}

fn language(ui: &mut Ui, view: &mut View<'_>) {
    let words = view.words();
    let toggle =
        Push::new(words.language_toggle, words.language_tip, Look::Quiet).size(vec2(66.0, 22.0));
    if toggle.show(ui, view.palette).clicked() {
        let other = view.language().other();
        view.act(Action::Speak(other));
    }
}

fn saved(ui: &mut Ui, view: &View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let unsaved = view
        .session
        .shelf
        .pictures()
        .iter()
        .any(|picture| picture.not_saved.is_some());
    ui.add_space(GAP - 8.0);
    if view.session.settings_failure.is_some() {
        text(ui, words.settings_not_saved, palette.bad);
    } else if unsaved {
        text(ui, words.not_saved, palette.bad);
    } else {
        text(ui, words.saved, palette.text_secondary);
    }
}

fn queue(ui: &mut Ui, view: &View<'_>) {
    let waiting = view.session.queue.len();
    ui.add_space(GAP);
    // From right to left.
    if waiting > 0 {
        strong(ui, view, waiting.to_string());
    } else {
        text(ui, "0", view.palette.text_secondary);
    }
    text(ui, view.words().queue, view.palette.text_secondary);
}
