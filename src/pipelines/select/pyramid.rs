//! A part of a picture at its own size and at smaller ones: selected where it is small, the edge
//! found anew on each larger one.

use rayon::prelude::*;

use super::CancelToken;
use super::energy::{Edges, Known, Palettes};
use super::layer::{Layer, STEPS};
use super::settle::{Selection, select};
use crate::raster::{Area, Pixels};

/// Layers of one part of a picture, each but the first the one before it halved.
pub(super) struct Pyramid {
    pub(super) area: Area,
    layers: Vec<Layer>,
    /// The last layer.
    pub(super) smallest: Layer,
}

impl Pyramid {
    /// `area` must have pixels and lie in the picture; the smallest layer has `most` pixels or fewer.
    pub(super) fn of(image: &Pixels, area: Area, most: usize) -> Self {
        let mut layers = Vec::new();
        let mut smallest = Layer::of(image, area);
        while smallest.colors.len() > most {
            let half = smallest.halved();
            layers.push(std::mem::replace(&mut smallest, half));
        }
        Self {
            area,
            layers,
            smallest,
        }
    }

    /// The pixel of the smallest layer that stands for one of the picture's.
    pub(super) fn holding(&self, x: usize, y: usize) -> usize {
        let left = x.saturating_sub(self.area.x as usize);
        let top = y.saturating_sub(self.area.y as usize);
        self.smallest.holding(left, top)
    }

    /// A selection of the smallest layer carried to the picture's own size.
    pub(super) fn refined(self, selection: Selection, token: &CancelToken) -> Option<Vec<bool>> {
        let (mut coarse, mut inside) = (self.smallest, selection.inside);
        for fine in self.layers.into_iter().rev() {
            inside = finer((&coarse, &inside), &fine, &selection.palettes, token)?;
            coarse = fine;
        }
        Some(inside)
    }
}

/// A selection of `coarse`, which is `fine` halved, on `fine`: only pixels about the edge are looked
/// at.
fn finer(
    (coarse, inside): (&Layer, &[bool]),
    fine: &Layer,
    palettes: &Palettes,
    token: &CancelToken,
) -> Option<Vec<bool>> {
    let known_around = |at: usize| {
        let mut around = STEPS.iter().filter_map(|&step| coarse.beside(at, step));
        match inside[at] {
            own if around.any(|beside| inside[beside] != own) => Known::Nothing,
            true => Known::Object,
            false => Known::Ground,
        }
    };
    let pixels = (0..inside.len()).into_par_iter();
    let known_coarse: Vec<Known> = pixels.map(known_around).collect();
    let rows = (0..fine.height).into_par_iter();
    let known: Vec<Known> = rows
        .flat_map_iter(|y| {
            let row = &known_coarse[y / 2 * coarse.width..];
            (0..fine.width).map(move |x| row[x / 2])
        })
        .collect();
    select(&Edges::of(fine), fine, &known, palettes, |_| 0.0, token)
}
