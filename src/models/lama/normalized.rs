//! Batch normalisation as part of the convolution before it.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

/// torch's usual value.
const EPS: f64 = 1e-5;

/// What a batch normalisation does once it is trained: `x * scale + shift`, by channel.
pub(super) struct Affine {
    pub(super) scale: Tensor,
    pub(super) shift: Tensor,
}

impl Affine {
    /// Reads `weight`, `bias`, `running_mean` and `running_var` of `vb`.
    pub(super) fn of_batch_norm(channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let read = |name: &str| vb.get(channels, name);
        let deviation = (read("running_var")? + EPS)?.sqrt()?;
        let scale = (read("weight")? / deviation)?;
        let shift = (read("bias")? - (read("running_mean")? * &scale)?)?;
        Ok(Self { scale, shift })
    }

    /// A kernel of four dimensions whose outputs, along `dim`, come out scaled.
    pub(super) fn scaled(&self, kernel: &Tensor, dim: usize) -> Result<Tensor> {
        let mut shape = [1; 4];
        shape[dim] = self.scale.elem_count();
        kernel.broadcast_mul(&self.scale.reshape(&shape)?)
    }
}

/// The kernel of a convolution without bias: `[outputs, inputs, side, side]`.
pub(super) fn weight(
    inputs: usize,
    outputs: usize,
    side: usize,
    vb: &VarBuilder<'_>,
) -> Result<Tensor> {
    vb.get((outputs, inputs, side, side), "weight")
}
