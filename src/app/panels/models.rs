//! Models: what is searched, what comes, and the folders that are looked into.

use egui::{Align, Key, Layout, Ui, vec2};

use super::{getting, row, scrolled};
use crate::app::action::Action;
use crate::app::at_models::ModelsAction;
use crate::app::icons::Icon;
use crate::app::path_sheet::Purpose;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, TextField, head, one_line, problem, secondary};
use crate::app::words::{of_models, phrases};
use crate::stock::Root;

/// Letters of a folder that are shown.
const FOLDER_LETTERS: usize = 36;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    scrolled(ui, "models", |ui| {
        search(ui, view);
        ui.add_space(theme::SECTION_GAP);
        folders(ui, view);
        ui.add_space(theme::SECTION_GAP);
        getting::show(ui, view);
    });
}

fn search(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let (shown, all) = (view.stock.shown().len(), view.stock.items.len());
    let refresh = row(
        ui,
        26.0,
        |ui| {
            head(ui, palette, words.models);
            if all > 0 {
                secondary(ui, palette, of_models::count(language, shown, all));
            }
        },
        |ui| {
            let push = Push::new(words.refresh_models, words.refresh_models_tip, Look::Quiet);
            push.show(ui, palette).clicked()
        },
    );
    ui.add_space(4.0);
    let field = TextField {
        name: words.find_models,
        tip: words.find_models_tip,
        hint: words.find_models_hint,
        rows: 1,
        bad: false,
    };
    field.show(ui, palette, &mut view.stock.search);
    ui.add_space(6.0);
    let kinds = view.stock.kinds();
    if kinds.len() > 1 {
        chips(ui, |ui| {
            let all = std::iter::once((None, words.all_kinds));
            let each = kinds
                .iter()
                .map(|kind| (Some(*kind), of_models::kind(language, *kind)));
            for (kind, name) in all.chain(each) {
                let selected = view.stock.kind == kind;
                let chip = Push::new(name, words.kind_tip, Look::Chip { selected });
                if chip.show(ui, palette).clicked() {
                    view.stock.kind = kind;
                }
            }
        });
    }
    if let Some(wrong) = &view.stock.problem {
        ui.add_space(4.0);
        problem(ui, palette, &of_models::stock_problem(language, wrong));
    }
    if refresh {
        view.act(Action::AtModels(ModelsAction::DismissProblem));
        view.act(Action::AtModels(ModelsAction::Refresh));
    }
}

/// Choices on as many lines as they need.
pub(super) fn chips(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.with_layout(
        Layout::left_to_right(Align::Min).with_main_wrap(true),
        |ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            content(ui);
        },
    );
}

fn folders(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let add = row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.model_folders)),
        |ui| {
            let push = Push::new(words.add_folder, words.add_folder_tip, Look::Quiet);
            push.icon(Icon::Open).show(ui, palette).clicked()
        },
    );
    ui.add_space(2.0);
    let mut chosen = None;
    for root in &view.stock.roots {
        chosen = folder(ui, view, root).or(chosen);
        ui.add_space(4.0);
    }
    if add {
        view.act(Action::Ask(Purpose::ModelsFolder));
    }
    view.actions.extend(chosen.map(Action::AtModels));
}

/// Whose folder it is, and where; those that people named can be taken back.
fn folder(ui: &mut Ui, view: &View<'_>, root: &Root) -> Option<ModelsAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let path = root.path.display().to_string();
    let title = match root.layout.title() {
        "" => words.model_folder,
        title => title,
    };
    let removed = row(
        ui,
        34.0,
        |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                let width = ui.available_width() - 34.0;
                one_line(ui, title, theme::SECONDARY, palette.text, width);
                let shown = phrases::shortened(&path, FOLDER_LETTERS);
                let told = one_line(ui, &shown, theme::HINT, palette.text_hint, width);
                if shown != path {
                    told.on_hover_text(&path);
                }
            });
        },
        |ui| {
            if !root.added {
                return false;
            }
            let name = of_models::remove_folder(language, &path);
            let push = Push::new(&name, words.remove_folder_tip, Look::Quiet);
            let push = push.only_icon(Icon::Cross).size(vec2(22.0, 22.0));
            push.show(ui, palette).clicked()
        },
    );
    if let Some(wrong) = &root.problem {
        problem(ui, palette, &of_models::stock_problem(language, wrong));
    }
    removed.then(|| ModelsAction::RemoveFolder(root.path.clone()))
}

/// Whether a field was left by Enter.
pub(super) fn entered(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}
