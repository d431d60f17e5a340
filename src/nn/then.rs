//! What is done in the same pass as a layer.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::Activation;
use super::slices::elements;
use crate::kernels::{Activate, Finish};

/// What is done to a layer's result in the same pass: `activate(prelu(result + shift)) + residual`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Then<'a> {
    /// The same for every pixel: `[1, outputs]`, or a row for each picture of a batch.
    pub shift: Option<&'a Tensor>,
    /// `[outputs]`: what each channel keeps of values below 0 (He et al. 2015, "Delving Deep into
    /// Rectifiers").
    pub prelu: Option<&'a Tensor>,
    pub activate: Option<Activation>,
    /// Of the result's shape.
    pub residual: Option<&'a Tensor>,
}

impl<'a> Then<'a> {
    /// Adds a tensor of the result's shape.
    pub fn plus(residual: &'a Tensor) -> Self {
        Self {
            residual: Some(residual),
            ..Self::default()
        }
    }

    /// Applies an activation.
    pub fn activate(activation: Activation) -> Self {
        Self {
            activate: Some(activation),
            ..Self::default()
        }
    }

    /// Keeps a share of values below 0, of each channel its own: `[outputs]`.
    pub fn prelu(below: &'a Tensor) -> Self {
        Self {
            prelu: Some(below),
            ..Self::default()
        }
    }

    /// As candle does it.
    pub(super) fn apply_candle(&self, ys: Tensor) -> Result<Tensor> {
        let ys = match self.shift {
            Some(shift) if ys.rank() == 4 => {
                ys.broadcast_add(&shift.unsqueeze(2)?.unsqueeze(3)?)?
            }
            Some(shift) => ys.broadcast_add(shift)?,
            None => ys,
        };
        let ys = match self.prelu {
            Some(below) => {
                let below = match ys.rank() {
                    4 => below.reshape((1, below.elem_count(), 1, 1))?,
                    _ => below.clone(),
                };
                (ys.relu()? - ys.neg()?.relu()?.broadcast_mul(&below)?)?
            }
            None => ys,
        };
        let ys = match self.activate {
            Some(activation) => activation.forward(&ys)?,
            None => ys,
        };
        match self.residual {
            Some(residual) => ys + residual,
            None => Ok(ys),
        }
    }

    /// As our kernels take it: `in_order` brings the residual into the order they write in.
    pub(super) fn prepared(
        &self,
        bias: Option<&Tensor>,
        in_order: impl Fn(&Tensor) -> Result<Tensor>,
    ) -> Result<PreparedThen> {
        let shift = self.shift.map(Tensor::flatten_all).transpose()?;
        let bias = match (bias, shift) {
            (Some(bias), Some(shift)) => Some((bias + shift)?),
            (None, shift) => shift,
            (Some(bias), None) => Some(bias.clone()),
        };
        Ok(PreparedThen {
            bias,
            prelu: self.prelu.map(Tensor::flatten_all).transpose()?,
            residual: self.residual.map(in_order).transpose()?,
            activate: self.activate.map_or(Activate::Nothing, Activate::from),
        })
    }
}

/// Holds what a [`Finish`] borrows.
pub(super) struct PreparedThen {
    bias: Option<Tensor>,
    prelu: Option<Tensor>,
    residual: Option<Tensor>,
    activate: Activate,
}

impl PreparedThen {
    /// Calls `run` with the part of some columns, which leaves out what is to be added.
    pub(super) fn with_columns<T>(
        &self,
        columns: Range<usize>,
        run: impl FnOnce(Finish<'_>) -> Result<T>,
    ) -> Result<T> {
        let bias = self.bias.as_ref().map(elements).transpose()?;
        let prelu = self.prelu.as_ref().map(elements).transpose()?;
        run(Finish {
            bias: bias.as_ref().map(|bias| &bias[columns.clone()]),
            prelu: prelu.as_ref().map(|prelu| &prelu[columns]),
            activate: self.activate,
            ..Finish::default()
        })
    }

    /// Calls `run` with it.
    pub(super) fn with<T>(&self, run: impl FnOnce(Finish<'_>) -> Result<T>) -> Result<T> {
        let bias = self.bias.as_ref().map(elements).transpose()?;
        let prelu = self.prelu.as_ref().map(elements).transpose()?;
        let residual = self.residual.as_ref().map(elements).transpose()?;
        run(Finish {
            bias: bias.as_deref(),
            prelu: prelu.as_deref(),
            residual: residual.as_deref(),
            activate: self.activate,
            ..Finish::default()
        })
    }
}
