//! Sizes of an `RRDBNet`.

use candle_core::Result;

use super::names::RrdbNames;
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
}
