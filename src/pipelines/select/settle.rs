//! Cuts and colours in turn, until they agree.

use rayon::prelude::*;

use super::CancelToken;
use super::colors::Mixture;
use super::energy::{Edges, Known, Palettes, graph};
use super::layer::Layer;

/// Of so many pixels, fewer than one changes sides: that is the end.
const SETTLED: usize = 1000;

/// What was selected, and by which colours.
pub(super) struct Selection {
    /// Whether each pixel is of the object.
    pub(super) inside: Vec<bool>,
    pub(super) palettes: Palettes,
}

/// Selects again and again, `rounds` times at most; `inside` is the first guess. `lean` is what
/// speaks for the object at each pixel besides its colour.
pub(super) fn settle(
    layer: &Layer,
    known: &[Known],
    lean: impl Fn(usize) -> f32 + Sync,
    inside: Vec<bool>,
    rounds: u32,
    token: &CancelToken,
) -> Option<Selection> {
    let edges = Edges::of(layer);
    let mut inside = inside;
    let mut palettes = Palettes {
        object: Mixture::fitted(side(layer, &inside, true)),
        ground: Mixture::fitted(side(layer, &inside, false)),
    };
    for _ in 0..rounds {
        palettes = Palettes {
            object: palettes.object.refitted(&side(layer, &inside, true)),
            ground: palettes.ground.refitted(&side(layer, &inside, false)),
        };
        let cut = select(&edges, layer, known, &palettes, &lean, token)?;
        let changed = cut.iter().zip(&inside).filter(|(new, old)| new != old);
        let changed = changed.count();
        inside = cut;
        if changed * SETTLED <= inside.len() {
            break;
        }
    }
    Some(Selection { inside, palettes })
}

/// The cheapest selection by given colours.
pub(super) fn select(
    edges: &Edges<'_>,
    layer: &Layer,
    known: &[Known],
    palettes: &Palettes,
    lean: impl Fn(usize) -> f32 + Sync,
    token: &CancelToken,
) -> Option<Vec<bool>> {
    let (graph, open) = graph(edges, known, |at| {
        palettes.lean(layer.colors[at]) + lean(at)
    });
    let mut inside: Vec<bool> = known
        .par_iter()
        .map(|&known| known == Known::Object)
        .collect();
    for (at, cut) in open.into_iter().zip(graph.cut(token)?) {
        inside[at] = cut;
    }
    Some(inside)
}

/// The colours on one side.
fn side(layer: &Layer, inside: &[bool], wanted: bool) -> Vec<[u8; 3]> {
    let pixels = layer.colors.iter().zip(inside);
    pixels
        .filter(|&(_, &inside)| inside == wanted)
        .map(|(&color, _)| color)
        .collect()
}
