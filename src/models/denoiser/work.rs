//! How much there is to compute in a call of the denoiser, whole or its outermost layers alone.

use std::iter::Sum;
use std::ops::Add;

/// Multiplications of a call for one prompt. What is no product of matrices is not counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DenoiserWork {
    pub(in crate::models) whole: Work,
    /// Where no layers can be left out, as much as the whole.
    pub(in crate::models) outer: Work,
}

/// Multiplications by the number of latent pixels: `fixed + each × pixels + pairs × pixels²`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::models) struct Work {
    pub(in crate::models) fixed: f64,
    pub(in crate::models) each: f64,
    pub(in crate::models) pairs: f64,
}

impl DenoiserWork {
    /// Of the whole network, for so many latent pixels.
    pub fn whole(&self, pixels: f64) -> f64 {
        self.whole.at(pixels)
    }

    /// Of its outermost layers, for so many latent pixels.
    pub fn outer(&self, pixels: f64) -> f64 {
        self.outer.at(pixels)
    }
}

impl Work {
    pub(in crate::models) fn fixed(multiplications: usize) -> Self {
        Self {
            fixed: multiplications as f64,
            ..Self::default()
        }
    }

    fn at(self, pixels: f64) -> f64 {
        self.fixed + (self.each + self.pairs * pixels) * pixels
    }
}

impl Add for Work {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            fixed: self.fixed + other.fixed,
            each: self.each + other.each,
            pairs: self.pairs + other.pairs,
        }
    }
}

impl Sum for Work {
    fn sum<I: Iterator<Item = Self>>(works: I) -> Self {
        works.fold(Self::default(), Add::add)
    }
}
