//! Convolutions followed by a batch norm, as one: its running moments are constants.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::nn::{Conv2d, ConvOptions, DepthwiseConv2d, Interrupt};

/// Of all batch norms.
const EPS: f64 = 1e-5;

#[derive(Debug)]
pub(super) struct NormedConv(Conv2d);

impl NormedConv {
    /// Reads convolution `c` and norm `bn` of `vb`.
    pub(super) fn new(
        inputs: usize,
        outputs: usize,
        options: ConvOptions,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let kernel = options.kernel;
        let (weight, bias) = merged((outputs, inputs, kernel, kernel), vb)?;
        Ok(Self(Conv2d::of(&weight, Some(bias), options)?))
    }

    /// `[1, inputs, height, width]` to `[1, outputs, out_height, out_width]`.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.0.forward(xs, interrupt)
    }
}

/// A depthwise convolution of kernel 3 and its norm.
pub(super) fn normed_depthwise(
    channels: usize,
    stride: usize,
    vb: &VarBuilder<'_>,
) -> Result<DepthwiseConv2d> {
    let (weight, bias) = merged((channels, 1, 3, 3), vb)?;
    DepthwiseConv2d::of(weight, bias, stride)
}

/// Weight and bias of a convolution that does what `c` and then `bn` do.
fn merged(shape: (usize, usize, usize, usize), vb: &VarBuilder<'_>) -> Result<(Tensor, Tensor)> {
    let outputs = shape.0;
    let of_norm = |name: &str| vb.get(outputs, &format!("bn.{name}"));
    let deviation = (of_norm("running_var")? + EPS)?.sqrt()?;
    let scale = (of_norm("weight")? / deviation)?;
    let weight = vb
        .get(shape, "c.weight")?
        .broadcast_mul(&scale.reshape((outputs, 1, 1, 1))?)?;
    let bias = (of_norm("bias")? - (of_norm("running_mean")? * scale)?)?;
    Ok((weight, bias))
}
