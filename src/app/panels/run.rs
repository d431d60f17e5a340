//! What the run makes: a tile per picture.

use egui::{
    Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, TextureId, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::{likeness, row};
use crate::app::action::Action;
use crate::app::session::{Run, Shown};
use crate::app::theme::{self, Palette};
use crate::app::view::View;
use crate::app::widgets::{focus_when_pressed, head, hint, secondary, shows_focus};
use crate::app::words::{Language, of_ranking, phrases};
use crate::engine::Likeness;

const GAP: f32 = 8.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let count = view.session.run.as_ref().map(|run| {
        let here = (run.picture + 1).min(run.count);
        phrases::one_of(language, here, run.count)
    });
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.this_run)),
        |ui| {
            if let Some(count) = count {
                secondary(ui, palette, count);
            }
        },
    );
    if view.session.run.is_none() {
        hint(ui, palette, words.run_empty);
        return;
    }
    if view.session.ranker.is_of_run() {
        likeness::under_way(ui, view);
    }
    let Some(run) = &view.session.run else {
        return;
    };
    let side = ((ui.available_width() - GAP) / 2.0).floor();
    let mut chosen = None;
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    // A run that was ended has no tiles for what it never began.
    let tiles = if run.ended {
        run.pictures.len() as u32
    } else {
        run.count
    };
    for first in (0..tiles).step_by(2) {
        ui.horizontal(|ui| {
            for picture in first..(first + 2).min(tiles) {
                if let Some(action) = tile(ui, view, run, picture, side) {
                    chosen = Some(action);
                }
            }
        });
    }
    if let Some(action) = chosen {
        view.act(action);
    }
}

fn tile(ui: &mut Ui, view: &View<'_>, run: &Run, picture: u32, side: f32) -> Option<Action> {
    let (words, palette) = (view.words(), view.palette);
    let name = phrases::run_picture(view.language(), picture + 1);
    let size = vec2(side, side);
    if let Some(&id) = run.pictures.get(picture as usize) {
        let shown = view.session.shelf.get(id)?;
        let selected = view.session.current_id() == Some(id);
        let texture = (shown.thumbnail.id(), shown.thumbnail.size_vec2());
        let (name, tip) = compared(view.language(), name, words.picture_tip, shown.likeness);
        let response = image_tile(ui, palette, size, texture, selected, &name);
        badge(ui, palette, response.rect, shown.likeness);
        let clicked = response.on_hover_text(tip).clicked();
        return clicked.then_some(Action::Look(id));
    }
    if picture == run.picture
        && let Some(preview) = &run.preview
    {
        let selected = view.session.shown == Shown::Run;
        let texture = (preview.id(), preview.size_vec2());
        let response = image_tile(ui, palette, size, texture, selected, &name);
        let clicked = response.on_hover_text(words.picture_tip).clicked();
        return clicked.then_some(Action::FollowRun);
    }
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let painter = ui.painter();
    painter.rect(
        rect,
        CornerRadius::same(theme::BOX_RADIUS),
        palette.field,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    painter.text(
        rect.center(),
        Align2::CENTER_CENTER,
        words.waiting,
        theme::SECONDARY,
        palette.text_hint,
    );
    None
}

/// A tile's name and tip, with how well its picture fits the words it was compared with.
pub(super) fn compared(
    language: Language,
    name: String,
    tip: &str,
    likeness: Option<Likeness>,
) -> (String, String) {
    match likeness {
        None => (name, tip.to_owned()),
        Some(likeness) => (
            format!("{name}, {}", of_ranking::likeness(language, likeness)),
            of_ranking::likeness_tip(language, likeness),
        ),
    }
}

/// The same in the corner of a tile.
pub(super) fn badge(ui: &Ui, palette: &Palette, tile: Rect, likeness: Option<Likeness>) {
    let Some(likeness) = likeness else {
        return;
    };
    let painter = ui.painter();
    let text = of_ranking::score(likeness);
    let galley = painter.layout_no_wrap(text, theme::HINT, palette.text);
    let size = galley.size() + vec2(10.0, 4.0);
    let place = Rect::from_min_size(tile.left_bottom() + vec2(5.0, -5.0 - size.y), size);
    painter.rect_filled(
        place,
        CornerRadius::same(7),
        palette.panel.gamma_multiply(0.86),
    );
    painter.galley(place.min + vec2(5.0, 2.0), galley, palette.text);
}

/// A small picture to press: cut to its tile, ringed when it is shown.
pub(super) fn image_tile(
    ui: &mut Ui,
    palette: &Palette,
    size: Vec2,
    (texture, pixels): (TextureId, Vec2),
    selected: bool,
    name: &str,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, name));
    focus_when_pressed(&response);
    let focused = shows_focus(&response);
    if ui.is_rect_visible(rect) {
        let radius = CornerRadius::same(6);
        let painter = ui.painter();
        painter.add(
            egui::epaint::RectShape::filled(rect, radius, Color32::WHITE)
                .with_texture(texture, middle_of(pixels, size)),
        );
        let ring = match (selected || focused, response.hovered()) {
            (true, _) => Stroke::new(2.0, palette.accent),
            (false, true) => Stroke::new(1.0, palette.text_secondary),
            (false, false) => Stroke::NONE,
        };
        let (outside, around) = if focused {
            (rect.expand(3.5), CornerRadius::same(9))
        } else {
            (rect.expand(2.0), CornerRadius::same(8))
        };
        painter.rect_stroke(outside, around, ring, StrokeKind::Middle);
    }
    response
}

/// The part of a texture that fills a tile of another shape.
pub(super) fn middle_of(pixels: Vec2, tile: Vec2) -> Rect {
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    if pixels.x <= 0.0 || pixels.y <= 0.0 {
        return whole;
    }
    let wide = (pixels.x / pixels.y) / (tile.x / tile.y);
    let share = if wide > 1.0 {
        vec2(1.0 / wide, 1.0)
    } else {
        vec2(1.0, wide)
    };
    Rect::from_center_size(whole.center(), share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_show_the_middle_of_pictures() {
        let wide = middle_of(vec2(200.0, 100.0), vec2(50.0, 50.0));
        assert_eq!((wide.left(), wide.right()), (0.25, 0.75));
        assert_eq!((wide.top(), wide.bottom()), (0.0, 1.0));
    }
}
