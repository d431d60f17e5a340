//! Every picture, newest first; only those in sight are drawn.

use egui::{Align2, EventFilter, Id, Key, Rect, Response, ScrollArea, Ui, UiBuilder, vec2};

use super::run::{badge, compared, image_tile};
use crate::app::action::Action;
use crate::app::shelf::{Picture, PictureId};
use crate::app::theme;
use crate::app::view::View;
use crate::app::words::phrases;

/// Side of a tile, and the room between two.
const TILE: f32 = 80.0;
const GAP: f32 = 10.0;
/// Above the tiles and before the first.
const MARGIN: f32 = 10.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let count = view.session.shelf.pictures().len();
    if count == 0 {
        ui.painter().text(
            ui.max_rect().center(),
            Align2::CENTER_CENTER,
            words.filmstrip_empty,
            theme::SECONDARY,
            palette.text_secondary,
        );
        return;
    }
    let mut chosen = None;
    ScrollArea::horizontal()
        .id_salt("filmstrip")
        .auto_shrink(false)
        .show_viewport(ui, |ui, sight| {
            let each = TILE + GAP;
            let whole = vec2(count as f32 * each + MARGIN, ui.available_height());
            let (strip, _) = ui.allocate_exact_size(whole, egui::Sense::hover());
            let first = ((sight.left() - MARGIN) / each).floor().max(0.0) as usize;
            let last = ((sight.right() / each).ceil() as usize).min(count);
            follow_selection(ui, view, strip.min);
            for place in first..last {
                let at = strip.min + vec2(MARGIN + place as f32 * each, MARGIN);
                let rect = Rect::from_min_size(at, vec2(TILE, TILE));
                if let Some(picture) = view.session.shelf.pictures().get(place) {
                    let mut inside = ui.new_child(
                        UiBuilder::new()
                            .max_rect(rect)
                            .id_salt(("strip", picture.id)),
                    );
                    if let Some(action) = tile(&mut inside, view, picture, place) {
                        chosen = Some(action);
                    }
                }
            }
        });
    view.actions.extend(chosen);
}

/// Where it is kept that the focus follows the selection in the next frame.
fn focus_moves() -> Id {
    Id::unique("strip focus moves")
}

/// Scrolls to the picture people look at when it becomes another.
fn follow_selection(ui: &Ui, view: &View<'_>, strip: egui::Pos2) {
    let id = Id::unique("strip selection");
    let current = view.session.current_id();
    let before = ui.data(|data| data.get_temp::<Option<PictureId>>(id));
    if before == Some(current) {
        return;
    }
    ui.data_mut(|data| data.insert_temp(id, current));
    let pictures = view.session.shelf.pictures();
    let place = pictures.iter().position(|known| Some(known.id) == current);
    if let Some(place) = place {
        let at = strip + vec2(place as f32 * (TILE + GAP), MARGIN);
        let around = vec2(TILE + 2.0 * MARGIN, TILE);
        ui.scroll_to_rect(Rect::from_min_size(at, around), None);
    }
}

fn tile(ui: &mut Ui, view: &View<'_>, picture: &Picture, place: usize) -> Option<Action> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let selected = view.session.current_id() == Some(picture.id);
    let name = phrases::strip_picture(language, place + 1, picture.prompt());
    let texture = (picture.thumbnail.id(), picture.thumbnail.size_vec2());
    let size = vec2(TILE, TILE);
    let likeness = picture
        .likeness
        .filter(|_| view.session.shelf.is_best_first());
    let (name, likeness_tip) = compared(language, name, "", likeness);
    let response = image_tile(ui, palette, size, texture, selected, &name);
    badge(ui, palette, response.rect, likeness);
    if picture.not_saved.is_some() {
        let corner = response.rect.right_top() + vec2(-9.0, 9.0);
        ui.painter().circle_filled(corner, 4.0, palette.bad);
    }
    let moved = arrows(ui, &response);
    // The focus goes along with the selection.
    if moved.is_some() {
        ui.data_mut(|data| data.insert_temp(focus_moves(), true));
    } else if selected
        && ui
            .data_mut(|data| data.remove_temp::<bool>(focus_moves()))
            .is_some()
    {
        response.request_focus();
    }
    let tip = if picture.not_saved.is_some() {
        words.not_saved_mark
    } else {
        words.picture_tip
    };
    let response = response.on_hover_ui(|ui| {
        ui.set_max_width(280.0);
        if !picture.prompt().is_empty() {
            ui.label(picture.prompt());
        }
        if !likeness_tip.is_empty() {
            ui.small(&likeness_tip);
        }
        ui.small(tip);
    });
    if response.clicked() {
        return Some(Action::Look(picture.id));
    }
    moved.map(Action::Neighbour)
}

/// Left and right go along the strip while one of its tiles has the focus.
fn arrows(ui: &Ui, response: &Response) -> Option<isize> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter {
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input(|input| {
        let by = input.num_presses(Key::ArrowRight) as isize
            - input.num_presses(Key::ArrowLeft) as isize;
        (by != 0).then_some(by)
    })
}
