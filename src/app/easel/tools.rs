//! What people paint a mask with.

use serde::{Deserialize, Serialize};

use crate::raster::{Ink, Segment};

/// One tool at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    #[default]
    Brush,
    Eraser,
    Rectangle,
    Lasso,
    Polygon,
    /// All of one colour around a place.
    Flood,
    /// The thing that is clicked, or drawn a rectangle around.
    Smart,
    /// Moves the picture instead of painting.
    Move,
}

/// The tool in hand, and how it paints.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tools {
    pub tool: Tool,
    /// Diameter, in pixels of the picture.
    pub size: f32,
    /// The part of the radius within which all is covered, from 0 to 1.
    pub hardness: f32,
    /// From 0 to 1.
    pub opacity: f32,
    /// Largest difference of a colour that still counts as the same, from 0 to 255.
    pub tolerance: f32,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            tool: Tool::Brush,
            size: 24.0,
            hardness: 0.8,
            opacity: 1.0,
            tolerance: 24.0,
        }
    }
}

/// Brushes from a single pixel to a quarter of the largest picture.
pub const SIZES: std::ops::RangeInclusive<f32> = 1.0..=2048.0;

/// Where the pointer touches the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touch {
    /// Pixels of the picture from its upper left corner.
    pub at: [f32; 2],
    /// From 0 to 1; 1 where the device does not tell.
    pub pressure: f32,
}

/// What a touch does beside what its tool does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// A brush draws a straight line from where the last stroke ended; a colour is masked wherever
    /// it is.
    pub extend: bool,
    /// Takes away instead of adding.
    pub erase: bool,
}

impl Tools {
    /// The next larger or smaller size: finer steps for finer brushes.
    pub fn resized(&self, larger: bool) -> f32 {
        let step = (self.size * 0.12).round().max(1.0);
        let size = if larger {
            self.size + step
        } else {
            self.size - step
        };
        size.clamp(*SIZES.start(), *SIZES.end())
    }

    pub(super) fn ink(&self, keys: Keys) -> Ink {
        Ink {
            opacity: self.opacity.clamp(0.0, 1.0),
            erases: keys.erase != (self.tool == Tool::Eraser),
        }
    }

    /// What the brush covers between two touches.
    pub(super) fn segment(&self, from: Touch, to: Touch) -> Segment {
        let radius = |touch: Touch| self.size / 2.0 * touch.pressure.clamp(0.05, 1.0);
        Segment {
            from: from.at,
            to: to.at,
            radii: [radius(from), radius(to)],
            hardness: self.hardness.clamp(0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_step_up_and_down_within_their_range() {
        let mut tools = Tools {
            size: 1.0,
            ..Tools::default()
        };
        tools.size = tools.resized(false);
        assert_eq!(tools.size, 1.0);
        for _ in 0..200 {
            let larger = tools.resized(true);
            assert!(larger > tools.size || larger == *SIZES.end());
            tools.size = larger;
        }
        assert_eq!(tools.size, *SIZES.end());
    }

    #[test]
    fn alt_turns_a_brush_into_an_eraser_and_back() {
        let erase = Keys {
            erase: true,
            ..Keys::default()
        };
        let brush = Tools::default();
        let eraser = Tools {
            tool: Tool::Eraser,
            ..brush
        };
        assert!(!brush.ink(Keys::default()).erases && brush.ink(erase).erases);
        assert!(eraser.ink(Keys::default()).erases && !eraser.ink(erase).erases);
    }
}
