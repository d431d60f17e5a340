//! The sheet that asks for a path, below the floating bar.

use std::ops::Range;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Area, CornerRadius, Frame, Id, Key, Margin, Order, Rect, Stroke, Ui, pos2, vec2};

use crate::app::action::Action;
use crate::app::keys::Command;
use crate::app::path_sheet::{PathSheet, Purpose};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, TextField, head, problem};
use crate::app::words::failures;
use crate::engine::Failure;
use crate::library::FileError;

/// Where the middle is narrower, the sheet is too.
const WIDEST: f32 = 460.0;

pub(super) fn show(ui: &Ui, view: &mut View<'_>, top: Rect) {
    let palette = view.palette;
    let width = WIDEST.min(top.width() - 16.0);
    let at = pos2(top.center().x - width / 2.0, top.bottom() - 2.0);
    Area::new(Id::unique("path sheet"))
        .order(Order::Foreground)
        .fixed_pos(at)
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(palette.panel)
                .stroke(Stroke::new(1.0, palette.line))
                .corner_radius(CornerRadius::same(11))
                .inner_margin(Margin::same(14))
                .shadow(egui::Shadow {
                    offset: [0, 8],
                    blur: 24,
                    spread: 0,
                    color: palette.shadow,
                })
                .show(ui, |ui| {
                    ui.set_width(width - 30.0);
                    inside(ui, view);
                });
        });
}

fn inside(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let Some(sheet) = view.sheet.as_mut() else {
        return;
    };
    let (title, verb) = match sheet.purpose {
        Purpose::OpenPicture => (words.open_picture, words.open),
        Purpose::SaveAs => (words.save_as, words.save),
        Purpose::LoadMask => (words.load_mask, words.open),
        Purpose::SaveMask => (words.save_mask, words.save),
        Purpose::ModelFolder => (words.open_model_folder, words.open),
        Purpose::Vae => (words.open_vae, words.open),
        Purpose::ModelFile => (words.open_model_file, words.open),
        Purpose::ModelsFolder => (words.add_folder_title, words.open),
        Purpose::Network => (words.open_network_title, words.open),
        Purpose::ClipFolder => (words.open_clip, words.open),
    };
    head(ui, palette, title);
    ui.add_space(4.0);
    let field = TextField {
        name: words.path,
        tip: words.path_tip,
        hint: "",
        rows: 1,
        bad: sheet.failure.is_some(),
    };
    let response = field.show(ui, palette, &mut sheet.text);
    if std::mem::take(&mut sheet.focus) {
        response.request_focus();
        select(ui, response.id, sheet.written_over());
    }
    if response.changed() {
        sheet.failure = None;
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let exists = matches!(sheet.failure, Some(Failure::File(FileError::Exists { .. })));
    if let Some(failure) = &sheet.failure {
        problem(ui, palette, &failures::failure(language, failure));
    }
    ui.add_space(8.0);
    let actions = ui.horizontal(|ui| buttons(ui, view, verb, exists)).inner;
    for action in actions {
        view.act(action);
    }
    if entered && !exists {
        view.act(Action::ConfirmPath { replace: false });
    }
}

/// Selects characters of a field that is about to be typed into.
fn select(ui: &Ui, field: Id, characters: Range<usize>) {
    let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
    let [start, end] = [characters.start, characters.end].map(CCursor::new);
    state
        .cursor
        .set_char_range(Some(CCursorRange::two(start, end)));
    state.store(ui.ctx(), field);
}

fn buttons(ui: &mut Ui, view: &View<'_>, verb: &str, exists: bool) -> Vec<Action> {
    let (words, palette) = (view.words(), view.palette);
    let usable = view
        .sheet
        .as_ref()
        .is_some_and(|sheet: &PathSheet| !sheet.busy && sheet.path().is_some());
    let (name, tip) = if exists {
        (words.replace, words.replace_tip)
    } else {
        (verb, words.confirm_tip)
    };
    let confirm = Push::new(name, tip, Look::Chip { selected: true })
        .font(theme::SECONDARY)
        .enabled(usable);
    let browse = Push::new(words.browse, words.browse_tip, Look::Plain);
    let cancel = Push::new(
        words.cancel,
        view.tip(words.cancel_tip, &[Command::Close]),
        Look::Quiet,
    );
    let pushes = [
        (confirm, Action::ConfirmPath { replace: exists }),
        (browse, Action::Browse),
        (cancel, Action::CloseSheet),
    ];
    ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
    pushes
        .into_iter()
        .filter_map(|(push, action)| push.show(ui, palette).clicked().then_some(action))
        .collect()
}
