//! What noise a picture begins with: whose random numbers, and how far towards another seed.

use egui::Ui;

use super::numeric::{Numeric, name};
use super::sampling::{digits, told};
use super::{fold, row};
use crate::app::view::View;
use crate::app::widgets::{Look, Push, secondary};
use crate::recipe::{Field, NoiseSource, Problem};

/// Slid and typed strengths are kept to so many parts of the whole.
const PARTS: f64 = 1e3;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, problems: &[Problem]) {
    let (words, palette) = (view.words(), view.palette);
    let bad = problems
        .iter()
        .any(|found| found.field() == Field::Variation);
    let form = &mut view.settings.form;
    let source = form.draft.noise.label();
    let now = if form.draft.variation.is_off() {
        source.to_owned()
    } else {
        format!(
            "{source} · {} {}",
            words.variation, form.draft.variation.strength
        )
    };
    // What keeps a picture from being made is not hidden.
    form.noise_open |= bad;
    let head = (words.random_noise, words.random_noise_tip);
    let open = fold(ui, palette, head, &mut form.noise_open, |ui| {
        secondary(ui, palette, now);
    });
    if !open {
        return;
    }
    sources(ui, view);
    variation(ui, view, bad);
    told(ui, view, problems, &[Field::Variation]);
}

fn sources(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let chosen = &mut view.settings.form.draft.noise;
    row(
        ui,
        28.0,
        |ui| name(ui, palette, words.noise_source),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            // From the right.
            for source in NoiseSource::ALL.into_iter().rev() {
                let selected = *chosen == source;
                let full = format!("{}: {}", words.random_noise, source.label());
                let chip = Push::new(&full, words.random_noise_tip, Look::Chip { selected });
                if chip.label(source.label()).show(ui, palette).clicked() {
                    *chosen = source;
                }
            }
        },
    );
}

fn variation(ui: &mut Ui, view: &mut View<'_>, bad: bool) {
    let (words, palette) = (view.words(), view.palette);
    let numeric = Numeric {
        name: words.variation,
        tip: words.variation_tip,
        range: 0.0..=1.0,
        step: 0.05,
        default: 0.0,
        decimals: 2,
        bad,
    };
    let variation = &mut view.settings.form.draft.variation;
    let mut strength = variation.strength;
    if numeric.show(ui, palette, &mut strength) {
        variation.strength = (strength * PARTS).round() / PARTS;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        name(ui, palette, words.variation_seed);
        let width = ui.available_width();
        let field = (words.variation_seed, words.variation_seed_tip, width);
        digits(ui, palette, "variation seed", field, &mut variation.seed);
    });
}
