//! Sizes of an `RRDBNet`.

use candle_core::Result;

use super::block::ResidualBlock;
use super::names::RrdbNames;
use crate::models::held::Held;
use crate::models::sizes::{count, shape};
use crate::weights::Weights;

/// Eight would make 256 pixels of one side of a pixel; nobody trains half as many.
const MOST_DOUBLINGS: usize = 4;

/// Depth, widths and scale of an `RRDBNet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrdbLayout {
    /// Before every name, with the dot, as `params_ema.`
    pub prefix: String,
    pub names: RrdbNames,
    /// Of the picture.
    pub channels: usize,
    /// Channels between blocks.
    pub features: usize,
    /// Channels each convolution of a dense block adds.
    pub growth: usize,
    /// Residual blocks of three dense ones.
    pub blocks: usize,
    pub doublings: usize,
    /// Side of the squares of pixels that are made channels before all else; 1 where none are.
    pub unshuffle: usize,
}

impl RrdbLayout {
    /// That of the published `RealESRGAN_x4plus`.
    pub fn real_esrgan() -> Self {
        Self {
            prefix: "params_ema.".to_owned(),
            names: RrdbNames::Body,
            channels: 3,
            features: 64,
            growth: 32,
            blocks: 23,
            doublings: 2,
            unshuffle: 1,
        }
    }

    /// Reads the shapes alone.
    pub(in crate::models::upscale) fn of(
        weights: &Weights,
        prefix: String,
        names: RrdbNames,
    ) -> Result<Self> {
        let weight = |name: String| format!("{prefix}{name}.weight");
        let [features, inputs, ..]: [usize; 4] = shape(weights, &weight(names.first()))?;
        let [growth, ..]: [usize; 4] = shape(weights, &weight(names.dense(0, 0, 0)))?;
        let blocks = count(weights, |block| weight(names.dense(block, 0, 0)))?;
        let doublings = count(weights, |step| weight(names.doubling(step)))?;
        let [channels, ..]: [usize; 4] = shape(weights, &weight(names.last(doublings)))?;
        let unshuffle = [1, 2, 4]
            .into_iter()
            .find(|side| channels * side * side == inputs);
        let Some(unshuffle) = unshuffle else {
            candle_core::bail!("it makes pictures of {channels} channels from {inputs}")
        };
        if doublings > MOST_DOUBLINGS || !(1usize << doublings).is_multiple_of(unshuffle) {
            candle_core::bail!("it doubles squares of {unshuffle} pixels {doublings} times")
        }
        Ok(Self {
            prefix,
            names,
            channels,
            features,
            growth,
            blocks,
            doublings,
            unshuffle,
        })
    }

    pub(in crate::models::upscale) const fn scale(&self) -> usize {
        (1 << self.doublings) / self.unshuffle
    }

    /// Pixels of the picture, to every side of the one an output pixel lies in, that it sees.
    pub(in crate::models::upscale) fn reach(&self) -> usize {
        // A place is what the network sees as one pixel: a square of the picture's, and of the
        // output's.
        let (square, out_square) = (self.unshuffle as isize, 1 << self.doublings);
        let at_own_size = (2 + self.blocks * ResidualBlock::REACH) as isize;
        let reach = (0..out_square).map(|at: isize| {
            // Backwards from an output pixel.
            let (mut from, mut to) = (at - 2, at + 2);
            for _ in 0..self.doublings {
                (from, to) = ((from - 1).div_euclid(2), (to + 1).div_euclid(2));
            }
            let first = (from - at_own_size) * square;
            let last = (to + at_own_size) * square + square - 1;
            let own = at * square / out_square;
            (own - first).max(last - own)
        });
        reach.max().unwrap_or(0).unsigned_abs()
    }

    /// What a call holds of a picture of so many pixels, beside the picture.
    pub(in crate::models::upscale) fn hold(&self, held: &mut Held, pixels: usize) {
        let places = pixels / self.unshuffle.pow(2);
        let map = self.features * places;
        let wide = (self.features + 4 * self.growth) * places;
        if self.unshuffle > 1 {
            held.add(self.channels * pixels);
        }
        // What the blocks are given; what one is given, has made, and is making.
        held.add(map);
        if self.blocks > 1 {
            held.add(map);
        }
        held.add(map);
        held.pass(wide + map);
        held.drop(map);
        let (mut area, mut before) = (places, map);
        for _ in 0..self.doublings {
            area *= 4;
            held.add(self.features * area);
            held.drop(before);
            before = self.features * area;
        }
        held.pass(self.features * area);
        held.pass(self.channels * area);
    }
}
