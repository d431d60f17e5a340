//! The one primary button, what it will cost, and why it came to nothing.

use egui::{
    Align2, Color32, CornerRadius, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use crate::app::action::Action;
use crate::app::keys::Command;
use crate::app::theme::{self, Palette};
use crate::app::view::{Fitted, View};
use crate::app::widgets::{Look, Push, focus_when_pressed, hint, problem, shows_focus};
use crate::app::words::{of_memory, phrases};
use crate::engine::EngineUnavailable;
use crate::recipe::Draft;

/// The one primary button of a panel.
pub(super) struct Primary<'a> {
    /// Told to screen readers, and the handle of tests.
    pub(super) name: &'a str,
    pub(super) tip: String,
    pub(super) label: &'a str,
    /// What it will cost.
    pub(super) cost: String,
    pub(super) possible: bool,
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let words = view.words();
    let draft = &view.settings.form.draft;
    let fitted = view.memory_plan(draft);
    let fits = !matches!(fitted, Some(Err(_)));
    let possible = fits && draft.problems(view.session.limits()).is_empty();
    let label = if view.session.running().is_some() {
        words.queue_next
    } else {
        words.generate
    };
    let primary = Primary {
        name: words.generate,
        tip: view.tip(words.generate_tip, &[Command::Generate]),
        label,
        cost: cost(view, draft),
        possible,
    };
    live(ui, view);
    memory(ui, view, fitted.as_ref());
    primary.show(ui, view);
}

/// Whether the picture follows the form.
fn live(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let selected = view.settings.form.live;
    let chip = Push::new(words.live, words.live_tip, Look::Chip { selected });
    if chip.show(ui, palette).clicked() {
        view.act(Action::ToggleLive);
    }
    ui.add_space(8.0);
}

/// What is done so that a picture fits into memory, or why it does not.
pub(super) fn memory(ui: &mut Ui, view: &View<'_>, fitted: Option<&Fitted>) {
    let (palette, language) = (view.palette, view.language());
    match fitted {
        Some(Err(refusal)) => drop(problem(ui, palette, &of_memory::refusal(language, refusal))),
        Some(Ok((_, savings))) if !savings.is_empty() => {
            drop(hint(ui, palette, &of_memory::fits_by(language, savings)));
        }
        _ => return,
    }
    ui.add_space(8.0);
}

/// `Ctrl+↵ · about 2 s · 0.4 GB`, as far as it is known.
pub(super) fn cost(view: &View<'_>, draft: &Draft) -> String {
    let language = view.language();
    let effort = view.session.effort(draft, draft.shortcuts);
    let time = view.settings.timings.estimate(draft, effort);
    let memory = view.memory_needed(draft);
    let parts = [
        Some(view.key(Command::Generate)).filter(|key| !key.is_empty()),
        time.map(|seconds| phrases::about(language, seconds)),
        memory.map(phrases::gigabytes),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

impl Primary<'_> {
    pub(super) fn show(self, ui: &mut Ui, view: &mut View<'_>) {
        self.show_for(ui, view, Action::Generate);
    }

    /// As [`Self::show`], for another action.
    pub(super) fn show_for(self, ui: &mut Ui, view: &mut View<'_>, action: Action) {
        if view.session.unavailable {
            let text = phrases::unavailable(view.language(), EngineUnavailable);
            problem(ui, view.palette, &text);
            ui.add_space(6.0);
        }
        if self.button(ui, view.palette).clicked() {
            view.act(action);
        }
    }

    fn button(self, ui: &mut Ui, palette: &Palette) -> Response {
        let sense = if self.possible {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.possible, self.name));
        let (fill, ink) = if self.possible {
            let pressed = response.is_pointer_button_down_on() || response.hovered();
            let fill = if pressed {
                palette.accent.lerp_to_gamma(Color32::WHITE, 0.12)
            } else {
                palette.accent
            };
            (fill, palette.on_accent)
        } else {
            (palette.track, palette.text_secondary)
        };
        let radius = CornerRadius::same(theme::BOX_RADIUS);
        let painter = ui.painter();
        painter.rect_filled(rect, radius, fill);
        painter.text(
            rect.left_center() + vec2(15.0, 0.0),
            Align2::LEFT_CENTER,
            self.label,
            theme::semibold(14.0),
            ink,
        );
        painter.text(
            rect.right_center() - vec2(15.0, 0.0),
            Align2::RIGHT_CENTER,
            self.cost,
            theme::SECONDARY,
            ink,
        );
        focus_when_pressed(&response);
        if shows_focus(&response) {
            let ring = Stroke::new(2.0, palette.text);
            painter.rect_stroke(rect.expand(2.0), radius, ring, StrokeKind::Middle);
        }
        response.on_hover_text(self.tip)
    }
}
