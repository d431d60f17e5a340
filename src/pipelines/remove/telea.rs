//! Colours carried inward along the edges they meet: Telea 2004, "An image inpainting technique
//! based on the fast marching method".
//!
//! For scratches and thin lines; a wide hole becomes smooth.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{CancelToken, colors, opaque};
use crate::raster::{Extent, Mask, PAINTED, Pixels};

/// Pixels around each one that say what colour it takes; the paper's usual value.
const REACH: isize = 5;
/// Pixels filled between two looks at the token.
const PATIENCE: usize = 4096;
/// Keeps weights above 0 where a pixel lies along the front rather than across it.
const FAINT: f32 = 1e-6;

pub(super) fn fill(image: &Pixels, mask: &Mask, token: &CancelToken) -> Option<Pixels> {
    let Extent { width, height } = image.extent();
    let missing: Vec<bool> = mask
        .values()
        .iter()
        .map(|&value| value >= PAINTED)
        .collect();
    let mut front = Front::new(
        width as usize,
        height as usize,
        &missing,
        colors(image, mask),
    );
    let mut filled = 0;
    while let Some(at) = front.next() {
        if filled % PATIENCE == 0 && token.is_ended() {
            return None;
        }
        filled += 1;
        front.pass(at);
    }
    opaque(image, &front.colors)
}

/// A distance that can stand in a heap: of equal ones the place decides, so that runs are alike.
#[derive(Clone, Copy, PartialEq)]
struct Arrival(f32, usize);

impl Eq for Arrival {}

impl PartialOrd for Arrival {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Arrival {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

/// The front that marches from the hole's edge inward.
struct Front {
    width: usize,
    height: usize,
    colors: Vec<[f32; 3]>,
    /// Whether a colour is there.
    known: Vec<bool>,
    /// Whether the distance is final.
    passed: Vec<bool>,
    /// Distance from the hole's first edge: above 0 inside, below 0 outside.
    distance: Vec<f32>,
    heap: BinaryHeap<Reverse<Arrival>>,
}

impl Front {
    fn new(width: usize, height: usize, missing: &[bool], colors: Vec<[f32; 3]>) -> Self {
        let known: Vec<bool> = missing.iter().map(|missing| !missing).collect();
        let mut front = Self {
            width,
            height,
            colors,
            passed: known.clone(),
            distance: missing
                .iter()
                .map(|&m| if m { f32::INFINITY } else { 0.0 })
                .collect(),
            known,
            heap: BinaryHeap::new(),
        };
        front.measure_outside(missing);
        let edge: Vec<usize> = (0..missing.len())
            .filter(|&at| !missing[at] && front.beside(at).any(|beside| missing[beside]))
            .collect();
        for at in edge {
            front.distance[at] = 0.0;
            front.heap.push(Reverse(Arrival(0.0, at)));
        }
        front
    }

    /// Distances of the known pixels near the hole, which the weights ask for.
    fn measure_outside(&mut self, missing: &[bool]) {
        let mut ring: Vec<usize> = (0..missing.len()).filter(|&at| missing[at]).collect();
        let mut seen = missing.to_vec();
        for step in 0..=REACH {
            let mut next = Vec::new();
            for &at in &ring {
                for beside in self.beside(at) {
                    if !std::mem::replace(&mut seen[beside], true) {
                        next.push(beside);
                    }
                }
            }
            for &at in &next {
                self.distance[at] = -(step as f32);
            }
            ring = next;
        }
    }

    fn beside(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        let (x, y, width, height) = (at % self.width, at / self.width, self.width, self.height);
        [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            (y > 0).then(|| at - width),
            (y + 1 < height).then(|| at + width),
        ]
        .into_iter()
        .flatten()
    }

    /// The pixel the front reaches next.
    fn next(&mut self) -> Option<usize> {
        self.heap.pop().map(|Reverse(Arrival(_, at))| at)
    }

    /// The front leaves `at`: its neighbours in the hole get a colour and a distance.
    fn pass(&mut self, at: usize) {
        self.passed[at] = true;
        for beside in self.beside(at) {
            if self.passed[beside] {
                continue;
            }
            if !self.known[beside] {
                self.colors[beside] = self.color(beside);
                self.known[beside] = true;
            }
            let distance = self.arrival(beside);
            if distance < self.distance[beside] {
                self.distance[beside] = distance;
                self.heap.push(Reverse(Arrival(distance, beside)));
            }
        }
    }

    /// When the front, one pixel a unit of time, reaches a pixel from those it has passed.
    fn arrival(&self, at: usize) -> f32 {
        let (x, y) = (at % self.width, at / self.width);
        let time = |there: bool, at: usize| {
            if there && self.passed[at] {
                self.distance[at].max(0.0)
            } else {
                f32::INFINITY
            }
        };
        let across = time(x > 0, at.wrapping_sub(1)).min(time(x + 1 < self.width, at + 1));
        let along = time(y > 0, at.wrapping_sub(self.width))
            .min(time(y + 1 < self.height, at + self.width));
        let (first, second) = (across.min(along), across.max(along));
        if second - first >= 1.0 {
            first + 1.0
        } else {
            // (t - first)² + (t - second)² = 1
            let gap = second - first;
            (first + second + (2.0 - gap * gap).sqrt()) / 2.0
        }
    }

    /// The weighted mean of the known pixels around. The paper also carries their gradients on,
    /// which runs away over wide holes; `OpenCV` leaves it as good as out, and so do we.
    fn color(&self, at: usize) -> [f32; 3] {
        let (x, y) = ((at % self.width) as isize, (at / self.width) as isize);
        let here = self.arrival(at);
        let normal = self.slope(
            x,
            y,
            |at| self.distance[at].is_finite(),
            |at| self.distance[at],
        );
        let (mut sum, mut weights) = ([0.0; 3], 0.0);
        for dy in -REACH..=REACH {
            for dx in -REACH..=REACH {
                let (there_x, there_y) = (x + dx, y + dy);
                let squared = (dx * dx + dy * dy) as f32;
                let Some(there) = self.at(there_x, there_y).filter(|&at| self.known[at]) else {
                    continue;
                };
                if squared > (REACH * REACH) as f32 {
                    continue;
                }
                // From there to here.
                let (rx, ry) = (-dx as f32, -dy as f32);
                let direction = ((rx * normal.0 + ry * normal.1) / squared.sqrt())
                    .abs()
                    .max(FAINT);
                let nearness = 1.0 / squared;
                let level = 1.0 / (1.0 + (self.distance[there] - here).abs());
                let weight = direction * nearness * level;
                weights += weight;
                for (sum, value) in sum.iter_mut().zip(self.colors[there]) {
                    *sum += weight * value;
                }
            }
        }
        sum.map(|sum| if weights > 0.0 { sum / weights } else { 0.0 })
    }

    fn at(&self, x: isize, y: isize) -> Option<usize> {
        let inside = x >= 0 && y >= 0 && x < self.width as isize && y < self.height as isize;
        inside.then(|| y as usize * self.width + x as usize)
    }

    /// Gradient by central differences, one-sided where only one neighbour counts, else 0.
    fn slope(
        &self,
        x: isize,
        y: isize,
        counts: impl Fn(usize) -> bool,
        value: impl Fn(usize) -> f32,
    ) -> (f32, f32) {
        let read = |x, y| self.at(x, y).filter(|&at| counts(at)).map(&value);
        let here = read(x, y);
        let along = |before: Option<f32>, after: Option<f32>| match (before, here, after) {
            (Some(before), _, Some(after)) => (after - before) / 2.0,
            (None, Some(here), Some(after)) => after - here,
            (Some(before), Some(here), None) => here - before,
            _ => 0.0,
        };
        (
            along(read(x - 1, y), read(x + 1, y)),
            along(read(x, y - 1), read(x, y + 1)),
        )
    }
}
