//! The middle of the style table: two zones that take pictures, and what grows of them.

use egui::{
    Align, Align2, Color32, CornerRadius, Layout, Painter, Rect, Role, Sense, Shape, Stroke,
    StrokeKind, TextureHandle, TextureId, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{floating, path};
use crate::app::action::Action;
use crate::app::at_style::StyleAction;
use crate::app::icons::Icon;
use crate::app::style::{Given, Pairing, Slot};
use crate::app::theme::{self, Palette};
use crate::app::view::View;
use crate::app::widgets::{
    Look, NumberField, Push, focus_when_pressed, head, one_line, secondary, shows_focus,
};
use crate::app::words::{of_style, phrases};

/// Above the zones, for the bar.
const ABOVE: f32 = 66.0;
const BESIDE: f32 = 34.0;
const GAP: f32 = 22.0;
/// Height of the line above a picture.
const TITLE: f32 = 26.0;
/// Below a zone, for what several pictures need.
const BELOW: f32 = 34.0;
/// The part of the width that both zones take.
const ZONES: f32 = 0.36;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let whole = ui.max_rect();
    let top = Rect::from_min_max(whole.min, pos2(whole.right(), whole.top() + 58.0));
    let room = Rect::from_min_max(
        whole.min + vec2(BESIDE, if view.panels_hidden { 16.0 } else { ABOVE }),
        whole.max - vec2(BESIDE, 14.0),
    );
    let left = ((room.width() - GAP) * ZONES).floor();
    let height = ((room.height() - 2.0 * (TITLE + BELOW)) / 2.0)
        .floor()
        .max(40.0);
    let zone = vec2(left, height.min(left));
    let second = room.top() + TITLE + zone.y + BELOW;
    self::zone(
        ui,
        view,
        Slot::Content,
        Rect::from_min_size(room.min, vec2(left, TITLE + zone.y)),
    );
    self::zone(
        ui,
        view,
        Slot::Style,
        Rect::from_min_size(pos2(room.left(), second), vec2(left, TITLE + zone.y)),
    );
    let result = Rect::from_min_max(pos2(room.left() + left + GAP, room.top()), room.max);
    self::result(ui, view, result);
    if !view.panels_hidden {
        bar(ui, view, top);
    }
    if view.sheet.is_some() {
        path::show(ui, view, top);
    }
}

/// The floating bar: how many pictures there are, and swap.
fn bar(ui: &mut Ui, view: &mut View<'_>, top: Rect) {
    let (words, palette) = (view.words(), view.palette);
    let choices = [
        (Pairing::Pair, words.pair, words.pair_tip),
        (
            Pairing::ManyContents,
            words.many_contents,
            words.many_contents_tip,
        ),
        (
            Pairing::ManyStyles,
            words.many_styles,
            words.many_styles_tip,
        ),
        (
            Pairing::SeveralStyles,
            words.several_styles,
            words.several_styles_tip,
        ),
    ];
    let swap = Push::new(words.swap_sides, words.swap_sides_tip, Look::Quiet)
        .label(words.swap_label)
        .icon(Icon::Swap);
    let can_swap = view.style.is_laid();
    let widths: f32 = choices
        .iter()
        .map(|(_, name, tip)| Push::new(name, *tip, Look::Quiet).width(ui) + 12.0)
        .sum();
    let width = widths + swap.width(ui) + 40.0;
    let rect = Rect::from_min_size(
        pos2(top.center().x - width / 2.0, top.top() + 11.0),
        vec2(width, 38.0),
    );
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
    let mut chosen = None;
    floating(palette).show(&mut inside, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 4.0);
            for (pairing, name, tip) in choices {
                let selected = view.settings.style.pairing == pairing;
                let push = Push::new(name, tip, Look::Chip { selected });
                let push = if selected {
                    push
                } else {
                    Push::new(name, tip, Look::Quiet)
                };
                if push.show(ui, palette).clicked() {
                    chosen = Some(StyleAction::Pair(pairing));
                }
            }
            ui.add_space(4.0);
            let (line, _) = ui.allocate_exact_size(vec2(1.0, 16.0), Sense::hover());
            ui.painter().rect_filled(line, 0, palette.line);
            ui.add_space(4.0);
            if swap.enabled(can_swap).show(ui, palette).clicked() {
                chosen = Some(StyleAction::Swap);
            }
        });
    });
    view.actions.extend(chosen.map(Action::AtStyle));
}

/// What a zone shows.
struct Zone {
    title: &'static str,
    name: &'static str,
    tip: &'static str,
    drop: &'static str,
    empty: &'static str,
}

impl Zone {
    fn of(view: &View<'_>, slot: Slot) -> Self {
        let words = view.words();
        match slot {
            Slot::Content => Self {
                title: words.content_title,
                name: words.content_zone,
                tip: words.content_zone_tip,
                drop: words.drop_content,
                empty: words.content_empty,
            },
            Slot::Style => Self {
                title: words.style_title,
                name: words.style_zone,
                tip: words.style_zone_tip,
                drop: words.drop_style,
                empty: words.style_empty,
            },
        }
    }
}

fn zone(ui: &mut Ui, view: &mut View<'_>, slot: Slot, rect: Rect) {
    let palette = view.palette;
    let zone = Zone::of(view, slot);
    let picture = Rect::from_min_max(rect.min + vec2(0.0, TITLE), rect.max);
    view.style.zones[slot as usize] = Some(picture);
    title(
        ui,
        view,
        slot,
        &zone,
        Rect::from_min_size(rect.min, vec2(rect.width(), TITLE)),
    );
    let dropping = ui.input(|input| !input.raw.hovered_files.is_empty());
    let takes = dropping && {
        let at = view
            .style
            .carried
            .or_else(|| ui.input(|input| input.pointer.latest_pos()));
        view.style.taker(at) == slot
    };
    let next = view.style.next == slot;
    let response = ui.interact(
        picture,
        ui.scope_id().with(("zone", slot as usize)),
        Sense::click(),
    );
    focus_when_pressed(&response);
    // While files are carried over it, it is called what it would make of them.
    let name = if dropping { zone.drop } else { zone.name };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, next, name));
    let painter = ui.painter_at(picture.expand(4.0));
    let radius = CornerRadius::same(theme::BOX_RADIUS);
    let (texture, empty) = lying(view, slot, zone.empty);
    match texture {
        Some(texture) => {
            let shown = (texture.id(), texture.size_vec2());
            paint_inside(&painter, picture, shown, palette.panel);
        }
        None if dropping => {}
        None => {
            painter.rect_filled(picture, radius, palette.field);
            let line = if response.hovered() {
                palette.text_hint
            } else {
                palette.line
            };
            dashed(&painter, picture, Stroke::new(1.5, line));
            let center = picture.center();
            painter.text(
                center - vec2(0.0, 11.0),
                Align2::CENTER_CENTER,
                empty,
                theme::semibold(13.0),
                palette.text_secondary,
            );
            painter.text(
                center + vec2(0.0, 11.0),
                Align2::CENTER_CENTER,
                view.words().zone_hint,
                theme::HINT,
                palette.text_hint,
            );
        }
    }
    if dropping {
        carried(&painter, palette, picture, (zone.drop, takes));
    } else if next {
        painter.rect_stroke(
            picture,
            radius,
            Stroke::new(2.0, palette.accent),
            StrokeKind::Outside,
        );
    }
    if shows_focus(&response) {
        painter.rect_stroke(
            picture.expand(2.5),
            radius,
            palette.focus_ring(),
            StrokeKind::Middle,
        );
    }
    let response = if dropping {
        response
    } else {
        response.on_hover_text(zone.tip)
    };
    if response.clicked() {
        view.act(Action::AtStyle(StyleAction::Choose(slot)));
    }
    below(ui, view, slot, picture);
}

/// What a zone says while files are carried over the window; `takes` where they would fall into it.
fn carried(painter: &Painter, palette: &Palette, picture: Rect, (drop, takes): (&str, bool)) {
    let (veil, line, ink) = if takes {
        let veil = palette.accent_soft.gamma_multiply(0.9);
        (veil, Stroke::new(3.0, palette.accent), palette.accent_text)
    } else {
        let veil = palette.panel.gamma_multiply(0.7);
        (
            veil,
            Stroke::new(1.5, palette.text_hint),
            palette.text_secondary,
        )
    };
    painter.rect_filled(picture, CornerRadius::same(theme::BOX_RADIUS), veil);
    dashed(painter, picture, line);
    painter.text(
        picture.center(),
        Align2::CENTER_CENTER,
        drop,
        theme::semibold(15.0),
        ink,
    );
}

/// How what lies on a side looks, and what is said where nobody knows that: a quick style takes the
/// place of a style picture.
fn lying<'v>(
    view: &'v View<'_>,
    slot: Slot,
    empty: &'v str,
) -> (Option<&'v TextureHandle>, &'v str) {
    let used = view.settings.style.quick_used(&view.session.extras);
    let quick = used.and_then(|used| view.style.quick.by_name(&used));
    match quick.filter(|_| slot == Slot::Style) {
        Some(quick) => (quick.texture.as_ref(), &quick.title),
        None => (view.style.given(slot).map(|given| &given.texture), empty),
    }
}

/// The line above a zone: its name, and how a picture gets there.
fn title(ui: &mut Ui, view: &mut View<'_>, slot: Slot, zone: &Zone, rect: Rect) {
    let (words, palette) = (view.words(), view.palette);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
    let open = match slot {
        Slot::Content => words.open_content,
        Slot::Style => words.open_style,
    };
    let mut pressed = false;
    inside.with_layout(Layout::left_to_right(Align::Center), |ui| {
        head(ui, palette, zone.title);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let push = Push::new(open, words.open_zone_tip, Look::Quiet).label(words.open);
            pressed = push.show(ui, palette).clicked();
            secondary(ui, palette, words.zone_ways);
        });
    });
    if pressed {
        view.act(Action::AtStyle(StyleAction::Open(slot)));
    }
}

/// Below a zone where several pictures lie: flip through them, or weigh them.
fn below(ui: &mut Ui, view: &mut View<'_>, slot: Slot, picture: Rect) {
    let rect = Rect::from_min_size(
        picture.left_bottom() + vec2(0.0, 4.0),
        vec2(picture.width(), BELOW - 8.0),
    );
    let pairing = view.settings.style.pairing;
    if !pairing.gathers(slot) || view.style.side(slot).is_empty() {
        return;
    }
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
    if pairing.turned() == slot {
        flip(&mut inside, view, slot);
    } else {
        weigh(&mut inside, view);
    }
}

fn flip(ui: &mut Ui, view: &mut View<'_>, slot: Slot) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let (at, count) = (view.style.at, view.style.turns().len());
    let (before, after) = match slot {
        Slot::Content => (words.previous_content, words.next_content),
        Slot::Style => (words.previous_style, words.next_style),
    };
    let take = match slot {
        Slot::Content => words.take_content.to_owned(),
        Slot::Style => of_style::take_style(language, at + 1),
    };
    let mut chosen = None;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let buttons = [
            (before, "‹", at > 0, StyleAction::Flip(-1)),
            (after, "›", at + 1 < count, StyleAction::Flip(1)),
        ];
        for (name, label, enabled, action) in buttons {
            let push = Push::new(name, name, Look::Plain)
                .label(label)
                .size(vec2(28.0, 24.0));
            if push.enabled(enabled).show(ui, palette).clicked() {
                chosen = Some(action);
            }
        }
        secondary(
            ui,
            palette,
            phrases::one_of(language, at as u32 + 1, count as u32),
        );
        let push = Push::new(&take, words.take_content_tip, Look::Quiet);
        if push.label(words.take_label).show(ui, palette).clicked() {
            chosen = Some(StyleAction::Take(slot, at));
        }
    });
    view.actions.extend(chosen.map(Action::AtStyle));
}

fn weigh(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let mut chosen = None;
    egui::ScrollArea::horizontal()
        .id_salt("weights")
        .show(ui, |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for at in 0..view.style.styles.len() {
                    let Given {
                        texture, weight, ..
                    } = &mut view.style.styles[at];
                    let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
                    let small = (texture.id(), texture.size_vec2());
                    paint_inside(ui.painter(), rect, small, palette.field);
                    let name = of_style::style_weight(language, at + 1);
                    let field = NumberField {
                        name: &name,
                        tip: words.style_weight_tip,
                        decimals: 2,
                        step: 0.1,
                        width: 40.0,
                        align: Align::Center,
                        bad: *weight <= 0.0,
                    };
                    if field.show(ui, palette, weight).changed() {
                        *weight = weight.max(0.0);
                    }
                    let name = of_style::take_style(language, at + 1);
                    let push = Push::new(&name, words.take_style_tip, Look::Quiet);
                    let push = push.only_icon(Icon::Cross);
                    if push.show(ui, palette).clicked() {
                        chosen = Some(StyleAction::Take(Slot::Style, at));
                    }
                }
            });
        });
    view.actions.extend(chosen.map(Action::AtStyle));
}

fn result(ui: &mut Ui, view: &mut View<'_>, rect: Rect) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let picture = Rect::from_min_max(rect.min + vec2(0.0, TITLE), rect.max);
    let run = view.style.running();
    let growing = run.and_then(|run| run.preview.as_ref());
    let made = view.style.result();
    let state = match (run, growing) {
        (Some(_), Some((_, extent))) => of_style::growing(language, *extent),
        (Some(_), None) => words.style_waits.to_owned(),
        (None, _) => made.map_or_else(String::new, |made| phrases::extent(made.pixels.extent())),
    };
    let top = Rect::from_min_size(rect.min, vec2(rect.width(), TITLE));
    let mut inside = ui.new_child(UiBuilder::new().max_rect(top));
    inside.with_layout(Layout::left_to_right(Align::Center), |ui| {
        head(ui, palette, words.result_title);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let width = ui.available_width();
            one_line(ui, &state, theme::SECONDARY, palette.text_secondary, width);
        });
    });
    let response = ui.interact(picture, ui.scope_id().with("style result"), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!("{}: {state}", words.result_title),
        )
    });
    let painter = ui.painter_at(picture.expand(4.0));
    let texture = growing
        .map(|(texture, _)| (texture.id(), texture.size_vec2()))
        .or_else(|| made.map(|made| (made.texture.id(), made.texture.size_vec2())));
    if let Some(texture) = texture {
        paint_at_top(&painter, picture, texture);
    } else {
        let radius = CornerRadius::same(theme::BOX_RADIUS);
        painter.rect_filled(picture, radius, palette.panel);
        painter.text(
            picture.center(),
            Align2::CENTER_CENTER,
            words.result_empty,
            theme::SECONDARY,
            palette.text_secondary,
        );
    }
}

/// Where a picture of some shape lies in a room, as large as fits.
fn fitted(room: Vec2, pixels: Vec2) -> Vec2 {
    let scale = (room.x / pixels.x.max(1.0)).min(room.y / pixels.y.max(1.0));
    pixels * scale
}

/// The whole picture in the middle of a room.
fn paint_inside(
    painter: &egui::Painter,
    room: Rect,
    (texture, pixels): (TextureId, Vec2),
    ground: Color32,
) {
    let radius = CornerRadius::same(theme::BOX_RADIUS);
    painter.rect_filled(room, radius, ground);
    let place = Rect::from_center_size(room.center(), fitted(room.size(), pixels));
    paint(painter, place, texture);
}

/// The whole picture at the top left of a room: it does not jump when its room is a little higher.
fn paint_at_top(painter: &egui::Painter, room: Rect, (texture, pixels): (TextureId, Vec2)) {
    let size = fitted(room.size(), pixels);
    let left = (room.width() - size.x) / 2.0;
    let place = Rect::from_min_size(room.min + vec2(left, 0.0), size);
    paint(painter, place, texture);
}

fn paint(painter: &egui::Painter, place: Rect, texture: TextureId) {
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let radius = CornerRadius::same(theme::BOX_RADIUS);
    painter.add(
        egui::epaint::RectShape::filled(place, radius, Color32::WHITE).with_texture(texture, whole),
    );
}

fn dashed(painter: &egui::Painter, rect: Rect, stroke: Stroke) {
    let rect = rect.shrink(1.0);
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    painter.extend(Shape::dashed_line(&corners, stroke, 7.0, 5.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_seen_whole() {
        assert_eq!(
            fitted(vec2(100.0, 50.0), vec2(400.0, 100.0)),
            vec2(100.0, 25.0)
        );
        assert_eq!(
            fitted(vec2(100.0, 50.0), vec2(10.0, 10.0)),
            vec2(50.0, 50.0)
        );
    }
}
