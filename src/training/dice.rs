//! Random numbers that never change: only the raw `ChaCha8` stream is used, with our own ranges.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// What a stream of numbers is for, so that no two uses share one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Scene = 1,
    Detail = 2,
    Captions = 3,
    /// The weights a network begins with, and the pictures it is shown.
    Lesson = 4,
    /// The same of a tiny decoder.
    Decoder = 5,
    /// Whether a picture's captions are brief.
    Brief = 6,
}

/// A generator of one picture's numbers.
#[derive(Clone, Debug)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of one picture: independent of every other index, seed and use.
    pub(super) fn new(seed: u64, index: u64, stream: Stream) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&index.to_le_bytes());
        key[16] = stream as u8;
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A raw number, to seed something that is drawn later.
    pub(super) fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`.
    pub(super) fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform in `[low, high)`.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..n`; 0 for an empty range.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// An integer between both ends, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True with the given probability.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// -1 or 1.
    pub(super) fn sign(&mut self) -> f32 {
        if self.chance(0.5) { -1.0 } else { 1.0 }
    }

    /// One of the options, all alike; the options must not be empty.
    pub(super) fn pick<'a, T>(&mut self, options: &'a [T]) -> &'a T {
        &options[self.below(options.len() as u32) as usize]
    }

    /// An index drawn by weight; 0 when all weights are 0.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.below(total);
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::{Dice, Stream};

    #[test]
    fn streams_are_stable_and_apart() {
        let draw = |seed, index, stream| Dice::new(seed, index, stream).next_u64();
        assert_eq!(draw(1, 2, Stream::Scene), draw(1, 2, Stream::Scene));
        assert_ne!(draw(1, 2, Stream::Scene), draw(1, 3, Stream::Scene));
        assert_ne!(draw(1, 2, Stream::Scene), draw(2, 2, Stream::Scene));
        assert_ne!(draw(1, 2, Stream::Scene), draw(1, 2, Stream::Captions));
    }

    #[test]
    fn weights_are_followed() {
        let mut dice = Dice::new(0, 0, Stream::Scene);
        let mut counts = [0_u32; 3];
        for _ in 0..3000 {
            counts[dice.weighted(&[1, 0, 2])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!(counts[2] > counts[0] * 3 / 2, "{counts:?}");
    }
}
