//! The list of keys in the settings: a row for each command, whose key is a button.

use egui::{Align, EventFilter, Layout, Response, Ui, vec2};

use super::row;
use crate::app::action::Action;
use crate::app::icons::Icon;
use crate::app::keys::{Command, KeyChange, KeyNote};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, by_keyboard, head, hint, inform, one_line, problem};
use crate::app::words::phrases;

const ROW: f32 = 26.0;
/// Height of the buttons, and the least width of those with keys.
const HEIGHT: f32 = 22.0;
const NARROWEST: f32 = 44.0;
/// Least room between a name and its key.
const BETWEEN: f32 = 8.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let reset = row(
        ui,
        ROW,
        |ui| drop(head(ui, palette, words.keys)),
        |ui| {
            Push::new(words.reset_keys, words.reset_keys_tip, Look::Quiet)
                .enabled(view.settings.keys.is_any_changed())
                .show(ui, palette)
                .clicked()
        },
    );
    if reset {
        view.act(Action::Keys(KeyChange::ResetAll));
    }
    hint(ui, palette, words.keys_hint);
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut before = "";
    for &command in Command::ALL {
        let above = command.place().head(words);
        if above != before {
            ui.add_space(10.0);
            group(ui, view, above);
            before = above;
        }
        command_row(ui, view, command);
    }
    ui.add_space(10.0);
    hint(ui, palette, words.keys_fixed);
}

/// The head of commands that hold in the same place.
pub(super) fn group(ui: &mut Ui, view: &View<'_>, name: &str) {
    let text = egui::RichText::new(name).font(theme::semibold(11.5));
    ui.label(text.color(view.palette.text_hint));
    ui.add_space(2.0);
}

/// A command's name, as far as there is room beside `taken` points.
pub(super) fn name_beside(ui: &mut Ui, view: &View<'_>, command: Command, taken: f32) {
    let (name, ink) = (command.name(view.words()), view.palette.text_secondary);
    let width = ui.available_width() - taken - BETWEEN;
    one_line(ui, name, theme::SECONDARY, ink, width);
}

fn command_row(ui: &mut Ui, view: &mut View<'_>, command: Command) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let name = command.name(words);
    let waiting = view.key_edit.waiting == Some(command);
    let keys = view.settings.keys.shown(command);
    let (label, told) = match (waiting, keys.is_empty()) {
        (true, _) => (words.press_a_key, words.press_a_key),
        (false, true) => ("—", ""),
        (false, false) => (&*keys, &*keys),
    };
    let told = phrases::command_keys(language, name, told);
    let look = if waiting {
        Look::Choice { selected: true }
    } else {
        Look::Plain
    };
    let key = Push::new(&told, words.key_tip, look).label(label);
    let width = key.width(ui).max(NARROWEST);
    let key = key.size(vec2(width, HEIGHT));
    let undone = phrases::reset_key(language, name);
    let reset = view.settings.keys.is_changed(command).then(|| {
        Push::new(&undone, words.reset_key_tip, Look::Quiet)
            .only_icon(Icon::Undo)
            .size(vec2(HEIGHT, HEIGHT))
    });
    let taken = width + reset.as_ref().map_or(0.0, |_| HEIGHT + 2.0);
    let (pressed, undo) = row(
        ui,
        ROW,
        |ui| name_beside(ui, view, command, taken),
        |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            // The focus stays with it, whatever stands before it.
            let key = ui.push_id(command.id(), |ui| key.show(ui, palette)).inner;
            let undo = reset.is_some_and(|reset| reset.show(ui, palette).clicked());
            (key, undo)
        },
    );
    let change = if undo {
        Some(KeyChange::Reset(command))
    } else {
        follow(ui, &pressed, command, waiting)
    };
    view.actions.extend(change.map(Action::Keys));
    note(ui, view, command);
}

/// What a press of a command's button asks for, or its loss of the focus.
fn follow(ui: &Ui, key: &Response, command: Command, waiting: bool) -> Option<KeyChange> {
    if key.gained_focus() && by_keyboard(ui.ctx()) {
        key.scroll_to_me(None);
    }
    if key.clicked() {
        return Some(KeyChange::Wait(command));
    }
    if !waiting {
        return None;
    }
    keep_keys(ui, key);
    // Whoever goes elsewhere wants no other key.
    (!key.has_focus()).then_some(KeyChange::StopWaiting)
}

/// What to know about a command's key, below it.
fn note(ui: &mut Ui, view: &View<'_>, command: Command) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let about = view.key_edit.note.as_ref();
    let about = about.filter(|(changed, _)| *changed == command);
    let text = match about {
        Some((_, KeyNote::Was(before))) if !before.is_empty() => {
            let names: Vec<&str> = before.iter().map(|other| other.name(words)).collect();
            phrases::key_was(language, &names)
        }
        Some((_, KeyNote::Fixed(key))) => {
            let text = phrases::key_fixed(language, &key.shown());
            problem(ui, palette, &text);
            return;
        }
        _ => return,
    };
    ui.with_layout(Layout::top_down(Align::Max), |ui| {
        inform(ui, palette, &text);
    });
}

/// Every key is for the button that waits, also those that would take the focus away.
fn keep_keys(ui: &Ui, response: &Response) {
    let all = EventFilter {
        tab: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: true,
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, all));
}
