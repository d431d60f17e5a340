//! How a picture is cut into parts, and what that takes, beforehand.

use egui::{CornerRadius, Frame, Margin, Stroke, Ui};

use super::numeric::Numeric;
use super::{fold, row};
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::upscaling::{NetworkCard, Planned};
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, one_line, secondary};
use crate::app::words::{larger, phrases};
use crate::pipelines::Plan;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, planned: Option<&Planned>) {
    let (words, palette) = (view.words(), view.palette);
    head(ui, palette, words.plan);
    ui.add_space(6.0);
    if let Some(Planned::Plan(plan)) = planned {
        told(ui, view, plan);
        ui.add_space(8.0);
    }
    let form = &mut view.settings.upscale;
    let memory = Numeric {
        name: words.memory_allowed,
        tip: words.memory_allowed_tip,
        range: 0.5..=16.0,
        step: 0.5,
        default: 2.0,
        decimals: 1,
        bad: false,
    };
    memory.show(ui, palette, &mut form.memory);
    form.memory = form.memory.clamp(0.0, 1e6);
    if view
        .settings
        .upscale
        .network(&view.session.extras)
        .is_some()
    {
        ui.add_space(4.0);
        parts(ui, view);
    }
}

/// The plan in words: sizes, parts, memory.
fn told(ui: &mut Ui, view: &View<'_>, plan: &Plan) {
    let (palette, language) = (view.palette, view.language());
    Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(theme::BOX_RADIUS))
        .inner_margin(Margin::symmetric(12, 9))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            let width = ui.available_width();
            let sizes = larger::enlargement(plan.from, plan.to);
            one_line(ui, &sizes, theme::TEXT, palette.text, width);
            let parts = larger::parts(language, plan);
            one_line(ui, &parts, theme::SECONDARY, palette.text_secondary, width);
            let room = larger::plan_takes(language, plan.bytes, plan.file_bytes);
            one_line(ui, &room, theme::SECONDARY, palette.text_secondary, width);
        });
}

/// Side, overlap and blending.
fn parts(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let field = match view
        .session
        .upscaling
        .card(&view.settings.upscale, &view.session.extras)
    {
        Some(NetworkCard::Known(card)) => card.layout.receptive_field(),
        _ => None,
    };
    let form = &mut view.settings.upscale;
    let title = (words.parts, words.parts_tip);
    if !fold(ui, palette, title, &mut form.parts_open, |_| ()) {
        return;
    }
    let side = Numeric {
        range: 0.0..=1024.0,
        step: 32.0,
        ..Numeric::whole(words.part_side, words.part_side_tip, 1024, 0)
    };
    let mut value = f64::from(form.tile);
    if side.show(ui, palette, &mut value) {
        form.tile = value.round().clamp(0.0, 65_536.0) as u32;
    }
    let overlap = Numeric {
        range: 0.0..=128.0,
        step: 2.0,
        ..Numeric::whole(words.overlap, words.overlap_tip, 128, 10)
    };
    let mut value = f64::from(form.pad);
    if overlap.show(ui, palette, &mut value) {
        form.pad = value.round().clamp(0.0, 4096.0) as u32;
    }
    ui.add_space(4.0);
    row(
        ui,
        26.0,
        |ui| {
            let on = form.feather;
            let blend = Push::new(
                words.blend_parts,
                words.blend_parts_tip,
                Look::Chip { selected: on },
            );
            if blend.show(ui, palette).clicked() {
                form.feather = !on;
            }
            if let Some(field) = field {
                let selected = form.pad as usize >= field;
                let seamless =
                    Push::new(words.seamless, words.seamless_tip, Look::Chip { selected });
                if seamless.show(ui, palette).clicked() {
                    form.pad = if selected { 10 } else { field as u32 };
                }
            }
        },
        |ui| drop(secondary(ui, palette, "")),
    );
}

/// `Ctrl+↵ · about 20 s · 0.5 GB`, for so many pictures like this one.
pub(super) fn cost(view: &View<'_>, plan: &Plan, pictures: usize) -> String {
    let language = view.language();
    let form = &view.settings.upscale;
    let network = form.network(&view.session.extras).unwrap_or_default();
    let time = form.estimate(plan, &network);
    let parts = [
        Some(view.key(Command::Generate)).filter(|key| !key.is_empty()),
        time.map(|seconds| phrases::about(language, seconds * pictures as f64)),
        Some(phrases::gigabytes(plan.bytes)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
