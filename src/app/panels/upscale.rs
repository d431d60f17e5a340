//! What to make larger, by what, and how large.

use egui::{
    Align, CornerRadius, Frame, Layout, Margin, Panel, Sense, Stroke, StrokeKind, Ui, vec2,
};

use super::making::Primary;
use super::numeric::Numeric;
use super::{row, scrolled, upscale_parts};
use crate::app::action::Action;
use crate::app::at_upscale::UpscaleAction;
use crate::app::icons::Icon;
use crate::app::keys::Command;
use crate::app::path_sheet::Purpose;
use crate::app::theme;
use crate::app::upscaling::{Maker, NetworkCard, Planned, Refusal, Sizing, Source};
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, one_line, problem, secondary};
use crate::app::words::{failures, larger, phrases};
use crate::models::{Aim, EmbeddedUpscaler};

/// Letters of a folder that are shown.
const FOLDER_LETTERS: usize = 40;
/// Letters of a picture's name that are shown.
const NAME_LETTERS: usize = 17;
/// Factors people choose with one click, and those of a network that leaves the size as it is.
const FACTORS: [f64; 4] = [2.0, 3.0, 4.0, 8.0];
const FACTORS_FROM_ONE: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let frame = Frame::new()
        .fill(view.palette.panel)
        .inner_margin(Margin::symmetric(theme::SIDE, 14));
    let planned = {
        let (form, extras) = (&view.settings.upscale, &view.session.extras);
        view.session.upscaling.plan(form, extras)
    };
    Panel::bottom("make larger")
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| button(ui, view, planned.as_ref()));
    scrolled(ui, "upscale", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        sources(ui, view);
        ui.add_space(theme::SECTION_GAP);
        network(ui, view);
        ui.add_space(theme::SECTION_GAP);
        size(ui, view);
        ui.add_space(theme::SECTION_GAP);
        upscale_parts::show(ui, view, planned.as_ref());
    });
}

/// The pictures to be made larger.
fn sources(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let all = view.session.upscaling.sources.all();
    let open = row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.sources)),
        |ui| {
            let tip = view.tip(words.open_pictures_tip, &[Command::Open]);
            Push::new(words.open_pictures, tip, Look::Quiet)
                .icon(Icon::Open)
                .show(ui, palette)
                .clicked()
        },
    );
    ui.add_space(6.0);
    if all.is_empty() {
        empty(ui, view);
    }
    let mut chosen = Vec::new();
    for (place, source) in all.iter().enumerate() {
        chosen.extend(item(ui, view, source, place));
        ui.add_space(4.0);
    }
    view.actions.extend(chosen);
    if open {
        view.act(Action::Ask(Purpose::OpenPicture));
    }
}

/// Where pictures land, before there is one.
fn empty(ui: &mut Ui, view: &View<'_>) {
    let palette = view.palette;
    let size = vec2(ui.available_width(), 72.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let radius = CornerRadius::same(theme::BOX_RADIUS);
    let line = Stroke::new(1.0, palette.line);
    ui.painter()
        .rect(rect, radius, palette.field, line, StrokeKind::Inside);
    let mut inside = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(14.0, 10.0)))
            .layout(Layout::left_to_right(Align::Center)),
    );
    hint(&mut inside, palette, view.words().upscale_empty_hint);
}

/// A picture: its name, its size or what happens to it, and a cross.
fn item(ui: &mut Ui, view: &View<'_>, source: &Source, place: usize) -> Vec<Action> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let is_chosen = view.session.upscaling.sources.place() == place;
    let (mut looks, mut goes) = (false, false);
    let name = if source.name.is_empty() {
        words.picture
    } else {
        &source.name
    };
    let facts = match (&source.pixels, source.result, source.jobs.first()) {
        (_, _, Some(job)) => {
            let runs = view.session.running().is_some_and(|run| run.job == *job);
            (if runs { words.working } else { words.waiting }).to_owned()
        }
        (_, Some(_), None) => words.ready.to_owned(),
        (Some(pixels), None, None) => {
            larger::picture_facts(language, pixels.extent(), source.samples)
        }
        (None, None, None) => String::new(),
    };
    let line = if is_chosen {
        palette.accent
    } else {
        palette.line
    };
    Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CornerRadius::same(theme::SMALL_RADIUS))
        .inner_margin(Margin::symmetric(6, 4))
        .show(ui, |ui| {
            row(
                ui,
                26.0,
                |ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let width = ui.available_width() - 34.0;
                    let short = phrases::shortened(name, NAME_LETTERS);
                    let push = Push::new(
                        name,
                        words.source_tip,
                        Look::Choice {
                            selected: is_chosen,
                        },
                    )
                    .label(&short)
                    .size(vec2((width * 0.58).max(60.0), 24.0));
                    looks = push.show(ui, palette).clicked();
                    one_line(
                        ui,
                        &facts,
                        theme::HINT,
                        palette.text_hint,
                        width * 0.42 - 8.0,
                    );
                },
                |ui| {
                    let name = larger::take_out(language, place + 1);
                    let out = Push::new(&name, words.take_out_tip, Look::Quiet)
                        .only_icon(Icon::Cross)
                        .size(vec2(22.0, 22.0));
                    goes = out.show(ui, palette).clicked();
                },
            );
        });
    [
        (looks, UpscaleAction::Choose(place)),
        (goes, UpscaleAction::TakeOut(place)),
    ]
    .into_iter()
    .filter_map(|(pressed, action)| pressed.then_some(Action::AtUpscale(action)))
    .collect()
}

/// What makes it larger, said plainly.
fn network(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    head(ui, palette, words.network);
    ui.add_space(6.0);
    let extras = &view.session.extras;
    let at_work = view.settings.upscale.network(extras);
    let names = view.settings.upscale.networks(extras);
    let mut maker = None;
    let (mut asks, mut compares) = (false, false);
    ui.with_layout(
        Layout::left_to_right(Align::Min).with_main_wrap(true),
        |ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            for name in &names {
                let selected = at_work.as_ref() == Some(name);
                let label = phrases::shortened(stem(name), 26);
                let chip = Push::new(&label, words.network_tip, Look::Chip { selected });
                if chip.show(ui, palette).clicked() {
                    maker = Some(Maker::Network(name.clone()));
                }
            }
            let selected = at_work.is_none();
            let chip = Push::new(words.lanczos, words.lanczos_tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                maker = Some(Maker::Lanczos);
            }
        },
    );
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let open = Push::new(words.open_network, words.open_network_tip, Look::Quiet);
        asks = open.show(ui, palette).clicked();
        let chosen = view.session.upscaling.sources.chosen();
        let can = chosen.is_some_and(|source| source.pixels.is_some());
        let tries = Push::new(words.try_networks, words.try_networks_tip, Look::Quiet);
        compares = tries.enabled(can).show(ui, palette).clicked();
    });
    ui.add_space(6.0);
    let card = view.session.upscaling.card(&view.settings.upscale, extras);
    match (&at_work, card) {
        (None, _) => drop(hint(ui, palette, words.lanczos_at_work)),
        (Some(_), Some(NetworkCard::Known(card))) => {
            secondary(ui, palette, larger::network(language, &card.layout));
            let known = at_work.as_deref().and_then(EmbeddedUpscaler::by_name);
            let told = match known.map(|known| known.aim) {
                Some(Aim::Clean) => Some(words.clean_at_work),
                Some(Aim::Crisp) => Some(words.crisp_at_work),
                Some(Aim::Larger) | None => None,
            };
            if let Some(told) = told {
                ui.add_space(4.0);
                hint(ui, palette, told);
            }
        }
        (Some(_), Some(NetworkCard::Failed(failure))) => {
            problem(ui, palette, &failures::failure(language, failure));
        }
        (Some(_), Some(NetworkCard::Reading) | None) => {
            hint(ui, palette, words.reading_network);
        }
    }
    let folder = extras.folder.display().to_string();
    if extras.upscalers.is_empty() && !folder.is_empty() {
        ui.add_space(4.0);
        let shown = phrases::shortened(&folder, FOLDER_LETTERS);
        let told = hint(ui, palette, &larger::networks_belong(language, &shown));
        if shown != folder {
            told.on_hover_text(larger::networks_belong(language, &folder));
        }
    }
    if let Some(maker) = maker {
        view.settings.upscale.maker = maker;
    }
    if asks {
        view.act(Action::Ask(Purpose::Network));
    }
    if compares {
        view.act(Action::AtUpscale(UpscaleAction::TryAll));
    }
}

/// The name of a network without its folder; an embedded one's title.
pub(super) fn stem(name: &str) -> &str {
    if let Some(known) = EmbeddedUpscaler::by_name(name) {
        return known.title;
    }
    let path = std::path::Path::new(name);
    let stem = if path.is_absolute() {
        path.file_stem()
    } else {
        path.file_name()
    };
    stem.and_then(std::ffi::OsStr::to_str).unwrap_or(name)
}

/// How large: by a factor, or by the longer side.
fn size(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let card = view
        .session
        .upscaling
        .card(&view.settings.upscale, &view.session.extras);
    let own = match card {
        Some(NetworkCard::Known(card)) => card.layout.scale() as f64,
        _ => 4.0,
    };
    let form = &mut view.settings.upscale;
    row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.target)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (sizing, name, tip) in [
                (Sizing::Pixels, words.by_pixels, words.by_pixels_tip),
                (Sizing::Factor, words.by_factor, words.by_factor_tip),
            ] {
                let selected = form.sizing == sizing;
                let chip = Push::new(name, tip, Look::Chip { selected });
                if chip.show(ui, palette).clicked() {
                    form.sizing = sizing;
                }
            }
        },
    );
    ui.add_space(6.0);
    if form.sizing == Sizing::Pixels {
        let numeric = Numeric {
            range: 256.0..=16_384.0,
            step: 64.0,
            ..Numeric::whole(words.longer_side, words.longer_side_tip, 16_384, 4096)
        };
        let mut value = f64::from(form.longer_side);
        if numeric.show(ui, palette, &mut value) {
            form.longer_side = value.round().clamp(1.0, f64::from(i32::MAX)) as u32;
        }
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let now = if form.factor == 0.0 { own } else { form.factor };
        let factors = if own == 1.0 {
            FACTORS_FROM_ONE
        } else {
            FACTORS
        };
        for factor in factors {
            let name = format!("×{factor}");
            let selected = now == factor;
            let chip = Push::new(&name, words.factor_tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                form.choose_factor(factor, own);
            }
        }
    });
    ui.add_space(4.0);
    let numeric = Numeric {
        name: words.factor,
        tip: words.factor_tip,
        range: 1.0..=8.0,
        step: 0.25,
        default: own,
        decimals: 2,
        bad: false,
    };
    let mut value = if form.factor == 0.0 { own } else { form.factor };
    if numeric.show(ui, palette, &mut value) {
        form.choose_factor(value, own);
    }
}

fn button(ui: &mut Ui, view: &mut View<'_>, planned: Option<&Planned>) {
    let (words, language) = (view.words(), view.language());
    let waiting = view.session.upscaling.sources.to_make().len();
    let refusal = match planned {
        Some(Planned::Refused(refusal)) => Some(&**refusal),
        _ => None,
    };
    if let Some(Refusal::Plan(error)) = refusal {
        problem(ui, view.palette, &failures::plan_refused(language, error));
        ui.add_space(8.0);
    }
    let cost = match planned {
        Some(Planned::Plan(plan)) => upscale_parts::cost(view, plan, waiting),
        _ => view.key(Command::Generate),
    };
    let by_network = view.settings.upscale.maker != Maker::Lanczos;
    let stays = matches!(planned, Some(Planned::Plan(plan)) if by_network && plan.from == plan.to);
    let (name, tip) = if stays {
        (words.restore_button, words.restore_button_tip)
    } else {
        (words.upscale_button, words.upscale_button_tip)
    };
    let primary = Primary {
        name,
        tip: view.tip(tip, &[Command::Generate]),
        label: match (view.session.running().is_some(), waiting, stays) {
            (true, ..) => words.queue_next,
            (false, 0 | 1, false) => words.upscale_label,
            (false, _, false) => words.upscale_all,
            (false, 0 | 1, true) => words.restore_label,
            (false, _, true) => words.restore_all,
        },
        cost,
        // Of pictures that are not read yet the engine finds out.
        possible: waiting > 0 && refusal.is_none() && !matches!(planned, Some(Planned::NotYet)),
    };
    primary.show(ui, view);
}
