//! The cheapest cut between two sides, by the largest flow from one to the other: Boykov and
//! Kolmogorov 2004, "An experimental comparison of min-cut/max-flow algorithms".
//!
//! Two trees grow from the source and from the sink until they meet; what flows along the path fills
//! some of its links, and whatever hung on those looks for another parent.

use super::CancelToken;
use super::trees::Trees;

/// Links of a node.
pub(super) const LINKS: usize = 8;
/// In the place of a neighbour: there is none.
pub(super) const NOBODY: u32 = u32::MAX;
/// Steps between two looks at whether to go on.
const PATIENCE: u32 = 1 << 14;

/// Nodes with links to up to eight others; link `d` of a node is link `7 - d` of the other.
pub(super) struct Graph {
    pub(super) neighbors: Vec<[u32; LINKS]>,
    /// What can still flow along each link, outward.
    pub(super) room: Vec<[i32; LINKS]>,
    /// What can still flow from the source (above 0) or to the sink (below 0).
    pub(super) terminal: Vec<i32>,
}

impl Graph {
    /// Whether each node is on the source's side of the cheapest cut; of several such cuts, the one
    /// with the fewest nodes there. `None` once `token` asks for an end.
    pub(super) fn cut(self, token: &CancelToken) -> Option<Vec<bool>> {
        let mut trees = Trees::new(self);
        let mut steps = 0_u32;
        while let Some(at) = trees.next() {
            if steps.is_multiple_of(PATIENCE) && token.is_ended() {
                return None;
            }
            steps = steps.wrapping_add(1);
            while let Some(meeting) = trees.grow(at) {
                trees.augment(&meeting);
                trees.mend();
                if !trees.holds(at) {
                    break;
                }
            }
        }
        Some(trees.sides())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipelines::Wish;
    use crate::pipelines::select::layer::STEPS;

    /// Numbers that look random and are always the same.
    struct Dice(u32);

    impl Dice {
        fn below(&mut self, limit: u32) -> i32 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((self.0 >> 16) % limit) as i32
        }
    }

    /// A grid whose links, one way and the other, and terminals are thrown with dice.
    fn grid(width: usize, height: usize, dice: &mut Dice) -> Graph {
        let mut graph = Graph {
            neighbors: vec![[NOBODY; LINKS]; width * height],
            room: vec![[0; LINKS]; width * height],
            terminal: Vec::new(),
        };
        for at in 0..width * height {
            for (link, (across, down)) in STEPS.into_iter().enumerate() {
                let x = (at % width).checked_add_signed(across);
                let y = (at / width).checked_add_signed(down);
                if let (Some(x), Some(y)) = (x, y)
                    && x < width
                    && y < height
                {
                    graph.neighbors[at][link] = (y * width + x) as u32;
                    graph.room[at][link] = dice.below(7);
                }
            }
            graph.terminal.push(dice.below(31) - 15);
        }
        graph
    }

    /// What it costs to cut so that the nodes of `sides` are on the source's side.
    fn cost(graph: &Graph, sides: &[bool]) -> i32 {
        let terminals = graph.terminal.iter().zip(sides).map(|(&room, &source)| {
            let wanted = room > 0;
            if wanted == source { 0 } else { room.abs() }
        });
        let links = (0..sides.len()).flat_map(|at| (0..LINKS).map(move |link| (at, link)));
        let cut = links.filter(|&(at, link)| {
            let beside = graph.neighbors[at][link];
            beside != NOBODY && sides[at] && !sides[beside as usize]
        });
        terminals.sum::<i32>() + cut.map(|(at, link)| graph.room[at][link]).sum::<i32>()
    }

    #[test]
    fn no_other_cut_of_a_small_grid_is_cheaper() {
        let mut dice = Dice(1);
        for (width, height) in [(1, 1), (1, 5), (2, 2), (3, 3), (4, 2), (4, 3), (3, 4)] {
            for _ in 0..12 {
                let graph = grid(width, height, &mut dice);
                let nodes = width * height;
                let best = (0..1_u32 << nodes)
                    .map(|bits| {
                        let sides: Vec<bool> = (0..nodes).map(|at| bits >> at & 1 == 1).collect();
                        cost(&graph, &sides)
                    })
                    .min();
                let copy = Graph {
                    neighbors: graph.neighbors.clone(),
                    room: graph.room.clone(),
                    terminal: graph.terminal.clone(),
                };
                let found = copy.cut(&CancelToken::new()).unwrap();
                assert_eq!(Some(cost(&graph, &found)), best, "{width}x{height}");
            }
        }
    }

    #[test]
    fn a_long_search_ends_when_asked() {
        let token = CancelToken::new();
        token.ask(Wish::Stop);
        assert_eq!(grid(300, 300, &mut Dice(2)).cut(&token), None);
    }
}
