//! What is known of the model people look at, and what there is to do with it.

use egui::{Align, Color32, CornerRadius, Layout, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::model_list::where_from;
use super::models::chips;
use super::row;
use crate::app::action::Action;
use crate::app::at_models::ModelsAction;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, problem, wrapped};
use crate::app::words::of_models;
use crate::stock::{Details, Family, Item};

/// Width of the names of facts.
const NAME: f32 = 76.0;
/// The picture is no higher.
const HIGHEST: f32 = 220.0;
/// Letters of a trigger word that are shown.
const WORD_LETTERS: usize = 32;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let Some(item) = view.stock.chosen() else {
        head(ui, palette, words.model);
        ui.add_space(4.0);
        hint(ui, palette, words.choose_model_hint);
        return;
    };
    let mut actions = Vec::new();
    title(ui, view, item);
    picture(ui, view, item);
    ui.add_space(8.0);
    actions.extend(buttons(ui, view, item));
    ui.add_space(theme::SECTION_GAP);
    facts(ui, view, item);
    actions.extend(hash(ui, view, item));
    match view.stock.details_of(&item.path) {
        Some(Ok(details)) => {
            actions.extend(trigger_words(ui, view, details));
            metadata(ui, view, details);
        }
        Some(Err(wrong)) if item.told.problem.is_none() => {
            problem(
                ui,
                palette,
                &of_models::stock_problem(view.language(), wrong),
            );
        }
        _ => {}
    }
    view.actions
        .extend(actions.into_iter().map(Action::AtModels));
}

fn title(ui: &mut Ui, view: &View<'_>, item: &Item) {
    let palette = view.palette;
    let title = item.told.title.as_ref().unwrap_or(&item.name);
    wrapped(ui, title, theme::semibold(14.0), palette.text);
    if *title != item.name {
        wrapped(ui, &item.name, theme::HINT, palette.text_hint);
    }
    if let Some(wrong) = &item.told.problem {
        problem(ui, palette, wrong);
    }
}

fn picture(ui: &mut Ui, view: &View<'_>, item: &Item) {
    let Some(texture) = view.stock.picture(&item.path) else {
        return;
    };
    ui.add_space(8.0);
    let pixels = texture.size_vec2();
    let width = ui.available_width();
    let scale = (width / pixels.x).min(HIGHEST / pixels.y);
    let (rect, response) = ui.allocate_exact_size(pixels * scale, Sense::hover());
    let name = view.words().model_picture;
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    let radius = CornerRadius::same(theme::SMALL_RADIUS);
    let shape = egui::epaint::RectShape::filled(rect, radius, Color32::WHITE);
    ui.painter().add(shape.with_texture(texture.id(), whole));
}

fn buttons(ui: &mut Ui, view: &View<'_>, item: &Item) -> Option<ModelsAction> {
    let (words, palette) = (view.words(), view.palette);
    let mut chosen = None;
    if item.told.kind.is_model() {
        let push = Push::new(words.use_model, words.use_model_tip, Look::Plain);
        let push = push.size(vec2(ui.available_width(), 32.0));
        if push.show(ui, palette).clicked() {
            chosen = Some(ModelsAction::Use(item.path.clone()));
        }
        ui.add_space(4.0);
    }
    let push = Push::new(words.reveal_model, words.reveal_model_tip, Look::Quiet);
    if push.show(ui, palette).clicked() {
        chosen = Some(ModelsAction::Reveal(item.path.clone()));
    }
    chosen
}

fn facts(ui: &mut Ui, view: &View<'_>, item: &Item) {
    let (words, language, told) = (view.words(), view.language(), &item.told);
    let details = view
        .stock
        .details_of(&item.path)
        .and_then(|details| details.as_ref().ok());
    let elements = details
        .map(|details| details.elements)
        .filter(|elements| *elements > 0);
    let lies = format!("{} · {}", where_from(view, item), item.path.display());
    let rows = [
        (
            words.column_kind,
            of_models::kind(language, told.kind).to_owned(),
        ),
        (
            words.column_family,
            told.family.map_or("", Family::title).to_owned(),
        ),
        (words.column_size, of_models::size(item.bytes)),
        (
            words.column_precision,
            told.precision.clone().unwrap_or_default(),
        ),
        (
            words.parameters,
            elements.map(of_models::numbers).unwrap_or_default(),
        ),
        (
            words.column_licence,
            told.licence.clone().unwrap_or_default(),
        ),
        (words.column_where, lies),
    ];
    ui.spacing_mut().item_spacing.y = 3.0;
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        fact(ui, view, name, value);
    }
}

fn fact(ui: &mut Ui, view: &View<'_>, name: &str, value: &str) {
    let palette = view.palette;
    let width = ui.available_width();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let cells = [
            (NAME, name, palette.text_hint),
            (width - NAME, value, palette.text),
        ];
        for (width, text, ink) in cells {
            let layout = Layout::top_down(Align::Min);
            ui.allocate_ui_with_layout(vec2(width, 16.0), layout, |ui| {
                ui.set_width(width);
                wrapped(ui, text, theme::SECONDARY, ink);
            });
        }
    });
}

/// The hash, or a button that computes it; of a folder there is none.
fn hash(ui: &mut Ui, view: &View<'_>, item: &Item) -> Option<ModelsAction> {
    let (words, palette) = (view.words(), view.palette);
    if item.path.is_dir() {
        return None;
    }
    let mut chosen = None;
    row(
        ui,
        26.0,
        |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let layout = Layout::left_to_right(Align::Center);
            ui.allocate_ui_with_layout(vec2(NAME, 20.0), layout, |ui| {
                ui.set_width(NAME);
                wrapped(ui, words.hash, theme::SECONDARY, palette.text_hint);
            });
            if let Some(short) = item.short_hash() {
                wrapped(ui, short, theme::SECONDARY, palette.text);
            } else if view.stock.hashing.contains(&item.path) {
                wrapped(ui, words.hashing_model, theme::SECONDARY, palette.text_hint);
            }
        },
        |ui| {
            if let Some(sha256) = &item.sha256 {
                let push = Push::new(words.copy_hash, words.copy_hash_tip, Look::Quiet);
                if push.label(words.copy).show(ui, palette).clicked() {
                    chosen = Some(ModelsAction::CopyText(sha256.clone()));
                }
            } else if !view.stock.hashing.contains(&item.path) {
                let push = Push::new(words.hash_model, words.hash_model_tip, Look::Quiet);
                if push.show(ui, palette).clicked() {
                    chosen = Some(ModelsAction::Hash(item.path.clone()));
                }
            }
        },
    );
    chosen
}

/// Each can be copied, and all together.
fn trigger_words(ui: &mut Ui, view: &View<'_>, details: &Details) -> Option<ModelsAction> {
    let (words, palette) = (view.words(), view.palette);
    let triggers = &details.trigger_words;
    if triggers.is_empty() {
        return None;
    }
    ui.add_space(theme::SECTION_GAP);
    let mut chosen = None;
    row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.trigger_words)),
        |ui| {
            let push = Push::new(words.copy_words, words.copy_words_tip, Look::Quiet);
            if push.show(ui, palette).clicked() {
                chosen = Some(ModelsAction::CopyText(triggers.join(", ")));
            }
        },
    );
    ui.add_space(2.0);
    chips(ui, |ui| {
        for word in triggers {
            let short: String = word.chars().take(WORD_LETTERS).collect();
            let look = Look::Chip { selected: false };
            let chip = Push::new(word, words.copy_word_tip, look).label(&short);
            if chip.show(ui, palette).clicked() {
                chosen = Some(ModelsAction::CopyText(word.clone()));
            }
        }
    });
    chosen
}

/// What the header says, as it stands there.
fn metadata(ui: &mut Ui, view: &View<'_>, details: &Details) {
    let palette = view.palette;
    if details.rows.is_empty() {
        return;
    }
    ui.add_space(theme::SECTION_GAP);
    head(ui, palette, view.words().metadata);
    ui.add_space(4.0);
    for (name, value) in &details.rows {
        wrapped(ui, name, theme::HINT, palette.text_hint);
        wrapped(ui, value, theme::SECONDARY, palette.text_secondary);
        ui.add_space(4.0);
    }
}
