//! The thing within a rectangle.

use super::energy::Known;
use super::layer::{Layer, STEPS};
use super::parts::drop_specks;
use super::pyramid::Pyramid;
use super::settle::settle;
use super::{CancelToken, Piece, WORKED};
use crate::raster::{Area, Extent, Pixels};

/// Rounds of cuts and colours at most.
const ROUNDS: u32 = 6;
/// Pieces and holes below one in so many parts of the largest piece are taken for noise.
const SPECKS: usize = 20;
/// Pixels around the rectangle that are looked at, at least; else as many as its longer side has.
const LEAST_ROOM: u32 = 16;

/// The thing within `target`, which must have pixels and lie in the picture.
pub(super) fn in_box(image: &Pixels, target: Area, token: &CancelToken) -> Option<Piece> {
    let area = with_room(target, image.extent());
    let pyramid = Pyramid::of(image, area, WORKED);
    let layer = &pyramid.smallest;
    let whole = target == Area::whole(image.extent());
    let known: Vec<Known> = (0..layer.colors.len())
        .map(|at| {
            // Of a whole picture, the outermost pixels have to do for the ground.
            let is_ground = if whole {
                STEPS.iter().any(|&step| layer.beside(at, step).is_none())
            } else {
                !is_within(layer, at, area, target)
            };
            if is_ground {
                Known::Ground
            } else {
                Known::Nothing
            }
        })
        .collect();
    let first = known.iter().map(|&known| known == Known::Nothing).collect();
    let mut selection = settle(layer, &known, |_| 0.0, first, ROUNDS, token)?;
    drop_specks(layer, &mut selection.inside, SPECKS);
    let mut inside = pyramid.refined(selection, token)?;
    let width = area.extent.width as usize;
    for (y, row) in inside.chunks_exact_mut(width).enumerate() {
        for (x, inside) in row.iter_mut().enumerate() {
            let (x, y) = (area.x + x as u32, area.y + y as u32);
            *inside &= holds(target, x..x + 1, y..y + 1);
        }
    }
    Some(Piece { area, inside })
}

/// Whether a pixel of a layer of `area` reaches into `target`.
fn is_within(layer: &Layer, at: usize, area: Area, target: Area) -> bool {
    let span = |place: usize, from: u32| {
        let from = from + (place * layer.scale) as u32;
        from..from + layer.scale as u32
    };
    let columns = span(at % layer.width, area.x);
    holds(target, columns, span(at / layer.width, area.y))
}

/// Whether an area has a pixel of the given columns and rows.
fn holds(area: Area, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> bool {
    let meets = |span: std::ops::Range<u32>, from: u32, length: u32| {
        span.start < from + length && span.end > from
    };
    meets(columns, area.x, area.extent.width) && meets(rows, area.y, area.extent.height)
}

/// A rectangle and what shows its ground.
fn with_room(target: Area, within: Extent) -> Area {
    let Extent { width, height } = target.extent;
    let room = width.max(height).max(LEAST_ROOM);
    let widened = |from: u32, length: u32, limit: u32| {
        let start = from.saturating_sub(room);
        (
            start,
            (from + length).saturating_add(room).min(limit) - start,
        )
    };
    let (x, width) = widened(target.x, width, within.width);
    let (y, height) = widened(target.y, height, within.height);
    Area {
        x,
        y,
        extent: Extent::new(width, height),
    }
}
