//! The model's card, and the list it opens.

use egui::{
    Color32, CornerRadius, Frame, Margin, Popup, PopupCloseBehavior, Rect, Response, Role, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::icons::{self, Icon};
use crate::app::path_sheet::Purpose;
use crate::app::session::Card;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, focus_when_pressed, head, problem, shows_focus};
use crate::app::words::{failures, phrases};
use crate::models::{SPROUT, is_checkpoint, title_of};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let words = view.words();
    head(ui, view.palette, words.model);
    ui.add_space(4.0);
    let card = card(ui, view);
    let width = card.rect.width() - 2.0;
    Popup::menu(&card)
        .width(width)
        .gap(4.0)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .frame(
            Frame::popup(ui.style())
                .fill(view.palette.panel)
                .inner_margin(Margin::same(6)),
        )
        .accessible_name(words.model)
        .show(|ui| choices(ui, view, width - 12.0));
    if let Card::Failed(failure) = &view.session.card {
        let text = failures::failure(view.language(), failure);
        problem(ui, view.palette, &text);
    }
}

fn facts(view: &View<'_>) -> String {
    let words = view.words();
    match &view.session.card {
        Card::Reading => words.reading_model.to_owned(),
        Card::Failed(_) => words.model_unreadable.to_owned(),
        Card::Known(card) => {
            let kind = if card.embedded {
                words.embedded
            } else if is_checkpoint(&card.name) {
                words.from_file
            } else {
                words.from_folder
            };
            let size = phrases::megabytes(card.weight_bytes);
            let native = if card.native.width == card.native.height {
                format!("{} px", card.native.width)
            } else {
                phrases::extent(card.native)
            };
            let kind = card.family.map_or(kind, |family| family.title);
            format!("{kind} · {native} · {size}")
        }
    }
}

fn card(ui: &mut Ui, view: &View<'_>) -> Response {
    let (words, palette) = (view.words(), view.palette);
    let size = vec2(ui.available_width(), 50.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let name = title_of(&view.settings.form.draft.model);
    response.widget_info(|| {
        let text = format!("{}: {name}", words.model);
        WidgetInfo::labeled(Role::Button, true, text)
    });
    let fill = if response.hovered() {
        palette.field_hovered
    } else {
        palette.field
    };
    let failed = matches!(view.session.card, Card::Failed(_));
    focus_when_pressed(&response);
    let line = match (failed, shows_focus(&response)) {
        (true, _) => palette.bad,
        (false, true) => palette.accent,
        (false, false) => palette.line,
    };
    let painter = ui.painter();
    let radius = CornerRadius::same(theme::BOX_RADIUS);
    painter.rect(
        rect,
        radius,
        fill,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    let square =
        Rect::from_center_size(pos2(rect.left() + 27.0, rect.center().y), vec2(34.0, 34.0));
    icons::mark(painter, square);
    let text = |text: String, font, color: Color32, y: f32| {
        let mut job = egui::text::LayoutJob::simple_singleline(text, font, color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 54.0 - 30.0);
        let galley = painter.layout_job(job);
        painter.galley(pos2(rect.left() + 54.0, y), galley, color);
    };
    text(name, theme::TEXT, palette.text, rect.top() + 9.0);
    text(
        facts(view),
        theme::HINT,
        palette.text_hint,
        rect.top() + 27.0,
    );
    let corner =
        Rect::from_center_size(pos2(rect.right() - 17.0, rect.center().y), vec2(16.0, 16.0));
    Icon::Down.paint(painter, corner, 12.0, palette.text_secondary);
    response.on_hover_text(words.model_tip)
}

fn choices(ui: &mut Ui, view: &mut View<'_>, width: f32) {
    let (words, palette) = (view.words(), view.palette);
    let chosen = view.settings.form.draft.model.clone();
    let mut names = vec![SPROUT.name.to_owned()];
    names.extend(view.settings.recent_models.iter().cloned());
    for name in names {
        let label = title_of(&name);
        let selected = name == chosen;
        let choice = Push::new(&label, &name, Look::Choice { selected })
            .font(theme::TEXT)
            .size(vec2(width, 30.0));
        if choice.show(ui, palette).clicked() {
            view.act(Action::ChooseModel(name));
        }
    }
    ui.separator();
    if let Some(vae) = &view.settings.form.draft.vae {
        let label = format!("VAE: {}", title_of(vae));
        let look = Look::Choice { selected: true };
        let own = Push::new(&label, words.own_vae_tip, look)
            .font(theme::TEXT)
            .size(vec2(width, 30.0));
        if own.show(ui, palette).clicked() {
            view.act(Action::OwnVae);
        }
    }
    for (name, tip, purpose) in [
        (
            words.open_model_file,
            words.open_model_file_tip,
            Purpose::ModelFile,
        ),
        (
            words.open_model_folder,
            words.open_model_folder_tip,
            Purpose::ModelFolder,
        ),
        (words.open_vae, words.open_vae_tip, Purpose::Vae),
    ] {
        let open = Push::new(name, tip, Look::Choice { selected: false })
            .font(theme::TEXT)
            .size(vec2(width, 30.0));
        if open.show(ui, palette).clicked() {
            view.act(Action::Ask(purpose));
        }
    }
}
