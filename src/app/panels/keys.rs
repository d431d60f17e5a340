//! The sheet of keys.

use egui::{Align2, Area, CornerRadius, Frame, Id, Margin, Order, ScrollArea, Stroke, Ui};

use super::key_rows::{group, name_beside};
use super::row;
use crate::app::action::Action;
use crate::app::icons::Icon;
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint};

/// Of a column, and the room between the two.
const COLUMN: f32 = 276.0;
const GAP: f32 = 28.0;
/// Least room above and below the sheet.
const AROUND: f32 = 24.0;
/// Height of everything but the list.
const BESIDE_LIST: f32 = 74.0;

pub(super) fn show(ui: &Ui, view: &mut View<'_>) {
    if !view.keys_shown {
        return;
    }
    let palette = view.palette;
    let height = ui.ctx().content_rect().height() - 2.0 * AROUND - BESIDE_LIST;
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
                    ui.set_width(2.0 * COLUMN + GAP);
                    let words = view.words();
                    let close_tip = view.tip(words.close_tip, &[Command::Close]);
                    let close = row(
                        ui,
                        26.0,
                        |ui| drop(head(ui, palette, words.keys)),
                        |ui| {
                            Push::new(words.close, close_tip, Look::Quiet)
                                .only_icon(Icon::Cross)
                                .show(ui, palette)
                                .clicked()
                        },
                    );
                    ui.add_space(6.0);
                    // Else it would be as low as an area is in the beginning.
                    ScrollArea::vertical()
                        .max_height(height)
                        .min_scrolled_height(height)
                        .show(ui, |ui| columns(ui, view));
                    if close {
                        view.act(Action::ToggleKeys);
                    }
                });
        });
}

/// Every command with its keys: those for everywhere at the left, the others at the right.
fn columns(ui: &mut Ui, view: &View<'_>) {
    let words = view.words();
    let everywhere = |command: &Command| command.place().head(words) == words.keys_everywhere;
    let (left, right): (Vec<_>, Vec<_>) = Command::ALL.iter().partition(|row| everywhere(row));
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(GAP, 2.0);
        for commands in [left, right] {
            ui.vertical(|ui| {
                ui.set_width(COLUMN);
                column(ui, view, &commands);
                if commands.iter().all(everywhere) {
                    ui.add_space(10.0);
                    hint(ui, view.palette, words.keys_fixed);
                }
            });
        }
    });
}

fn column(ui: &mut Ui, view: &View<'_>, commands: &[Command]) {
    let words = view.words();
    let mut before = "";
    for command in commands {
        let above = command.place().head(words);
        if above != before {
            if !before.is_empty() {
                ui.add_space(10.0);
            }
            group(ui, view, above);
            before = above;
        }
        let keys = view.settings.keys.shown(*command);
        let keys = ui
            .painter()
            .layout_no_wrap(keys, theme::SECONDARY, view.palette.text);
        row(
            ui,
            20.0,
            |ui| name_beside(ui, view, *command, keys.size().x),
            |ui| drop(ui.label(keys.clone())),
        );
    }
}
