//! Which part of the picture is seen, and how large: plain geometry.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Room around a picture that fits, in points.
const MARGIN: f32 = 24.0;

/// Zooms the keys and buttons step through, in screen pixels per picture pixel.
const STEPS: &[f32] = &[
    0.05, 0.1, 0.167, 0.25, 0.333, 0.5, 0.667, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0,
    32.0,
];

/// The smallest and largest zoom.
const ZOOMS: std::ops::RangeInclusive<f32> = 0.05..=32.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    /// As large as the room allows.
    Fit,
    /// `center` is the place of the picture at the middle of the room, from (0, 0) to (1, 1).
    Free { zoom: f32, center: Pos2 },
}

/// The room a picture is shown in, its size in pixels, and the screen's pixels per point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Room {
    pub(super) rect: Rect,
    pub(super) picture: Vec2,
    pub(super) pixels_per_point: f32,
}

impl Room {
    /// Screen pixels per picture pixel at which the picture just fits.
    fn fitting(self) -> f32 {
        let room = (self.rect.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(1.0));
        let scale = room * self.pixels_per_point / self.picture.max(Vec2::splat(1.0));
        scale.min_elem()
    }

    /// Points the picture takes at a zoom.
    fn size(self, zoom: f32) -> Vec2 {
        self.picture * zoom / self.pixels_per_point
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    mode: Mode,
}

impl View {
    pub(super) const FIT: Self = Self { mode: Mode::Fit };

    pub(super) fn is_fit(self) -> bool {
        self.mode == Mode::Fit
    }

    /// Screen pixels per picture pixel.
    pub(super) fn zoom(self, room: Room) -> f32 {
        match self.mode {
            Mode::Fit => room.fitting(),
            Mode::Free { zoom, .. } => zoom,
        }
    }

    /// Where the picture lies, its corner on a whole screen pixel.
    pub(super) fn place(self, room: Room) -> Rect {
        let size = room.size(self.zoom(room));
        let corner = room.rect.center() - self.center().to_vec2() * size;
        let whole = |value: f32| (value * room.pixels_per_point).round() / room.pixels_per_point;
        Rect::from_min_size(pos2(whole(corner.x), whole(corner.y)), size)
    }

    fn center(self) -> Pos2 {
        match self.mode {
            Mode::Fit => pos2(0.5, 0.5),
            Mode::Free { center, .. } => center,
        }
    }

    /// Moves the picture by so many points.
    pub(super) fn pan(&mut self, room: Room, by: Vec2) {
        let zoom = self.zoom(room);
        let center = self.center() - by / room.size(zoom);
        self.mode = Mode::Free {
            zoom,
            // The middle of the room stays on the picture, so that it cannot be lost.
            center: center.clamp(Pos2::ZERO, pos2(1.0, 1.0)),
        };
    }

    /// Zooms so that the place of the picture under `pointer` stays there.
    pub(super) fn zoom_to(&mut self, room: Room, zoom: f32, pointer: Pos2) {
        let zoom = zoom.clamp(*ZOOMS.start(), *ZOOMS.end());
        let away = pointer - room.rect.center();
        let center = self.center() + away / room.size(self.zoom(room)) - away / room.size(zoom);
        self.mode = Mode::Free {
            zoom,
            center: center.clamp(Pos2::ZERO, pos2(1.0, 1.0)),
        };
    }

    /// The next larger or smaller usual zoom, around the middle.
    pub(super) fn step(&mut self, room: Room, larger: bool) {
        let now = self.zoom(room);
        // A little slack, so that a zoom never steps onto itself.
        let next = if larger {
            STEPS.iter().find(|&&step| step > now * 1.01)
        } else {
            STEPS.iter().rev().find(|&&step| step < now * 0.99)
        };
        if let Some(&zoom) = next {
            self.zoom_to(room, zoom, room.rect.center());
        }
    }
}

/// A size in pixels, for geometry.
pub(super) fn size_of(extent: crate::raster::Extent) -> Vec2 {
    vec2(extent.width as f32, extent.height as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        rect: Rect {
            min: pos2(100.0, 50.0),
            max: pos2(748.0, 498.0),
        },
        picture: vec2(128.0, 64.0),
        pixels_per_point: 1.0,
    };

    #[test]
    fn a_fitting_picture_is_as_large_as_the_room_allows_and_in_the_middle() {
        let place = View::FIT.place(ROOM);
        assert_eq!(place.size(), vec2(600.0, 300.0));
        assert_eq!(place.center(), ROOM.rect.center());
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let pointer = pos2(300.0, 250.0);
        let mut view = View::FIT;
        let seen = |view: View| (pointer - view.place(ROOM).min) / view.place(ROOM).size();
        let before = seen(view);
        view.zoom_to(ROOM, 9.0, pointer);
        assert!((seen(view) - before).length() < 0.002);
        assert_eq!(view.zoom(ROOM), 9.0);
    }

    #[test]
    fn the_picture_cannot_be_pushed_out_of_sight() {
        let mut view = View::FIT;
        view.pan(ROOM, vec2(-1e6, 1e6));
        assert!(view.place(ROOM).expand(1.0).contains(ROOM.rect.center()));
    }

    #[test]
    fn steps_go_through_the_usual_zooms_and_end() {
        let mut view = View::FIT;
        view.step(ROOM, false);
        assert_eq!(view.zoom(ROOM), 4.0);
        view.step(ROOM, true);
        assert_eq!(view.zoom(ROOM), 6.0);
        for _ in 0..40 {
            view.step(ROOM, true);
        }
        assert_eq!(view.zoom(ROOM), 32.0);
    }
}
