//! Styles small networks have learnt, and the one that is being learnt.

use egui::{
    Align2, CornerRadius, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

use super::row;
use super::run::{image_tile, middle_of};
use crate::app::action::Action;
use crate::app::at_quick_style::QuickAction;
use crate::app::at_style::StyleAction;
use crate::app::icons::Icon;
use crate::app::style::{Learning, Slot};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{
    Look, Push, focus_when_pressed, head, hint, one_line, problem, shows_focus,
};
use crate::app::words::{failures, of_style, phrases};

const GAP: f32 = 8.0;
/// Side of the small pictures of lessons.
const SMALL: f32 = 56.0;
/// Height of a style's name below its tile.
const NAME: f32 = 18.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    head(ui, palette, words.quick_styles);
    ui.add_space(6.0);
    let chosen = match &view.style.quick.learning {
        Some(learning) => lesson(ui, view, learning),
        None => make(ui, view),
    };
    if let Some(failure) = &view.style.quick.failure {
        ui.add_space(6.0);
        problem(ui, palette, &failures::failure(language, failure));
    }
    // Both are shown, whatever was pressed.
    let going_on = paused(ui, view);
    ui.add_space(GAP);
    let used = learnt(ui, view);
    let chosen = chosen.or(going_on).or(used);
    view.actions
        .extend(chosen.map(|action| Action::AtStyle(StyleAction::Quick(action))));
}

fn make(ui: &mut Ui, view: &View<'_>) -> Option<QuickAction> {
    let (words, palette) = (view.words(), view.palette);
    let laid = view.style.given(Slot::Style).is_some();
    let push = Push::new(
        words.make_quick_style,
        words.make_quick_style_tip,
        Look::Plain,
    );
    let push = push.size(vec2(ui.available_width(), 32.0)).enabled(laid);
    let clicked = push.show(ui, palette).clicked();
    if !laid && view.style.quick.learnt.is_empty() {
        ui.add_space(4.0);
        hint(ui, palette, words.quick_styles_empty);
    }
    clicked.then_some(QuickAction::Make)
}

/// The lesson that goes on: what the network paints, how far it is, what is lost still.
fn lesson(ui: &mut Ui, view: &View<'_>, learning: &Learning) -> Option<QuickAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let mut stop = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = vec2(10.0, 3.0);
        let texture = learning.preview.as_ref();
        let texture = texture.map(|texture| (texture.id(), texture.size_vec2()));
        picture(ui, view, texture, words.lesson_preview);
        ui.vertical(|ui| {
            let width = ui.available_width();
            let (ink, faint) = (palette.text, palette.text_secondary);
            one_line(ui, &learning.title, theme::semibold(13.0), ink, width);
            for part in state(view, learning) {
                one_line(ui, &part, theme::SECONDARY, faint, width);
            }
        });
    });
    ui.add_space(6.0);
    bar(ui, view, learning);
    ui.add_space(6.0);
    row(
        ui,
        26.0,
        |ui| {
            let losses = learning.step.as_ref().filter(|step| step.style > 0.0);
            if let Some(step) = losses {
                let told = of_style::losses(language, step.style, step.content);
                hint(ui, palette, &told);
            }
        },
        |ui| {
            let push = Push::new(words.stop_lesson, words.stop_lesson_tip, Look::Plain)
                .label(words.stop_lesson_label)
                .enabled(!learning.ending);
            stop = push.show(ui, palette).clicked();
        },
    );
    stop.then_some(QuickAction::Stop)
}

/// `340 of 1200` and `3 min 20 s left`, or what it waits for.
fn state(view: &View<'_>, learning: &Learning) -> Vec<String> {
    let (words, language) = (view.words(), view.language());
    let Some(step) = &learning.step else {
        return vec![words.lesson_begins.to_owned()];
    };
    let done = phrases::one_of(language, step.step, step.steps);
    let then = match step.left {
        _ if learning.waits => words.lesson_waits.to_owned(),
        Some(left) => phrases::left(language, left.as_secs_f64()),
        None => words.lesson_begins.to_owned(),
    };
    vec![done, then]
}

/// How much of it is done.
fn bar(ui: &mut Ui, view: &View<'_>, learning: &Learning) {
    let palette = view.palette;
    let size = vec2(ui.available_width(), 4.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let told = format!(
        "{}: {}",
        view.words().quick_styles,
        state(view, learning).join(" · ")
    );
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &told));
    let part = learning.step.as_ref().map_or(0.0, |step| {
        f64::from(step.step) / f64::from(step.steps.max(1))
    });
    let radius = CornerRadius::same(2);
    ui.painter().rect_filled(rect, radius, palette.track);
    let mut filled = rect;
    filled.max.x = rect.left() + rect.width() * part as f32;
    ui.painter().rect_filled(filled, radius, palette.accent);
}

/// A small picture that is only seen, or its empty place.
fn picture(ui: &mut Ui, view: &View<'_>, texture: Option<(egui::TextureId, Vec2)>, name: &str) {
    let palette = view.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(SMALL, SMALL), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let radius = CornerRadius::same(6);
    if let Some((texture, pixels)) = texture {
        let part = middle_of(pixels, rect.size());
        let shape = egui::epaint::RectShape::filled(rect, radius, egui::Color32::WHITE);
        ui.painter().add(shape.with_texture(texture, part));
    } else {
        let line = Stroke::new(1.0, palette.line);
        let painter = ui.painter();
        painter.rect(rect, radius, palette.field, line, StrokeKind::Inside);
    }
    response.on_hover_text(name);
}

/// Lessons that can go on.
fn paused(ui: &mut Ui, view: &View<'_>) -> Option<QuickAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let mut chosen = None;
    for (at, lesson) in view.style.quick.idle() {
        ui.add_space(GAP);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing = vec2(10.0, 3.0);
            let texture = (lesson.texture.id(), lesson.texture.size_vec2());
            picture(ui, view, Some(texture), &lesson.title);
            ui.vertical(|ui| {
                let width = ui.available_width();
                one_line(
                    ui,
                    &lesson.title,
                    theme::semibold(13.0),
                    palette.text,
                    width,
                );
                let done = phrases::one_of(language, lesson.done, lesson.steps);
                one_line(ui, &done, theme::HINT, palette.text_hint, width);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let name = of_style::go_on_with(language, &lesson.title);
                    let push = Push::new(&name, words.continue_lesson_tip, Look::Plain);
                    let free = view.style.quick.learning.is_none();
                    let push = push.label(words.continue_style).enabled(free);
                    if push.show(ui, palette).clicked() {
                        chosen = Some(QuickAction::Continue(at));
                    }
                    let name = of_style::forget_lesson(language, &lesson.title);
                    let push = Push::new(&name, words.forget_lesson_tip, Look::Quiet);
                    if push.only_icon(Icon::Cross).show(ui, palette).clicked() {
                        chosen = Some(QuickAction::Forget(at));
                    }
                });
            });
        });
    }
    chosen
}

/// A tile for each style.
fn learnt(ui: &mut Ui, view: &View<'_>) -> Option<QuickAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let side = ((ui.available_width() - GAP) / 2.0).floor();
    let used = view.settings.style.quick_used(&view.session.extras);
    let styles = &view.style.quick.learnt;
    let mut chosen = None;
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    for first in (0..styles.len()).step_by(2) {
        ui.horizontal(|ui| {
            for (at, style) in styles.iter().enumerate().skip(first).take(2) {
                let doubted = view.style.quick.doubted.as_ref() == Some(&style.path);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 3.0;
                    let size = vec2(side, (side * 0.7).floor());
                    let selected = used.as_ref() == Some(&style.name());
                    let name = of_style::quick_style(language, &style.title);
                    let tile = match &style.texture {
                        Some(texture) => {
                            let shown = (texture.id(), texture.size_vec2());
                            image_tile(ui, palette, size, shown, selected, &name)
                        }
                        None => plain_tile(ui, view, size, selected, &name),
                    };
                    let corner = tile.rect.right_top() + vec2(-24.0, 4.0);
                    if tile.on_hover_text(words.use_quick_style_tip).clicked() {
                        chosen = Some(QuickAction::Use(at));
                    }
                    if doubted {
                        chosen = doubt(ui, view, &style.title).or(chosen);
                        return;
                    }
                    let corner = egui::Rect::from_min_size(corner, vec2(20.0, 20.0));
                    let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(corner));
                    let name = of_style::forget_quick_style(language, &style.title);
                    let forget = Push::new(&name, words.forget_quick_style_tip, Look::Plain);
                    let forget = forget.only_icon(Icon::Cross).size(vec2(20.0, 20.0));
                    if forget.show(&mut inside, palette).clicked() {
                        chosen = Some(QuickAction::Doubt(at));
                    }
                    let ink = if selected {
                        palette.accent_text
                    } else {
                        palette.text_secondary
                    };
                    ui.allocate_ui(vec2(side, NAME), |ui| {
                        one_line(ui, &style.title, theme::HINT, ink, side);
                    });
                });
            }
        });
    }
    chosen
}

/// Whether a style is really to be removed: in its name's place.
fn doubt(ui: &mut Ui, view: &View<'_>, title: &str) -> Option<QuickAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let name = of_style::delete_quick_style(language, title);
        let delete = Push::new(&name, words.delete_quick_style_tip, Look::Plain);
        if delete.label(words.delete_label).show(ui, palette).clicked() {
            chosen = Some(QuickAction::Remove);
        }
        let name = of_style::spare_quick_style(language, title);
        let spare = Push::new(&name, words.spare_quick_style_tip, Look::Quiet);
        if spare.label(words.spare_label).show(ui, palette).clicked() {
            chosen = Some(QuickAction::Spare);
        }
    });
    chosen
}

/// The tile of a style nobody knows the looks of.
fn plain_tile(ui: &mut Ui, view: &View<'_>, size: Vec2, selected: bool, name: &str) -> Response {
    let palette = view.palette;
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, name));
    focus_when_pressed(&response);
    let marked = selected || shows_focus(&response);
    let line = if marked {
        Stroke::new(2.0, palette.accent)
    } else {
        Stroke::new(1.0, palette.line)
    };
    let painter = ui.painter();
    let radius = CornerRadius::same(6);
    painter.rect(rect, radius, palette.field, line, StrokeKind::Inside);
    painter.text(
        rect.center(),
        Align2::CENTER_CENTER,
        view.words().features_quick,
        theme::SECONDARY,
        palette.text_hint,
    );
    response
}
