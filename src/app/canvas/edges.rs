//! The picture's edges, to be dragged outward.

use egui::{
    Align2, CursorIcon, Painter, PointerButton, Pos2, Rect, Response, Shape, Stroke, Ui, pos2,
};

use super::painting::Place;
use crate::app::theme::{self, Palette};
use crate::raster::{MOST_MARGIN, Margins};

/// Points from an edge within which it can be grasped.
const REACH: f32 = 12.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Left,
    Top,
    Right,
    Bottom,
}

/// The edge in hand, if any.
#[derive(Debug, Default)]
pub(super) struct Edges {
    held: Option<Edge>,
}

impl Edges {
    pub(super) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Lets people drag edges, and shows the room there will be.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        (painter, palette): (&Painter, &Palette),
        response: &Response,
        place: Place,
        room: &mut Margins,
    ) {
        let outer = around(place, *room);
        let near = response.hover_pos().and_then(|at| edge_at(outer, at));
        if response.is_pointer_button_down_on() && ui.input(|input| input.pointer.primary_pressed())
        {
            self.held = near;
        }
        if !ui.input(|input| input.pointer.button_down(PointerButton::Primary)) {
            self.held = None;
        }
        if let (Some(edge), Some(at)) = (self.held, response.interact_pointer_pos()) {
            pull(edge, place.to_picture(at), place, room);
        }
        match self.held.or(near) {
            Some(Edge::Left | Edge::Right) => ui.set_cursor_icon(CursorIcon::ResizeHorizontal),
            Some(Edge::Top | Edge::Bottom) => ui.set_cursor_icon(CursorIcon::ResizeVertical),
            None => {}
        }
        let outer = around(place, *room);
        let corners = [
            outer.left_top(),
            outer.right_top(),
            outer.right_bottom(),
            outer.left_bottom(),
            outer.left_top(),
        ];
        let line = Stroke::new(1.5, palette.accent);
        painter.extend(Shape::dashed_line(&corners, line, 6.0, 4.0));
        for (at, added) in [
            (outer.left_center(), room.left),
            (outer.center_top(), room.top),
            (outer.right_center(), room.right),
            (outer.center_bottom(), room.bottom),
        ] {
            painter.circle(at, 5.0, palette.accent, Stroke::new(1.5, palette.panel));
            if added > 0 {
                let text = format!("+{added}");
                let font = theme::semibold(13.0);
                let away = (at - outer.center()).normalized() * 24.0;
                let ink = palette.accent_text;
                painter.text(at - away, Align2::CENTER_CENTER, text, font, ink);
            }
        }
    }
}

/// The picture with its room, on the screen.
fn around(place: Place, room: Margins) -> Rect {
    let low = [-(room.left as f32), -(room.top as f32)];
    let high = [
        place.room.picture.x + room.right as f32,
        place.room.picture.y + room.bottom as f32,
    ];
    Rect::from_min_max(place.to_screen(low), place.to_screen(high))
}

fn edge_at(outer: Rect, at: Pos2) -> Option<Edge> {
    let within = outer.expand(REACH).contains(at);
    let gaps = [
        (Edge::Left, (at.x - outer.left()).abs()),
        (Edge::Top, (at.y - outer.top()).abs()),
        (Edge::Right, (at.x - outer.right()).abs()),
        (Edge::Bottom, (at.y - outer.bottom()).abs()),
    ];
    let nearest = gaps.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest
        .filter(|(_, gap)| within && *gap < REACH)
        .map(|(edge, _)| edge)
}

fn pull(edge: Edge, at: [f32; 2], place: Place, room: &mut Margins) {
    let at = pos2(at[0], at[1]);
    let (side, by) = match edge {
        Edge::Left => (&mut room.left, -at.x),
        Edge::Top => (&mut room.top, -at.y),
        Edge::Right => (&mut room.right, at.x - place.room.picture.x),
        Edge::Bottom => (&mut room.bottom, at.y - place.room.picture.y),
    };
    *side = by.round().clamp(0.0, MOST_MARGIN as f32) as u32;
}
