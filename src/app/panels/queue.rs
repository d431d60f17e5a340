//! What waits: in order, to be moved and removed.

use egui::{CornerRadius, Frame, Margin, Stroke, Ui, vec2};

use super::row;
use crate::app::action::Action;
use crate::app::icons::Icon;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, one_line, secondary};
use crate::app::words::phrases;
use crate::engine::Waiting;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let queue = &view.session.queue;
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.queue)),
        |ui| {
            if !queue.is_empty() {
                secondary(ui, palette, queue.len().to_string());
            }
        },
    );
    if queue.is_empty() {
        hint(ui, palette, words.queue_empty);
        return;
    }
    let last = queue.len() - 1;
    let mut chosen = Vec::new();
    for (place, waiting) in queue.iter().enumerate() {
        chosen.extend(item(ui, view, waiting, place, last));
    }
    view.actions.extend(chosen);
}

fn item(
    ui: &mut Ui,
    view: &View<'_>,
    waiting: &Waiting,
    place: usize,
    last: usize,
) -> Option<Action> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let name = |verb| phrases::queue_button(language, verb, place + 1);
    let (up, down, remove) = (
        name(words.move_up),
        name(words.move_down),
        name(words.remove),
    );
    let job = waiting.job;
    let buttons = [
        (
            &remove,
            words.remove_tip,
            Icon::Cross,
            true,
            Action::RemoveWaiting(job),
        ),
        (
            &down,
            words.move_down_tip,
            Icon::Down,
            place < last,
            Action::MoveWaiting(job, place + 1),
        ),
        (
            &up,
            words.move_up_tip,
            Icon::Up,
            place > 0,
            Action::MoveWaiting(job, place.saturating_sub(1)),
        ),
    ];
    let mut chosen = None;
    Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(theme::SMALL_RADIUS))
        .inner_margin(Margin::symmetric(9, 5))
        .show(ui, |ui| {
            let width = ui.available_width();
            let made_from;
            let name = if waiting.recipe.is_drawn() {
                &waiting.recipe.prompt
            } else {
                made_from = phrases::made_from(language, &waiting.recipe.task);
                &made_from
            };
            one_line(ui, name, theme::SECONDARY, palette.text, width);
            let facts = phrases::waiting_job(language, waiting.count, waiting.recipe.steps);
            row(
                ui,
                22.0,
                |ui| drop(secondary(ui, palette, facts)),
                |ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    for (name, tip, icon, enabled, action) in buttons {
                        let push = Push::new(name, tip, Look::Quiet)
                            .only_icon(icon)
                            .size(vec2(22.0, 22.0))
                            .enabled(enabled);
                        if push.show(ui, palette).clicked() {
                            chosen = Some(action);
                        }
                    }
                },
            );
        });
    chosen
}
