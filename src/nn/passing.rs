//! What a gradient passes on its way back.

use candle_core::{Result, Tensor};

/// What becomes of the gradient of a layer's input in the same pass; both have its shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passing<'a> {
    /// What `max(x, 0)` of which was the input: where it is not above 0, the gradient is 0.
    pub through: Option<&'a Tensor>,
    /// Added then.
    pub plus: Option<&'a Tensor>,
}

impl Passing<'_> {
    /// As candle does it.
    pub(super) fn apply_candle(&self, gradient: Tensor) -> Result<Tensor> {
        let gradient = match self.through {
            Some(xs) => (&gradient * xs.gt(0.0)?.to_dtype(gradient.dtype())?)?,
            None => gradient,
        };
        match self.plus {
            Some(plus) => gradient + plus,
            None => Ok(gradient),
        }
    }
}
