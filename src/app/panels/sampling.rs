//! How the picture is made: shape, steps, guidance, count, seed, sampler.

use egui::{Align, Ui};

use super::numeric::{Numeric, name};
use super::{best, fold, noise, reading, row, speed, told_size};
use crate::app::action::Action;
use crate::app::icons::Icon;
use crate::app::keys::Command;
use crate::app::shapes;
use crate::app::theme::Palette;
use crate::app::view::View;
use crate::app::widgets::{Look, NumberField, Push, head, problem, secondary, short_field};
use crate::app::words::{failures, phrases};
use crate::raster::Extent;
use crate::recipe::{Draft, Field, Problem, SAMPLERS, SCHEDULES, sampler_by_id, schedule_by_id};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let problems = view.settings.form.draft.problems(view.session.limits());
    let told = |ui: &mut Ui, view: &View<'_>, fields: &[Field]| {
        self::told(ui, view, &problems, fields);
    };
    let bad = |field: Field| problems.iter().any(|found| found.field() == field);

    ui.spacing_mut().item_spacing.y = 0.0;
    picture(ui, view, bad(Field::Size));
    told(ui, view, &[Field::Size]);
    let words = view.words();
    let usual = Draft::default();
    let steps = Numeric::whole(words.steps, words.steps_tip, 50, usual.steps);
    whole(ui, view, &steps.bad(bad(Field::Steps)), |draft| {
        &mut draft.steps
    });
    told(ui, view, &[Field::Steps]);
    guidance(ui, view, bad(Field::Guidance));
    told(ui, view, &[Field::Guidance]);
    let count = Numeric::whole(words.pictures, words.pictures_tip, 16, usual.count);
    whole(ui, view, &count.bad(bad(Field::Count)), |draft| {
        &mut draft.count
    });
    told(ui, view, &[Field::Count]);
    seed(ui, view);
    ui.add_space(8.0);
    sampler(ui, view);
    told(ui, view, &[Field::Sampler, Field::Schedule]);
    noise::show(ui, view, &problems);
    reading::show(ui, view, &problems);
    told_size::show(ui, view);
    speed::show(ui, view, &problems);
    best::show(ui, view);
}

/// What is wrong with some fields, below them.
pub(super) fn told(ui: &mut Ui, view: &View<'_>, problems: &[Problem], fields: &[Field]) {
    for found in problems {
        if fields.contains(&found.field()) {
            let text = failures::problem(view.language(), found);
            problem(ui, view.palette, &text);
        }
    }
}

/// A whole number of the draft.
pub(super) fn whole(
    ui: &mut Ui,
    view: &mut View<'_>,
    numeric: &Numeric<'_>,
    of: impl FnOnce(&mut Draft) -> &mut u32,
) {
    let target = of(&mut view.settings.form.draft);
    let mut value = f64::from(*target);
    if numeric.show(ui, view.palette, &mut value) {
        *target = value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    }
}

fn guidance(ui: &mut Ui, view: &mut View<'_>, bad: bool) {
    let words = view.words();
    let usual = view.session.model();
    let numeric = Numeric {
        name: words.guidance,
        tip: words.guidance_tip,
        range: 1.0..=12.0,
        step: 0.5,
        default: usual
            .map_or_else(|| Draft::default().guidance, |card| card.usual.guidance)
            .into(),
        decimals: 2,
        bad,
    };
    let mut value = f64::from(view.settings.form.draft.guidance);
    if numeric.show(ui, view.palette, &mut value) {
        view.settings.form.draft.guidance = value as f32;
    }
}

fn picture(ui: &mut Ui, view: &mut View<'_>, bad: bool) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let draft = &mut view.settings.form.draft;
    let here = Extent::new(draft.width, draft.height);
    let native = view.session.model().map_or(here, |card| card.native);
    let factor = view.session.limits().size_factor;
    row(
        ui,
        28.0,
        |ui| drop(head(ui, palette, words.picture)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for &(label, ratio) in shapes::SHAPES.iter().rev() {
                let extent = shapes::extent(ratio, native, factor);
                let selected = extent == here;
                let name = phrases::ratio(language, label);
                let chip = Push::new(&name, words.ratio_tip, Look::Chip { selected }).label(label);
                if chip.show(ui, palette).clicked() {
                    (draft.width, draft.height) = (extent.width, extent.height);
                }
            }
        },
    );
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let side = |ui: &mut Ui, name: &str, tip: &str, side: &mut u32| {
            let mut value = f64::from(*side);
            let field = NumberField {
                name,
                tip,
                decimals: 0,
                step: f64::from(factor),
                width: 62.0,
                align: Align::Center,
                bad,
            };
            if field.show(ui, palette, &mut value).changed() {
                *side = value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
            }
        };
        side(ui, words.width, words.width_tip, &mut draft.width);
        secondary(ui, palette, "×");
        side(ui, words.height, words.height_tip, &mut draft.height);
        secondary(ui, palette, "px");
    });
    ui.add_space(4.0);
}

fn seed(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let dice_tip = view.tip(words.dice_tip, &[Command::NewSeed]);
    let lock_on_tip = view.tip(words.lock_on_tip, &[Command::LockSeed]);
    let lock_off_tip = view.tip(words.lock_off_tip, &[Command::LockSeed]);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        name(ui, palette, words.seed);
        let form = &mut view.settings.form;
        let width = ui.available_width() - 26.0 * 2.0 - 10.0;
        let field = (words.seed, words.seed_tip, width);
        // Else the next run would draw over what was typed.
        form.seed_locked |= digits(ui, palette, "seed", field, &mut form.draft.seed);
        ui.add_space(10.0);
        let dice = Push::new(words.dice, &*dice_tip, Look::Quiet).only_icon(Icon::Dice);
        let roll = dice.show(ui, palette).clicked();
        let (icon, lock_tip) = if form.seed_locked {
            (Icon::Locked, &lock_on_tip)
        } else {
            (Icon::Unlocked, &lock_off_tip)
        };
        let look = Look::Toggle {
            on: form.seed_locked,
        };
        let lock = Push::new(words.lock, lock_tip, look).only_icon(icon);
        let toggle = lock.show(ui, palette).clicked();
        if roll {
            view.act(Action::NewSeed);
        }
        if toggle {
            view.act(Action::ToggleLock);
        }
    });
}

/// A field for a seed, by its name, tip and width; tells whether one was typed. Seeds are 64 bits wide,
/// more than a float holds exactly: digits are taken as they are.
pub(super) fn digits(
    ui: &mut Ui,
    palette: &Palette,
    key: &str,
    (name, tip, width): (&str, &str, f32),
    seed: &mut u64,
) -> bool {
    let id = ui.make_persistent_id(key);
    let focused = ui.memory(|memory| memory.has_focus(id));
    let mut text = ui
        .data(|data| data.get_temp::<String>(id))
        .filter(|_| focused)
        .unwrap_or_else(|| seed.to_string());
    let response = short_field(ui, palette, id, (width, Align::Min), false, &mut text);
    let mut typed = false;
    if response.changed() {
        if let Ok(number) = text.trim().parse() {
            *seed = number;
            typed = true;
        }
        ui.data_mut(|data| data.insert_temp(id, text));
    }
    if response.lost_focus() {
        ui.data_mut(|data| data.remove::<String>(id));
    }
    response.accessible_name(name).on_hover_text(tip);
    typed
}

fn sampler(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let form = &mut view.settings.form;
    let sampler = sampler_by_id(&form.draft.sampler).map_or("?", |row| row.label);
    let schedule = schedule_by_id(&form.draft.schedule).map_or("?", |row| row.label);
    let now = format!("{sampler} · {schedule}");
    let head = (words.sampler, words.sampler_tip);
    let open = fold(ui, palette, head, &mut form.sampler_open, |ui| {
        secondary(ui, palette, now);
    });
    if !open {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        for row in SAMPLERS {
            let selected = row.id == form.draft.sampler;
            let chip = Push::new(row.label, words.sampler_tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                row.id.clone_into(&mut form.draft.sampler);
            }
        }
    });
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        secondary(ui, palette, words.schedule);
        for row in SCHEDULES {
            let selected = row.id == form.draft.schedule;
            // A sampler may have the same label.
            let full = format!("{}: {}", words.schedule, row.label);
            let chip = Push::new(&full, words.schedule_tip, Look::Chip { selected });
            if chip.label(row.label).show(ui, palette).clicked() {
                row.id.clone_into(&mut form.draft.schedule);
            }
        }
    });
}
