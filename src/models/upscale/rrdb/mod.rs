//! `RRDBNet`: dense blocks within residual ones, then doublings. Wang et al. 2018, "ESRGAN: Enhanced
//! Super-Resolution Generative Adversarial Networks"; Wang et al. 2021, "Real-ESRGAN", whose networks
//! of scale 2 and 1 first make squares of pixels channels.

mod block;
mod layout;
mod names;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use self::block::{LEAKY, ResidualBlock};
pub use self::layout::RrdbLayout;
pub use self::names::RrdbNames;
use crate::nn::{Conv2d, ConvOptions, Interrupt, Then, pixel_unshuffle};

#[derive(Debug)]
pub(super) struct Rrdb {
    /// Side of the squares of pixels that are made channels; 1 where none are.
    unshuffle: usize,
    first: Conv2d,
    blocks: Vec<ResidualBlock>,
    after_blocks: Conv2d,
    /// Each after its picture was doubled.
    doublings: Vec<Conv2d>,
    fine: Conv2d,
    last: Conv2d,
}

impl Rrdb {
    pub(super) fn new(layout: &RrdbLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let RrdbLayout {
            names,
            channels,
            features,
            blocks,
            doublings,
            unshuffle,
            ..
        } = *layout;
        let conv = |inputs, outputs, name: String| {
            let vb = vb.pp(format!("{}{name}", layout.prefix));
            Conv2d::new(inputs, outputs, ConvOptions::three(), &vb)
        };
        let inputs = channels * unshuffle * unshuffle;
        Ok(Self {
            unshuffle,
            first: conv(inputs, features, names.first())?,
            blocks: (0..blocks)
                .map(|index| ResidualBlock::new(layout, index, vb))
                .collect::<Result<_>>()?,
            after_blocks: conv(features, features, names.after_blocks(blocks))?,
            doublings: (0..doublings)
                .map(|step| conv(features, features, names.doubling(step)))
                .collect::<Result<_>>()?,
            fine: conv(features, features, names.fine(doublings))?,
            last: conv(features, channels, names.last(doublings))?,
        })
    }

    /// `[batch, channels, height, width]` to that of `scale` times the size.
    pub(super) fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let leaky = Then::activate(LEAKY);
        let xs = pixel_unshuffle(picture, self.unshuffle)?;
        let first = self.first.forward(&xs, interrupt)?;
        let mut xs = first.clone();
        for block in &self.blocks {
            xs = block.forward(&xs, interrupt)?;
        }
        xs = self
            .after_blocks
            .forward_then(&xs, Then::plus(&first), interrupt)?;
        drop(first);
        for conv in &self.doublings {
            xs = conv.forward_doubled_then(&xs, leaky, interrupt)?;
        }
        xs = self.fine.forward_then(&xs, leaky, interrupt)?;
        self.last.forward(&xs, interrupt)
    }
}
