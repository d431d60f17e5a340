//! The models people have, a row each; only those that are seen are drawn.

use std::path::PathBuf;

use egui::style::ScrollAnimation;
use egui::{
    Align2, Color32, CornerRadius, EventFilter, FontId, Frame, Id, Key, Margin, Rect, Response,
    Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::path;
use super::run::middle_of;
use crate::app::action::Action;
use crate::app::at_models::ModelsAction;
use crate::app::icons::Icon;
use crate::app::stock::Look;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{focus_when_pressed, hint, shows_focus};
use crate::app::words::{Words, of_models};
use crate::stock::{Family, Item};

/// Height of a row.
const ROW: f32 = 46.0;
/// Side of a picture in it.
const PICTURE: f32 = 34.0;
/// Above the sheet that asks for a path.
const SHEET: f32 = 36.0;
/// Left and right of everything.
const PADDING: f32 = 10.0;
/// The least a name needs.
const NAME: f32 = 150.0;

/// A fact of each model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Kind,
    Family,
    Size,
    Precision,
    Licence,
    Where,
}

/// In the order shown, with their widths; where there is less room, those that are told first here stay.
const COLUMNS: [(Column, f32); 6] = [
    (Column::Kind, 86.0),
    (Column::Family, 78.0),
    (Column::Size, 66.0),
    (Column::Precision, 66.0),
    (Column::Licence, 122.0),
    (Column::Where, 96.0),
];

impl Column {
    fn title(self, words: &Words) -> &'static str {
        match self {
            Self::Kind => words.column_kind,
            Self::Family => words.column_family,
            Self::Size => words.column_size,
            Self::Precision => words.column_precision,
            Self::Licence => words.column_licence,
            Self::Where => words.column_where,
        }
    }

    fn text(self, view: &View<'_>, item: &Item) -> String {
        let told = &item.told;
        match self {
            Self::Kind => of_models::kind(view.language(), told.kind).to_owned(),
            Self::Family => told.family.map_or("", Family::title).to_owned(),
            Self::Size => of_models::size(item.bytes),
            Self::Precision => told.precision.clone().unwrap_or_default(),
            Self::Licence => told.licence.clone().unwrap_or_default(),
            Self::Where => where_from(view, item),
        }
    }
}

/// Whose folder it lies in.
pub(super) fn where_from(view: &View<'_>, item: &Item) -> String {
    let root = view.stock.roots.iter().find(|root| root.path == item.root);
    let title = root.map_or("", |root| root.layout.title());
    if !title.is_empty() {
        return title.to_owned();
    }
    let folder = item.root.file_name().unwrap_or_default();
    folder.to_string_lossy().into_owned()
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let frame = Frame::new().inner_margin(Margin {
        left: 14,
        right: 6,
        top: 12,
        bottom: 8,
    });
    let chosen = frame.show(ui, |ui| list(ui, view)).inner;
    view.actions
        .extend(chosen.into_iter().map(Action::AtModels));
    if view.sheet.is_some() {
        let top = Rect::from_min_size(ui.max_rect().min, vec2(ui.max_rect().width(), SHEET));
        path::show(ui, view, top);
    }
}

fn list(ui: &mut Ui, view: &View<'_>) -> Vec<ModelsAction> {
    let shown = view.stock.shown();
    if shown.is_empty() {
        nothing(ui, view);
        return Vec::new();
    }
    let width = ui.available_width() - 12.0;
    let columns = columns(width);
    titles(ui, view, width, columns);
    ui.spacing_mut().item_spacing.y = 2.0;
    let place_of = |item: &Item| shown.iter().position(|other| other.path == item.path);
    let here = view.stock.chosen().and_then(place_of);
    let step = step(ui, view);
    let next = here
        .zip(step)
        .map(|(here, step)| here.saturating_add_signed(step).min(shown.len() - 1));
    let mut actions = Vec::new();
    if let Some(item) = next.and_then(|next| shown.get(next)) {
        actions.push(ModelsAction::Choose(item.path.clone()));
        // It is drawn in the next frame.
        ui.data_mut(|data| data.insert_temp(focus_comes(), item.path.clone()));
    }
    ScrollArea::vertical()
        .id_salt("model list")
        .auto_shrink(false)
        .show_rows(ui, ROW, shown.len(), |ui, range| {
            if let Some(next) = next {
                let above = (next as f32 - range.start as f32) * (ROW + 2.0);
                let at = pos2(ui.min_rect().left(), ui.min_rect().top() + above);
                let rect = Rect::from_min_size(at, vec2(width, ROW));
                ui.scroll_to_rect_animation(rect, None, ScrollAnimation::none());
            }
            for item in &shown[range] {
                let response = item_row(ui, view, item, (width, columns));
                if response.clicked() {
                    actions.push(ModelsAction::Choose(item.path.clone()));
                }
                if !view.stock.pictures.contains_key(&item.path) {
                    actions.push(ModelsAction::ShowPicture(item.path.clone()));
                }
            }
        });
    actions
}

/// Why there is no row.
fn nothing(ui: &mut Ui, view: &View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let text = match (view.stock.items.is_empty(), view.stock.whole) {
        (false, _) => words.no_models_found,
        (true, true) => words.no_models,
        (true, false) => words.looking_for_models,
    };
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.36);
        let (rect, _) = ui.allocate_exact_size(vec2(34.0, 34.0), Sense::hover());
        Icon::Models.paint(ui.painter(), rect, 30.0, palette.text_hint);
        ui.add_space(8.0);
        ui.set_max_width(360.0);
        hint(ui, palette, text);
    });
}

/// Those there is room for.
fn columns(width: f32) -> &'static [(Column, f32)] {
    let mut left = width - PICTURE - 2.0 * PADDING - NAME;
    let fitting = COLUMNS.iter().take_while(|(_, width)| {
        left -= width;
        left >= 0.0
    });
    let count = fitting.count();
    &COLUMNS[..count]
}

/// Where each column begins, the name's own first.
fn places(rect: Rect, columns: &[(Column, f32)]) -> Vec<(f32, f32)> {
    let sum: f32 = columns.iter().map(|(_, width)| width).sum();
    let name = rect.left() + PADDING + PICTURE + 10.0;
    let mut at = rect.right() - PADDING - sum;
    let mut places = vec![(name, at - name - 8.0)];
    for (_, width) in columns {
        places.push((at, width - 8.0));
        at += width;
    }
    places
}

fn titles(ui: &mut Ui, view: &View<'_>, width: f32, columns: &[(Column, f32)]) {
    let (words, palette) = (view.words(), view.palette);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 22.0), Sense::hover());
    let names = columns.iter().map(|(column, _)| column.title(words));
    let names = std::iter::once(words.column_name).chain(names);
    for (name, (at, width)) in names.zip(places(rect, columns)) {
        let middle = rect.center().y;
        text(
            ui,
            name,
            (at, middle),
            width,
            theme::HINT,
            palette.text_hint,
        );
        let cell = Rect::from_x_y_ranges(at..=at + width, rect.y_range());
        let cell = ui.interact(cell, Id::unique(("models column", name)), Sense::hover());
        cell.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    }
    let line = Stroke::new(1.0, palette.line);
    ui.painter().hline(rect.x_range(), rect.bottom(), line);
    ui.add_space(4.0);
}

fn id_of(item: &Item) -> Id {
    Id::unique(("model", &item.path))
}

/// Where it is kept that the chosen row takes the focus once it is there.
fn focus_comes() -> Id {
    Id::unique("focus comes to a model")
}

/// Up or down by the keyboard, from the row that has the focus.
fn step(ui: &Ui, view: &View<'_>) -> Option<isize> {
    let chosen = view.stock.chosen()?;
    if !ui.memory(|memory| memory.has_focus(id_of(chosen))) {
        return None;
    }
    ui.input(|input| {
        let keys = [
            (Key::ArrowDown, 1),
            (Key::ArrowUp, -1),
            (Key::PageDown, 10),
            (Key::PageUp, -10),
        ];
        let pressed = keys.into_iter().find(|(key, _)| input.key_pressed(*key));
        pressed.map(|(_, step)| step)
    })
}

/// One model; its facts are its name to screen readers.
fn item_row(
    ui: &mut Ui,
    view: &View<'_>,
    item: &Item,
    (width, columns): (f32, &[(Column, f32)]),
) -> Response {
    let (palette, id) = (view.palette, id_of(item));
    let (_, rect) = ui.allocate_space(vec2(width, ROW));
    let response = ui.interact(rect, id, Sense::click());
    let here = view.stock.chosen.as_ref() == Some(&item.path);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, here, &item.name));
    focus_when_pressed(&response);
    let comes: Option<PathBuf> = ui.data(|data| data.get_temp(focus_comes()));
    if comes.as_ref() == Some(&item.path) {
        ui.data_mut(|data| data.remove_temp::<PathBuf>(focus_comes()));
        response.request_focus();
    }
    if response.has_focus() {
        // Arrows go from row to row, also to those that are not drawn yet.
        let filter = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    if ui.is_rect_visible(rect) {
        let fill = match (here, response.hovered()) {
            (true, _) => palette.accent_soft,
            (false, true) => palette.field,
            (false, false) => Color32::TRANSPARENT,
        };
        let radius = CornerRadius::same(theme::SMALL_RADIUS);
        ui.painter().rect_filled(rect, radius, fill);
        picture(ui, view, item, rect);
        facts(ui, view, item, (rect, columns));
        if shows_focus(&response) {
            let ring = palette.focus_ring();
            ui.painter()
                .rect_stroke(rect, radius, ring, StrokeKind::Inside);
        }
    }
    response.on_hover_text(item.path.display().to_string())
}

fn picture(ui: &Ui, view: &View<'_>, item: &Item, row: Rect) {
    let palette = view.palette;
    let middle = pos2(row.left() + PADDING + PICTURE / 2.0, row.center().y);
    let rect = Rect::from_center_size(middle, vec2(PICTURE, PICTURE));
    let radius = CornerRadius::same(6);
    let painter = ui.painter();
    if let Some(Look::Known(texture)) = view.stock.pictures.get(&item.path) {
        let part = middle_of(texture.size_vec2(), rect.size());
        let shape = egui::epaint::RectShape::filled(rect, radius, Color32::WHITE);
        painter.add(shape.with_texture(texture.id(), part));
        return;
    }
    let line = Stroke::new(1.0, palette.line);
    painter.rect(rect, radius, palette.field, line, StrokeKind::Inside);
    Icon::Models.paint(painter, rect, 16.0, palette.text_hint);
}

fn facts(ui: &Ui, view: &View<'_>, item: &Item, (row, columns): (Rect, &[(Column, f32)])) {
    let palette = view.palette;
    let here = view.stock.chosen.as_ref() == Some(&item.path);
    let ink = if here {
        palette.accent_text
    } else {
        palette.text
    };
    let places = places(row, columns);
    let (name_at, name_width) = places[0];
    // `org/name` is easier to read with the name first.
    let (beside, name) = item.name.rsplit_once('/').unwrap_or(("", &item.name));
    let below = item
        .told
        .problem
        .as_deref()
        .map(|problem| (problem, palette.bad));
    let title = item.told.title.as_deref().filter(|title| *title != name);
    let below = below.or_else(|| title.map(|title| (title, palette.text_hint)));
    let below = below.or_else(|| (!beside.is_empty()).then_some((beside, palette.text_hint)));
    let middle = row.center().y;
    if let Some((below, faint)) = below {
        text(
            ui,
            name,
            (name_at, middle - 8.0),
            name_width,
            theme::TEXT,
            ink,
        );
        text(
            ui,
            below,
            (name_at, middle + 9.0),
            name_width,
            theme::HINT,
            faint,
        );
    } else {
        text(ui, name, (name_at, middle), name_width, theme::TEXT, ink);
    }
    for ((column, _), (at, width)) in columns.iter().zip(&places[1..]) {
        let fact = column.text(view, item);
        let faint = palette.text_secondary;
        text(ui, &fact, (*at, middle), *width, theme::SECONDARY, faint);
    }
}

/// Text on one line from a point at its middle on; what does not fit is left out.
fn text(ui: &Ui, text: &str, (left, middle): (f32, f32), width: f32, font: FontId, ink: Color32) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut job = egui::text::LayoutJob::simple_singleline(flat, font, ink);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.painter().layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(pos2(left, middle), galley.size());
    ui.painter().galley(rect.min, galley, ink);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_less_room_the_last_columns_go_first() {
        assert_eq!(columns(2000.0).len(), 6);
        let few = columns(440.0);
        assert!(
            few.len() < 6
                && few
                    .first()
                    .is_some_and(|(column, _)| *column == Column::Kind)
        );
        assert_eq!(columns(100.0).len(), 0);
    }

    #[test]
    fn no_column_lies_over_another() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(780.0, ROW));
        let places = places(rect, columns(780.0));
        for pair in places.windows(2) {
            assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{pair:?}");
        }
    }
}
