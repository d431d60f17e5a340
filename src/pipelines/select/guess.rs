//! What a click may mean: things of several sizes around it, and which of them looks most like one.

use rayon::prelude::*;

use super::CancelToken;
use super::energy::{Edges, Known, length};
use super::layer::{Layer, STEPS};
use super::parts::{drop_specks, keep_around};
use super::reach::distances;
use super::settle::settle;

/// Shares of the picture that a thing may have, for a start; what is nearest to the click by colour
/// is the first guess.
const SHARES: [f32; 11] = [
    0.0015, 0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.18, 0.3, 0.45, 0.6,
];
/// Pixels around the click that are of the thing for certain.
pub(super) const TOUCH: usize = 1;
/// Rounds of cuts and colours for each guess.
const ROUNDS: u32 = 4;
/// What speaks for a pixel at the click, and against one far away; as logarithms.
const NEARNESS: f32 = 2.0;
/// What speaks against a pixel at the picture's edge; as a logarithm.
const EDGE: f32 = 2.0;
/// Of the thing, holes up to one in so many parts belong to it.
pub(super) const HOLES: usize = 6;
/// How much the picture's own edge weighs as an outline without any contrast.
const OUTSIDE: f32 = 0.5;
/// What a thing e times as large is worth more, beside the share of its outline with contrast: a
/// whole thing rather than a part of it.
const SIZE: f32 = 0.08;

/// The likeliest thing at pixel `at`.
pub(super) fn guess(layer: &Layer, at: usize, token: &CancelToken) -> Option<Vec<bool>> {
    let touched = layer.disc(at, TOUCH);
    let distances = distances(layer, &touched);
    let mut known = vec![Known::Nothing; distances.len()];
    for at in touched {
        known[at] = Known::Object;
    }
    let mut ranked = distances.clone();
    ranked.sort_by(f32::total_cmp);
    let edges = Edges::of(layer);
    let guesses: Option<Vec<_>> = SHARES
        .par_iter()
        .map(|share| {
            let rank = (ranked.len() as f32 * share) as usize;
            let reach = ranked[rank.min(ranked.len() - 1)].max(1.0);
            let first = distances.iter().map(|&far| far <= reach).collect();
            let lean = |at: usize| {
                let nearness = (1.0 - distances[at] / reach).max(-1.0);
                NEARNESS * nearness - if is_at_edge(layer, at) { EDGE } else { 0.0 }
            };
            let mut inside = settle(layer, &known, lean, first, ROUNDS, token)?.inside;
            keep_around(layer, &mut inside, at);
            drop_specks(layer, &mut inside, HOLES);
            Some((worth(&edges, layer, &inside), inside))
        })
        .collect();
    let best = guesses?.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, inside)| inside)
}

fn is_at_edge(layer: &Layer, at: usize) -> bool {
    STEPS.iter().any(|&step| layer.beside(at, step).is_none())
}

/// How much a selection looks like a thing: a clear outline all around, and not too small.
fn worth(edges: &Edges<'_>, layer: &Layer, inside: &[bool]) -> f32 {
    let (mut clear, mut outline, mut area) = (0.0, 0.0, 0_u32);
    for at in (0..inside.len()).filter(|&at| inside[at]) {
        area += 1;
        for step in STEPS {
            let weight = 1.0 / length(step);
            match layer.beside(at, step) {
                Some(beside) if inside[beside] => {}
                Some(beside) => {
                    outline += weight;
                    clear += weight * (1.0 - edges.alikeness(layer.contrast(at, beside)));
                }
                None => outline += OUTSIDE * weight,
            }
        }
    }
    clear / outline.max(1.0) + SIZE * (area.max(1) as f32).ln()
}
