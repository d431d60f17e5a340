//! A hole filled from the picture's own patches, from a small copy of the picture to the whole.
//!
//! On each size every patch that touches the hole looks for the most alike one that does not, and
//! the patches found say together what the hole looks like; again and again, then twice as large.
//! The scheme is that of Wexler et al. 2007, "Space-time completion of video". The search is
//! exhaustive where the picture is small and looks at the neighbours' finds where it is large.
//! What is copied in the end is stitched so that its tone follows from the surroundings.

mod layer;
mod matches;
mod search;
mod stitch;

use rayon::prelude::*;

use self::layer::Layer;
use self::matches::{Matches, Patches};
use self::search::Search;
use self::stitch::stitch;
use super::{CancelToken, colors, opaque};
use crate::kernels::PATCH_REACH;
use crate::raster::{Mask, PAINTED, Pixels};

/// Pixels on the shorter side below which a layer is not halved again.
const SMALLEST: usize = 40;
/// Pixels of the largest layer whose examples are all looked at each time.
const SEARCHED: usize = 130 * 130;
/// Pixels of the largest layer of which a part is looked at, once.
const SKIMMED: usize = 270 * 270;
/// Of the examples of such a layer, one of so many.
const SKIMMED_PART: usize = 3;

pub(super) fn fill(image: &Pixels, mask: &Mask, token: &CancelToken) -> Option<Pixels> {
    let missing = mask
        .values()
        .iter()
        .map(|&value| value >= PAINTED)
        .collect();
    let colors = colors(image, mask);
    let mut layers = vec![Layer::finest(
        image.extent().width as usize,
        &colors,
        missing,
    )];
    while let Some(last) = layers.last()
        && last.missing.contains(&true)
        && last.width.min(last.height) >= 2 * SMALLEST
    {
        layers.push(last.halved());
    }
    let mut layer = layers.pop()?;
    let patches = Patches::of(&layer);
    let mut matches = Matches::none(&layer);
    // A long strip stays large however often it is halved; there the smooth start has to do.
    let mut rounds = LARGE_ROUNDS;
    if layer.samples.len() <= SEARCHED {
        peel(&mut layer, &patches, token)?;
        rounds = FIRST_ROUNDS;
    }
    let run = (&mut layer, &patches, &mut matches);
    improve(run, rounds, layers.is_empty(), token)?;
    while let Some(mut finer) = layers.pop() {
        let patches = Patches::of(&finer);
        matches = matches.finer(&layer, &finer, &patches);
        finer.take_over(&layer);
        finer.set(matches.mean_votes(&finer));
        layer = finer;
        let small = layer.samples.len() <= SEARCHED;
        let rounds = if small { SMALL_ROUNDS } else { LARGE_ROUNDS };
        improve(
            (&mut layer, &patches, &mut matches),
            rounds,
            layers.is_empty(),
            token,
        )?;
    }
    let colors: Vec<_> = layer
        .samples
        .iter()
        .map(|&[r, g, b, _]| [r, g, b])
        .collect();
    opaque(image, &colors)
}

/// Rounds of searching and voting on the smallest layer, on those searched as a whole, and on others.
const FIRST_ROUNDS: u32 = 10;
const SMALL_ROUNDS: u32 = 4;
const LARGE_ROUNDS: u32 = 2;

/// Searches and votes on one layer, `rounds` times; the finest ends with copies in place of means, so
/// that nothing is blurred.
fn improve(
    (layer, patches, matches): (&mut Layer, &Patches, &mut Matches),
    rounds: u32,
    finest: bool,
    token: &CancelToken,
) -> Option<()> {
    let size = layer.samples.len();
    let search = (size <= SKIMMED)
        .then(|| Search::new(layer, patches))
        .flatten();
    for round in 1..=rounds {
        if token.is_ended() {
            return None;
        }
        matches.measure(layer, patches);
        match &search {
            Some(search) if size <= SEARCHED => search.improve(layer, patches, 1, matches),
            Some(search) if round == 1 => {
                search.improve(layer, patches, SKIMMED_PART, matches);
            }
            _ => {}
        }
        matches.refine(layer, patches);
        matches.refine(layer, patches);
        if !finest || round < rounds {
            layer.set(matches.mean_votes(layer));
        }
    }
    if finest {
        let copied = matches.nearest_votes(layer);
        layer.copy(&copied);
        stitch(layer, &copied, token)?;
    }
    Some(())
}

/// First samples for the smallest layer, from the hole's edge inward: each that of the middle of
/// the patch most alike in what is known around it; next is always the place with the most known
/// around it.
fn peel(layer: &mut Layer, patches: &Patches, token: &CancelToken) -> Option<()> {
    let mut unknown = layer.missing.clone();
    let mut known_around: Vec<usize> = (0..unknown.len())
        .map(|at| {
            layer
                .around(at, PATCH_REACH)
                .filter(|&at| !unknown[at])
                .count()
        })
        .collect();
    while let Some(at) = (0..unknown.len())
        .filter(|&at| unknown[at])
        .max_by_key(|&at| (known_around[at], usize::MAX - at))
    {
        if token.is_ended() {
            return None;
        }
        let known: Vec<usize> = layer
            .around(at, PATCH_REACH)
            .filter(|&at| !unknown[at])
            .collect();
        let distance = |example: u32| -> f32 {
            let gap = |&place: &usize| {
                let there = layer.samples[place + example as usize - at];
                let pairs = layer.samples[place].into_iter().zip(there);
                pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>()
            };
            known.iter().map(gap).sum()
        };
        let best = patches
            .examples
            .par_iter()
            .map(|&example| (distance(example), example))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        if let Some((_, example)) = best {
            layer.samples[at] = layer.samples[example as usize];
        }
        unknown[at] = false;
        for beside in layer.around(at, PATCH_REACH) {
            known_around[beside] += 1;
        }
    }
    Some(())
}
