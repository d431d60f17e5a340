//! What can be left out for speed, what that saves and what it costs in quality.

use egui::Ui;

use super::numeric::{Numeric, name};
use super::sampling::{told, whole};
use super::{fold, row};
use crate::app::theme::Palette;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, hint, secondary};
use crate::app::words::phrases;
use crate::models::{ShortcutCost, WeightCost};
use crate::recipe::{Field, Problem, Shortcuts, Span, WeightBits, is_guided, tile_step};

/// What figures are told of before anything is chosen.
const USUAL: Shortcuts = Shortcuts {
    guidance: Span { from: 0.0, to: 0.6 },
    cache_interval: 3,
};
/// Slid and typed fractions are kept to so many parts of the run.
const PARTS: f64 = 1e4;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, problems: &[Problem]) {
    let fields = [Field::GuidanceSpan, Field::CacheInterval, Field::DecodeTile];
    let bad = |field: Field| problems.iter().any(|found| found.field() == field);
    if !head(ui, view, fields.into_iter().any(bad)) {
        return;
    }
    guidance(ui, view, bad(Field::GuidanceSpan));
    told(ui, view, problems, &fields[..1]);
    let chosen = view.settings.form.draft.shortcuts;
    bargain(ui, view, of_guidance(chosen), false);
    cache(ui, view, bad(Field::CacheInterval));
    told(ui, view, problems, &fields[1..2]);
    let chosen = view.settings.form.draft.shortcuts;
    bargain(ui, view, of_cache(chosen), false);
    if !of_guidance(chosen).are_off() && !of_cache(chosen).are_off() {
        bargain(ui, view, chosen, true);
    }
    let fewer = weights(ui, view);
    tile(ui, view, bad(Field::DecodeTile));
    told(ui, view, problems, &fields[2..]);
    if fewer || ShortcutCost::nearest(chosen).is_some() {
        hint(ui, view.palette, view.words().measured);
    }
}

/// Whether the picture is decoded in tiles, and how large they are.
fn tile(ui: &mut Ui, view: &mut View<'_>, bad: bool) {
    let words = view.words();
    let step = tile_step(view.session.limits().size_factor);
    let numeric = Numeric {
        name: words.decode_tile,
        tip: words.decode_tile_tip,
        range: 0.0..=1024.0,
        step: step.into(),
        default: 0.0,
        decimals: 0,
        bad,
    };
    whole(ui, view, &numeric, |draft| &mut draft.decode_tile);
}

/// In how many bits the model's weights are kept, and what that saves and costs; tells whether it
/// does.
fn weights(ui: &mut Ui, view: &mut View<'_>) -> bool {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let bits = &mut view.settings.form.draft.weight_bits;
    ui.add_space(4.0);
    row(
        ui,
        28.0,
        |ui| name(ui, palette, words.weight_bits),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            // From the right.
            for choice in WeightBits::ALL.into_iter().rev() {
                let selected = *bits == choice;
                let label = phrases::weight_bits(language, choice);
                let full = format!("{}: {label}", words.weight_bits);
                let chip = Push::new(&full, words.weight_bits_tip, Look::Chip { selected });
                if chip.label(label).show(ui, palette).clicked() {
                    *bits = choice;
                }
            }
        },
    );
    let bits = *bits;
    let (Some(cost), Some(card)) = (WeightCost::of(bits), view.session.model()) else {
        return false;
    };
    ui.add_space(2.0);
    let bytes = [bits, WeightBits::AsStored].map(|bits| card.weights_in(bits));
    let saves = bytes[0] < bytes[1];
    if saves {
        let text = phrases::weight_bargain(language, bytes, cost);
        hint(ui, palette, &text).on_hover_text(phrases::weights_measured(language, cost));
    } else {
        hint(ui, palette, words.weights_already);
    }
    ui.add_space(4.0);
    saves
}

/// The line that folds the rest away, and what is chosen; tells whether the rest is open.
fn head(ui: &mut Ui, view: &mut View<'_>, bad: bool) -> bool {
    let (words, palette) = (view.words(), view.palette);
    let draft = &view.settings.form.draft;
    let now = if bad {
        String::new()
    } else {
        let language = view.language();
        let saved = (!draft.shortcuts.are_off())
            .then(|| phrases::less(language, 1.0 - view.session.effort(draft, draft.shortcuts)));
        let bits = (!draft.weight_bits.are_stored())
            .then(|| phrases::weight_bits(language, draft.weight_bits).to_owned());
        let tile =
            (draft.decode_tile > 0).then(|| format!("{} {}", words.decode_tile, draft.decode_tile));
        let parts: Vec<_> = saved.into_iter().chain(bits).chain(tile).collect();
        if parts.is_empty() {
            words.off.to_owned()
        } else {
            parts.join(" · ")
        }
    };
    let open = &mut view.settings.form.speed_open;
    // What keeps a picture from being made is not hidden.
    *open |= bad;
    fold(ui, palette, (words.speed, words.speed_tip), open, |ui| {
        secondary(ui, palette, now);
    })
}

fn of_guidance(shortcuts: Shortcuts) -> Shortcuts {
    Shortcuts {
        guidance: shortcuts.guidance,
        ..Shortcuts::default()
    }
}

fn of_cache(shortcuts: Shortcuts) -> Shortcuts {
    Shortcuts {
        cache_interval: shortcuts.cache_interval,
        ..Shortcuts::default()
    }
}

/// From where to where in the run guidance is computed.
fn guidance(ui: &mut Ui, view: &mut View<'_>, bad: bool) {
    let (words, palette) = (view.words(), view.palette);
    let tips = [words.guide_from_tip, words.guide_until_tip]
        .map(|tip| with_figures(view, tip, of_guidance));
    let numeric = |name, tip, default| Numeric {
        name,
        tip,
        range: Span::WHOLE.from..=Span::WHOLE.to,
        step: 0.05,
        default,
        decimals: 2,
        bad,
    };
    let from = numeric(words.guide_from, &tips[0], Span::WHOLE.from);
    let until = numeric(words.guide_until, &tips[1], Span::WHOLE.to);
    let span = &mut view.settings.form.draft.shortcuts.guidance;
    fraction(ui, palette, &from, &mut span.from);
    fraction(ui, palette, &until, &mut span.to);
}

/// Of how many steps one is computed whole.
fn cache(ui: &mut Ui, view: &mut View<'_>, bad: bool) {
    let words = view.words();
    let tip = with_figures(view, words.step_cache_tip, of_cache);
    let usual = Shortcuts::default().cache_interval;
    let numeric = Numeric::whole(words.step_cache, &tip, 10, usual).bad(bad);
    whole(ui, view, &numeric, |draft| {
        &mut draft.shortcuts.cache_interval
    });
}

fn fraction(ui: &mut Ui, palette: &Palette, numeric: &Numeric<'_>, target: &mut f64) {
    let mut value = *target;
    if numeric.show(ui, palette, &mut value) {
        // Without the digits that steps of a twentieth leave behind.
        *target = (value * PARTS).round() / PARTS;
    }
}

/// What a control does, and what was measured of what is chosen, or else of what is usual.
fn with_figures(view: &View<'_>, tip: &str, part: fn(Shortcuts) -> Shortcuts) -> String {
    let chosen = part(view.settings.form.draft.shortcuts);
    let shown = if chosen.are_off() {
        part(USUAL)
    } else {
        chosen
    };
    match ShortcutCost::nearest(shown) {
        Some(cost) => format!("{tip}\n{}", phrases::measured(view.language(), cost)),
        None => tip.to_owned(),
    }
}

/// What shortcuts save by reckoning, and what they cost by the nearest measurement; nothing of those
/// that are off or cannot be. `together`: this sums up lines above.
fn bargain(ui: &mut Ui, view: &View<'_>, shortcuts: Shortcuts, together: bool) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let draft = &view.settings.form.draft;
    if !shortcuts.guidance.is_valid() {
        return;
    }
    let Some(cost) = ShortcutCost::nearest(shortcuts) else {
        return;
    };
    if !is_guided(draft.guidance) && !shortcuts.keep_features() {
        hint(ui, palette, words.unguided);
    } else {
        let saved = 1.0 - view.session.effort(draft, shortcuts);
        let text = phrases::bargain(language, saved, cost, together);
        hint(ui, palette, &text).on_hover_text(phrases::measured(language, cost));
    }
    ui.add_space(4.0);
}
