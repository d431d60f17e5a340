//! How strongly and in which way a style is taken, and the loss while it is.

use egui::{Align, Frame, Layout, Margin, Panel, Ui, vec2};

use super::making::Primary;
use super::numeric::{Numeric, name};
use super::{loss, scrolled};
use crate::app::action::Action;
use crate::app::at_style::StyleAction;
use crate::app::keys::Command;
use crate::app::style::{StyleForm, work_of};
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, problem};
use crate::app::words::{failures, of_style, phrases};
use crate::pipelines::{FEATURES, FeaturesNeed, LAYER_SETS, style_bytes};
use crate::raster::Extent;
use crate::recipe::{Optimizer, Problem, Recipe, Styling, Task};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let frame = Frame::new()
        .fill(view.palette.panel)
        .inner_margin(Margin::symmetric(theme::SIDE, 14));
    Panel::bottom("transfer")
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| buttons(ui, view));
    scrolled(ui, "style", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        strength(ui, view);
        ui.add_space(theme::SECTION_GAP);
        how(ui, view);
        ui.add_space(theme::SECTION_GAP);
        loss::show(ui, view);
    });
}

/// A number of the form.
struct Row<'a> {
    numeric: Numeric<'a>,
    of: fn(&mut StyleForm) -> Field<'_>,
}

/// Where a number is kept.
enum Field<'a> {
    Fine(&'a mut f64),
    Plain(&'a mut f32),
    Whole(&'a mut u32),
}

impl Field<'_> {
    fn get(&self) -> f64 {
        match self {
            Self::Fine(value) => **value,
            // Its decimal digits, not those of its binary ones.
            Self::Plain(value) => (f64::from(**value) * 1e6).round() / 1e6,
            Self::Whole(value) => f64::from(**value),
        }
    }

    fn set(self, to: f64) {
        match self {
            Self::Fine(value) => *value = to.max(0.0),
            Self::Plain(value) => *value = to as f32,
            Self::Whole(value) => *value = to.round().clamp(0.0, f64::from(u32::MAX)) as u32,
        }
    }
}

fn numbers(ui: &mut Ui, view: &mut View<'_>, rows: Vec<Row<'_>>) {
    for Row { numeric, of } in rows {
        let mut value = of(&mut view.settings.style).get();
        if numeric.show(ui, view.palette, &mut value) {
            of(&mut view.settings.style).set(value);
        }
    }
}

fn numeric<'a>(
    (name, tip): (&'a str, &'a str),
    range: std::ops::RangeInclusive<f64>,
    (step, default): (f64, f64),
) -> Numeric<'a> {
    Numeric {
        name,
        tip,
        range,
        step,
        default,
        decimals: 2,
        bad: false,
    }
}

fn strength(ui: &mut Ui, view: &mut View<'_>) {
    let words = view.words();
    head(ui, view.palette, words.how_strongly);
    ui.add_space(6.0);
    let rows = vec![
        Row {
            numeric: numeric(
                (words.style_strength, words.style_strength_tip),
                0.05..=4.0,
                (0.05, 1.0),
            ),
            of: |form| Field::Fine(&mut form.style),
        },
        Row {
            numeric: numeric((words.fidelity, words.fidelity_tip), 0.0..=8.0, (0.1, 1.0)),
            of: |form| Field::Fine(&mut form.content),
        },
        Row {
            numeric: numeric(
                (words.stroke_size, words.stroke_size_tip),
                0.25..=3.0,
                (0.05, 1.0),
            ),
            of: |form| Field::Plain(&mut form.stroke_scale),
        },
        Row {
            numeric: numeric(
                (words.keep_colors, words.keep_colors_tip),
                0.0..=1.0,
                (0.05, 0.0),
            ),
            of: |form| Field::Plain(&mut form.keep_colors),
        },
    ];
    numbers(ui, view, rows);
}

fn how(ui: &mut Ui, view: &mut View<'_>) {
    let words = view.words();
    head(ui, view.palette, words.style_how);
    ui.add_space(6.0);
    let usual = StyleForm::default();
    let rows = vec![Row {
        numeric: Numeric {
            step: 32.0,
            decimals: 0,
            ..numeric(
                (words.style_size, words.style_size_tip),
                128.0..=1024.0,
                (32.0, f64::from(usual.size)),
            )
        },
        of: |form| Field::Whole(&mut form.size),
    }];
    numbers(ui, view, rows);
    features(ui, view);
    let seeing = view.settings.style.seeing(&view.session.extras);
    if !seeing.optimizes() {
        return;
    }
    let iterations = Row {
        numeric: Numeric::whole(
            words.iterations,
            words.iterations_tip,
            600,
            usual.iterations,
        ),
        of: |form| Field::Whole(&mut form.iterations),
    };
    numbers(ui, view, vec![iterations]);
    if seeing.needs == FeaturesNeed::Vgg {
        let sets = [
            (
                LAYER_SETS[0].id.to_owned(),
                words.layers_first,
                words.layers_first_tip,
            ),
            (
                LAYER_SETS[1].id.to_owned(),
                words.layers_gatys,
                words.layers_gatys_tip,
            ),
        ];
        chips(ui, view, words.style_layers, &sets, |form| &mut form.layers);
    }
    let starts = [
        (false, words.start_content, words.start_content_tip),
        (true, words.start_noise, words.start_noise_tip),
    ];
    chips(ui, view, words.style_start, &starts, |form| {
        &mut form.from_noise
    });
    let growth = [
        (true, words.small_first, words.small_first_tip),
        (false, words.one_size, words.one_size_tip),
    ];
    chips(ui, view, words.style_growth, &growth, |form| {
        &mut form.coarse_to_fine
    });
    let walkers = [
        (Optimizer::Lbfgs, "L-BFGS", words.lbfgs_tip),
        (Optimizer::Adam, "Adam", words.adam_tip),
    ];
    chips(ui, view, words.optimizer, &walkers, |form| {
        &mut form.optimizer
    });
}

/// A name and a row of chips for one field of the form.
fn chips<T: Clone + PartialEq>(
    ui: &mut Ui,
    view: &mut View<'_>,
    title: &str,
    choices: &[(T, &str, &str)],
    of: impl Fn(&mut StyleForm) -> &mut T,
) {
    let palette = view.palette;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        name(ui, palette, title);
        for (value, name, tip) in choices {
            let field = of(&mut view.settings.style);
            let selected = field == value;
            let chip = Push::new(name, *tip, Look::Chip { selected });
            if chip.show(ui, palette).clicked() {
                *field = value.clone();
            }
        }
    });
}

/// What sees strokes and shapes, and where weights for VGG-19 belong while there are none.
fn features(ui: &mut Ui, view: &mut View<'_>) {
    /// Letters of a folder that are shown.
    const LETTERS: usize = 40;
    let (words, palette) = (view.words(), view.palette);
    let extras = &view.session.extras;
    let seeing = view.settings.style.seeing(extras).id;
    let mut chosen = None;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        name(ui, palette, words.features);
        let room = vec2(ui.available_width(), 0.0);
        let rows = Layout::left_to_right(Align::Min).with_main_wrap(true);
        ui.allocate_ui_with_layout(room, rows, |ui| {
            for features in FEATURES {
                let (name, tip) = match features.needs {
                    FeaturesNeed::Vgg => ("VGG-19", words.features_vgg_tip),
                    FeaturesNeed::Quick => (words.features_quick, words.features_quick_tip),
                    FeaturesNeed::AdaIn => ("AdaIN", words.features_adain_tip),
                    FeaturesNeed::Nothing => (words.features_embedded, words.features_embedded_tip),
                };
                let selected = features.id == seeing;
                let possible = features.is_possible(extras);
                let chip = Push::new(name, tip, Look::Chip { selected }).enabled(possible);
                if chip.show(ui, palette).clicked() {
                    chosen = Some(features.id.to_owned());
                }
            }
        });
    });
    if extras.vgg.is_none() && !extras.folder.as_os_str().is_empty() {
        let folder = extras.folder.display().to_string();
        let text = |folder: &str| of_style::vgg_missing(view.language(), folder);
        let shown = phrases::shortened(&folder, LETTERS);
        let told = hint(ui, palette, &text(&shown));
        if shown != folder {
            told.on_hover_text(text(&folder));
        }
        ui.add_space(4.0);
    }
    if chosen.is_some() {
        view.settings.style.features = chosen;
    }
}

/// The recipe the form would make of what lies on the table.
fn recipe(view: &View<'_>) -> Option<Recipe> {
    let content = view.style.content()?.pixels.extent();
    let weights = view.style.weights();
    let masked = view.style.mask().is_some();
    let extras = &view.session.extras;
    Some(
        view.settings
            .style
            .recipe(content, &weights, (masked, false), (extras, 0)),
    )
}

fn styling(recipe: &Recipe) -> Option<&Styling> {
    match &recipe.task {
        Task::Style(styling) => Some(styling),
        _ => None,
    }
}

/// What keeps the form from being run.
fn trouble(recipe: &Recipe) -> Option<Problem> {
    styling(recipe)?.check(recipe).err()
}

fn buttons(ui: &mut Ui, view: &mut View<'_>) {
    let (words, language, palette) = (view.words(), view.language(), view.palette);
    if let Some(failure) = &view.session.failure {
        problem(ui, palette, &failures::failure(language, failure));
        ui.add_space(6.0);
    }
    if view.style.running().is_some() {
        stop(ui, view);
        return;
    }
    let knows = view.settings.style.quick_used(&view.session.extras);
    let knows = knows.is_some();
    let recipe = recipe(view).filter(|_| view.style.is_ready(!knows));
    let trouble = recipe.as_ref().and_then(trouble);
    match (&recipe, &trouble) {
        (None, _) if knows => drop(hint(ui, palette, words.style_needs_content)),
        (None, _) => drop(hint(ui, palette, words.style_needs_two)),
        (_, Some(trouble)) => drop(problem(ui, palette, &failures::problem(language, trouble))),
        _ => {}
    }
    let possible = recipe.is_some() && trouble.is_none();
    let optimizes = view.settings.style.seeing(&view.session.extras).optimizes();
    let goes_on = possible && optimizes && view.style.result().is_some();
    if goes_on {
        let tip = words.continue_style_tip;
        let push = Push::new(words.continue_style, tip, Look::Plain);
        let width = ui.available_width();
        if push.size(vec2(width, 32.0)).show(ui, palette).clicked() {
            view.act(Action::AtStyle(StyleAction::Continue));
        }
        ui.add_space(8.0);
    }
    let primary = Primary {
        name: words.style_button,
        tip: view.tip(words.style_button_tip, &[Command::Generate]),
        label: words.style_button,
        cost: recipe.map_or_else(String::new, |recipe| cost(view, &recipe)),
        possible,
    };
    primary.show(ui, view);
}

/// `Ctrl+↵ · about 40 s · 0.7 GB`, as far as it is known.
fn cost(view: &View<'_>, recipe: &Recipe) -> String {
    let language = view.language();
    let Some(styling) = styling(recipe) else {
        return String::new();
    };
    let pace = view.settings.style.pace_of(&styling.features.id);
    let pixels: f64 = work_of(recipe).iter().sum();
    let extent = Extent::new(recipe.width, recipe.height);
    let parts = [
        Some(view.key(Command::Generate)).filter(|key| !key.is_empty()),
        pace.map(|pace| phrases::about(language, pace * pixels)),
        Some(phrases::gigabytes(style_bytes(
            styling,
            extent,
            recipe.steps,
        ))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Ends the run and keeps what is there.
fn stop(ui: &mut Ui, view: &mut View<'_>) {
    let (words, language) = (view.words(), view.language());
    let Some(run) = view.style.running() else {
        return;
    };
    let done = phrases::one_of(language, run.losses.len() as u32, run.recipe.steps);
    let left = run
        .seconds_left()
        .map(|seconds| phrases::left(language, seconds));
    let cost: Vec<_> = std::iter::once(done).chain(left).collect();
    let primary = Primary {
        name: words.stop_and_keep,
        tip: view.tip(words.stop_and_keep_tip, &[Command::Stop]),
        label: words.stop_and_keep,
        cost: cost.join(" · "),
        possible: true,
    };
    primary.show_for(ui, view, Action::AtStyle(StyleAction::Stop));
}
