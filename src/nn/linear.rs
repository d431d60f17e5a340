//! The linear layer.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::slices::{elements, on_our_kernels, tensor_of};
use super::{Interrupt, Then};
use crate::kernels::{Activate, Finish, Level, PackedLinear};

/// `x Wᵀ + b`: weight `[outputs, inputs]`.
#[derive(Debug)]
pub struct Linear {
    weights: Weights,
    bias: Option<Tensor>,
}

#[derive(Debug)]
enum Weights {
    /// As our kernels read them.
    Packed(PackedLinear),
    /// `[outputs, inputs]`, where candle computes.
    Plain(Tensor),
}

impl Linear {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((outputs, inputs), "weight")?;
        Self::of(&weight, Some(vb.get(outputs, "bias")?))
    }

    /// Reads `weight` of `vb`; there is no bias.
    pub fn without_bias(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Self::of(&vb.get((outputs, inputs), "weight")?, None)
    }

    /// Reads a linear layer that older files store as a 1×1 convolution or as a matrix.
    pub fn from_either(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((outputs, inputs), "weight").or_else(|_| {
            vb.get((outputs, inputs, 1, 1), "weight")?
                .reshape((outputs, inputs))
        })?;
        Self::of(&weight, Some(vb.get(outputs, "bias")?))
    }

    fn of(weight: &Tensor, bias: Option<Tensor>) -> Result<Self> {
        let weights = if on_our_kernels(weight) {
            let weight = weight.contiguous()?;
            let packed = PackedLinear::new(Level::best(), weight.dims2()?, &elements(&weight)?);
            Weights::Packed(packed)
        } else {
            Weights::Plain(weight.clone())
        };
        Ok(Self { weights, bias })
    }

    /// `[…, inputs]` to `[…, outputs]`.
    pub fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.forward_then(xs, Then::default(), interrupt)
    }

    /// [`Self::forward`], and more in the same pass.
    pub fn forward_then(
        &self,
        xs: &Tensor,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (outputs, inputs) = match &self.weights {
            Weights::Packed(packed) => packed.sizes(),
            Weights::Plain(weight) => weight.dims2()?,
        };
        let mut shape = xs.dims().to_vec();
        let Some(last) = shape.last_mut() else {
            candle_core::bail!("a linear layer was given a number, not a row")
        };
        if *last != inputs {
            candle_core::bail!("a linear layer of {inputs} inputs was given {last}")
        }
        *last = outputs;
        let packed = match &self.weights {
            Weights::Packed(packed) => packed,
            Weights::Plain(weight) => {
                let rows = xs.reshape(((), inputs))?.matmul(&weight.t()?)?;
                let rows = match &self.bias {
                    Some(bias) => rows.broadcast_add(bias)?,
                    None => rows,
                };
                return then.apply_candle(rows.reshape(shape)?);
            }
        };
        let mut out = vec![0.0; xs.elem_count() / inputs * outputs];
        let xs = xs.contiguous()?;
        let bias = then.bias(self.bias.as_ref())?;
        let bias = bias.as_ref().map(elements).transpose()?;
        let residual = then.residual.map(Tensor::contiguous).transpose()?;
        let residual = residual.as_ref().map(elements).transpose()?;
        let finish = Finish {
            bias: bias.as_deref(),
            residual: residual.as_deref(),
            activate: then.activate.map_or(Activate::Nothing, Activate::from),
        };
        let stop = || interrupt.is_asked();
        packed.run(&elements(&xs)?, finish, &mut out, &stop)?;
        tensor_of(out, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn our_linear_layer_is_the_matrix_product() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 5), (1500, 8, 3), (7, 4500, 40)] {
            let weight = Tensor::randn(0f32, 1.0, (outputs, inputs), &Device::Cpu).unwrap();
            let bias = Tensor::randn(0f32, 1.0, outputs, &Device::Cpu).unwrap();
            let xs = Tensor::randn(0f32, 1.0, (2, rows, inputs), &Device::Cpu).unwrap();
            let plain = xs
                .reshape(((), inputs))
                .unwrap()
                .matmul(&weight.t().unwrap())
                .unwrap()
                .broadcast_add(&bias)
                .unwrap()
                .reshape((2, rows, outputs))
                .unwrap();
            let layer = Linear::of(&weight, Some(bias)).unwrap();
            let ours = layer.forward(&xs, &Interrupt::never()).unwrap();
            let gap = (ours - plain)
                .unwrap()
                .abs()
                .unwrap()
                .flatten_all()
                .unwrap()
                .max(0)
                .unwrap();
            assert!(gap.to_scalar::<f32>().unwrap() < 1e-4 * (inputs as f32).sqrt());
        }
    }
}
