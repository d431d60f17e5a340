//! Settings: language, theme, size, folder, keys.

use egui::{Layout, Ui};

use super::numeric::Numeric;
use super::{key_rows, row, scrolled};
use crate::app::action::Action;
use crate::app::keys::Command;
use crate::app::state::ThemeChoice;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, secondary, wrapped};
use crate::app::words::{Language, failures, phrases};

/// Sizes of everything to choose from.
const SCALES: [f32; 4] = [1.0, 1.15, 1.3, 1.5];

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    scrolled(ui, "settings", |ui| {
        language(ui, view);
        ui.add_space(theme::SECTION_GAP);
        look(ui, view);
        ui.add_space(theme::SECTION_GAP);
        scale(ui, view);
        ui.add_space(theme::SECTION_GAP);
        threads(ui, view);
        ui.add_space(theme::SECTION_GAP);
        memory(ui, view);
        ui.add_space(theme::SECTION_GAP);
        folder(ui, view);
        ui.add_space(theme::SECTION_GAP);
        key_rows::show(ui, view);
    });
}

fn chips(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.add_space(4.0);
    ui.with_layout(
        Layout::left_to_right(egui::Align::Min).with_main_wrap(true),
        |ui| {
            ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
            content(ui);
        },
    );
}

fn language(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, here) = (view.words(), view.palette, view.language());
    head(ui, palette, words.language);
    chips(ui, |ui| {
        for (language, name) in Language::ALL {
            let selected = language == here;
            let chip = Push::new(name, words.language_choice_tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                view.act(Action::Speak(language));
            }
        }
    });
}

fn look(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let here = view.settings.theme;
    head(ui, palette, words.theme);
    chips(ui, |ui| {
        for (theme, name) in [
            (ThemeChoice::System, words.theme_system),
            (ThemeChoice::Dark, words.theme_dark),
            (ThemeChoice::Light, words.theme_light),
        ] {
            let selected = theme == here;
            let chip = Push::new(name, words.theme_tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                view.act(Action::Theme(theme));
            }
        }
    });
}

fn scale(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let here = view.settings.scale;
    let tip = view.tip(words.scale_tip, &[Command::Larger, Command::Smaller]);
    head(ui, palette, words.scale);
    chips(ui, |ui| {
        for scale in SCALES {
            let selected = (scale - here).abs() < 0.01;
            let name = format!("{:.0} %", scale * 100.0);
            let chip = Push::new(&name, &*tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                view.act(Action::Scale(scale));
            }
        }
        let tip = view.tip(words.full_screen_tip, &[Command::FullScreen]);
        let look = Look::Chip {
            selected: view.full_screen,
        };
        let full = Push::new(words.key_full_screen, tip, look);
        if full.show(ui, palette).clicked() {
            view.act(Action::ToggleFullScreen);
        }
    });
}

fn threads(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let (cores, here) = (view.device.cores, view.settings.threads);
    head(ui, palette, words.threads);
    let fewer = std::iter::successors(Some(1u16), |count| count.checked_mul(2));
    let fewer = fewer.take_while(|count| usize::from(*count) < cores);
    chips(ui, |ui| {
        for choice in std::iter::once(None).chain(fewer.map(Some)) {
            let name = match choice {
                None => phrases::all_cores(language, cores),
                Some(count) => phrases::threads(language, count.into()),
            };
            let look = Look::Chip {
                selected: choice == here,
            };
            let chip = Push::new(&name, words.threads_tip, look);
            if chip.show(ui, palette).clicked() {
                view.act(Action::Threads(choice));
            }
        }
    });
}

/// How much drawing may hold.
fn memory(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    head(ui, palette, words.memory_for_drawing);
    let most = (view.device.memory_bytes as f64 / 1e9).ceil().max(1.0);
    let numeric = Numeric {
        name: words.memory_limit,
        tip: words.memory_limit_tip,
        range: 0.0..=most,
        step: 0.5,
        default: 0.0,
        decimals: 1,
        bad: false,
    };
    let limit = &mut view.settings.memory_limit;
    numeric.show(ui, palette, limit);
    *limit = limit.clamp(0.0, 1e6);
    drop(hint(ui, palette, words.memory_limit_none));
}

fn folder(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let reveal = row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.pictures_folder)),
        |ui| {
            Push::new(words.reveal_folder, words.reveal_folder_tip, Look::Quiet)
                .show(ui, palette)
                .clicked()
        },
    );
    let path = view.pictures_folder.display().to_string();
    wrapped(ui, &path, theme::SECONDARY, palette.text_secondary);
    if let Some(failure) = &view.session.settings_failure {
        let text = failures::failure(view.language(), failure);
        crate::app::widgets::problem(ui, palette, words.settings_not_saved);
        secondary(ui, palette, text);
    }
    if reveal {
        view.act(Action::RevealFolder);
    }
}
