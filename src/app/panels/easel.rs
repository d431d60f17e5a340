//! What to do with the picture on the easel: verb, prompt, tools, mask.

use egui::{Align, Frame, Layout, Margin, Panel, Ui, vec2};

use super::making::{Primary, cost, memory};
use super::numeric::Numeric;
use super::{inside_mask, painting, row, scrolled};
use crate::app::action::Action;
use crate::app::at_easel::EaselAction;
use crate::app::easel::{EaselForm, NewSize, Verb};
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, TextField, head, hint, problem, secondary};
use crate::app::words::{Words, failures, phrases};
use crate::pipelines::REMOVERS;
use crate::raster::Extent;
use crate::recipe::{Problem, ResizeMode};

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
            Verb::Crop => drop(hint(ui, view.palette, view.words().crop_hint)),
        }
        ui.add_space(theme::SECTION_GAP);
        match verb {
            Verb::Fill | Verb::Remove => painting::show(ui, view),
            Verb::Change => change(ui, view),
            Verb::Extend | Verb::Crop => sides(ui, view),
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
        Verb::Crop => (words.crop, words.crop_tip),
    }
}

fn verbs(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let verbs = [
        Verb::Fill,
        Verb::Change,
        Verb::Remove,
        Verb::Extend,
        Verb::Crop,
    ];
    let chips = verbs.map(|verb| {
        let selected = view.settings.easel.verb == verb;
        let (name, tip) = names(words, verb);
        let tip = match verb {
            Verb::Crop => view.tip(tip, &[Command::Crop]),
            _ => tip.to_owned(),
        };
        Push::new(name, tip, Look::Chip { selected })
    });
    let widths = widths_in_a_row(ui.available_width(), chips.each_ref().map(|c| c.width(ui)));
    let wrapped = Layout::left_to_right(Align::Min).with_main_wrap(true);
    ui.with_layout(wrapped, |ui| {
        ui.spacing_mut().item_spacing = vec2(VERB_GAP, VERB_GAP);
        for ((chip, verb), width) in chips.into_iter().zip(verbs).zip(widths) {
            let chip = chip.size(vec2(width, 26.0));
            if chip.show(ui, palette).clicked() {
                view.act(Action::AtEasel(EaselAction::Choose(verb)));
            }
        }
    });
}

const VERB_GAP: f32 = 6.0;
/// What a chip can do without of the space beside its text.
const VERB_SLACK: f32 = 14.0;

/// The widths of chips: a little narrower than they would be, where all fit into one row then.
fn widths_in_a_row<const N: usize>(room: f32, widths: [f32; N]) -> [f32; N] {
    let gaps = VERB_GAP * N.saturating_sub(1) as f32;
    let excess = (widths.iter().sum::<f32>() + gaps - room).max(0.0) / N as f32;
    widths.map(|width| {
        if excess <= VERB_SLACK {
            width - excess
        } else {
            width
        }
    })
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
    let tip = phrases::makes_it(view.language(), tip, &view.key(Command::Generate));
    let field = TextField {
        name: title,
        tip: &tip,
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
    ui.add_space(8.0);
    secondary(ui, palette, words.new_size);
    ui.add_space(4.0);
    let draft = &view.settings.form.draft;
    let of_create = phrases::extent(Extent::new(draft.width, draft.height));
    let sizes = [
        (NewSize::Picture, words.size_picture, words.size_picture_tip),
        (NewSize::Create, &of_create, words.size_create_tip),
    ];
    choices(ui, view, &sizes, |form| &mut form.new_size);
    if view.settings.easel.new_size == NewSize::Picture {
        return;
    }
    ui.add_space(8.0);
    secondary(ui, palette, words.other_shape);
    ui.add_space(4.0);
    let modes = [
        (
            ResizeMode::CropAndResize,
            words.shape_crop,
            words.shape_crop_tip,
        ),
        (
            ResizeMode::ResizeAndFill,
            words.shape_fill,
            words.shape_fill_tip,
        ),
        (
            ResizeMode::JustResize,
            words.shape_stretch,
            words.shape_stretch_tip,
        ),
    ];
    choices(ui, view, &modes, |form| &mut form.resize);
}

/// How much is added to or cut off each side of the picture.
fn sides(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let picture = view.easel.as_ref().map(|easel| easel.image().extent());
    let picture = picture.unwrap_or(Extent::new(512, 512));
    let form = &mut view.settings.easel;
    let (sides, tip, step, most) = if form.verb == Verb::Crop {
        let most = Extent::new(picture.width - 1, picture.height - 1);
        (&mut form.cut, words.cut_tip, 1.0, most)
    } else {
        (&mut form.room, words.room_tip, 8.0, Extent::new(512, 512))
    };
    for (name, side, most) in [
        (words.room_left, &mut sides.left, most.width),
        (words.room_top, &mut sides.top, most.height),
        (words.room_right, &mut sides.right, most.width),
        (words.room_bottom, &mut sides.bottom, most.height),
    ] {
        let numeric = Numeric {
            range: 0.0..=f64::from(most.max(1)),
            step,
            default: 0.0,
            ..Numeric::whole(name, tip, most, 0)
        };
        let mut value = f64::from(*side);
        if numeric.show(ui, palette, &mut value) {
            *side = value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
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

/// A row of chips for one field of the form.
pub(super) fn choices<T: Copy + PartialEq>(
    ui: &mut Ui,
    view: &mut View<'_>,
    choices: &[(T, &str, &str)],
    of: impl Fn(&mut EaselForm) -> &mut T,
) {
    let palette = view.palette;
    ui.with_layout(
        Layout::left_to_right(Align::Min).with_main_wrap(true),
        |ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            for &(value, name, tip) in choices {
                let field = of(&mut view.settings.easel);
                let selected = *field == value;
                let chip = Push::new(name, tip, Look::Chip { selected });
                if chip.show(ui, palette).clicked() {
                    *field = value;
                }
            }
        },
    );
}

fn button(ui: &mut Ui, view: &mut View<'_>) {
    let (words, language) = (view.words(), view.language());
    let form = &view.settings.easel;
    let Some(easel) = view.easel.as_ref() else {
        let text = phrases::easel_empty(language, &view.key(Command::Open));
        hint(ui, view.palette, &text);
        return;
    };
    let (card, limits) = (view.session.model(), view.session.limits());
    let draft = &view.settings.form.draft;
    let problems = form.problems(draft, easel, card, limits);
    let draft = form.draft(draft, form.size(draft, easel, card, None));
    let is_drawn = matches!(form.verb, Verb::Fill | Verb::Change);
    let fitted = is_drawn.then(|| view.memory_plan(&draft)).flatten();
    let (label, _) = names(words, form.verb);
    let name = match form.verb {
        Verb::Fill => words.fill_button,
        Verb::Change => words.change_button,
        Verb::Remove => words.remove_button,
        Verb::Extend => words.extend_button,
        Verb::Crop => words.crop_button,
    };
    let primary = Primary {
        name,
        tip: view.tip(words.fill_button_tip, &[Command::Generate]),
        label: if view.session.running().is_some()
            && matches!(form.verb, Verb::Fill | Verb::Change | Verb::Remove)
        {
            words.queue_next
        } else {
            label
        },
        cost: if is_drawn {
            cost(view, &draft)
        } else {
            view.key(Command::Generate)
        },
        possible: problems.is_empty()
            && !matches!(fitted, Some(Err(_)))
            && !easel.is_busy()
            && match form.verb {
                Verb::Extend => !form.room.is_empty(),
                Verb::Crop => !form.cut.is_empty(),
                Verb::Fill | Verb::Change | Verb::Remove => true,
            },
    };
    if easel.is_busy() {
        hint(ui, view.palette, words.reshaping);
        ui.add_space(8.0);
    }
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
    memory(ui, view, fitted.as_ref());
    primary.show(ui, view);
}
