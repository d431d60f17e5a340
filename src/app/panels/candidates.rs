//! What the easel's jobs have made, to be accepted or left; and the states accepted before.

use egui::{CornerRadius, Rect, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::row;
use super::run::image_tile;
use crate::app::action::Action;
use crate::app::at_easel::EaselAction;
use crate::app::keys::Command;
use crate::app::session::Shown;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, focus_when_pressed, head, hint, secondary, shows_focus};
use crate::app::words::phrases;

const GAP: f32 = 8.0;
/// Side of the small pictures of the history.
const SMALL: f32 = 38.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let count = view.session.work.candidates.len();
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.candidates)),
        |ui| {
            if count > 0 {
                secondary(ui, palette, count.to_string());
            }
        },
    );
    if count == 0 {
        hint(ui, palette, words.candidates_empty);
    } else {
        tiles(ui, view);
        ui.add_space(8.0);
        buttons(ui, view);
    }
    ui.add_space(theme::SECTION_GAP);
    history(ui, view);
}

fn tiles(ui: &mut Ui, view: &mut View<'_>) {
    let (palette, language) = (view.palette, view.language());
    let side = ((ui.available_width() - GAP) / 2.0).floor();
    let mut chosen = None;
    ui.add_space(6.0);
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    let candidates = &view.session.work.candidates;
    for (first, pair) in candidates.chunks(2).enumerate() {
        ui.horizontal(|ui| {
            for (index, candidate) in pair.iter().enumerate() {
                let number = first * 2 + index + 1;
                let name = phrases::candidate(language, number, &candidate.task);
                let texture = (candidate.thumbnail.id(), candidate.thumbnail.size_vec2());
                let selected = view.session.shown == Shown::Picture(candidate.id);
                let size = vec2(side, side);
                let tile = image_tile(ui, palette, size, texture, selected, &name);
                if tile.on_hover_text(&name).clicked() {
                    chosen = Some(Action::Look(candidate.id));
                }
            }
        });
    }
    view.actions.extend(chosen);
}

fn buttons(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let work = &view.session.work;
    let looked_at =
        matches!(view.session.shown, Shown::Picture(id) if work.candidate(id).is_some());
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let accept = Push::new(
            words.accept,
            view.tip(words.accept_tip, &[Command::Accept]),
            Look::Chip {
                selected: looked_at,
            },
        )
        .key(view.key(Command::Accept));
        let refine = Push::new(words.refine, words.refine_tip, Look::Plain);
        let dismiss = Push::new(words.dismiss_all, words.dismiss_all_tip, Look::Plain);
        for (push, enabled, action) in [
            (accept, looked_at, EaselAction::Accept { refine: false }),
            (refine, looked_at, EaselAction::Accept { refine: true }),
            (dismiss, true, EaselAction::Dismiss),
        ] {
            if push.enabled(enabled).show(ui, palette).clicked() {
                chosen = Some(Action::AtEasel(action));
            }
        }
    });
    view.actions.extend(chosen);
}

fn history(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.history)),
        |ui| drop(hint(ui, palette, words.history_hint)),
    );
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut chosen = None;
    for place in (0..view.session.work.past.len()).rev() {
        if state(ui, view, place) {
            chosen = Some(Action::AtEasel(EaselAction::GoBack(place)));
        }
    }
    view.actions.extend(chosen);
}

/// One state of the history; whether it was pressed.
fn state(ui: &mut Ui, view: &View<'_>, place: usize) -> bool {
    let palette = view.palette;
    let past = &view.session.work.past[place];
    let name = phrases::deed(view.language(), &past.deed);
    let here = view
        .easel
        .as_ref()
        .is_some_and(|easel| *easel.picture() == past.state.picture);
    let size = vec2(ui.available_width(), SMALL + 8.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, here, &name));
    focus_when_pressed(&response);
    let painter = ui.painter();
    let radius = CornerRadius::same(theme::SMALL_RADIUS);
    if here || response.hovered() {
        let fill = if here {
            palette.accent_soft
        } else {
            palette.field
        };
        painter.rect_filled(rect, radius, fill);
    }
    let picture = Rect::from_min_size(rect.min + vec2(4.0, 4.0), vec2(SMALL, SMALL));
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    match &past.thumbnail {
        Some(thumbnail) => {
            let shape = egui::epaint::RectShape::filled(picture, radius, egui::Color32::WHITE);
            painter.add(shape.with_texture(thumbnail.id(), whole));
        }
        None => {
            painter.rect_filled(picture, radius, palette.field);
        }
    }
    let ink = if here {
        palette.accent_text
    } else {
        palette.text
    };
    let width = rect.width() - SMALL - 18.0;
    let galley = ui
        .painter()
        .layout(name, theme::SECONDARY, ink, width.max(20.0));
    let at = pos2(
        picture.right() + 9.0,
        rect.center().y - galley.size().y / 2.0,
    );
    ui.painter().galley(at, galley, ink);
    if shows_focus(&response) {
        ui.painter()
            .rect_stroke(rect, radius, palette.focus_ring(), StrokeKind::Inside);
    }
    response.on_hover_text(view.words().history_tip).clicked()
}
