//! The linear layer.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::Interrupt;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels;

/// `x Wᵀ + b`: weight `[outputs, inputs]`.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            weight: vb.get((outputs, inputs), "weight")?,
            bias: Some(vb.get(outputs, "bias")?),
        })
    }

    /// Reads `weight` of `vb`; there is no bias.
    pub fn without_bias(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            weight: vb.get((outputs, inputs), "weight")?,
            bias: None,
        })
    }

    /// Reads a linear layer that older files store as a 1×1 convolution or as a matrix.
    pub fn from_either(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((outputs, inputs), "weight").or_else(|_| {
            vb.get((outputs, inputs, 1, 1), "weight")?
                .reshape((outputs, inputs))
        })?;
        Ok(Self {
            weight,
            bias: Some(vb.get(outputs, "bias")?),
        })
    }

    /// `[…, inputs]` to `[…, outputs]`.
    pub fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (outputs, inputs) = self.weight.dims2()?;
        let mut shape = xs.dims().to_vec();
        let Some(last) = shape.last_mut() else {
            candle_core::bail!("a linear layer was given a number, not a row")
        };
        if *last != inputs {
            candle_core::bail!("a linear layer of {inputs} inputs was given {last}")
        }
        *last = outputs;
        if !on_our_kernels(xs) {
            let rows = xs.reshape(((), inputs))?.matmul(&self.weight.t()?)?;
            let rows = match &self.bias {
                Some(bias) => rows.broadcast_add(bias)?,
                None => rows,
            };
            return rows.reshape(shape);
        }
        let mut out = vec![0.0; xs.elem_count() / inputs * outputs];
        let xs = xs.contiguous()?;
        let stop = || interrupt.is_asked();
        let (input, weight) = (elements(&xs)?, elements(&self.weight)?);
        let bias = self.bias.as_ref().map(elements).transpose()?;
        kernels::linear(
            inputs,
            outputs,
            (&input, &weight, bias.as_deref()),
            &mut out,
            &stop,
        )?;
        tensor_of(out, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn our_linear_layer_is_the_matrix_product() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 5), (1500, 8, 3)] {
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
            let layer = Linear {
                weight,
                bias: Some(bias),
            };
            let ours = layer.forward(&xs, &Interrupt::never()).unwrap();
            let gap = (ours - plain)
                .unwrap()
                .abs()
                .unwrap()
                .flatten_all()
                .unwrap()
                .max(0)
                .unwrap();
            assert!(gap.to_scalar::<f32>().unwrap() < 1e-4);
        }
    }
}
