//! Below the picture: the steps of the run, or what came of it.

use egui::{Color32, CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::row;
use crate::app::action::{Action, Activity};
use crate::app::easel::{Easel, Verb};
use crate::app::keys::Command;
use crate::app::path_sheet::Purpose;
use crate::app::session::{Run, Shown};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, one_line, problem, secondary};
use crate::app::words::{Language, failures, larger, phrases};
use crate::engine::Stage;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    ui.spacing_mut().item_spacing.y = 4.0;
    // Why a job failed stays while the next one runs.
    failed(ui, view);
    if view.session.running().is_some() {
        running(ui, view);
    } else if view.session.failure.is_none() {
        result(ui, view);
    }
}

fn failed(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let Some(failure) = &view.session.failure else {
        return;
    };
    let text = failures::failure(view.language(), failure);
    problem(ui, palette, &text);
    let dismiss = Push::new(words.dismiss, words.dismiss_tip, Look::Plain);
    if dismiss.show(ui, palette).clicked() {
        view.act(Action::DismissFailure);
    }
}

/// What became of the picture people look at.
fn result(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    if view.session.shown == Shown::Easel {
        let masks = view.activity == Activity::Canvas
            && matches!(view.settings.easel.verb, Verb::Fill | Verb::Remove);
        if view.session.work.search.is_some() {
            secondary(ui, palette, words.selecting);
        } else if view.easel.as_ref().is_some_and(Easel::is_busy) {
            secondary(ui, palette, words.reshaping);
        } else if masks {
            secondary(ui, palette, words.outside_stays);
        }
        return;
    }
    // Nothing was made yet.
    let chosen = view.session.upscaling.sources.chosen();
    if view.session.shown == Shown::Upscale && chosen.is_some_and(|source| source.result.is_none())
    {
        return;
    }
    let Some(picture) = view.session.current() else {
        return;
    };
    if let Some(failure) = &picture.not_saved {
        let why = failures::failure(language, failure);
        problem(ui, palette, &phrases::not_saved(language, &why));
        let tip = view.tip(words.save_as_tip, &[Command::SaveAs]);
        let save = Push::new(words.save_as, tip, Look::Plain);
        // The bar has a button of this name too; this one stands beside the problem.
        if save.show(ui, palette).clicked() {
            view.act(Action::Ask(Purpose::SaveAs));
        }
    } else if picture.path.is_some() {
        let text = phrases::saved_as(language, &picture.file_name());
        let width = ui.available_width();
        one_line(ui, &text, theme::SECONDARY, palette.text_secondary, width);
    }
}

fn running(ui: &mut Ui, view: &mut View<'_>) {
    let (palette, session) = (view.palette, view.session);
    let Some(run) = session.running() else {
        return;
    };
    let (doing, left) = (doing(view, run), left(view, run));
    row(
        ui,
        20.0,
        |ui| drop(secondary(ui, palette, doing)),
        |ui| drop(secondary(ui, palette, left)),
    );
    let pressed = row(
        ui,
        30.0,
        |ui| {
            let width = ui.available_width() - buttons_width(ui, view);
            cells(ui, view, run, width);
        },
        |ui| buttons(ui, view),
    );
    view.actions.extend(pressed);
}

/// `Step 9 of 20 · 8.1 steps/s · picture 2 of 4`, or what happens beside the steps.
fn doing(view: &View<'_>, run: &Run) -> String {
    let (words, language) = (view.words(), view.language());
    let mut parts = match (run.ending, run.stage) {
        (true, _) => vec![words.stopping.to_owned()],
        (_, None) => vec![words.starting.to_owned()],
        (_, Some(Stage::LoadModel)) => vec![words.loading_model.to_owned()],
        (_, Some(Stage::EncodePrompt)) => vec![words.encoding_prompt.to_owned()],
        (_, Some(Stage::EncodePicture)) => vec![words.encoding_picture.to_owned()],
        (_, Some(Stage::Decode)) => vec![words.decoding.to_owned()],
        (_, Some(Stage::Remove)) => vec![words.removing.to_owned()],
        (_, Some(Stage::Style)) => vec![words.styling.to_owned()],
        (_, Some(Stage::Upscale)) => part_of(language, run, words.enlarging),
        (_, Some(Stage::Save)) => vec![words.saving.to_owned()],
        (_, Some(Stage::Denoise)) if run.step == 0 => vec![words.denoising.to_owned()],
        (_, Some(Stage::Denoise)) => {
            let step = phrases::step_of(language, run.step, run.steps);
            let rate = run
                .seconds_per_step()
                .map(|seconds| phrases::rate(language, seconds));
            std::iter::once(step).chain(rate).collect()
        }
    };
    if run.count > 1 {
        parts.push(phrases::picture_of(language, run.picture + 1, run.count));
    }
    parts.join(" · ")
}

/// `Part 3 of 16 · 1.2 s a part`, once there is one.
fn part_of(language: Language, run: &Run, begun: &str) -> Vec<String> {
    if run.step == 0 {
        return vec![begun.to_owned()];
    }
    let part = larger::part_of(language, run.step, run.steps);
    let pace = run.seconds_per_step();
    let pace = pace.map(|seconds| larger::each_part(language, seconds));
    std::iter::once(part).chain(pace).collect()
}

fn left(view: &View<'_>, run: &Run) -> String {
    let around = view.settings.timings.around(&run.recipe);
    match run.seconds_left(around) {
        Some(seconds) if !run.ending => phrases::left(view.language(), seconds),
        _ => String::new(),
    }
}

/// A cell per step: filled as the steps are done, the one being computed outlined.
fn cells(ui: &mut Ui, view: &View<'_>, run: &Run, width: f32) {
    /// Where steps are many, the cells become a bar.
    const NARROWEST: f32 = 5.0;
    const GAP: f32 = 3.0;
    let palette = view.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 22.0), Sense::hover());
    let (done, steps) = (run.step.min(run.steps), run.steps.max(1));
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, view.words().progress);
        info.value = Some(f64::from(done) / f64::from(steps));
        info
    });
    let painter = ui.painter();
    let each = (rect.width() + GAP) / steps as f32;
    if each < NARROWEST + GAP {
        painter.rect_filled(rect, CornerRadius::same(4), palette.track);
        let mut filled = rect;
        filled.max.x = rect.left() + rect.width() * done as f32 / steps as f32;
        painter.rect_filled(filled, CornerRadius::same(4), palette.accent);
        return;
    }
    for step in 0..steps {
        let cell = Rect::from_min_size(
            pos2(rect.left() + step as f32 * each, rect.top()),
            vec2(each - GAP, rect.height()),
        );
        let fill = if step < done {
            // From noise to picture: the colour comes out as the steps go on.
            let share = (step + 1) as f32 / steps as f32;
            grey_of(palette.accent, palette.track).lerp_to_gamma(palette.accent, share.sqrt())
        } else {
            palette.track
        };
        painter.rect_filled(cell, CornerRadius::same(4), fill);
        if step == done && !run.ending {
            let mut foot = cell;
            foot.min.y = cell.bottom() - 4.0;
            let radius = CornerRadius {
                nw: 0,
                ne: 0,
                sw: 4,
                se: 4,
            };
            painter.rect_filled(foot, radius, palette.accent);
        }
    }
}

/// Half way between the accent and the empty cell.
fn grey_of(accent: Color32, track: Color32) -> Color32 {
    track.lerp_to_gamma(accent, 0.35)
}

fn pushes<'a>(view: &View<'_>) -> [(Push<'a>, Action); 2] {
    let words = view.words();
    let enabled = view.session.running().is_some_and(|run| !run.ending);
    let stop = view.tip(words.stop_tip, &[Command::Stop]);
    let discard = view.tip(words.discard_tip, &[Command::Discard]);
    [
        (
            Push::new(words.stop, stop, Look::Plain)
                .key(view.key(Command::Stop))
                .enabled(enabled),
            Action::Stop,
        ),
        (
            Push::new(words.discard, discard, Look::Quiet).enabled(enabled),
            Action::Discard,
        ),
    ]
}

fn buttons_width(ui: &Ui, view: &View<'_>) -> f32 {
    let gap = ui.spacing().item_spacing.x;
    pushes(view)
        .iter()
        .map(|(push, _)| push.width(ui) + gap)
        .sum::<f32>()
        + 4.0
}

fn buttons(ui: &mut Ui, view: &View<'_>) -> Option<Action> {
    let mut pressed = None;
    for (push, action) in pushes(view) {
        if push.show(ui, view.palette).clicked() {
            pressed = Some(action);
        }
    }
    pressed
}
