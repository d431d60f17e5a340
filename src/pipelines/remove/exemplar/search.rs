//! A search through all examples, in the few directions in which patches differ most.

use rayon::prelude::*;

use super::layer::Layer;
use super::matches::{Matches, Patches};
use crate::kernels::{PATCH_REACH, PATCH_SIDE, Point, nearest_points};
use crate::pipelines::axes::Axes;

/// Numbers of one patch.
const LENGTH: usize = PATCH_SIDE * PATCH_SIDE * 4;
/// Patches the directions are learned from, at most.
const LEARNED_FROM: usize = 2000;

type Vector = [f32; LENGTH];

/// The principal directions of a layer's examples.
pub(super) struct Search(Axes);

fn patch(layer: &Layer, middle: u32) -> Vector {
    let corner = middle as usize - PATCH_REACH * layer.width - PATCH_REACH;
    let mut vector = [0.0; LENGTH];
    for (row, values) in vector.chunks_exact_mut(PATCH_SIDE * 4).enumerate() {
        let samples = &layer.samples[corner + row * layer.width..][..PATCH_SIDE];
        values.copy_from_slice(samples.as_flattened());
    }
    vector
}

impl Search {
    /// Learns the directions; `None` where there is no example.
    pub(super) fn new(layer: &Layer, patches: &Patches) -> Option<Self> {
        let every = patches.examples.len().div_ceil(LEARNED_FROM).max(1);
        let learned = patches.examples.iter().step_by(every);
        let rows: Vec<Vector> = learned.map(|&at| patch(layer, at)).collect();
        Axes::of(&rows).map(Self)
    }

    fn point(&self, layer: &Layer, middle: u32) -> Point {
        self.0.point(&patch(layer, middle))
    }

    /// Offers every target the nearest of every `stride`-th example.
    pub(super) fn improve(
        &self,
        layer: &Layer,
        patches: &Patches,
        stride: usize,
        matches: &mut Matches,
    ) {
        let examples: Vec<u32> = patches.examples.iter().copied().step_by(stride).collect();
        let points = |middles: &[u32]| -> Vec<Point> {
            middles
                .par_iter()
                .map(|&at| self.point(layer, at))
                .collect()
        };
        let found = nearest_points(&points(&patches.targets), &points(&examples));
        let offers: Vec<u32> = found
            .iter()
            .map(|&index| examples[index as usize])
            .collect();
        matches.offer(layer, patches, &offers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_copy_is_found_among_all_others() {
        let width = 40;
        let color = |at: usize| {
            let (x, y) = (at % width, at / width);
            [(x * x + 3 * y * y) % 251, (7 * x * y) % 241, (x + y) % 13].map(|v| v as f32)
        };
        let mut colors: Vec<[f32; 3]> = (0..width * 30).map(color).collect();
        // The same 7 by 7 pixels in two places.
        for row in 0..PATCH_SIDE {
            for column in 0..PATCH_SIDE {
                colors[(row + 4) * width + column + 4] = colors[(row + 20) * width + column + 30];
            }
        }
        let mut layer = Layer::finest(width, &colors, vec![false; colors.len()]);
        for sample in &mut layer.samples {
            sample[3] = 0.0;
        }
        layer.touched[7 * width + 7] = true;
        let patches = Patches::of(&layer);
        let mut matches = Matches::none(&layer);
        let search = Search::new(&layer, &patches).unwrap();
        search.improve(&layer, &patches, 1, &mut matches);
        let found = matches.found(7 * width + 7).unwrap();
        assert_eq!((found.source as usize, found.cost), (23 * width + 33, 0.0));
    }
}
