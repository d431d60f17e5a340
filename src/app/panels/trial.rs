//! Every network on the same part, side by side: what is zoomed or moved in one is so in all.

use egui::{
    Align2, Color32, CornerRadius, Id, Painter, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::row;
use super::upscale::stem;
use crate::app::action::Action;
use crate::app::at_upscale::UpscaleAction;
use crate::app::icons::Icon;
use crate::app::keys::Command;
use crate::app::theme::{self, Palette};
use crate::app::upscaling::{Maker, Try};
use crate::app::view::View;
use crate::app::widgets::{Look, Push, secondary};

/// Between pictures, and around all.
const GAP: f32 = 12.0;
/// Below each picture, for its name.
const NAME: f32 = 34.0;
/// Above all of them.
const HEAD: f32 = 34.0;
/// Zoom per point of wheel travel, as an exponent; and the farthest zoom.
const WHEEL: f32 = 0.005;
const MOST_ZOOM: f32 = 16.0;

/// What is seen of every picture: at a zoom of 1 it fills its frame; the middle, from 0 to 1.
#[derive(Clone, Copy)]
struct Sight {
    zoom: f32,
    middle: Vec2,
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, place: Rect) {
    let Some(trial) = &view.session.upscaling.trial else {
        return;
    };
    let (words, palette) = (view.words(), view.palette);
    let inside = place.shrink(GAP);
    let top = Rect::from_min_size(inside.min, vec2(inside.width(), HEAD));
    let mut head = ui.new_child(UiBuilder::new().max_rect(top));
    let closes = row(
        &mut head,
        HEAD,
        |ui| drop(secondary(ui, palette, words.trial_hint)),
        |ui| {
            let tip = view.tip(words.end_trial_tip, &[Command::Close]);
            Push::new(words.end_trial, tip, Look::Plain)
                .icon(Icon::Cross)
                .show(ui, palette)
                .clicked()
        },
    );
    let rest = Rect::from_min_max(pos2(inside.left(), top.bottom() + 4.0), inside.max);
    let count = trial.tries.len().max(1);
    let columns = columns(count, rest.size());
    let rows = count.div_ceil(columns);
    let cell = vec2(
        (rest.width() - GAP * (columns - 1) as f32) / columns as f32,
        (rest.height() - GAP * (rows - 1) as f32) / rows as f32,
    );
    let id = Id::unique("trial sight");
    let mut sight = ui.data(|data| data.get_temp(id)).unwrap_or(Sight {
        zoom: 1.0,
        middle: vec2(0.5, 0.5),
    });
    let mut preferred = None;
    for (at, tried) in trial.tries.iter().enumerate() {
        let step = vec2((at % columns) as f32, (at / columns) as f32);
        let rect = Rect::from_min_size(rest.min + step * (cell + Vec2::splat(GAP)), cell);
        if tile(ui, view, (tried, rect), &mut sight) {
            preferred = Some(tried.maker.clone());
        }
    }
    ui.data_mut(|data| data.insert_temp(id, sight));
    if let Some(maker) = preferred {
        view.act(Action::AtUpscale(UpscaleAction::Prefer(maker)));
    } else if closes {
        view.act(Action::AtUpscale(UpscaleAction::EndTrial));
    }
}

/// As many side by side as make the pictures, which are about square, largest.
fn columns(count: usize, room: Vec2) -> usize {
    let side = |columns: usize| {
        let rows = count.div_ceil(columns) as f32;
        (room.x / columns as f32).min(room.y / rows - NAME)
    };
    (1..=count)
        .max_by(|a, b| side(*a).total_cmp(&side(*b)))
        .unwrap_or(1)
}

/// One of them; whether people prefer it.
fn tile(ui: &mut Ui, view: &View<'_>, (tried, rect): (&Try, Rect), sight: &mut Sight) -> bool {
    let (words, palette) = (view.words(), view.palette);
    let name = match &tried.maker {
        Maker::Network(name) => stem(name),
        Maker::Lanczos | Maker::Usual => words.lanczos,
    };
    let frame = Rect::from_min_max(rect.min, rect.max - vec2(0.0, NAME));
    let response = ui.interact(
        frame,
        ui.scope_id().with(("trial", name)),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, name));
    let painter = ui.painter_at(frame);
    painter.rect_filled(
        frame,
        CornerRadius::same(theme::SMALL_RADIUS),
        palette.field,
    );
    if let Some(texture) = &tried.texture {
        let size = texture.size_vec2();
        if response.dragged() {
            let shown = covering(size, frame) * sight.zoom * size;
            sight.middle -= response.drag_delta() / shown;
        }
        if response.hovered() {
            let wheel = ui
                .input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y * WHEEL).exp());
            sight.zoom = (sight.zoom * wheel).clamp(1.0, MOST_ZOOM);
        }
        let reach = reach(size, frame, sight.zoom);
        sight.middle = sight.middle.clamp(reach, Vec2::splat(1.0) - reach);
        let (low, high) = (sight.middle - reach, sight.middle + reach);
        let part = Rect::from_min_max(low.to_pos2(), high.to_pos2());
        painter.image(texture.id(), frame, part, Color32::WHITE);
    } else {
        let text = if tried.ended {
            words.trial_failed
        } else {
            words.waiting
        };
        let (font, ink) = (theme::SECONDARY, palette.text_secondary);
        painter.text(frame.center(), Align2::CENTER_CENTER, text, font, ink);
    }
    outline(&painter, palette, frame);
    let below = Rect::from_min_max(pos2(rect.left(), frame.bottom() + 5.0), rect.max);
    let mut below = ui.new_child(UiBuilder::new().max_rect(below));
    let at_work = view.settings.upscale.network(&view.session.extras);
    let selected = match &tried.maker {
        Maker::Network(name) => at_work.as_ref() == Some(name),
        Maker::Lanczos | Maker::Usual => at_work.is_none(),
    };
    let label = crate::app::words::larger::prefer(view.language(), name);
    Push::new(&label, words.prefer_tip, Look::Chip { selected })
        .label(name)
        .show(&mut below, palette)
        .clicked()
}

/// Points per pixel at which a picture fills its frame.
fn covering(size: Vec2, frame: Rect) -> f32 {
    (frame.size() / size.max(Vec2::splat(1.0))).max_elem()
}

/// Half of what is seen, as a part of the picture.
fn reach(size: Vec2, frame: Rect, zoom: f32) -> Vec2 {
    (frame.size() / (2.0 * covering(size, frame) * zoom * size)).min(Vec2::splat(0.5))
}

fn outline(painter: &Painter, palette: &Palette, frame: Rect) {
    painter.rect_stroke(
        frame,
        CornerRadius::same(theme::SMALL_RADIUS),
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fill_their_frames() {
        let frame = Rect::from_min_size(pos2(5.0, 5.0), vec2(200.0, 400.0));
        assert_eq!(reach(vec2(100.0, 100.0), frame, 1.0), vec2(0.25, 0.5));
        assert_eq!(reach(vec2(100.0, 100.0), frame, 2.0), vec2(0.125, 0.25));
    }

    #[test]
    fn pictures_are_as_large_as_the_room_allows() {
        assert_eq!(columns(1, vec2(800.0, 600.0)), 1);
        assert_eq!(columns(2, vec2(800.0, 600.0)), 2);
        assert_eq!(columns(2, vec2(400.0, 900.0)), 1);
        assert_eq!(columns(4, vec2(800.0, 700.0)), 2);
        assert_eq!(columns(6, vec2(900.0, 600.0)), 3);
    }
}
