//! Getting models: the repository people type, well-known ones, and what comes.

use egui::{CornerRadius, Frame, Margin, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::models::entered;
use super::row;
use crate::app::action::Action;
use crate::app::at_models::ModelsAction;
use crate::app::icons::Icon;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, TextField, head, hint, one_line, problem, secondary};
use crate::app::words::of_models;
use crate::engine::{Download, DownloadState};
use crate::stock::Family;
use crate::stock::fetch::{CURATED, Curated};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.get_models)),
        |ui| {
            if let Some(free) = view.stock.free {
                secondary(ui, palette, of_models::free(language, free));
            }
        },
    );
    typed(ui, view);
    let mut chosen = None;
    for download in view.stock.open_downloads() {
        ui.add_space(8.0);
        chosen = coming(ui, view, download).or(chosen);
    }
    ui.add_space(10.0);
    secondary(ui, palette, words.well_known);
    ui.add_space(4.0);
    for (at, row) in CURATED.iter().enumerate() {
        chosen = well_known(ui, view, at, row).or(chosen);
        ui.add_space(6.0);
    }
    view.actions.extend(chosen.map(Action::AtModels));
}

/// Any repository.
fn typed(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let asked = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let push = Push::new(words.get_model, words.get_model_tip, Look::Plain);
            let push = push.enabled(!view.stock.repo.trim().is_empty());
            let width = ui.available_width() - push.width(ui) - 6.0;
            let response = ui
                .allocate_ui(vec2(width, theme::ROW), |ui| {
                    ui.set_width(width);
                    let field = TextField {
                        name: words.repo,
                        tip: words.repo_tip,
                        hint: words.repo_hint,
                        rows: 1,
                        bad: view.stock.bad_repo,
                    };
                    field.show(ui, palette, &mut view.stock.repo)
                })
                .inner;
            if response.changed() {
                view.stock.bad_repo = false;
            }
            let entered = entered(ui, &response) && !view.stock.repo.trim().is_empty();
            push.show(ui, palette).clicked() || entered
        })
        .inner;
    if view.stock.bad_repo {
        problem(ui, palette, words.bad_repo);
    }
    ui.add_space(4.0);
    variants(ui, view);
    ui.add_space(2.0);
    let told = if view.stock.has_token {
        words.token_known
    } else {
        words.token_unknown
    };
    hint(ui, palette, told);
    if asked {
        view.act(Action::AtModels(ModelsAction::GetTyped));
    }
}

/// Which weights of the repository people type.
fn variants(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let kinds = [
        (None, words.variant_published),
        (Some("fp16"), "fp16"),
        (Some("bf16"), "bf16"),
    ];
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        secondary(ui, palette, words.variant);
        for (variant, label) in kinds {
            let selected = view.stock.variant == variant;
            let full = format!("{}: {label}", words.variant);
            let chip = Push::new(&full, words.variant_tip, Look::Chip { selected });
            if chip.label(label).show(ui, palette).clicked() {
                view.stock.variant = variant;
            }
        }
    });
}

/// A model that comes: how far it is, and how to end it.
fn coming(ui: &mut Ui, view: &View<'_>, download: &Download) -> Option<ModelsAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let name = download.wish.repo.to_string();
    let mut chosen = None;
    let frame = Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(theme::SMALL_RADIUS))
        .inner_margin(Margin::symmetric(9, 7));
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        row(
            ui,
            22.0,
            |ui| {
                let width = ui.available_width() - 112.0;
                let short = name.rsplit('/').next().unwrap_or(&name);
                let told = one_line(ui, short, theme::semibold(12.0), palette.text, width);
                told.on_hover_text(&name);
            },
            |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let label = of_models::cancel(language, &name);
                let push = Push::new(&label, words.cancel_download_tip, Look::Quiet);
                let push = push.only_icon(Icon::Cross).size(vec2(22.0, 22.0));
                if push.show(ui, palette).clicked() {
                    chosen = Some(ModelsAction::Cancel(download.id));
                }
                let runs = matches!(
                    download.state,
                    DownloadState::Running | DownloadState::Waiting
                );
                let (label, short, tip, action) = if runs {
                    let label = of_models::pause(language, &name);
                    let action = ModelsAction::Pause(download.id);
                    (
                        label,
                        words.pause_download,
                        words.pause_download_tip,
                        action,
                    )
                } else {
                    let label = of_models::go_on(language, &name);
                    let action = ModelsAction::GoOn(download.id);
                    (
                        label,
                        words.go_on_download,
                        words.go_on_download_tip,
                        action,
                    )
                };
                let push = Push::new(&label, tip, Look::Quiet).label(short);
                if push.show(ui, palette).clicked() {
                    chosen = Some(action);
                }
            },
        );
        bar(ui, view, download);
        state(ui, view, download);
    });
    chosen
}

/// How much of it has come.
fn bar(ui: &mut Ui, view: &View<'_>, download: &Download) {
    let palette = view.palette;
    let size = vec2(ui.available_width(), 4.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let progress = &download.progress;
    let told = format!(
        "{}: {}",
        download.wish.repo,
        of_models::how_far(view.language(), progress)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &told));
    let part = progress.done as f64 / progress.total.max(1) as f64;
    let radius = CornerRadius::same(2);
    ui.painter().rect_filled(rect, radius, palette.track);
    let mut filled = rect;
    filled.max.x = rect.left() + rect.width() * part.min(1.0) as f32;
    ui.painter().rect_filled(filled, radius, palette.accent);
}

/// `0.4 GB of 2.1 GB` and `12 MB/s · 2 min left`, or what it waits for.
fn state(ui: &mut Ui, view: &View<'_>, download: &Download) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let progress = &download.progress;
    if let DownloadState::Failed(error) = &download.state {
        problem(ui, palette, &of_models::get_problem(language, error));
        return;
    }
    let known = progress.total > 0;
    let how_far = known.then(|| of_models::how_far(language, progress));
    let then = match &download.state {
        DownloadState::Waiting => words.download_waits.to_owned(),
        DownloadState::Paused => words.download_paused.to_owned(),
        _ if progress.waits => words.download_line.to_owned(),
        _ if !known => words.download_begins.to_owned(),
        _ => of_models::pace(language, progress),
    };
    let parts: Vec<_> = how_far.into_iter().chain([then]).collect();
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).collect();
    for part in parts {
        hint(ui, palette, part);
    }
}

/// A well-known model: what it is, what it takes, and a button that gets it.
fn well_known(ui: &mut Ui, view: &View<'_>, at: usize, known: &Curated) -> Option<ModelsAction> {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let family = known.family.map_or("", Family::title);
    let facts = [family, &of_models::size(known.bytes), known.licence];
    let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    let is_here = is_here(view, known);
    let comes = view.stock.open_downloads();
    let comes = comes
        .into_iter()
        .any(|open| open.wish.repo.as_str() == known.repo);
    let clicked = row(
        ui,
        50.0,
        |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                let width = ui.available_width() - 60.0;
                let title = one_line(ui, known.title, theme::TEXT, palette.text, width);
                title.on_hover_text(known.repo);
                let purpose = of_models::purpose(language, known.purpose);
                one_line(ui, purpose, theme::HINT, palette.text_secondary, width);
                one_line(
                    ui,
                    &facts.join(" · "),
                    theme::HINT,
                    palette.text_hint,
                    width,
                );
            });
        },
        |ui| {
            if is_here {
                secondary(ui, palette, words.got_model);
                return false;
            }
            let name = of_models::get(language, known.title);
            let push = Push::new(&name, words.get_model_tip, Look::Plain);
            let push = push.label(words.get_model).enabled(!comes);
            push.show(ui, palette).clicked()
        },
    );
    clicked.then_some(ModelsAction::GetCurated(at))
}

fn is_here(view: &View<'_>, known: &Curated) -> bool {
    let start = format!("{}/", known.repo);
    let mut items = view.stock.items.iter();
    items.any(|item| item.name == known.repo || item.name.starts_with(&start))
}
