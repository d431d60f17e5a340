//! The rail: where people are, and where they can go.

use egui::{
    Align, Color32, CornerRadius, Layout, Rect, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::action::{Action, Activity};
use crate::app::icons::{self, Icon};
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{focus_when_pressed, shows_focus};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let words = view.words();
    ui.spacing_mut().item_spacing.y = 6.0;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
    let square = Rect::from_center_size(rect.center(), vec2(30.0, 30.0));
    icons::mark(ui.painter(), square);
    ui.add_space(12.0);
    let create = (
        words.create,
        &*view.tip(words.create_tip, &[Command::GoCreate]),
        Icon::Sparkle,
    );
    place(ui, view, Activity::Create, create);
    let canvas = (
        words.canvas,
        &*view.tip(words.canvas_tip, &[Command::GoCanvas]),
        Icon::Brush,
    );
    place(ui, view, Activity::Canvas, canvas);
    let style = (
        words.style,
        &*view.tip(words.style_tip, &[Command::GoStyle]),
        Icon::Style,
    );
    place(ui, view, Activity::Style, style);
    let upscale = (
        words.upscale,
        &*view.tip(words.upscale_tip, &[Command::GoUpscale]),
        Icon::Enlarge,
    );
    place(ui, view, Activity::Upscale, upscale);
    let models = (
        words.models,
        &*view.tip(words.models_tip, &[Command::GoModels]),
        Icon::Models,
    );
    place(ui, view, Activity::Models, models);
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        let settings = (
            words.settings,
            &*view.tip(words.settings_tip, &[Command::GoSettings]),
            Icon::Gear,
        );
        place(ui, view, Activity::Settings, settings);
    });
}

/// A place to go: an icon with its name.
fn place(
    ui: &mut Ui,
    view: &mut View<'_>,
    activity: Activity,
    (name, tip, icon): (&str, &str, Icon),
) {
    let palette = view.palette;
    let here = view.activity == activity;
    let (rect, response) = ui.allocate_exact_size(vec2(48.0, 46.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, here, name));
    let (fill, ink) = match (here, response.hovered()) {
        (true, _) => (palette.accent_soft, palette.accent_text),
        (false, true) => (palette.field, palette.text),
        (false, false) => (Color32::TRANSPARENT, palette.text_secondary),
    };
    let radius = CornerRadius::same(theme::BOX_RADIUS);
    ui.painter().rect_filled(rect, radius, fill);
    let above = Rect::from_min_size(rect.min + vec2(0.0, 6.0), vec2(rect.width(), 18.0));
    icon.paint(ui.painter(), above, 17.0, ink);
    let galley = ui
        .painter()
        .layout_no_wrap(name.to_owned(), theme::TINY, ink);
    let at = pos2(
        rect.center().x - galley.size().x / 2.0,
        rect.bottom() - 5.0 - galley.size().y,
    );
    ui.painter().galley(at, galley, ink);
    focus_when_pressed(&response);
    if shows_focus(&response) {
        ui.painter()
            .rect_stroke(rect, radius, palette.focus_ring(), StrokeKind::Inside);
    }
    if response.on_hover_text(tip).clicked() {
        view.act(Action::Go(activity));
    }
}
