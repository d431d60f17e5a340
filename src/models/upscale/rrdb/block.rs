//! Three dense blocks, each and all of them a fifth of what is added to their input.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::layout::RrdbLayout;
use crate::nn::{Activation, Conv2d, ConvOptions, Growing, Interrupt, Then};

/// After all convolutions but each block's last.
pub(super) const LEAKY: Activation = Activation::LeakyRelu { below: 0.2 };

/// What counts of a block's result.
const SHARE: f64 = 0.2;
const DENSE_BLOCKS: usize = 3;
/// Convolutions of a dense block.
const CONVS: usize = 5;

#[derive(Debug)]
pub(super) struct ResidualBlock {
    blocks: [DenseBlock; DENSE_BLOCKS],
}

impl ResidualBlock {
    /// Pixels to every side that it sees.
    pub(super) const REACH: usize = DENSE_BLOCKS * CONVS;

    pub(super) fn new(layout: &RrdbLayout, index: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let block = |dense: usize, kept: Kept| {
            let conv = |conv| {
                let name = layout.names.dense(index, dense, conv);
                vb.pp(format!("{}{name}", layout.prefix))
            };
            DenseBlock::new((layout.features, layout.growth), kept, conv)
        };
        Ok(Self {
            blocks: [
                block(0, Kept::Beside)?,
                block(1, Kept::Beside)?,
                block(2, Kept::Within)?,
            ],
        })
    }

    /// `[batch, features, height, width]`, shape kept.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let [first, second, third] = &self.blocks;
        let mut ys = first.forward(xs, xs, interrupt)?;
        ys = second.forward(&ys, &ys, interrupt)?;
        third.forward(&ys, xs, interrupt)
    }
}

/// Where a dense block's input is added to a fifth of its result.
#[derive(Clone, Copy)]
enum Kept {
    /// In the pass that writes the result.
    Beside,
    /// By the last kernel itself, whose middle takes it over; a fifth of all this is the result, and
    /// something else is added in the pass that writes it.
    Within,
}

/// Convolutions each of which sees the results of all before it.
#[derive(Debug)]
struct DenseBlock {
    growing: Vec<Conv2d>,
    last: Conv2d,
    /// Channels the last one sees.
    widest: usize,
}

impl DenseBlock {
    /// `conv` gives what lies under the name of a convolution, counted from 0.
    fn new<'a>(
        (features, growth): (usize, usize),
        kept: Kept,
        conv: impl Fn(usize) -> VarBuilder<'a>,
    ) -> Result<Self> {
        let inputs = |index: usize| features + index * growth;
        let growing = (0..CONVS - 1)
            .map(|index| Conv2d::new(inputs(index), growth, ConvOptions::three(), &conv(index)));
        let (vb, inputs) = (conv(CONVS - 1), inputs(CONVS - 1));
        let mut weight = (vb.get((features, inputs, 3, 3), "weight")? * SHARE)?;
        let mut bias = (vb.get(features, "bias")? * SHARE)?;
        if let Kept::Within = kept {
            let middles = middles((features, inputs), &weight)?;
            weight = ((weight + middles)? * SHARE)?;
            bias = (bias * SHARE)?;
        }
        Ok(Self {
            growing: growing.collect::<Result<_>>()?,
            last: Conv2d::of(&weight, Some(bias), ConvOptions::three())?,
            widest: inputs,
        })
    }

    /// `xs` `[batch, features, height, width]`, and what is added to the result, of the same shape.
    fn forward(&self, xs: &Tensor, residual: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut all = Growing::of(xs, self.widest)?;
        for conv in &self.growing {
            all.grow(conv, LEAKY, interrupt)?;
        }
        self.last
            .forward_then(&all.whole()?, Then::plus(residual), interrupt)
    }
}

/// The kernel `[outputs, inputs, 3, 3]` that gives the first channels as they are, where `like` is.
fn middles((outputs, inputs): (usize, usize), like: &Tensor) -> Result<Tensor> {
    let mut values = vec![0f32; outputs * inputs * 9];
    for channel in 0..outputs {
        values[(channel * inputs + channel) * 9 + 4] = 1.0;
    }
    Tensor::from_vec(values, (outputs, inputs, 3, 3), like.device())?.to_dtype(like.dtype())
}
