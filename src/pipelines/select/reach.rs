//! How far pixels are from a few of them, along the way with the least change of colour.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::energy::length;
use super::layer::{Layer, STEPS};

/// A step of one pixel across, beside a change of colour by one 8-bit level.
const STEP: f32 = 1.0;

/// The distance of every pixel from the nearest of `starts`.
pub(super) fn distances(layer: &Layer, starts: &[usize]) -> Vec<f32> {
    let mut distances = vec![f32::INFINITY; layer.colors.len()];
    let mut heap = BinaryHeap::new();
    for &at in starts {
        distances[at] = 0.0;
        heap.push(Reverse((0, at)));
    }
    // Distances are never below 0, so that their bits are in their order.
    while let Some(Reverse((bits, at))) = heap.pop() {
        let distance = f32::from_bits(bits);
        if distance > distances[at] {
            continue;
        }
        for step in STEPS {
            let Some(beside) = layer.beside(at, step) else {
                continue;
            };
            let change = (layer.contrast(at, beside) as f32).sqrt();
            let there = distance + change + STEP * length(step);
            if there < distances[beside] {
                distances[beside] = there;
                heap.push(Reverse((there.to_bits(), beside)));
            }
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_around_a_change_of_colour_is_taken() {
        // A wall between the first and the last column that leaves the lowest row open.
        let mut colors = vec![[100; 3]; 9];
        (colors[1], colors[4]) = ([255; 3], [255; 3]);
        let layer = Layer {
            scale: 1,
            width: 3,
            height: 3,
            colors,
        };
        let found = distances(&layer, &[0]);
        let expected = 2.0 * STEP * (1.0 + std::f32::consts::SQRT_2);
        assert!((found[2] - expected).abs() < 1e-4, "{found:?}");
        assert_eq!(found[0], 0.0);
    }
}
