//! The strip sorted by how well its pictures fit some words.

use egui::Ui;

use super::{best, fold};
use crate::app::action::Action;
use crate::app::at_ranking::RankAction;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, TextField, secondary};
use crate::app::words::of_ranking;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let head = (words.likeness, words.likeness_tip);
    let sorted = view.session.shelf.is_best_first();
    let open = &mut view.settings.rank.strip_open;
    let open = fold(ui, palette, head, open, |ui| {
        if sorted {
            secondary(ui, palette, words.rank_best_first);
        }
    });
    if !open {
        return;
    }
    let field = TextField {
        name: words.likeness_words,
        tip: words.likeness_words_tip,
        hint: words.likeness_words_hint,
        rows: 1,
        bad: false,
    };
    let typed = field.show(ui, palette, &mut view.settings.rank.words);
    let entered = typed.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    ui.add_space(6.0);
    best::readers(ui, view);
    let ranker = &view.session.ranker;
    let possible = ranker.comparing.is_none()
        && ranker.clip(&view.settings.rank).is_some()
        && !view.session.shelf.pictures().is_empty();
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let sort = Push::new(words.sort_strip, words.sort_strip_tip, Look::Plain);
        let newest = Push::new(words.newest_first, words.newest_first_tip, Look::Quiet);
        let sort = sort.enabled(possible).show(ui, palette).clicked();
        if sort || (entered && possible) {
            actions.push(Action::Rank(RankAction::SortStrip));
        }
        if newest.enabled(sorted).show(ui, palette).clicked() {
            actions.push(Action::Rank(RankAction::NewestFirst));
        }
    });
    view.actions.extend(actions);
    if !view.session.ranker.is_of_run() {
        under_way(ui, view);
    }
}

/// How far a comparison is, and its end.
pub(super) fn under_way(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let Some(comparing) = &view.session.ranker.comparing else {
        return;
    };
    let text = of_ranking::compared(view.language(), comparing.done, comparing.all);
    let ending = comparing.ending;
    let mut stop = false;
    ui.horizontal(|ui| {
        ui.spinner();
        secondary(ui, palette, text);
        let push = Push::new(words.stop_comparing, words.stop_comparing_tip, Look::Quiet);
        stop = push.enabled(!ending).show(ui, palette).clicked();
    });
    if stop {
        view.act(Action::Rank(RankAction::Stop));
    }
}
