//! A message that has no other place, over the foot of the picture.

use egui::{
    Align2, Area, CornerRadius, Frame, Id, Label, Margin, Order, RichText, Stroke, Ui, vec2,
};

use super::stage::BELOW;
use super::{FILMSTRIP, STATUS};
use crate::app::action::Action;
use crate::app::icons::Icon;
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push};

/// Longer messages take more lines.
const WIDEST: f32 = 420.0;

pub(super) fn show(ui: &Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let Some(toast) = &view.session.toast else {
        return;
    };
    // The steps of a run stay in sight.
    let above = if view.panels_hidden {
        BELOW
    } else {
        BELOW + FILMSTRIP + STATUS
    };
    let tip = view.tip(words.undo_tip, &[Command::Undo]);
    let mut actions = Vec::new();
    Area::new(Id::unique("toast"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_BOTTOM, vec2(24.0, -above - 10.0))
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(palette.field)
                .stroke(Stroke::new(1.0, palette.line))
                .corner_radius(CornerRadius::same(theme::BOX_RADIUS))
                .inner_margin(Margin::symmetric(12, 6))
                .shadow(egui::Shadow {
                    offset: [0, 6],
                    blur: 20,
                    spread: 0,
                    color: palette.shadow,
                })
                .show(ui, |ui| {
                    ui.horizontal(|ui| {
                        let color = if toast.bad { palette.bad } else { palette.text };
                        let text = RichText::new(&toast.text)
                            .font(theme::SECONDARY)
                            .color(color);
                        ui.scope(|ui| {
                            ui.set_max_width(WIDEST);
                            ui.add(Label::new(text).wrap());
                        });
                        let undo = Push::new(words.undo, &*tip, Look::Plain);
                        if toast.undo && undo.show(ui, palette).clicked() {
                            actions.push(Action::UndoAdopt);
                        }
                        let dismiss = Push::new(words.dismiss, words.dismiss_tip, Look::Quiet)
                            .only_icon(Icon::Cross);
                        if dismiss.show(ui, palette).clicked() {
                            actions.push(Action::DismissToast);
                        }
                    });
                });
        });
    for action in actions {
        view.act(action);
    }
}
