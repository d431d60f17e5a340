//! What to do with the picture on the easel: verb, prompt, tools, mask.

use egui::{Frame, Margin, Panel, Ui, vec2};

use super::making::{Primary, cost};
use super::numeric::Numeric;
use super::{inside_mask, painting, row, scrolled};
use crate::app::easel::{EaselForm, Verb};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, TextField, head, hint, problem};
use crate::app::words::{Words, failures, phrases};
use crate::pipelines::REMOVERS;
use crate::raster::MOST_MARGIN;
use crate::recipe::Problem;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let frame = Frame::new()
        .fill(view.palette.panel)
        .inner_margin(Margin::symmetric(theme::SIDE, 14));
    Panel::bottom("fill")
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| button(ui, view));
    scrolled(ui, "easel", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        verbs(ui, view);
        ui.add_space(10.0);
        let verb = view.settings.easel.verb;
        match verb {
            Verb::Fill | Verb::Change => prompt(ui, view),
            Verb::Remove => remove(ui, view),
            Verb::Extend => drop(hint(ui, view.palette, view.words().extend_hint)),
        }
        ui.add_space(theme::SECTION_GAP);
        match verb {
            Verb::Fill | Verb::Remove => painting::show(ui, view),
            Verb::Change => change(ui, view),
            Verb::Extend => extend(ui, view),
        }
        if verb == Verb::Fill {
            ui.add_space(theme::SECTION_GAP);
            inside_mask::show(ui, view);
        }
    });
}

/// Letters of a folder that are shown: enough to know it by, few enough for a quiet hint.
const FOLDER_LETTERS: usize = 40;

/// What removing does, and where weights for a further way belong while there are none.
fn remove(ui: &mut Ui, view: &View<'_>) {
    let palette = view.palette;
    hint(ui, palette, view.words().remove_hint);
    let extras = &view.session.extras;
    let told = !extras.folder.as_os_str().is_empty();
    if !told || REMOVERS.iter().all(|remover| remover.is_possible(extras)) {
        return;
    }
    ui.add_space(6.0);
    let text = |folder: &str| phrases::lama_missing(view.language(), folder);
    let folder = extras.folder.display().to_string();
    let shown = phrases::shortened(&folder, FOLDER_LETTERS);
    let told = hint(ui, palette, &text(&shown));
    if shown != folder {
        told.on_hover_text(text(&folder));
    }
}

/// What a verb is called on its chip, and what it does.
fn names(words: &Words, verb: Verb) -> (&'static str, &'static str) {
    match verb {
        Verb::Fill => (words.fill, words.fill_tip),
        Verb::Change => (words.change, words.change_tip),
        Verb::Remove => (words.erase_thing, words.erase_thing_tip),
        Verb::Extend => (words.extend, words.extend_tip),
    }
}

fn verbs(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for verb in [Verb::Fill, Verb::Change, Verb::Remove, Verb::Extend] {
            let selected = view.settings.easel.verb == verb;
            let (name, tip) = names(words, verb);
            let chip = Push::new(name, tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                view.settings.easel.verb = verb;
            }
        }
    });
}

fn prompt(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let (title, tip) = if view.settings.easel.verb == Verb::Fill {
        (words.fill_with, words.fill_with_tip)
    } else {
        (words.change_into, words.change_into_tip)
    };
    row(ui, 20.0, |ui| drop(head(ui, palette, title)), |_| ());
    ui.add_space(6.0);
    let field = TextField {
        name: title,
        tip,
        hint: words.prompt_hint,
        rows: 3,
        bad: false,
    };
    field.show(ui, palette, &mut view.settings.easel.prompt);
}

fn change(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let strength = strength(words, EaselForm::default().change_strength);
    strength.show(ui, palette, &mut view.settings.easel.change_strength);
}

fn extend(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let room = &mut view.settings.easel.room;
    for (name, side) in [
        (words.room_left, &mut room.left),
        (words.room_top, &mut room.top),
        (words.room_right, &mut room.right),
        (words.room_bottom, &mut room.bottom),
    ] {
        let numeric = Numeric {
            range: 0.0..=512.0,
            step: 8.0,
            default: 0.0,
            ..Numeric::whole(name, words.room_tip, 512, 0)
        };
        let mut value = f64::from(*side);
        if numeric.show(ui, palette, &mut value) {
            *side = value.round().clamp(0.0, f64::from(MOST_MARGIN)) as u32;
        }
    }
}

/// How much is painted anew.
pub(super) fn strength<'a>(words: &Words, default: f64) -> Numeric<'a> {
    Numeric {
        name: words.strength,
        tip: words.strength_tip,
        range: 0.05..=1.0,
        step: 0.05,
        default,
        decimals: 2,
        bad: false,
    }
}

fn button(ui: &mut Ui, view: &mut View<'_>) {
    let (words, language) = (view.words(), view.language());
    let form = &view.settings.easel;
    let Some(easel) = view.easel.as_ref() else {
        hint(ui, view.palette, words.easel_empty);
        return;
    };
    let (card, limits) = (view.session.model(), view.session.limits());
    let draft = &view.settings.form.draft;
    let problems = form.problems(draft, easel, card, limits);
    let draft = form.draft(draft, form.size(easel, card, None));
    let (label, _) = names(words, form.verb);
    let name = match form.verb {
        Verb::Fill => words.fill_button,
        Verb::Change => words.change_button,
        Verb::Remove => words.remove_button,
        Verb::Extend => words.extend_button,
    };
    let primary = Primary {
        name,
        tip: words.fill_button_tip,
        label: if view.session.running().is_some() {
            words.queue_next
        } else {
            label
        },
        cost: if matches!(form.verb, Verb::Remove | Verb::Extend) {
            words.generate_key.to_owned()
        } else {
            cost(view, &draft)
        },
        possible: problems.is_empty() && (form.verb != Verb::Extend || !form.room.is_empty()),
    };
    match problems.first() {
        // Not a mistake: people have only just come.
        Some(Problem::MaskEmpty) => drop(hint(ui, view.palette, words.mask_first)),
        Some(first) => drop(problem(
            ui,
            view.palette,
            &failures::problem(language, first),
        )),
        None => {}
    }
    if !problems.is_empty() {
        ui.add_space(8.0);
    }
    primary.show(ui, view);
}
