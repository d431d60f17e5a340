//! A curve whose points are pulled.

use egui::{
    Color32, CornerRadius, PointerButton, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind,
    Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::{Adjusted, adjusted, focus_when_pressed, offer_adjusting, shows_focus};
use crate::app::theme::{self, Palette};
use crate::recipe::{CURVE_POINTS, Curve, place_of};

/// Height of the field, in points.
const HEIGHT: f32 = 112.0;
/// Room around the curve for its points.
const MARGIN: f32 = 10.0;
/// What an arrow key moves a point by.
const STEP: f64 = 0.02;
/// Lines the curve is drawn with.
const LINES: usize = 64;

/// A field with a curve.
pub(in crate::app) struct CurveField<'a> {
    pub(in crate::app) name: &'a str,
    pub(in crate::app) tip: &'a str,
    /// Of the line.
    pub(in crate::app) color: Color32,
}

impl CurveField<'_> {
    /// Draws it; whether people bent it.
    pub(in crate::app) fn show(&self, ui: &mut Ui, palette: &Palette, curve: &mut Curve) -> bool {
        let size = vec2(ui.available_width(), HEIGHT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let inside = rect.shrink(MARGIN);
        let at = |x: f32, y: f32| {
            pos2(
                inside.left() + x * inside.width(),
                inside.bottom() - y * inside.height(),
            )
        };
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, CornerRadius::same(theme::BOX_RADIUS), palette.field);
        let faint = Stroke::new(1.0, palette.line);
        for quarter in 0..CURVE_POINTS {
            let share = place_of(quarter);
            painter.line_segment([at(share, 0.0), at(share, 1.0)], faint);
            painter.line_segment([at(0.0, share), at(1.0, share)], faint);
        }
        let line = (0..=LINES).map(|step| {
            let x = step as f32 / LINES as f32;
            at(x, curve.at(x))
        });
        let stroke = Stroke::new(1.8, self.color);
        painter.add(Shape::line(line.collect(), stroke));
        let before = *curve;
        let reach = vec2(inside.width() / CURVE_POINTS as f32, HEIGHT);
        for point in 0..CURVE_POINTS {
            let place = at(place_of(point), curve.0[point]);
            let column = Rect::from_center_size(pos2(place.x, inside.center().y), reach);
            let response = self.point(ui, column.intersect(rect), inside, curve, point);
            let place = at(place_of(point), curve.0[point]);
            let lit = response.hovered() || response.dragged();
            let radius = if lit { 5.5 } else { 4.5 };
            painter.circle(place, radius, palette.knob, Stroke::new(1.5, self.color));
            if shows_focus(&response) {
                let ring = Rect::from_center_size(place, Vec2::splat(16.0));
                let corners = CornerRadius::same(8);
                painter.rect_stroke(ring, corners, palette.focus_ring(), StrokeKind::Middle);
            }
        }
        *curve != before
    }

    /// Moves one point.
    fn point(
        &self,
        ui: &Ui,
        column: Rect,
        inside: Rect,
        curve: &mut Curve,
        point: usize,
    ) -> Response {
        let id = ui.scope_id().with((self.name, point));
        let response = ui.interact(column, id, Sense::click_and_drag());
        focus_when_pressed(&response);
        let value = &mut curve.0[point];
        if let Some(pointer) = response
            .interact_pointer_pos()
            .filter(|_| response.dragged_by(PointerButton::Primary))
        {
            *value = ((inside.bottom() - pointer.y) / inside.height()).clamp(0.0, 1.0);
        }
        if response.double_clicked() {
            *value = place_of(point);
        }
        let Adjusted { steps, to } = adjusted(ui, &response, &(0.0..=1.0));
        let to = to.unwrap_or_else(|| f64::from(*value)) + steps * STEP;
        if steps != 0.0 || to != f64::from(*value) {
            *value = to.clamp(0.0, 1.0) as f32;
        }
        let (name, now) = (format!("{} {}", self.name, point + 1), f64::from(*value));
        response.widget_info(|| {
            let mut info = WidgetInfo::slider(true, now, &name);
            info.role = Role::Slider;
            info
        });
        offer_adjusting(&response, &(0.0..=1.0), STEP);
        response.on_hover_text(self.tip)
    }
}
