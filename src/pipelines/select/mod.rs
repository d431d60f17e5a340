//! A click or a rectangle selects a thing, without a network.
//!
//! Colours on both sides and a short outline along edges, as in Rother et al. 2004, "`GrabCut`". It
//! is done on a small copy; on larger ones only the outline is found anew, as in Lombaert et al.
//! 2005, "A multilevel banded graph cuts method for fast image segmentation". For a click, things of
//! several sizes are tried, as in Carreira and Sminchisescu 2010, "Constrained parametric min-cuts
//! for automatic object segmentation", and the one with the clearest outline wins.

mod boxed;
mod colors;
mod energy;
mod flow;
mod graph;
mod guess;
mod layer;
mod outline;
mod parts;
mod point;
mod pyramid;
mod reach;
mod settle;
mod trees;

#[cfg(test)]
mod tests;

use super::CancelToken;
use crate::raster::{Area, Extent, Mask, Pixels};

/// Pixels of the copy on which colours and outline are found together.
const WORKED: usize = 100_000;

/// What people point at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hint {
    /// The thing at this pixel.
    Point { x: u32, y: u32 },
    /// The thing within this rectangle.
    Box(Area),
}

/// Which pixels of a part of a picture are selected; nothing outside of it is.
struct Piece {
    area: Area,
    inside: Vec<bool>,
}

/// The thing hinted at, with a smooth edge; `None` once `token` asks for an end.
///
/// A point outside of the picture is taken for the nearest one in it, and of a rectangle only what is
/// in the picture counts; where nothing does, or nothing in it differs from what is around, the mask
/// is empty.
pub fn select_object(image: &Pixels, hint: Hint, token: &CancelToken) -> Option<Mask> {
    if token.is_ended() {
        return None;
    }
    let extent = image.extent();
    if extent.area() == 0 {
        return Mask::from_values(extent, Vec::new());
    }
    let piece = match hint {
        Hint::Point { x, y } => {
            let nearest = (x.min(extent.width - 1), y.min(extent.height - 1));
            point::at_point(image, nearest, token)?
        }
        Hint::Box(area) => {
            let area = clipped(area, extent);
            if area.extent.area() == 0 {
                return Mask::from_values(extent, vec![0; extent.area()]);
            }
            boxed::in_box(image, area, token)?
        }
    };
    Mask::from_values(extent, outline::smooth(&piece, extent))
}

/// A mask of `extent` that selects the pixels `inside`, with a smooth edge; there must be one value
/// for each pixel, and at least one.
pub(super) fn with_smooth_edge(extent: Extent, inside: Vec<bool>) -> Option<Mask> {
    let area = Area::whole(extent);
    Mask::from_values(extent, outline::smooth(&Piece { area, inside }, extent))
}

/// What of an area lies in a picture.
pub(super) fn clipped(area: Area, within: Extent) -> Area {
    let span = |from: u32, length: u32, limit: u32| {
        let start = from.min(limit);
        (start, from.saturating_add(length).min(limit) - start)
    };
    let (x, width) = span(area.x, area.extent.width, within.width);
    let (y, height) = span(area.y, area.extent.height, within.height);
    Area {
        x,
        y,
        extent: Extent::new(width, height),
    }
}
