//! Convolutions between blocks and the sum with what they were given.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::layout::SwinIrConnection;
use crate::nn::{Activation, Conv2d, ConvOptions, Interrupt, Then};

/// Between three convolutions.
const LEAKY: Activation = Activation::LeakyRelu { below: 0.2 };
/// How much narrower the middle of three is.
const NARROWER: usize = 4;

#[derive(Debug)]
pub(super) struct Connection {
    before_last: Vec<Conv2d>,
    last: Conv2d,
}

impl Connection {
    pub(super) fn new(kind: SwinIrConnection, width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (one, three) = (ConvOptions::one(), ConvOptions::three());
        let narrow = width / NARROWER;
        Ok(match kind {
            SwinIrConnection::One => Self {
                before_last: Vec::new(),
                last: Conv2d::new(width, width, three, vb)?,
            },
            SwinIrConnection::Three => Self {
                before_last: vec![
                    Conv2d::new(width, narrow, three, &vb.pp(0))?,
                    Conv2d::new(narrow, narrow, one, &vb.pp(2))?,
                ],
                last: Conv2d::new(narrow, width, three, &vb.pp(4))?,
            },
        })
    }

    /// `xs` `[batch, width, height, width]`, and what is added to the result, of the same shape.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        residual: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let mut xs = xs.clone();
        for conv in &self.before_last {
            xs = conv.forward_then(&xs, Then::activate(LEAKY), interrupt)?;
        }
        self.last.forward_then(&xs, Then::plus(residual), interrupt)
    }
}
