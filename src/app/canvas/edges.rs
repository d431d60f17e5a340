//! The picture's edges, to be dragged outward for room around it, or inward to cut it.

use egui::{
    Align2, Color32, CursorIcon, Painter, PointerButton, Pos2, Rect, Response, Shape, Stroke, Ui,
    pos2,
};

use super::painting::Place;
use crate::app::theme::{self, Palette};
use crate::raster::{Extent, MOST_MARGIN, Margins};

/// Points from an edge within which it can be grasped.
const REACH: f32 = 12.0;

/// What the dragged edges mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Room to be added.
    Outward,
    /// Pixels to be cut off.
    Inward,
}

/// What is added to or cut off each side of the picture.
#[derive(Debug)]
pub struct Frame<'a> {
    pub sides: &'a mut Margins,
    pub way: Way,
}

/// An edge across an axis: that of the lower coordinates, or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Low,
    High,
}

/// The edges in hand: one across each axis, both at a corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    x: Option<Edge>,
    y: Option<Edge>,
}

impl Held {
    const fn any(self) -> bool {
        self.x.is_some() || self.y.is_some()
    }

    fn cursor(self) -> Option<CursorIcon> {
        match (self.x, self.y) {
            (None, None) => None,
            (Some(_), None) => Some(CursorIcon::ResizeHorizontal),
            (None, Some(_)) => Some(CursorIcon::ResizeVertical),
            (Some(x), Some(y)) if x == y => Some(CursorIcon::ResizeNwSe),
            (Some(_), Some(_)) => Some(CursorIcon::ResizeNeSw),
        }
    }
}

/// The edges in hand, if any.
#[derive(Debug, Default)]
pub(super) struct Edges {
    held: Held,
    /// From the pointer to the edges it took hold of, in pixels of the picture: they shall not jump.
    gap: [f32; 2],
}

impl Edges {
    pub(super) const fn is_held(&self) -> bool {
        self.held.any()
    }

    /// Takes hold of the edges where the pointer went down: by now it may be elsewhere.
    pub(super) fn grasp(&mut self, ui: &Ui, response: &Response, place: Place, frame: &Frame<'_>) {
        let (pressed, origin, down) = ui.input(|input| {
            let pointer = &input.pointer;
            let down = pointer.button_down(PointerButton::Primary);
            (pointer.primary_pressed(), pointer.press_origin(), down)
        });
        if let Some(at) = origin
            && pressed
            && response.is_pointer_button_down_on()
        {
            self.held = edges_at(framed(place, frame), at);
            self.gap = gap(self.held, place.to_picture(at), place, frame);
        }
        if !down {
            self.held = Held::default();
        }
    }

    /// Lets people drag edges, and shows the picture there will be.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        (painter, palette): (&Painter, &Palette),
        response: &Response,
        place: Place,
        frame: &mut Frame<'_>,
    ) {
        if let Some(at) = response.interact_pointer_pos() {
            let [x, y] = place.to_picture(at);
            pull(self.held, [x + self.gap[0], y + self.gap[1]], place, frame);
        }
        let near = response
            .hover_pos()
            .map(|at| edges_at(framed(place, frame), at))
            .unwrap_or_default();
        let in_hand = if self.held.any() { self.held } else { near };
        if let Some(cursor) = in_hand.cursor() {
            ui.set_cursor_icon(cursor);
        }
        let rect = framed(place, frame);
        if frame.way == Way::Inward {
            darken(painter, place.picture, rect);
        }
        draw(painter, palette, rect, frame);
    }
}

/// The picture with its room, or what will be left of it, on the screen.
fn framed(place: Place, frame: &Frame<'_>) -> Rect {
    let Margins {
        left,
        top,
        right,
        bottom,
    } = *frame.sides;
    let way = match frame.way {
        Way::Outward => 1.0,
        Way::Inward => -1.0,
    };
    let picture = place.room.picture;
    let low = [-way * left as f32, -way * top as f32];
    let high = [
        picture.x + way * right as f32,
        picture.y + way * bottom as f32,
    ];
    Rect::from_min_max(place.to_screen(low), place.to_screen(high))
}

/// From a place to the edges that are taken hold of there.
fn gap(held: Held, at: [f32; 2], place: Place, frame: &Frame<'_>) -> [f32; 2] {
    let rect = framed(place, frame);
    let (low, high) = (place.to_picture(rect.min), place.to_picture(rect.max));
    let along = |edge: Option<Edge>, axis: usize| match edge {
        Some(Edge::Low) => low[axis] - at[axis],
        Some(Edge::High) => high[axis] - at[axis],
        None => 0.0,
    };
    [along(held.x, 0), along(held.y, 1)]
}

fn edges_at(rect: Rect, at: Pos2) -> Held {
    if !rect.expand(REACH).contains(at) {
        return Held::default();
    }
    let nearest = |low: f32, high: f32| {
        let (edge, gap) = if low <= high {
            (Edge::Low, low)
        } else {
            (Edge::High, high)
        };
        (gap < REACH).then_some(edge)
    };
    Held {
        x: nearest((at.x - rect.left()).abs(), (at.x - rect.right()).abs()),
        y: nearest((at.y - rect.top()).abs(), (at.y - rect.bottom()).abs()),
    }
}

fn pull(held: Held, at: [f32; 2], place: Place, frame: &mut Frame<'_>) {
    let picture = place.room.picture;
    let way = frame.way;
    let pixels = |outward: f32| match way {
        Way::Outward => outward.round().clamp(0.0, MOST_MARGIN as f32) as u32,
        Way::Inward => (-outward).round().max(0.0) as u32,
    };
    let side = |low: &mut u32, high: &mut u32, edge: Option<Edge>, at: f32, length: f32| {
        // The edge in hand stops at the one that is not.
        let most = |other: u32| match way {
            Way::Outward => u32::MAX,
            Way::Inward => (length as u32).saturating_sub(other).saturating_sub(1),
        };
        match edge {
            Some(Edge::Low) => *low = pixels(-at).min(most(*high)),
            Some(Edge::High) => *high = pixels(at - length).min(most(*low)),
            None => {}
        }
    };
    let sides = &mut *frame.sides;
    side(&mut sides.left, &mut sides.right, held.x, at[0], picture.x);
    side(&mut sides.top, &mut sides.bottom, held.y, at[1], picture.y);
}

/// What will be cut off is seen darker.
fn darken(painter: &Painter, picture: Rect, left: Rect) {
    let shade = Color32::from_black_alpha(150);
    for rect in [
        Rect::from_min_max(picture.min, pos2(picture.right(), left.top())),
        Rect::from_min_max(pos2(picture.left(), left.bottom()), picture.max),
        Rect::from_min_max(
            pos2(picture.left(), left.top()),
            pos2(left.left(), left.bottom()),
        ),
        Rect::from_min_max(
            pos2(left.right(), left.top()),
            pos2(picture.right(), left.bottom()),
        ),
    ] {
        if rect.is_positive() {
            painter.rect_filled(rect, 0.0, shade);
        }
    }
}

fn draw(painter: &Painter, palette: &Palette, rect: Rect, frame: &Frame<'_>) {
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    let line = Stroke::new(1.5, palette.accent);
    painter.extend(Shape::dashed_line(&corners, line, 6.0, 4.0));
    let sign = match frame.way {
        Way::Outward => '+',
        Way::Inward => '−',
    };
    let knob = |at| painter.circle(at, 5.0, palette.accent, Stroke::new(1.5, palette.panel));
    for &corner in &corners[..4] {
        knob(corner);
    }
    for (at, pixels) in [
        (rect.left_center(), frame.sides.left),
        (rect.center_top(), frame.sides.top),
        (rect.right_center(), frame.sides.right),
        (rect.center_bottom(), frame.sides.bottom),
    ] {
        knob(at);
        if pixels > 0 {
            let text = format!("{sign}{pixels}");
            let away = (at - rect.center()).normalized() * 24.0;
            number(painter, palette, at - away, text);
        }
    }
}

/// A number that can be read on every picture.
fn number(painter: &Painter, palette: &Palette, at: Pos2, text: String) {
    let galley = painter.layout_no_wrap(text, theme::semibold(13.0), palette.accent_text);
    let rect = Align2::CENTER_CENTER.anchor_size(at, galley.size());
    let back = palette.panel.gamma_multiply(0.85);
    painter.rect_filled(rect.expand2(egui::vec2(6.0, 2.0)), 6.0, back);
    painter.galley(rect.min, galley, palette.accent_text);
}

/// As much as can be added to or cut off a picture.
pub(super) fn limited(frame: &mut Frame<'_>, picture: Extent) {
    *frame.sides = match frame.way {
        Way::Outward => frame.sides.limited(),
        Way::Inward => frame.sides.within(picture),
    };
}
