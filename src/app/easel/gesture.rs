//! What is being drawn, from the pointer going down to its end.

use super::Touch;
use crate::engine::Hint;
use crate::raster::{Area, Extent, Ink};

/// Every gesture knows the ink it began with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Gesture {
    Stroke {
        last: Touch,
        ink: Ink,
    },
    Rectangle {
        from: [f32; 2],
        to: [f32; 2],
        ink: Ink,
    },
    /// A rectangle, or a click, around a thing.
    Search {
        from: [f32; 2],
        to: [f32; 2],
        ink: Ink,
    },
    Lasso {
        path: Vec<[f32; 2]>,
        ink: Ink,
    },
    /// From click to click.
    Polygon {
        corners: Vec<[f32; 2]>,
        /// Where the pointer is now.
        next: [f32; 2],
        ink: Ink,
    },
}

impl Gesture {
    pub(super) const fn stroke(touch: Touch, ink: Ink) -> Self {
        Self::Stroke { last: touch, ink }
    }

    pub(super) const fn rectangle(touch: Touch, ink: Ink) -> Self {
        Self::Rectangle {
            from: touch.at,
            to: touch.at,
            ink,
        }
    }

    pub(super) const fn search(touch: Touch, ink: Ink) -> Self {
        Self::Search {
            from: touch.at,
            to: touch.at,
            ink,
        }
    }

    pub(super) fn lasso(touch: Touch, ink: Ink) -> Self {
        Self::Lasso {
            path: vec![touch.at],
            ink,
        }
    }

    pub(super) fn polygon(touch: Touch, ink: Ink) -> Self {
        Self::Polygon {
            corners: vec![touch.at],
            next: touch.at,
            ink,
        }
    }

    /// An outline follows the pointer; a stroke is drawn by the easel.
    pub(super) fn follow(&mut self, touch: Touch) {
        match self {
            Self::Stroke { .. } => {}
            Self::Rectangle { to, .. } | Self::Search { to, .. } => *to = touch.at,
            Self::Lasso { path, .. } => {
                if path.last() != Some(&touch.at) {
                    path.push(touch.at);
                }
            }
            Self::Polygon { next, .. } => *next = touch.at,
        }
    }

    /// What is seen of an outline before it is closed.
    pub(super) fn outline(&self) -> Vec<[f32; 2]> {
        match self {
            Self::Stroke { .. } => Vec::new(),
            Self::Rectangle { from, to, .. } | Self::Search { from, to, .. } => {
                vec![*from, [to[0], from[1]], *to, [from[0], to[1]], *from]
            }
            Self::Lasso { path, .. } => path.clone(),
            Self::Polygon { corners, next, .. } => corners
                .iter()
                .chain(std::iter::once(next))
                .copied()
                .collect(),
        }
    }
}

/// Smaller rectangles are clicks by a hand that is not still, in pixels of the picture.
const STILL: f32 = 3.0;

/// What a rectangle, or a click, points at; `None` outside of the picture.
pub(super) fn hint(from: [f32; 2], to: [f32; 2], picture: Extent) -> Option<Hint> {
    let inside = |at: f32, limit: u32| (at >= 0.0 && at < limit as f32).then_some(at as u32);
    let span = |axis: usize, limit: u32| {
        let (low, high) = (from[axis].min(to[axis]), from[axis].max(to[axis]));
        let (low, high) = (low.floor() as u32, (high.ceil() as u32).min(limit));
        (low < high).then(|| (low, high - low))
    };
    if (to[0] - from[0]).abs() < STILL && (to[1] - from[1]).abs() < STILL {
        let (x, y) = (
            inside(to[0], picture.width)?,
            inside(to[1], picture.height)?,
        );
        return Some(Hint::Point { x, y });
    }
    let (x, width) = span(0, picture.width)?;
    let (y, height) = span(1, picture.height)?;
    let extent = Extent::new(width, height);
    Some(Hint::Box(Area { x, y, extent }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_that_trembles_clicks_and_one_that_draws_makes_a_rectangle() {
        let picture = Extent::new(100, 80);
        let click = hint([10.0, 10.0], [11.0, 12.0], picture);
        assert_eq!(click, Some(Hint::Point { x: 11, y: 12 }));
        let Some(Hint::Box(area)) = hint([90.0, 70.0], [120.0, -5.0], picture) else {
            panic!()
        };
        assert_eq!((area.x, area.y, area.extent), (90, 0, Extent::new(10, 70)));
        assert_eq!(hint([-9.0, 5.0], [-8.0, 5.0], picture), None);
    }
}
