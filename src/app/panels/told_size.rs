//! What Stable Diffusion XL is told of the size of the picture it draws.

use egui::{Align, Ui};

use super::numeric::name;
use super::{fold, row};
use crate::app::theme::Palette;
use crate::app::view::View;
use crate::app::widgets::{Look, NumberField, Push, secondary};
use crate::recipe::SizeCondition;

/// The family whose models are told.
const FAMILY: &str = "sdxl";
/// More than any picture it learnt from has.
const MOST: f64 = 8192.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let family = view.session.model().and_then(|card| card.family);
    let form = &mut view.settings.form;
    if family.is_none_or(|family| family.id != FAMILY) {
        return;
    }
    let draft = &mut form.draft;
    let own = SizeCondition::whole(draft.width, draft.height);
    let now = match draft.size_condition {
        None => words.size_as_drawn.to_owned(),
        Some(SizeCondition { original, .. }) => format!("{} × {}", original.0, original.1),
    };
    let head = (words.told_size, words.told_size_tip);
    if !fold(ui, palette, head, &mut form.told_size_open, |ui| {
        secondary(ui, palette, now);
    }) {
        return;
    }
    let mut told = draft.size_condition.unwrap_or(own);
    let pairs = [
        (
            words.told_original,
            words.told_original_tip,
            &mut told.original,
        ),
        (words.told_crop, words.told_crop_tip, &mut told.crop),
        (words.told_target, words.told_target_tip, &mut told.target),
    ];
    let mut changed = false;
    for (name, tip, values) in pairs {
        changed |= pair(
            ui,
            palette,
            (name, tip),
            [words.width, words.height],
            values,
        );
    }
    if changed {
        draft.size_condition = Some(told);
    }
    let selected = draft.size_condition.is_none();
    let chip = Push::new(
        words.size_as_drawn,
        words.size_as_drawn_tip,
        Look::Chip { selected },
    );
    if chip.show(ui, palette).clicked() {
        draft.size_condition = None;
    }
}

/// Two numbers of pixels, across and down; tells whether one was changed.
fn pair(
    ui: &mut Ui,
    palette: &Palette,
    (label, tip): (&str, &str),
    ends: [&str; 2],
    (across, down): &mut (u32, u32),
) -> bool {
    let field = |ui: &mut Ui, end: &str, value: &mut u32| {
        let mut number = f64::from(*value);
        let field = NumberField {
            name: &format!("{label}: {end}"),
            tip,
            decimals: 0,
            step: 64.0,
            width: 62.0,
            align: Align::Center,
            bad: false,
        };
        let changed = field.show(ui, palette, &mut number).changed();
        if changed {
            *value = number.round().clamp(0.0, MOST) as u32;
        }
        changed
    };
    row(
        ui,
        28.0,
        |ui| name(ui, palette, label),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            // From the right.
            let second = field(ui, ends[1], down);
            secondary(ui, palette, "×");
            let first = field(ui, ends[0], across);
            first || second
        },
    )
}
