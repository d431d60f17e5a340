//! The middle: the picture, the bar above it, the steps below it.

use std::sync::Arc;

use egui::{
    Align, Align2, CornerRadius, FontId, Id, Layout, Rect, Stroke, StrokeKind, Ui, UiBuilder, Vec2,
    vec2,
};

use super::{floating, path, progress, trial};
use crate::app::action::{Action, Activity};
use crate::app::at_easel::EaselAction;
use crate::app::at_upscale::UpscaleAction;
use crate::app::canvas::{Before, Frame as Edges, Painting, Way};
use crate::app::easel::{Easel, Verb};
use crate::app::icons::Icon;
use crate::app::keys::Command;
use crate::app::path_sheet::Purpose;
use crate::app::session::Shown;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push};
use crate::app::words::phrases;
use crate::app::work::Beside;
use crate::raster::{Extent, Pixels};
use crate::recipe::{Finish, Recipe};

/// Above the picture, for the bar.
const ABOVE: f32 = 58.0;
/// Below the picture, for the steps; kept free while nothing runs, so that the picture never jumps.
pub(super) const BELOW: f32 = 86.0;
/// Beside the picture.
const BESIDE: f32 = 16.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let whole = ui.max_rect();
    let (above, below) = if view.panels_hidden {
        (0.0, 0.0)
    } else {
        (Bar::known(ui, view).1.above(), BELOW)
    };
    let middle = Rect::from_min_max(whole.min + vec2(0.0, above), whole.max - vec2(0.0, below));
    if view.activity == Activity::Upscale && view.session.upscaling.trial.is_some() {
        trial::show(ui, view, middle);
    } else {
        canvas(ui, view, middle);
    }
    let top = Rect::from_min_max(whole.min, egui::pos2(whole.right(), whole.top() + ABOVE));
    if view.panels_hidden {
        sheet(ui, view, top);
        return;
    }
    bar(ui, view, top);
    let width = (whole.width() - 2.0 * BESIDE).min(600.0);
    let bottom = Rect::from_min_max(
        egui::pos2(whole.center().x - width / 2.0, middle.bottom() + 12.0),
        egui::pos2(whole.center().x + width / 2.0, whole.bottom() - 4.0),
    );
    let mut steps = ui.new_child(UiBuilder::new().max_rect(bottom));
    progress::show(&mut steps, view);
    sheet(ui, view, top);
}

/// Over everything else, since it was asked for last.
fn sheet(ui: &mut Ui, view: &mut View<'_>, top: Rect) {
    if view.sheet.is_some() {
        path::show(ui, view, top);
    }
}

/// The easel's picture, or the result people look at.
fn show_easel(view: &mut View<'_>, original: bool) {
    let Some(easel) = view.easel.as_ref() else {
        return;
    };
    let candidate = match view.session.shown {
        Shown::Easel => None,
        Shown::Picture(id) if view.activity == Activity::Canvas => view.session.work.candidate(id),
        Shown::Nothing | Shown::Run | Shown::Picture(_) | Shown::Upscale => return,
    };
    let pixels = candidate
        .filter(|_| !original)
        .map_or_else(|| easel.image(), |candidate| &candidate.pixels);
    view.canvas.show_picture(Arc::clone(pixels));
}

/// What is made larger, as far as it is there, or what it is made from; tells what it is compared with,
/// if it is.
fn show_enlarged(view: &mut View<'_>) -> Option<Arc<Pixels>> {
    let is_here = view.activity == Activity::Upscale && view.session.shown == Shown::Upscale;
    view.canvas.show_grid(is_here && view.settings.upscale.grid);
    let upscaling = &view.session.upscaling;
    let source = upscaling.sources.chosen().filter(|_| is_here)?;
    let making = upscaling.making.as_ref();
    let making = making.filter(|making| source.jobs.contains(&making.job));
    let result = source.result.and_then(|id| view.session.shelf.get(id));
    let result = result.and_then(|picture| Some((picture.pixels.as_ref()?, picture)));
    match (making, result, &source.pixels) {
        (Some(making), ..) => view
            .canvas
            .show_at(&making.first, making.extent, &making.parts),
        (None, Some((pixels, picture)), _) => match picture.recipe.as_ref() {
            // Seen smaller than it is.
            Some(Recipe { width, height, .. })
                if picture.reduced && pixels.extent() != Extent::new(*width, *height) =>
            {
                view.canvas
                    .show_at(pixels, Extent::new(*width, *height), &[]);
            }
            _ => view.canvas.show_picture(Arc::clone(pixels)),
        },
        (None, None, Some(pixels)) => {
            view.canvas.show_picture(Arc::clone(pixels));
            return None;
        }
        (None, None, None) => {
            view.canvas.clear();
            return None;
        }
    }
    source
        .pixels
        .clone()
        .filter(|_| view.settings.upscale.comparing)
}

/// What the picture in sight is compared with, if there is anything.
fn before(view: &View<'_>) -> Option<Beside> {
    let easel = view.easel.as_ref()?;
    view.session.work.compared(view.session.shown, easel)
}

fn canvas(ui: &mut Ui, view: &mut View<'_>, place: Rect) {
    let (words, palette) = (view.words(), view.palette);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(place));
    let original = view.held.contains(&Command::Original);
    let hand = view.held.contains(&Command::Hand);
    show_easel(view, original);
    let enlarged = show_enlarged(view);
    let compared = if view.activity == Activity::Canvas && view.session.comparing {
        match before(view).filter(|_| !original) {
            Some(Beside::Here(pixels)) => Some(pixels),
            Some(Beside::AtRest(_)) | None => None,
        }
    } else {
        None
    };
    let paints = view.activity == Activity::Canvas
        && view.session.shown == Shown::Easel
        && compared.is_none();
    let stretched = enlarged.is_some();
    let result = view.canvas.extent();
    let as_large = enlarged.as_ref().map(|pixels| pixels.extent()) == result;
    view.canvas
        .compare_with(enlarged.or(compared).map(|pixels| Before {
            pixels,
            stretched,
            name: words.compare_line,
            tip: words.compare_line_tip,
            sides: match (stretched, as_large) {
                (true, false) => [words.original_side, words.larger_side],
                (true, true) => [words.original_side, words.restored_side],
                (false, _) => [words.before, words.after],
            },
        }));
    let framing = matches!(view.settings.easel.verb, Verb::Extend | Verb::Crop);
    if (!paints || original || framing)
        && let Some(easel) = view.easel.as_mut()
    {
        // The pointer's release would not be seen.
        easel.release();
    }
    let painting = view.easel.as_mut().filter(|_| paints && !original);
    let form = &mut view.settings.easel;
    let look = form.look();
    let frame = match form.verb {
        Verb::Extend => Some((&mut form.room, Way::Outward)),
        Verb::Crop => Some((&mut form.cut, Way::Inward)),
        Verb::Fill | Verb::Change | Verb::Remove => None,
    };
    let frame = frame.map(|(sides, way)| Edges { sides, way });
    let painting = painting.map(|easel| Painting {
        easel,
        tools: &form.tools,
        look,
        hand,
        frame,
    });
    let finish = if original {
        Finish::default()
    } else {
        view.session.finish()
    };
    view.canvas.finish(&finish);
    view.canvas.ui(&mut inside, palette, words.canvas, painting);
    let dropping = ui.input(|input| !input.raw.hovered_files.is_empty());
    if view.session.shown == Shown::Nothing && !dropping {
        let center = place.center();
        let text = |at, text: &str, font: FontId, color| {
            ui.painter()
                .text(at, Align2::CENTER_CENTER, text, font, color)
        };
        let easel_empty = phrases::easel_empty(view.language(), &view.key(Command::Open));
        let at_upscale = view.activity == Activity::Upscale;
        let (above, below) = (center - vec2(0.0, 12.0), center + vec2(0.0, 12.0));
        text(
            above,
            if at_upscale {
                words.upscale_empty
            } else {
                words.empty_canvas
            },
            theme::semibold(14.0),
            palette.text_secondary,
        );
        text(
            below,
            match view.activity {
                Activity::Canvas => &easel_empty,
                Activity::Upscale => words.upscale_empty_hint,
                Activity::Create | Activity::Style | Activity::Models | Activity::Settings => {
                    words.empty_canvas_hint
                }
            },
            theme::SECONDARY,
            palette.text_secondary,
        );
    }
    if dropping {
        let place = place.shrink(16.0);
        let radius = CornerRadius::same(theme::BOX_RADIUS);
        let painter = ui.painter();
        painter.rect(
            place,
            radius,
            palette.accent_soft.gamma_multiply(0.92),
            Stroke::new(2.0, palette.accent),
            StrokeKind::Inside,
        );
        painter.text(
            place.center(),
            Align2::CENTER_CENTER,
            match view.activity {
                Activity::Canvas => words.drop_on_easel,
                Activity::Upscale => words.drop_to_upscale,
                Activity::Create | Activity::Style | Activity::Models | Activity::Settings => {
                    words.drop_here
                }
            },
            theme::semibold(14.0),
            palette.accent_text,
        );
    }
}

/// What is known of the bar from the frame before: it is laid out from its left end, and shows
/// icons where words have no room.
#[derive(Clone, Copy)]
struct Bar {
    /// With words, in one row.
    full: Option<f32>,
    size: Vec2,
}

impl Bar {
    fn known(ui: &Ui, view: &View<'_>) -> (Id, Self) {
        let id = Id::unique(("bar", view.activity, view.language()));
        let known = ui.data(|data| data.get_temp::<Self>(id));
        let unknown = Self {
            full: None,
            size: vec2(480.0, 38.0),
        };
        (id, known.unwrap_or(unknown))
    }

    /// How much of the middle it takes from the top.
    fn above(self) -> f32 {
        ABOVE - 38.0 + self.size.y
    }
}

/// The floating bar.
fn bar(ui: &mut Ui, view: &mut View<'_>, top: Rect) {
    let palette = view.palette;
    let (id, known) = Bar::known(ui, view);
    let room = top.width() - 2.0 * BESIDE;
    let lean = known.full.is_some_and(|full| full > room);
    // One row of its own width, or several as wide as there is room.
    let width = if lean { room } else { known.size.x };
    let left = top.center().x - known.size.x.min(width) / 2.0;
    let rect = Rect::from_min_size(egui::pos2(left, top.top() + 11.0), vec2(width, 38.0));
    let layout = Layout::left_to_right(Align::Center).with_main_wrap(lean);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
    let shown = floating(palette).show(&mut inside, |ui| {
        ui.with_layout(layout, |ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 4.0);
            let at_easel = view.activity == Activity::Canvas;
            if at_easel {
                steps(ui, view);
                line(ui, view);
            }
            zoom(ui, view);
            line(ui, view);
            if at_easel {
                mask(ui, view, lean);
                compare(ui, view, lean);
                line(ui, view);
            }
            if view.activity == Activity::Upscale {
                sides(ui, view, lean);
                line(ui, view);
            }
            file(ui, view, lean);
        });
    });
    let size = shown.response.rect.size();
    let full = if lean { known.full } else { Some(size.x) };
    if known.size != size || known.full != full {
        ui.data_mut(|data| data.insert_temp(id, Bar { full, size }));
        ui.request_repaint();
    }
}

/// A button as its icon alone, if there is no room for words.
fn leaner(push: Push<'_>, icon: Icon, lean: bool) -> Push<'_> {
    if lean { push.only_icon(icon) } else { push }
}

fn line(ui: &mut Ui, view: &View<'_>) {
    ui.add_space(4.0);
    let (rect, _) = ui.allocate_exact_size(vec2(1.0, 16.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 0, view.palette.line);
    ui.add_space(4.0);
}

/// Undo and redo.
fn steps(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let easel = view.easel.as_ref();
    let (back, forth) = (
        easel.is_some_and(Easel::can_undo),
        easel.is_some_and(Easel::can_redo),
    );
    let undo = Push::new(
        words.undo,
        view.tip(words.undo_step_tip, &[Command::Undo]),
        Look::Quiet,
    )
    .only_icon(Icon::Undo);
    if undo.enabled(back).show(ui, palette).clicked() {
        view.act(Action::AtEasel(EaselAction::Undo));
    }
    let redo = Push::new(
        words.redo,
        view.tip(words.redo_tip, &[Command::Redo]),
        Look::Quiet,
    )
    .only_icon(Icon::Redo);
    if redo.enabled(forth).show(ui, palette).clicked() {
        view.act(Action::AtEasel(EaselAction::Redo));
    }
}

/// Whether what was made is seen beside what it was made from, and whether a grid lies between pixels.
fn sides(ui: &mut Ui, view: &mut View<'_>, lean: bool) {
    let (words, palette) = (view.words(), view.palette);
    let form = &view.settings.upscale;
    for (name, tip, icon, on, action) in [
        (
            words.compare,
            view.tip(words.compare_tip, &[Command::Compare]),
            Icon::Compare,
            form.comparing,
            Action::Compare,
        ),
        (
            words.pixel_grid,
            words.pixel_grid_tip.into(),
            Icon::Grid,
            form.grid,
            Action::AtUpscale(UpscaleAction::Grid),
        ),
    ] {
        let toggle = Push::new(name, tip, Look::Toggle { on });
        if leaner(toggle, icon, lean).show(ui, palette).clicked() {
            view.act(action);
        }
    }
}

/// Whether the picture is compared with what was there before.
fn compare(ui: &mut Ui, view: &mut View<'_>, lean: bool) {
    let (words, palette) = (view.words(), view.palette);
    let on = view.session.comparing;
    let tip = view.tip(words.compare_tip, &[Command::Compare]);
    let toggle =
        Push::new(words.compare, tip, Look::Toggle { on }).enabled(on || before(view).is_some());
    if leaner(toggle, Icon::Compare, lean)
        .show(ui, palette)
        .clicked()
    {
        view.act(Action::Compare);
    }
}

/// Whether the mask is seen.
fn mask(ui: &mut Ui, view: &mut View<'_>, lean: bool) {
    let (words, palette) = (view.words(), view.palette);
    let on = view.settings.easel.mask_shown;
    let toggle = Push::new(
        words.mask,
        view.tip(words.mask_shown_tip, &[Command::ShowMask]),
        Look::Toggle { on },
    );
    if leaner(toggle, Icon::Mask, lean).show(ui, palette).clicked() {
        view.act(Action::AtEasel(EaselAction::ShowMask));
    }
}

fn zoom(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let any = view.session.shown != Shown::Nothing;
    let percent = format!("{} %", view.canvas.zoom_percent());
    let out = Push::new(
        words.zoom_out,
        view.tip(words.zoom_out_tip, &[Command::ZoomOut]),
        Look::Quiet,
    )
    .label("−")
    .size(vec2(28.0, 26.0));
    if out.enabled(any).show(ui, palette).clicked() {
        view.canvas.zoom_out();
    }
    // Wide enough for the largest zoom, so that the bar keeps its width.
    let actual = Push::new(
        words.actual_size,
        view.tip(words.actual_size_tip, &[Command::ActualSize]),
        Look::Quiet,
    )
    .label(&percent)
    .size(vec2(58.0, 26.0));
    if actual.enabled(any).show(ui, palette).clicked() {
        view.canvas.actual_size();
    }
    let larger = Push::new(
        words.zoom_in,
        view.tip(words.zoom_in_tip, &[Command::ZoomIn]),
        Look::Quiet,
    )
    .label("+")
    .size(vec2(28.0, 26.0));
    if larger.enabled(any).show(ui, palette).clicked() {
        view.canvas.zoom_in();
    }
    line(ui, view);
    let fit = Push::new(
        words.fit,
        view.tip(words.fit_tip, &[Command::Fit]),
        Look::Quiet,
    );
    if fit.enabled(any).show(ui, palette).clicked() {
        view.canvas.fit();
    }
}

fn file(ui: &mut Ui, view: &mut View<'_>, lean: bool) {
    let (words, palette) = (view.words(), view.palette);
    let current = view.session.current();
    let on_easel = view.session.shown == Shown::Easel && view.easel.is_some();
    let in_memory = on_easel || current.is_some_and(|picture| picture.whole().is_some());
    let on_disk = current.is_some_and(|picture| picture.path.is_some());
    let buttons = [
        (
            (words.open, Icon::Open),
            view.tip(words.open_tip, &[Command::Open]),
            true,
            Action::Ask(Purpose::OpenPicture),
        ),
        (
            (words.save_as, Icon::Save),
            view.tip(words.save_as_tip, &[Command::SaveAs]),
            in_memory,
            Action::Ask(Purpose::SaveAs),
        ),
        (
            (words.copy_image, Icon::Copy),
            view.tip(words.copy_image_tip, &[Command::CopyImage]),
            in_memory,
            Action::CopyImage,
        ),
        (
            (words.reveal, Icon::Reveal),
            view.tip(words.reveal_tip, &[Command::Reveal]),
            on_disk,
            Action::Reveal,
        ),
    ];
    for ((name, icon), tip, enabled, action) in buttons {
        let button = Push::new(name, tip, Look::Quiet).enabled(enabled);
        if leaner(button, icon, lean).show(ui, palette).clicked() {
            view.act(action);
        }
    }
}
