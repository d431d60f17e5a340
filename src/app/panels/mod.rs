//! The places of the window. A panel is a file and a row in `show`.

mod best;
mod candidates;
mod create;
mod easel;
mod filmstrip;
mod finish;
mod getting;
mod inside_mask;
mod kept_styles;
mod key_rows;
mod keys;
mod likeness;
mod loss;
mod making;
mod model;
mod model_details;
mod model_list;
mod models;
mod noise;
mod numeric;
mod painting;
mod path;
mod progress;
mod prompt;
mod queue;
mod quick_styles;
mod rail;
mod reading;
mod recipe;
mod run;
mod sampling;
mod settings;
mod speed;
mod stage;
mod status;
mod style;
mod table;
mod toast;
mod told_size;
mod trial;
mod upscale;
mod upscale_parts;

use egui::{CentralPanel, CornerRadius, Frame, Margin, Panel, ScrollArea, Shadow, Stroke, Ui};

use super::action::Activity;
use super::icons::Icon;
use super::theme;
use super::theme::Palette;
use super::view::View;
use super::widgets::{Look, Push};

/// Width of the rail.
const RAIL: f32 = 60.0;
/// Width of the panel of settings.
const LEFT: f32 = 316.0;
/// Width of the panel of results.
const RIGHT: f32 = 268.0;
/// Height of the filmstrip.
const FILMSTRIP: f32 = 104.0;
/// Height of the status line.
const STATUS: f32 = 28.0;

/// Draws the whole window.
pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let panel = Frame::new().fill(view.palette.panel);
    if !view.panels_hidden {
        Panel::bottom("status")
            .exact_size(STATUS)
            .resizable(false)
            .frame(panel.inner_margin(Margin::symmetric(theme::SIDE, 0)))
            .show(ui, |ui| status::show(ui, view));
        Panel::left("rail")
            .exact_size(RAIL)
            .resizable(false)
            .frame(panel.inner_margin(Margin::symmetric(6, 14)))
            .show(ui, |ui| rail::show(ui, view));
        Panel::left("left")
            .exact_size(LEFT)
            .resizable(false)
            .frame(panel)
            .show(ui, |ui| match view.activity {
                Activity::Create => create::show(ui, view),
                Activity::Canvas => easel::show(ui, view),
                Activity::Style => style::show(ui, view),
                Activity::Upscale => upscale::show(ui, view),
                Activity::Models => models::show(ui, view),
                Activity::Settings => settings::show(ui, view),
            });
        Panel::right("right")
            .exact_size(RIGHT)
            .resizable(false)
            .frame(panel)
            .show(ui, |ui| results(ui, view));
        if view.activity != Activity::Models {
            Panel::bottom("filmstrip")
                .exact_size(FILMSTRIP)
                .resizable(false)
                .frame(panel.inner_margin(Margin::symmetric(8, 0)))
                .show(ui, |ui| filmstrip::show(ui, view));
        }
    }
    CentralPanel::default()
        .frame(Frame::new().fill(view.palette.ground))
        .show(ui, |ui| match view.activity {
            Activity::Style => table::show(ui, view),
            Activity::Models => model_list::show(ui, view),
            _ => stage::show(ui, view),
        });
    keys::show(ui, view);
    toast::show(ui, view);
}

/// The right panel.
fn results(ui: &mut Ui, view: &mut View<'_>) {
    if view.activity == Activity::Models {
        scrolled(ui, "model", |ui| model_details::show(ui, view));
        return;
    }
    scrolled(ui, "results", |ui| {
        match view.activity {
            Activity::Canvas => candidates::show(ui, view),
            Activity::Style => kept_styles::show(ui, view),
            Activity::Create | Activity::Upscale | Activity::Models | Activity::Settings => {
                run::show(ui, view);
            }
        }
        ui.add_space(theme::SECTION_GAP);
        queue::show(ui, view);
        ui.add_space(theme::SECTION_GAP);
        recipe::show(ui, view);
        if matches!(view.activity, Activity::Create | Activity::Upscale) {
            ui.add_space(theme::SECTION_GAP);
            finish::show(ui, view);
        }
        if view.activity == Activity::Create {
            ui.add_space(theme::SECTION_GAP);
            likeness::show(ui, view);
        }
    });
}

/// A panel's content, which scrolls where the window is low.
fn scrolled(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .id_salt(name)
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin::symmetric(theme::SIDE, 14))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    content(ui);
                });
        });
}

/// The head of what can be folded away, with something at its right end; tells whether it is open.
fn fold(
    ui: &mut Ui,
    palette: &Palette,
    (name, tip): (&str, &str),
    open: &mut bool,
    right: impl FnOnce(&mut Ui),
) -> bool {
    let icon = if *open { Icon::Down } else { Icon::Right };
    let head = Push::new(name, tip, Look::Fold).icon(icon);
    row(
        ui,
        26.0,
        |ui| {
            if head.show(ui, palette).clicked() {
                *open = !*open;
            }
        },
        right,
    );
    *open
}

/// A bar that floats over the picture.
fn floating(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.panel)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(11))
        .inner_margin(Margin::symmetric(8, 5))
        .shadow(Shadow {
            offset: [0, 4],
            blur: 14,
            spread: 0,
            color: palette.shadow.gamma_multiply(0.5),
        })
}

/// A row with something at its left and something at its right end.
fn row<R>(
    ui: &mut Ui,
    height: f32,
    left: impl FnOnce(&mut Ui),
    right: impl FnOnce(&mut Ui) -> R,
) -> R {
    let size = egui::vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(
        size,
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.set_min_size(size);
            left(ui);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), right)
                .inner
        },
    )
    .inner
}
