//! What a selection costs, as a graph to cut: Rother et al. 2004, "`GrabCut`", equations 7 to 11.

use rayon::prelude::*;

use super::colors::Mixture;
use super::graph::{Graph, LINKS, NOBODY};
use super::layer::{Layer, STEPS};

/// What it costs to separate two neighbours of one colour, beside the logarithms of how likely colours
/// are; the paper has 50.
const SMOOTHNESS: f32 = 42.0;
/// Capacities in the graph are whole numbers: so many make 1.
const UNIT: f32 = 64.0;
/// More than all links of a pixel together can carry.
const CERTAIN: i32 = 1 << 20;

/// The colours of the object and of its ground.
#[derive(Clone, Debug)]
pub(super) struct Palettes {
    pub(super) object: Mixture,
    pub(super) ground: Mixture,
}

impl Palettes {
    /// How much more a colour is the object's than the ground's, as a logarithm.
    pub(super) fn lean(&self, color: [u8; 3]) -> f32 {
        self.ground.cost(color) - self.object.cost(color)
    }
}

/// How much it costs to separate neighbours.
pub(super) struct Edges<'a> {
    layer: &'a Layer,
    /// One over twice the mean contrast: what is above is an edge.
    sharpness: f32,
    smoothness: f32,
}

impl<'a> Edges<'a> {
    pub(super) fn of(layer: &'a Layer) -> Self {
        Self {
            layer,
            sharpness: 0.5 / layer.mean_contrast().max(f32::MIN_POSITIVE),
            // A pixel that stands for many has a side as long as theirs, but its colour speaks for
            // all of them.
            smoothness: SMOOTHNESS / layer.scale as f32,
        }
    }

    /// Of neighbours one step apart.
    fn cost(&self, one: usize, other: usize, step: (isize, isize)) -> f32 {
        let contrast = self.layer.contrast(one, other);
        self.smoothness / length(step) * self.alikeness(contrast)
    }

    /// 1 for equal colours, about 0 across a clear edge.
    pub(super) fn alikeness(&self, contrast: u32) -> f32 {
        (-self.sharpness * contrast as f32).exp()
    }
}

/// Of a step, in pixels.
pub(super) fn length((across, down): (isize, isize)) -> f32 {
    ((across * across + down * down) as f32).sqrt()
}

/// What is known of a pixel beforehand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Known {
    Object,
    Ground,
    Nothing,
}

/// The graph of all pixels of which nothing is known; the others are its source and sink. `lean` is
/// how much more a pixel is of the object than of the ground. Also which pixel each node is.
pub(super) fn graph(
    edges: &Edges<'_>,
    known: &[Known],
    lean: impl Fn(usize) -> f32 + Sync,
) -> (Graph, Vec<usize>) {
    let open: Vec<usize> = (0..known.len())
        .filter(|&at| known[at] == Known::Nothing)
        .collect();
    // Which node each pixel is.
    let mut places = vec![NOBODY; known.len()];
    for (place, &at) in open.iter().enumerate() {
        places[at] = place as u32;
    }
    let nodes: Vec<_> = open
        .par_iter()
        .map(|&at| {
            let (mut neighbors, mut room) = ([NOBODY; LINKS], [0; LINKS]);
            let mut terminal = (lean(at) * UNIT) as i32;
            for (link, &step) in STEPS.iter().enumerate() {
                let Some(beside) = edges.layer.beside(at, step) else {
                    continue;
                };
                let cost = (edges.cost(at, beside, step) * UNIT) as i32;
                match known[beside] {
                    Known::Object => terminal += cost,
                    Known::Ground => terminal -= cost,
                    Known::Nothing => (neighbors[link], room[link]) = (places[beside], cost),
                }
            }
            (neighbors, room, terminal.clamp(-CERTAIN, CERTAIN))
        })
        .collect();
    let graph = Graph {
        neighbors: nodes.iter().map(|node| node.0).collect(),
        room: nodes.iter().map(|node| node.1).collect(),
        terminal: nodes.iter().map(|node| node.2).collect(),
    };
    (graph, open)
}
