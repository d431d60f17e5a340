//! How the masked part is painted anew.

use egui::Ui;

use super::easel::{choices, strength};
use super::numeric::Numeric;
use super::row;
use crate::app::easel::{Around, EaselForm};
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, secondary};
use crate::recipe::MaskedContent;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let usual = EaselForm::default();
    head(ui, palette, words.inside_mask);
    ui.add_space(4.0);
    let form = &mut view.settings.easel;
    strength(words, usual.fill_strength).show(ui, palette, &mut form.fill_strength);
    let edge = Numeric {
        range: 0.0..=32.0,
        default: f64::from(usual.mask_blur),
        ..Numeric::whole(words.mask_edge, words.mask_edge_tip, 32, 0)
    };
    let mut blur = f64::from(form.mask_blur);
    if edge.show(ui, palette, &mut blur) {
        form.mask_blur = blur as f32;
    }
    ui.add_space(6.0);
    secondary(ui, palette, words.start_from);
    ui.add_space(4.0);
    let contents = [
        (MaskedContent::Original, words.original, words.original_tip),
        (
            MaskedContent::Fill,
            words.colors_around,
            words.colors_around_tip,
        ),
        (MaskedContent::LatentNoise, words.noise, words.noise_tip),
        (
            MaskedContent::LatentNothing,
            words.nothing,
            words.nothing_tip,
        ),
    ];
    choices(ui, view, &contents, |form| &mut form.content);
    ui.add_space(8.0);
    secondary(ui, palette, words.area);
    ui.add_space(4.0);
    let areas = [
        (Around::Auto, words.area_auto, words.area_auto_tip),
        (Around::Whole, words.area_whole, words.area_whole_tip),
        (Around::OnlyMask, words.area_mask, words.area_mask_tip),
    ];
    choices(ui, view, &areas, |form| &mut form.around);
    let form = &mut view.settings.easel;
    if form.around != Around::Whole {
        let padding = Numeric {
            range: 0.0..=256.0,
            ..Numeric::whole(words.padding, words.padding_tip, 256, usual.padding)
        };
        let mut value = f64::from(form.padding);
        if padding.show(ui, palette, &mut value) {
            form.padding = value.round().clamp(0.0, 8192.0) as u32;
        }
    }
    ui.add_space(6.0);
    let on = form.match_colors;
    row(
        ui,
        26.0,
        |ui| drop(secondary(ui, palette, words.match_colors)),
        |ui| {
            let state = if on { words.on } else { words.off };
            let toggle = Push::new(
                words.match_colors,
                words.match_colors_tip,
                Look::Toggle { on },
            );
            if toggle.label(state).show(ui, palette).clicked() {
                form.match_colors = !on;
            }
        },
    );
}
