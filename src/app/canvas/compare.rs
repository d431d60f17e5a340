//! What was there before, beside what is there now: a line between both that people pull.

use std::ops::RangeInclusive;
use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Id, Painter, PointerButton, Pos2, Rect, Response,
    Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::content::Content;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Adjusted, adjusted, offer_adjusting};
use crate::raster::Pixels;

/// Points beside the line within which it can be grasped.
const REACH: f32 = 12.0;
/// Where the line can be, as a share of what is seen.
const SHARES: RangeInclusive<f64> = 0.0..=1.0;
/// Share of the picture that an arrow key moves the line by.
const ARROW_STEP: f32 = 0.02;

/// The picture of before, and how it and the line are called.
#[derive(Clone, Debug)]
pub struct Before {
    pub pixels: Arc<Pixels>,
    /// It may be of another extent than what it is compared with.
    pub stretched: bool,
    /// Of the line, for those who do not see it.
    pub name: &'static str,
    /// What the line is for.
    pub tip: &'static str,
    /// Of both sides.
    pub sides: [&'static str; 2],
}

/// The line, and what lies at its left.
pub(super) struct Compare {
    pub(super) content: Content,
    before: Option<Before>,
    /// Where the line is in what is seen, from 0 at the left edge to 1 at the right one.
    share: f32,
}

impl Compare {
    pub(super) fn new(render: Option<RenderState>) -> Self {
        Self {
            content: Content::new(render),
            before: None,
            share: 0.5,
        }
    }

    /// Compares with a picture from now on, or no more.
    pub(super) fn set(&mut self, before: Option<Before>) {
        match &before {
            Some(before) => self.content.show_picture(Arc::clone(&before.pixels)),
            None if self.before.is_some() => self.content.clear(),
            None => {}
        }
        self.before = before;
    }

    /// Where the line is on the screen: within what is seen of the picture, however close.
    pub(super) fn line(&self, sight: Rect) -> f32 {
        sight.left() + sight.width() * self.share
    }

    /// The line, if there is one; it follows pointer and arrows.
    pub(super) fn grasp(&mut self, ui: &Ui, canvas: &Response, sight: Rect) -> Option<Response> {
        let Before { name, tip, .. } = *self.before.as_ref()?;
        let response = self.moved(ui, canvas.id.with("compare"), sight);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Slider, true, name);
            info.value = Some(f64::from(self.share));
            info
        });
        offer_adjusting(&response, &SHARES, ARROW_STEP.into());
        Some(response.on_hover_text(tip))
    }

    /// Draws the line, and how both sides are called.
    pub(super) fn show(
        &self,
        (painter, palette): (&Painter, &Palette),
        sight: Rect,
        grasped: &Response,
    ) {
        let Some(before) = &self.before else {
            return;
        };
        let x = self.line(sight);
        let (top, bottom) = (pos2(x, sight.top()), pos2(x, sight.bottom()));
        // Light over dark can be seen on every picture.
        painter.line_segment(
            [top, bottom],
            Stroke::new(4.0, Color32::from_black_alpha(120)),
        );
        painter.line_segment([top, bottom], Stroke::new(2.0, Color32::WHITE));
        let edge = if grasped.has_focus() {
            palette.accent
        } else {
            Color32::from_black_alpha(120)
        };
        let middle = pos2(x, sight.center().y);
        painter.circle(middle, 11.0, Color32::WHITE, Stroke::new(2.0, edge));
        for way in [-1.0, 1.0] {
            let tip = middle + vec2(way * 7.0, 0.0);
            let back = vec2(-way * 4.0, 4.0);
            let arrow = vec![tip, tip + back, tip + vec2(back.x, -back.y)];
            painter.add(egui::Shape::convex_polygon(
                arrow,
                Color32::from_gray(40),
                Stroke::NONE,
            ));
        }
        let gap = vec2(10.0, -10.0);
        let [was, is] = before.sides;
        label(painter, sight.left_bottom() + gap, Align2::LEFT_BOTTOM, was);
        label(
            painter,
            sight.right_bottom() + vec2(-gap.x, gap.y),
            Align2::RIGHT_BOTTOM,
            is,
        );
    }

    /// Moves the line.
    fn moved(&mut self, ui: &Ui, id: Id, sight: Rect) -> Response {
        let x = self.line(sight);
        let strip = Rect::from_center_size(
            pos2(x, sight.center().y),
            vec2(2.0 * REACH, sight.height().max(1.0)),
        );
        let response = ui.interact(strip, id, Sense::click_and_drag());
        if let Some(at) = response
            .interact_pointer_pos()
            .filter(|_| response.dragged_by(PointerButton::Primary))
        {
            self.share = ((at.x - sight.left()) / sight.width().max(1.0)).clamp(0.0, 1.0);
        }
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        if response.hovered() || response.dragged() {
            ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        let Adjusted { steps, to } = adjusted(ui, &response, &SHARES);
        let to = to.map_or(self.share, |to| to as f32) + steps as f32 * ARROW_STEP;
        self.share = to.clamp(0.0, 1.0);
        response
    }
}

fn label(painter: &Painter, at: Pos2, align: Align2, text: &str) {
    let galley = painter.layout_no_wrap(text.to_owned(), theme::SECONDARY, Color32::WHITE);
    let padding = Vec2::new(8.0, 4.0);
    let rect = align.anchor_size(at, galley.size() + 2.0 * padding);
    painter.rect_filled(rect, CornerRadius::same(6), Color32::from_black_alpha(150));
    painter.galley(rect.min + padding, galley, Color32::WHITE);
}
