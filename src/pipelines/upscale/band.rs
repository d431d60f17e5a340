//! Rows of the result while parts are added to them.

use std::ops::Range;

/// Rows from one on, as wide as the result, `channels` values a pixel.
#[derive(Debug)]
pub(super) struct Band {
    /// Values of a row.
    row: usize,
    first: usize,
    values: Vec<f32>,
}

/// Where a part lies along an axis of the result, and how much of it counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    /// Positions of the result.
    pub(super) at: Range<usize>,
    /// What counts of each; all of it where the part is cut hard.
    pub(super) weights: Vec<f32>,
}

impl Span {
    /// Of a part that ends where it does.
    pub(super) fn hard(at: Range<usize>) -> Self {
        let weights = vec![1.0; at.len()];
        Self { at, weights }
    }

    /// Of a part whose own positions are `own`, and which reaches `reach` beyond them at ends where
    /// there is another one: from there to as far within it fades, so that both together are one.
    pub(super) fn fading(
        own: Range<usize>,
        reach: usize,
        (before, after): (bool, bool),
        most: usize,
    ) -> Self {
        let start = own.start - if before { reach } else { 0 };
        let end = own.end + if after { reach } else { 0 };
        let share = |at: usize, edge: usize| {
            let along = (at + reach) as f32 + 0.5 - edge as f32;
            (along / (2 * reach) as f32).clamp(0.0, 1.0)
        };
        let at = start..end.min(most);
        let weight = |at: usize| {
            let rising = if before { share(at, own.start) } else { 1.0 };
            let falling = if after { 1.0 - share(at, own.end) } else { 1.0 };
            rising * falling
        };
        let weights = at.clone().map(weight).collect();
        Self { at, weights }
    }

    /// Positions with what counts of each.
    pub(super) fn weighed(&self) -> impl Iterator<Item = (usize, f32)> {
        self.at.clone().zip(self.weights.iter().copied())
    }
}

impl Band {
    pub(super) const fn new(row: usize) -> Self {
        Self {
            row,
            first: 0,
            values: Vec::new(),
        }
    }

    /// Has rows up to one, those that are new all zero.
    pub(super) fn reach(&mut self, end: usize) {
        let length = (end - self.first) * self.row;
        if length > self.values.len() {
            self.values.resize(length, 0.0);
        }
    }

    pub(super) fn row(&self, at: usize) -> &[f32] {
        let start = (at - self.first) * self.row;
        &self.values[start..start + self.row]
    }

    pub(super) fn row_mut(&mut self, at: usize) -> &mut [f32] {
        let start = (at - self.first) * self.row;
        &mut self.values[start..start + self.row]
    }

    /// Gives the rows before one away, from the first there is.
    pub(super) fn give(&mut self, end: usize) -> impl Iterator<Item = f32> {
        let length = (end - self.first) * self.row;
        self.first = end;
        self.values.drain(..length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_fade_into_each_other_are_one_everywhere() {
        // Parts of 10, the last one of 3, reaching 4 beyond.
        let parts = [
            (0..10, (false, true)),
            (10..20, (true, true)),
            (20..23, (true, false)),
        ];
        let mut sums = [0.0; 23];
        for (own, beside) in parts {
            let span = Span::fading(own, 4, beside, 23);
            for (at, weight) in span.at.zip(span.weights) {
                assert!((0.0..=1.0).contains(&weight));
                sums[at] += weight;
            }
        }
        assert!(
            sums.iter().all(|sum: &f32| (sum - 1.0).abs() < 1e-6),
            "{sums:?}"
        );
    }

    #[test]
    fn rows_that_were_given_make_room() {
        let mut band = Band::new(2);
        band.reach(3);
        band.row_mut(2).copy_from_slice(&[5.0, 6.0]);
        assert_eq!(band.give(2).collect::<Vec<_>>(), [0.0; 4]);
        band.reach(4);
        assert_eq!(band.row(2), [5.0, 6.0]);
        assert_eq!(band.row(3), [0.0; 2]);
        assert_eq!(band.give(4).collect::<Vec<_>>(), [5.0, 6.0, 0.0, 0.0]);
    }
}
