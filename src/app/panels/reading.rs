//! How prompts are read: whose syntax they are in, and which layer of the text encoder is listened to.

use egui::Ui;

use super::fold;
use super::numeric::Numeric;
use super::sampling::{told, whole};
use crate::app::view::View;
use crate::app::widgets::{Look, Push, secondary};
use crate::app::words::{Words, of_prompts};
use crate::recipe::{Draft, Emphasis, Field, Problem};

/// Layers a text encoder of Stable Diffusion 1.x has.
const USUAL_LAYERS: u32 = 12;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, problems: &[Problem]) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let bad = problems
        .iter()
        .any(|found| found.field() == Field::ClipSkip);
    let form = &mut view.settings.form;
    // What keeps a picture from being made is not hidden.
    form.reading_open |= bad;
    let now = of_prompts::reading(language, form.draft.emphasis, form.draft.clip_skip);
    let head = (words.reading, words.reading_tip);
    if !fold(ui, palette, head, &mut form.reading_open, |ui| {
        secondary(ui, palette, now);
    }) {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        for emphasis in Emphasis::ALL {
            let selected = form.draft.emphasis == emphasis;
            let label = of_prompts::emphasis_name(language, emphasis);
            let full = format!("{}: {label}", words.emphasis);
            let chip = Push::new(&full, tip(words, emphasis), Look::Chip { selected });
            if chip.label(label).show(ui, palette).clicked() {
                form.draft.emphasis = emphasis;
            }
        }
    });
    ui.add_space(4.0);
    let usual = Draft::default().clip_skip;
    let skip = Numeric::whole(words.clip_skip, words.clip_skip_tip, USUAL_LAYERS, usual);
    whole(ui, view, &skip.bad(bad), |draft| &mut draft.clip_skip);
    told(ui, view, problems, &[Field::ClipSkip]);
}

fn tip(words: &'static Words, emphasis: Emphasis) -> &'static str {
    match emphasis {
        Emphasis::A1111 => words.emphasis_a1111_tip,
        Emphasis::NoNorm => words.emphasis_no_norm_tip,
        Emphasis::Comfy => words.emphasis_comfy_tip,
        Emphasis::None => words.emphasis_none_tip,
    }
}
