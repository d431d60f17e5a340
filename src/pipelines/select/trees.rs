//! The two trees of a search for the largest flow, and how they grow until they meet.

use std::collections::VecDeque;

use super::graph::{Graph, LINKS, NOBODY};

/// Whose tree a node is in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Tree {
    None,
    Source,
    Sink,
}

/// Instead of the link to a parent: the node hangs on the source or sink itself.
pub(super) const ROOT: u8 = 8;
/// Instead of the link to a parent: there is none.
pub(super) const ORPHAN: u8 = 9;

#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) tree: Tree,
    /// The link to the parent, [`ROOT`] or [`ORPHAN`].
    pub(super) parent: u8,
    /// Whether it waits in the queue of those that may grow.
    pub(super) active: bool,
    /// When `distance` was last known to be right.
    pub(super) stamp: u32,
    /// Links to the root.
    pub(super) distance: u32,
}

/// A path from the source to the sink: the link where the trees meet.
pub(super) struct Meeting {
    pub(super) source: usize,
    pub(super) link: usize,
    pub(super) sink: usize,
}

/// Both trees, and what flows.
pub(super) struct Trees {
    pub(super) graph: Graph,
    pub(super) nodes: Vec<Node>,
    pub(super) active: VecDeque<u32>,
    pub(super) orphans: VecDeque<u32>,
    pub(super) now: u32,
}

impl Trees {
    pub(super) fn new(graph: Graph) -> Self {
        let nodes: Vec<Node> = graph
            .terminal
            .iter()
            .map(|&room| Node {
                tree: match room {
                    1.. => Tree::Source,
                    0 => Tree::None,
                    ..0 => Tree::Sink,
                },
                parent: if room == 0 { ORPHAN } else { ROOT },
                active: room != 0,
                stamp: 0,
                distance: 1,
            })
            .collect();
        let active = (0..nodes.len()).filter(|&at| nodes[at].active);
        Self {
            active: active.map(|at| at as u32).collect(),
            graph,
            nodes,
            orphans: VecDeque::new(),
            now: 0,
        }
    }

    /// The next node that may grow.
    pub(super) fn next(&mut self) -> Option<usize> {
        loop {
            let at = self.active.pop_front()? as usize;
            self.nodes[at].active = false;
            if self.nodes[at].tree != Tree::None {
                return Some(at);
            }
        }
    }

    pub(super) fn activate(&mut self, at: usize) {
        if !self.nodes[at].active {
            self.nodes[at].active = true;
            self.active.push_back(at as u32);
        }
    }

    /// What can flow along a link of `at`: outward in the source's tree, inward in the sink's.
    pub(super) fn room_to_child(&self, tree: Tree, at: usize, link: usize, child: usize) -> i32 {
        match tree {
            Tree::Sink => self.graph.room[child][LINKS - 1 - link],
            _ => self.graph.room[at][link],
        }
    }

    pub(super) fn neighbor(&self, at: usize, link: usize) -> Option<usize> {
        let beside = self.graph.neighbors[at][link];
        (beside != NOBODY).then_some(beside as usize)
    }

    /// Takes free neighbours of `at` into its tree, until one of the other tree is met.
    pub(super) fn grow(&mut self, at: usize) -> Option<Meeting> {
        let node = self.nodes[at];
        for link in 0..LINKS {
            let Some(beside) = self.neighbor(at, link) else {
                continue;
            };
            if self.room_to_child(node.tree, at, link, beside) == 0 {
                continue;
            }
            let back = LINKS - 1 - link;
            let other = &mut self.nodes[beside];
            if other.tree == Tree::None {
                other.tree = node.tree;
                other.parent = back as u8;
                other.stamp = node.stamp;
                other.distance = node.distance + 1;
                self.activate(beside);
            } else if other.tree != node.tree {
                return Some(if node.tree == Tree::Source {
                    Meeting {
                        source: at,
                        link,
                        sink: beside,
                    }
                } else {
                    Meeting {
                        source: beside,
                        link: back,
                        sink: at,
                    }
                });
            } else if other.stamp <= node.stamp && other.distance > node.distance + 1 {
                // A shorter way to the root.
                other.parent = back as u8;
                other.stamp = node.stamp;
                other.distance = node.distance + 1;
            }
        }
        None
    }

    /// The parent of `at`, and the link from it.
    pub(super) fn parent(&self, at: usize) -> Option<(usize, usize)> {
        let link = self.nodes[at].parent as usize;
        if link >= LINKS {
            return None;
        }
        let parent = self.neighbor(at, link)?;
        Some((parent, LINKS - 1 - link))
    }

    /// Whether a node is in either tree.
    pub(super) fn holds(&self, at: usize) -> bool {
        self.nodes[at].tree != Tree::None
    }

    /// Whether each node is in the source's tree.
    pub(super) fn sides(&self) -> Vec<bool> {
        let nodes = self.nodes.iter();
        nodes.map(|node| node.tree == Tree::Source).collect()
    }
}
