//! Lines between pixels that are large on the screen.

use egui::{Color32, Painter, Rect, Stroke, pos2};

use super::view::Room;

/// Screen pixels of a picture's pixel from which on there are lines.
const LEAST: f32 = 8.0;

/// Draws the grid of the picture at a place over the part of it that is in sight.
pub(super) fn show(painter: &Painter, (rect, place): (Rect, Rect), room: Room) {
    let side = place.width() / room.picture.x.max(1.0);
    if side * room.pixels_per_point < LEAST {
        return;
    }
    let sight = place.intersect(rect);
    if !sight.is_positive() {
        return;
    }
    // Light over dark can be seen on every picture.
    let strokes = [
        Stroke::new(1.0, Color32::from_black_alpha(60)),
        Stroke::new(0.5, Color32::from_white_alpha(70)),
    ];
    let between = |low: f32, high: f32, from: f32| {
        let first = ((low - from) / side).ceil() as i32;
        let last = ((high - from) / side).floor() as i32;
        (first..=last).map(move |at| from + at as f32 * side)
    };
    for x in between(sight.left(), sight.right(), place.left()) {
        for stroke in strokes {
            painter.line_segment([pos2(x, sight.top()), pos2(x, sight.bottom())], stroke);
        }
    }
    for y in between(sight.top(), sight.bottom(), place.top()) {
        for stroke in strokes {
            painter.line_segment([pos2(sight.left(), y), pos2(sight.right(), y)], stroke);
        }
    }
}
