//! The sheet of keys.

use egui::{Align2, Area, CornerRadius, Frame, Id, Margin, Order, RichText, Stroke, Ui};

use super::row;
use crate::app::action::Action;
use crate::app::icons::Icon;
use crate::app::shortcuts::ROWS;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, secondary};

const WIDTH: f32 = 340.0;

pub(super) fn show(ui: &Ui, view: &mut View<'_>) {
    if !view.keys_shown {
        return;
    }
    let palette = view.palette;
    Area::new(Id::unique("keys sheet"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(palette.panel)
                .stroke(Stroke::new(1.0, palette.line))
                .corner_radius(CornerRadius::same(11))
                .inner_margin(Margin::same(16))
                .shadow(egui::Shadow {
                    offset: [0, 8],
                    blur: 30,
                    spread: 0,
                    color: palette.shadow,
                })
                .show(ui, |ui| {
                    ui.set_width(WIDTH);
                    let words = view.words();
                    let close = row(
                        ui,
                        26.0,
                        |ui| drop(head(ui, palette, words.keys)),
                        |ui| {
                            Push::new(words.close, words.close_tip, Look::Quiet)
                                .only_icon(Icon::Cross)
                                .show(ui, palette)
                                .clicked()
                        },
                    );
                    ui.add_space(6.0);
                    table(ui, view);
                    if close {
                        view.act(Action::ToggleKeys);
                    }
                });
        });
}

/// Every key and what it does.
pub(super) fn table(ui: &mut Ui, view: &View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    ui.spacing_mut().item_spacing.y = 2.0;
    for (keys, name) in ROWS {
        row(
            ui,
            20.0,
            |ui| drop(secondary(ui, palette, name(words))),
            |ui| {
                let keys = RichText::new(*keys).font(theme::SECONDARY);
                ui.label(keys.color(palette.text));
            },
        );
    }
}
