//! A number with its name, a slider and a field.

use std::ops::RangeInclusive;

use egui::{Align, Ui};

use crate::app::theme::{self, Palette};
use crate::app::widgets::{NumberField, Slide};

/// Width of the names before sliders.
const NAME: f32 = 84.0;
/// Width of the numbers after them.
const NUMBER: f32 = 46.0;

/// A number with a slider.
pub(super) struct Numeric<'a> {
    pub(super) name: &'a str,
    pub(super) tip: &'a str,
    pub(super) range: RangeInclusive<f64>,
    pub(super) step: f64,
    pub(super) default: f64,
    pub(super) decimals: usize,
    pub(super) bad: bool,
}

impl<'a> Numeric<'a> {
    /// A whole number from 1 to `most`; more can be typed.
    pub(super) fn whole(name: &'a str, tip: &'a str, most: u32, default: u32) -> Self {
        Self {
            name,
            tip,
            range: 1.0..=f64::from(most),
            step: 1.0,
            default: f64::from(default),
            decimals: 0,
            bad: false,
        }
    }

    pub(super) fn bad(self, bad: bool) -> Self {
        Self { bad, ..self }
    }

    pub(super) fn show(&self, ui: &mut Ui, palette: &Palette, value: &mut f64) -> bool {
        let mut changed = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            name(ui, palette, self.name);
            let width = ui.available_width() - NUMBER - 10.0;
            let slide = Slide {
                name: self.name,
                tip: self.tip,
                range: self.range.clone(),
                step: self.step,
                default: self.default,
                width,
            };
            changed |= slide.show(ui, palette, value).changed();
            ui.add_space(10.0);
            let field = NumberField {
                name: self.name,
                tip: self.tip,
                decimals: self.decimals,
                step: self.step,
                width: NUMBER,
                align: Align::Center,
                bad: self.bad,
            };
            changed |= field.show(ui, palette, value).changed();
        });
        changed
    }
}

/// The name before a control, in a column of its own.
pub(super) fn name(ui: &mut Ui, palette: &Palette, name: &str) {
    let size = egui::vec2(NAME, theme::ROW);
    let layout = egui::Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        let text = egui::RichText::new(name).color(palette.text_secondary);
        ui.label(text.font(theme::TEXT));
    });
}
