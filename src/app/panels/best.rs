//! The best of several pictures of a prompt: whether they are compared with it, and how many stay.

use egui::{Ui, vec2};

use super::numeric::Numeric;
use super::{fold, row};
use crate::app::action::Action;
use crate::app::at_ranking::RankAction;
use crate::app::path_sheet::Purpose;
use crate::app::ranking::RankHow;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, hint, inform, secondary};
use crate::app::words::of_ranking;
use crate::models::title_of;

/// Kept pictures the slider reaches.
const MOST: u32 = 8;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let count = view.settings.form.draft.count;
    let form = &mut view.settings.rank;
    let now = match form.how {
        RankHow::AsTheyCome => words.off.to_owned(),
        RankHow::BestFirst => words.rank_best_first.to_owned(),
        RankHow::KeepBest => of_ranking::keeps(language, form.keep, count),
    };
    let head = (words.best_of_several, words.best_of_several_tip);
    let open = fold(ui, palette, head, &mut form.open, |ui| {
        secondary(ui, palette, now);
    });
    if !open {
        return;
    }
    ways(ui, view);
    let form = &mut view.settings.rank;
    if form.how == RankHow::AsTheyCome {
        return;
    }
    if form.how == RankHow::KeepBest {
        let numeric = Numeric::whole(words.rank_kept, words.rank_kept_tip, MOST, 1);
        let mut keep = f64::from(form.keep);
        if numeric.show(ui, palette, &mut keep) {
            form.keep = keep.round().clamp(1.0, f64::from(u32::MAX)) as u32;
        }
    }
    readers(ui, view);
    if view.settings.rank.how == RankHow::KeepBest {
        hint(ui, palette, words.rank_aside_hint);
    }
    if count < 2 {
        inform(ui, palette, words.rank_needs_several);
    }
}

fn ways(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let how = &mut view.settings.rank.how;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for (choice, name, tip) in [
            (
                RankHow::AsTheyCome,
                words.rank_as_they_come,
                words.rank_as_they_come_tip,
            ),
            (
                RankHow::BestFirst,
                words.rank_best_first,
                words.rank_best_first_tip,
            ),
            (
                RankHow::KeepBest,
                words.rank_keep_best,
                words.rank_keep_best_tip,
            ),
        ] {
            let selected = *how == choice;
            if Push::new(name, tip, Look::Chip { selected })
                .show(ui, palette)
                .clicked()
            {
                *how = choice;
            }
        }
    });
    ui.add_space(6.0);
}

/// Who compares.
pub(super) fn readers(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let ranker = &view.session.ranker;
    let chosen = ranker.clip(&view.settings.rank);
    let mut clips: Vec<(String, String)> = ranker
        .clips
        .iter()
        .flatten()
        .map(|clip| {
            let path = clip.path.display().to_string();
            (of_ranking::clip_name(&clip.name), path)
        })
        .collect();
    if let Some(path) = &view.settings.rank.clip
        && clips.iter().all(|(_, known)| known != path)
    {
        clips.push((of_ranking::clip_name(&title_of(path)), path.clone()));
    }
    let mut actions = Vec::new();
    row(
        ui,
        28.0,
        |ui| drop(secondary(ui, palette, words.rank_by)),
        |ui| {
            let open = Push::new(words.open_clip, words.open_clip_tip, Look::Quiet);
            if open.show(ui, palette).clicked() {
                actions.push(Action::Ask(Purpose::ClipFolder));
            }
        },
    );
    if clips.is_empty() {
        hint(ui, palette, words.rank_no_clip);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for (name, path) in clips {
            let selected = chosen.as_ref() == Some(&path);
            let full = format!("{}: {name}", words.rank_by);
            let chip = Push::new(&full, &path, Look::Chip { selected }).label(&name);
            if chip.show(ui, palette).clicked() {
                actions.push(Action::Rank(RankAction::Choose(path)));
            }
        }
    });
    ui.add_space(4.0);
    view.actions.extend(actions);
}
