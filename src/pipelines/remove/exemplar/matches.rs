//! For each patch that touches the hole, an alike patch that does not.

use rayon::prelude::*;

use super::layer::{Layer, Sample};
use super::stitch::Copied;
use crate::kernels::{PATCH_REACH, patch_distance};

/// Patches of a layer, by their middles; only those that lie in it wholly.
pub(super) struct Patches {
    /// Nothing missing or touched in them: what others can be filled from.
    pub(super) examples: Vec<u32>,
    is_example: Vec<bool>,
    /// All others: what is to be matched.
    pub(super) targets: Vec<u32>,
}

impl Patches {
    pub(super) fn of(layer: &Layer) -> Self {
        let (width, height) = (layer.width, layer.height);
        let gone = |at: usize| layer.touched[at] || layer.missing[at];
        let mut near = vec![false; layer.samples.len()];
        for at in (0..near.len()).filter(|&at| gone(at)) {
            for beside in layer.around(at, PATCH_REACH) {
                near[beside] = true;
            }
        }
        let whole = |at: usize| {
            let (x, y) = (at % width, at / width);
            let inside = |at: usize, side: usize| at >= PATCH_REACH && at + PATCH_REACH < side;
            inside(x, width) && inside(y, height)
        };
        let (targets, examples) = (0..near.len())
            .filter(|&at| whole(at))
            .map(|at| at as u32)
            .partition(|&at| near[at as usize]);
        Self {
            is_example: (0..near.len()).map(|at| whole(at) && !near[at]).collect(),
            examples,
            targets,
        }
    }

    fn is_example(&self, at: isize) -> bool {
        usize::try_from(at).is_ok_and(|at| self.is_example.get(at) == Some(&true))
    }
}

/// A found example and its distance, infinite until it is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// The middle of the example.
    pub(super) source: u32,
    pub(super) cost: f32,
}

/// What has been found for each place of a layer; nothing where there is no target.
#[derive(Clone)]
pub(super) struct Matches(Vec<Option<Match>>);

/// Distances at which a target with no other hint looks for examples.
const RINGS: [isize; 7] = [4, 7, 11, 16, 24, 36, 54];

impl Matches {
    pub(super) fn none(layer: &Layer) -> Self {
        Self(vec![None; layer.samples.len()])
    }

    /// What was found on a layer half as large, at twice the place.
    pub(super) fn finer(&self, coarse: &Layer, layer: &Layer, patches: &Patches) -> Self {
        let mut finer = Self::none(layer);
        for &target in &patches.targets {
            let (x, y) = (target as usize % layer.width, target as usize / layer.width);
            let Some(found) = self.0[y / 2 * coarse.width + x / 2] else {
                continue;
            };
            let source = found.source as usize;
            let (source_x, source_y) = (
                source % coarse.width * 2 + x % 2,
                source / coarse.width * 2 + y % 2,
            );
            let place =
                source_y.min(layer.height - 1) * layer.width + source_x.min(layer.width - 1);
            // The nearest example to that place.
            let off = |at: usize| {
                let across = (at % layer.width).abs_diff(source_x);
                across * across + (at / layer.width).abs_diff(source_y).pow(2)
            };
            finer.0[target as usize] = layer
                .around(place, 2)
                .filter(|&at| patches.is_example[at])
                .min_by_key(|&at| off(at))
                .map(|at| Match {
                    source: at as u32,
                    cost: f32::INFINITY,
                });
        }
        finer
    }

    /// Takes each of `offers`, one for a target, where it is better than what is there.
    pub(super) fn offer(&mut self, layer: &Layer, patches: &Patches, offers: &[u32]) {
        let better: Vec<_> = patches
            .targets
            .par_iter()
            .zip(offers)
            .map(|(&target, &source)| {
                let mut best = self.0[target as usize];
                consider(layer, target as usize, source, &mut best);
                best
            })
            .collect();
        self.set(patches, better);
    }

    /// Measures all distances anew, after the layer's samples have changed.
    pub(super) fn measure(&mut self, layer: &Layer, patches: &Patches) {
        let measured = patches
            .targets
            .par_iter()
            .map(|&target| {
                self.0[target as usize].map(|Match { source, .. }| Match {
                    source,
                    cost: distance(layer, target as usize, source, f32::INFINITY),
                })
            })
            .collect();
        self.set(patches, measured);
    }

    /// Looks, for each target, where its neighbours have found theirs, and around its own; where
    /// nothing is known yet, on rings around the target.
    ///
    /// Neighbouring pixels mostly come from neighbouring places: Ashikhmin 2001, "Synthesizing
    /// natural textures". Nothing is drawn at random.
    pub(super) fn refine(&mut self, layer: &Layer, patches: &Patches) {
        let width = layer.width as isize;
        let steps = [-1, 0, 1].map(|y| [-1, 0, 1].map(|x| y * width + x));
        let refined = patches
            .targets
            .par_iter()
            .map(|&target| {
                let at = target as isize;
                let mut best = self.0[target as usize];
                let look = |place: isize, best: &mut Option<Match>| {
                    if patches.is_example(place) {
                        consider(layer, target as usize, place as u32, best);
                    }
                };
                for step in steps.iter().flatten() {
                    let beside = usize::try_from(at + step).ok();
                    if let Some(Some(found)) = beside.and_then(|beside| self.0.get(beside)) {
                        look(found.source as isize - step, &mut best);
                    }
                }
                if best.is_none() {
                    for ring in RINGS {
                        for step in steps.iter().flatten() {
                            look(at + ring * step, &mut best);
                        }
                    }
                }
                if let Some(found) = best {
                    for step in steps.iter().flatten() {
                        look(found.source as isize + step, &mut best);
                    }
                }
                best
            })
            .collect();
        self.set(patches, refined);
    }

    fn set(&mut self, patches: &Patches, found: Vec<Option<Match>>) {
        for (&target, found) in patches.targets.iter().zip(found) {
            self.0[target as usize] = found;
        }
    }

    /// The distance below which three of four matches lie.
    fn usual_cost(&self) -> f32 {
        let mut costs: Vec<f32> = self
            .0
            .iter()
            .flatten()
            .map(|found| found.cost)
            .filter(|cost| cost.is_finite())
            .collect();
        if costs.is_empty() {
            return 1.0;
        }
        let rank = (costs.len() - 1) * 3 / 4;
        let (_, &mut cost, _) = costs.select_nth_unstable_by(rank, f32::total_cmp);
        cost.max(1.0)
    }

    /// New samples for all that is missing: the mean of what the examples of the patches around
    /// say, those that fit better counting more (Wexler et al. 2007, "Space-time completion of
    /// video").
    pub(super) fn mean_votes(&self, layer: &Layer) -> Vec<(usize, Sample)> {
        let scale = self.usual_cost() * SELECTIVITY;
        self.each_missing(layer, |votes| {
            let (mut sum, mut weights) = ([0.0; 4], 0.0);
            for Vote { cost, place, .. } in votes {
                // An unmeasured match has an infinite cost, and all of them count alike.
                let weight = (-cost / scale).exp() + LEAST_WEIGHT;
                weights += weight;
                for (sum, value) in sum.iter_mut().zip(layer.samples[place]) {
                    *sum += weight * value;
                }
            }
            (weights > 0.0).then(|| sum.map(|sum| sum / weights))
        })
    }

    /// Where to copy all that is missing from, so that nothing is blurred: the example of the patch
    /// whose middle is nearest.
    pub(super) fn nearest_votes(&self, layer: &Layer) -> Vec<Copied> {
        self.each_missing(layer, |votes| {
            votes
                .min_by(|a, b| a.off.cmp(&b.off).then(a.cost.total_cmp(&b.cost)))
                .map(|vote| vote.place)
        })
    }

    /// Asks `decide` about each missing place, given the votes of all patches it lies in.
    fn each_missing<T: Send>(
        &self,
        layer: &Layer,
        decide: impl Fn(&mut dyn Iterator<Item = Vote>) -> Option<T> + Sync,
    ) -> Vec<(usize, T)> {
        let width = layer.width;
        (0..layer.samples.len())
            .into_par_iter()
            .filter(|&at| layer.missing[at])
            .filter_map(|at| {
                let mut votes = layer.around(at, PATCH_REACH).filter_map(|middle| {
                    let found = self.0[middle]?;
                    Some(Vote {
                        off: (middle % width).abs_diff(at % width)
                            + (middle / width).abs_diff(at / width),
                        cost: found.cost,
                        place: found.source as usize + at - middle,
                    })
                });
                decide(&mut votes).map(|decided| (at, decided))
            })
            .collect()
    }
}

/// What one patch says of one place in it.
struct Vote {
    /// How far the place is from the patch's middle.
    off: usize,
    /// Of the patch's match.
    cost: f32,
    /// Where the place lies in the example.
    place: usize,
}

/// How much worse a match may be, in parts of the usual distance, before it hardly counts.
const SELECTIVITY: f32 = 0.2;
/// So that somebody votes even where nothing fits.
const LEAST_WEIGHT: f32 = 1e-6;

fn distance(layer: &Layer, a: usize, b: u32, limit: f32) -> f32 {
    patch_distance(&layer.samples, layer.width, a, b as usize, limit)
}

fn consider(layer: &Layer, target: usize, source: u32, best: &mut Option<Match>) {
    let limit = best.map_or(f32::INFINITY, |best| best.cost);
    if best.is_some_and(|best| best.source == source && best.cost.is_finite()) {
        return;
    }
    let cost = distance(layer, target, source, limit);
    if cost < limit {
        *best = Some(Match { source, cost });
    }
}

#[cfg(test)]
impl Matches {
    pub(super) fn found(&self, at: usize) -> Option<Match> {
        self.0[at]
    }
}
