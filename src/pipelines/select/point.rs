//! The thing at a point.

use super::CancelToken;
use super::energy::Known;
use super::guess::{HOLES, TOUCH, guess};
use super::layer::Layer;
use super::parts::{drop_specks, keep_around};
use super::pyramid::Pyramid;
use super::settle::settle;
use super::{Piece, WORKED};
use crate::raster::{Area, Extent, Pixels};

/// Pixels of the small copy on which the thing is looked for.
const GLANCED: usize = 10_000;
/// Rounds of cuts and colours on the larger copy of the thing found.
const ROUNDS: u32 = 2;
/// What speaks for what was found on the small copy; as a logarithm.
const LOYALTY: f32 = 1.0;
/// Room around the thing found: its longer side over this.
const ROOM: usize = 2;
/// Pixels of the small copy that are around it at least.
const LEAST_ROOM: usize = 3;

/// The thing at a pixel of the picture.
pub(super) fn at_point(image: &Pixels, (x, y): (u32, u32), token: &CancelToken) -> Option<Piece> {
    let (x, y) = (x as usize, y as usize);
    let glance = Pyramid::of(image, Area::whole(image.extent()), GLANCED).smallest;
    let found = guess(&glance, glance.holding(x, y), token)?;

    let pyramid = Pyramid::of(image, around(&glance, &found, image.extent()), WORKED);
    let (layer, area) = (&pyramid.smallest, pyramid.area);
    let (left, top) = (area.x as usize, area.y as usize);
    let first: Vec<bool> = (0..layer.colors.len())
        .map(|at| {
            let (x, y) = (at % layer.width, at / layer.width);
            found[glance.holding(left + x * layer.scale, top + y * layer.scale)]
        })
        .collect();
    let mut known = vec![Known::Nothing; first.len()];
    let anchor = pyramid.holding(x, y);
    for at in layer.disc(anchor, TOUCH * glance.scale / layer.scale) {
        known[at] = Known::Object;
    }
    let lean = |at: usize| if first[at] { LOYALTY } else { -LOYALTY };
    let mut selection = settle(layer, &known, lean, first.clone(), ROUNDS, token)?;
    keep_around(layer, &mut selection.inside, anchor);
    drop_specks(layer, &mut selection.inside, HOLES);
    Some(Piece {
        area,
        inside: pyramid.refined(selection, token)?,
    })
}

/// The part of a picture of size `within` that holds `found`, of a copy of it, and some room around.
fn around(glance: &Layer, found: &[bool], within: Extent) -> Area {
    let places = || (0..found.len()).filter(|&at| found[at]);
    let span = |place: fn(usize, usize) -> usize| {
        let places = || places().map(|at| place(at, glance.width));
        let first = places().min().unwrap_or(0);
        (first, places().max().unwrap_or(first) + 1)
    };
    let (columns, rows) = (span(|at, width| at % width), span(|at, width| at / width));
    let longer = (columns.1 - columns.0).max(rows.1 - rows.0);
    let room = longer / ROOM + LEAST_ROOM;
    let widened = |(from, to): (usize, usize), limit: u32| {
        let from = (from.saturating_sub(room) * glance.scale) as u32;
        (
            from,
            (((to + room) * glance.scale) as u32).min(limit) - from,
        )
    };
    let (x, width) = widened(columns, within.width);
    let (y, height) = widened(rows, within.height);
    Area {
        x,
        y,
        extent: Extent::new(width, height),
    }
}
