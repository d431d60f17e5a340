//! Pieces of a selection that hang together.

use super::layer::{Layer, STEPS};

/// Which piece each pixel is in, and how many pixels each piece has. Pixels belong together where
/// they lie side by side and are both inside, or both outside.
struct Parts {
    of: Vec<u32>,
    sizes: Vec<usize>,
}

/// In the place of a piece: not looked at yet.
const UNSEEN: u32 = u32::MAX;

impl Parts {
    fn of(layer: &Layer, inside: &[bool]) -> Self {
        let mut of = vec![UNSEEN; inside.len()];
        let mut sizes = Vec::new();
        let mut waiting = Vec::new();
        for start in 0..inside.len() {
            if of[start] != UNSEEN {
                continue;
            }
            let part = sizes.len() as u32;
            let mut size = 0;
            of[start] = part;
            waiting.push(start);
            while let Some(at) = waiting.pop() {
                size += 1;
                for step in [STEPS[1], STEPS[3], STEPS[4], STEPS[6]] {
                    if let Some(beside) = layer.beside(at, step)
                        && of[beside] == UNSEEN
                        && inside[beside] == inside[at]
                    {
                        of[beside] = part;
                        waiting.push(beside);
                    }
                }
            }
            sizes.push(size);
        }
        Self { of, sizes }
    }
}

/// Keeps the piece of `inside` that holds `anchor`.
pub(super) fn keep_around(layer: &Layer, inside: &mut [bool], anchor: usize) {
    let parts = Parts::of(layer, inside);
    for (inside, &part) in inside.iter_mut().zip(&parts.of) {
        *inside &= part == parts.of[anchor];
    }
}

/// Drops pieces, and fills holes, that are smaller than one `share`-th of the largest piece inside.
pub(super) fn drop_specks(layer: &Layer, inside: &mut [bool], share: usize) {
    let parts = Parts::of(layer, inside);
    let sizes = inside.iter().zip(&parts.of);
    let largest = sizes
        .filter(|&(&inside, _)| inside)
        .map(|(_, &part)| parts.sizes[part as usize])
        .max()
        .unwrap_or(0);
    for (inside, &part) in inside.iter_mut().zip(&parts.of) {
        *inside ^= parts.sizes[part as usize] * share < largest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `#` is inside.
    fn drawn(rows: &[&str]) -> (Layer, Vec<bool>) {
        let layer = Layer {
            scale: 1,
            width: rows[0].len(),
            height: rows.len(),
            colors: vec![[0; 3]; rows.concat().len()],
        };
        (layer, rows.concat().chars().map(|c| c == '#').collect())
    }

    #[test]
    fn only_the_piece_around_the_anchor_stays() {
        let (layer, mut inside) = drawn(&["##..", "..##", "#.##"]);
        keep_around(&layer, &mut inside, 6);
        assert_eq!(inside, drawn(&["....", "..##", "..##"]).1);
    }

    #[test]
    fn small_pieces_go_and_small_holes_close() {
        let (layer, mut inside) = drawn(&["####...", "#.##..#", "####..."]);
        drop_specks(&layer, &mut inside, 8);
        assert_eq!(inside, drawn(&["####...", "####...", "####..."]).1);
    }
}
