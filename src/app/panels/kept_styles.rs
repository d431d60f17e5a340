//! Styles people keep, where the style goes, and what is done with a result.

use egui::{Ui, vec2};

use super::run::image_tile;
use super::{quick_styles, row};
use crate::app::action::Action;
use crate::app::at_style::StyleAction;
use crate::app::icons::Icon;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, secondary};
use crate::app::words::of_style;

const GAP: f32 = 8.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    kept(ui, view);
    ui.add_space(theme::SECTION_GAP);
    quick_styles::show(ui, view);
    ui.add_space(theme::SECTION_GAP);
    mask(ui, view);
    ui.add_space(theme::SECTION_GAP);
    then(ui, view);
}

fn kept(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let any = !view.style.styles.is_empty();
    let mut chosen = None;
    row(
        ui,
        24.0,
        |ui| drop(head(ui, palette, words.kept_styles)),
        |ui| {
            let push = Push::new(words.keep_style, words.keep_style_tip, Look::Quiet);
            if push
                .label(words.keep_label)
                .enabled(any)
                .show(ui, palette)
                .clicked()
            {
                chosen = Some(StyleAction::Keep);
            }
        },
    );
    if view.style.kept.is_empty() {
        hint(ui, palette, words.kept_styles_empty);
    }
    let side = ((ui.available_width() - GAP) / 2.0).floor();
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    ui.add_space(6.0);
    for first in (0..view.style.kept.len()).step_by(2) {
        ui.horizontal(|ui| {
            for at in first..(first + 2).min(view.style.kept.len()) {
                let texture = &view.style.kept[at].texture;
                let lies = view
                    .style
                    .styles
                    .iter()
                    .any(|style| style.path.as_ref() == Some(&view.style.kept[at].path));
                let name = of_style::kept_style(language, at + 1);
                let shown = (texture.id(), texture.size_vec2());
                let tile = image_tile(ui, palette, vec2(side, side), shown, lies, &name);
                let corner = egui::Rect::from_min_size(
                    tile.rect.right_top() + vec2(-24.0, 4.0),
                    vec2(20.0, 20.0),
                );
                if tile.on_hover_text(words.kept_style_tip).clicked() {
                    chosen = Some(StyleAction::UseKept(at));
                }
                let name = of_style::forget_style(language, at + 1);
                let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(corner));
                let forget = Push::new(&name, words.forget_style_tip, Look::Plain);
                let forget = forget.only_icon(Icon::Cross).size(vec2(20.0, 20.0));
                if forget.show(&mut inside, palette).clicked() {
                    chosen = Some(StyleAction::ForgetKept(at));
                }
            }
        });
    }
    view.actions.extend(chosen.map(Action::AtStyle));
}

fn mask(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let state = if view.style.mask().is_some() {
        words.mask_on
    } else {
        words.mask_off
    };
    row(
        ui,
        24.0,
        |ui| drop(head(ui, palette, words.inside_mask_only)),
        |ui| drop(secondary(ui, palette, state)),
    );
    ui.add_space(4.0);
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let laid = view.style.content().is_some();
        let take = Push::new(words.easel_mask, words.easel_mask_tip, Look::Plain);
        if take
            .enabled(laid && view.easel.is_some())
            .show(ui, palette)
            .clicked()
        {
            chosen = Some(Action::AtStyle(StyleAction::EaselMask));
        }
        let load = Push::new(
            words.style_load_mask,
            words.style_load_mask_tip,
            Look::Plain,
        );
        if load.enabled(laid).show(ui, palette).clicked() {
            chosen = Some(Action::Ask(crate::app::path_sheet::Purpose::LoadMask));
        }
        if view.style.mask().is_some() {
            let none = Push::new(words.no_mask, words.no_mask_tip, Look::Quiet);
            if none.show(ui, palette).clicked() {
                chosen = Some(Action::AtStyle(StyleAction::NoMask));
            }
        }
    });
    view.actions.extend(chosen);
}

fn then(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let id = view.style.result().map(|made| made.id);
    head(ui, palette, words.style_then);
    ui.add_space(4.0);
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        let any = id.is_some();
        let chain = Push::new(words.chain, words.chain_tip, Look::Plain);
        if chain.enabled(any).show(ui, palette).clicked() {
            chosen = Some(Action::AtStyle(StyleAction::Chain));
        }
        let canvas = Push::new(words.to_canvas, words.to_canvas_tip, Look::Plain);
        if canvas.enabled(any).show(ui, palette).clicked() {
            chosen = id.map(|id| Action::AtStyle(StyleAction::ToCanvas(id)));
        }
    });
    view.actions.extend(chosen);
}
