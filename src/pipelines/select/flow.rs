//! What flows along a path between the trees, and how they mend afterwards.

use super::graph::LINKS;
use super::trees::{Meeting, ORPHAN, ROOT, Tree, Trees};

impl Trees {
    /// Lets as much flow as fits along a path.
    pub(super) fn augment(&mut self, meeting: &Meeting) {
        self.now += 1;
        let mut flow = self.graph.room[meeting.source][meeting.link];
        for (end, tree) in [(meeting.source, Tree::Source), (meeting.sink, Tree::Sink)] {
            let mut at = end;
            while let Some((parent, link)) = self.parent(at) {
                flow = flow.min(self.room_to_child(tree, parent, link, at));
                at = parent;
            }
            flow = flow.min(self.graph.terminal[at].abs());
        }
        self.graph.room[meeting.source][meeting.link] -= flow;
        self.graph.room[meeting.sink][LINKS - 1 - meeting.link] += flow;
        self.push_through(meeting.source, Tree::Source, flow);
        self.push_through(meeting.sink, Tree::Sink, flow);
    }

    /// Takes `flow` from the room between the root and `end`.
    fn push_through(&mut self, end: usize, tree: Tree, flow: i32) {
        let mut at = end;
        while let Some((parent, link)) = self.parent(at) {
            let back = LINKS - 1 - link;
            let (along, against) = if tree == Tree::Source {
                ((parent, link), (at, back))
            } else {
                ((at, back), (parent, link))
            };
            self.graph.room[along.0][along.1] -= flow;
            self.graph.room[against.0][against.1] += flow;
            if self.graph.room[along.0][along.1] == 0 {
                self.orphan(at);
            }
            at = parent;
        }
        let terminal = &mut self.graph.terminal[at];
        *terminal -= terminal.signum() * flow;
        if *terminal == 0 {
            self.orphan(at);
        }
    }

    /// Finds a place for everything that a flow has cut off.
    pub(super) fn mend(&mut self) {
        while let Some(orphan) = self.orphans.pop_front() {
            self.adopt(orphan as usize);
        }
    }

    fn orphan(&mut self, at: usize) {
        self.nodes[at].parent = ORPHAN;
        self.orphans.push_back(at as u32);
    }

    /// Finds a new parent for `at`, or frees it and makes orphans of its children.
    fn adopt(&mut self, at: usize) {
        let tree = self.nodes[at].tree;
        let mut best = (u32::MAX, ORPHAN);
        for link in 0..LINKS {
            let Some(beside) = self.neighbor(at, link) else {
                continue;
            };
            if self.nodes[beside].tree == tree
                && self.room_to_child(tree, beside, LINKS - 1 - link, at) > 0
                && let Some(distance) = self.distance_to_root(beside)
                && distance < best.0
            {
                best = (distance, link as u8);
            }
        }
        if best.1 != ORPHAN {
            let node = &mut self.nodes[at];
            node.parent = best.1;
            node.stamp = self.now;
            node.distance = best.0 + 1;
            return;
        }
        for link in 0..LINKS {
            let Some(beside) = self.neighbor(at, link) else {
                continue;
            };
            if self.nodes[beside].tree != tree {
                continue;
            }
            let back = LINKS - 1 - link;
            if self.room_to_child(tree, beside, back, at) > 0 {
                self.activate(beside);
            }
            if self.nodes[beside].parent == back as u8 {
                self.orphan(beside);
            }
        }
        self.nodes[at].tree = Tree::None;
        self.nodes[at].parent = ORPHAN;
    }

    /// Links from `from` to the root of its tree; `None` where it hangs on an orphan. What was found
    /// is noted along the way, so that the next search is short.
    fn distance_to_root(&mut self, from: usize) -> Option<u32> {
        let (mut at, mut links) = (from, 0);
        let total = loop {
            let node = self.nodes[at];
            if node.stamp == self.now && node.parent != ORPHAN {
                break links + node.distance;
            }
            match node.parent {
                ORPHAN => return None,
                ROOT => break links + 1,
                _ => {}
            }
            at = self.parent(at)?.0;
            links += 1;
        };
        let (mut at, mut distance) = (from, total);
        while self.nodes[at].stamp != self.now {
            let node = &mut self.nodes[at];
            node.stamp = self.now;
            node.distance = distance;
            distance = distance.saturating_sub(1);
            match self.parent(at) {
                Some((parent, _)) => at = parent,
                None => break,
            }
        }
        Some(total)
    }
}
