//! A slider: drag, click, wheel, arrow keys; a double click brings the default back.

use std::ops::RangeInclusive;

use egui::{CornerRadius, Event, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Adjusted, adjusted, focus_ring, focus_when_pressed, offer_adjusting};
use crate::app::theme::{self, Palette};

/// A slider over a sensible range; values beyond it can be typed and stay.
pub(in crate::app) struct Slide<'a> {
    pub(in crate::app) name: &'a str,
    pub(in crate::app) tip: &'a str,
    pub(in crate::app) range: RangeInclusive<f64>,
    pub(in crate::app) step: f64,
    pub(in crate::app) default: f64,
    pub(in crate::app) width: f32,
}

const KNOB_RADIUS: f32 = 7.0;
const RAIL_HEIGHT: f32 = 4.0;

impl Slide<'_> {
    /// Draws the slider; the response is marked changed when people moved it.
    pub(in crate::app) fn show(self, ui: &mut Ui, palette: &Palette, value: &mut f64) -> Response {
        let size = vec2(self.width, theme::ROW);
        let (rect, mut response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        focus_when_pressed(&response);
        let before = *value;
        self.follow_pointer(ui, &response, rect, value);
        self.follow_keys(ui, &response, value);
        if response.double_clicked() {
            *value = self.default;
        }
        if *value != before {
            response.mark_changed();
        }
        response.widget_info(|| {
            let mut info = WidgetInfo::slider(true, *value, self.name);
            info.role = Role::Slider;
            info
        });
        offer_adjusting(&response, &self.range, self.step);
        if ui.is_rect_visible(rect) {
            self.paint(ui, palette, &response, rect, *value);
        }
        response.on_hover_text(self.tip)
    }

    /// Snaps to steps and to the range.
    fn snapped(&self, value: f64) -> f64 {
        let (low, high) = (*self.range.start(), *self.range.end());
        (low + ((value - low) / self.step).round() * self.step).clamp(low, high)
    }

    fn follow_pointer(&self, ui: &Ui, response: &Response, rect: Rect, value: &mut f64) {
        if (response.dragged() || response.clicked())
            && let Some(pointer) = response.interact_pointer_pos()
        {
            let rail = rect.shrink2(vec2(KNOB_RADIUS, 0.0));
            let share = f64::from((pointer.x - rail.left()) / rail.width());
            let (low, high) = (*self.range.start(), *self.range.end());
            *value = self.snapped(low + share * (high - low));
        }
        if response.hovered() {
            let notches = ui.input_mut(|input| {
                // The panel below shall not scroll as well.
                input.smooth_scroll_delta = egui::Vec2::ZERO;
                input
                    .events
                    .iter()
                    .map(|event| match event {
                        Event::MouseWheel { delta, .. } => f64::from(delta.y.signum()),
                        _ => 0.0,
                    })
                    .sum::<f64>()
            });
            self.move_by(notches, value);
        }
    }

    fn follow_keys(&self, ui: &Ui, response: &Response, value: &mut f64) {
        let Adjusted { steps, to } = adjusted(ui, response, &self.range);
        self.move_by(steps, value);
        if let Some(to) = to {
            *value = self.snapped(to);
        }
    }

    fn move_by(&self, steps: f64, value: &mut f64) {
        if steps != 0.0 {
            *value = self.snapped(*value + steps * self.step);
        }
    }

    fn paint(&self, ui: &Ui, palette: &Palette, response: &Response, rect: Rect, value: f64) {
        let painter = ui.painter();
        let rail = Rect::from_center_size(
            rect.center(),
            vec2(rect.width() - 2.0 * KNOB_RADIUS, RAIL_HEIGHT),
        );
        let radius = CornerRadius::same(2);
        let (low, high) = (*self.range.start(), *self.range.end());
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0) as f32;
        let knob = pos2(rail.left() + share * rail.width(), rail.center().y);
        painter.rect_filled(rail.expand2(vec2(KNOB_RADIUS, 0.0)), radius, palette.track);
        let mut filled = rail.expand2(vec2(KNOB_RADIUS, 0.0));
        filled.max.x = knob.x;
        painter.rect_filled(filled, radius, palette.accent);
        painter.circle(knob, KNOB_RADIUS, palette.knob, Stroke::NONE);
        let ring = Rect::from_center_size(knob, vec2(20.0, 20.0));
        focus_ring(painter, palette, response, ring, 10);
    }
}
