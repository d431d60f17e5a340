//! What is being drawn, from the pointer going down to its end.

use super::Touch;
use crate::raster::Ink;

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
            Self::Rectangle { to, .. } => *to = touch.at,
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
            Self::Rectangle { from, to, .. } => {
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
