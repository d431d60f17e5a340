//! The gated linear layer of transformers.

use candle_core::{D, Result, Tensor};
use candle_nn::VarBuilder;

use super::keep::{Keep, packable, small};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::{Interrupt, LayerNorm};
use crate::kernels::{Before, Level, PackedGate};

/// Two linear layers in one, the first multiplied with the exact GELU of the second: Shazeer 2020,
/// "GLU Variants Improve Transformer". Weight `[2 * width, inputs]`, bias `[2 * width]`.
#[derive(Debug)]
pub struct GatedLinear {
    weights: Weights,
    width: usize,
    inputs: usize,
}

#[derive(Debug)]
enum Weights {
    /// As our kernels read them.
    Packed(PackedGate),
    /// Weight and bias as they are in files, where candle computes.
    Plain(Tensor, Tensor),
}

impl GatedLinear {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(inputs: usize, width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Self::of(
            &vb.get((2 * width, inputs), "weight")?,
            &small(&vb.get(2 * width, "bias")?)?,
            Keep::of(vb),
        )
    }

    fn of(weight: &Tensor, bias: &Tensor, keep: Keep) -> Result<Self> {
        let (outputs, inputs) = weight.dims2()?;
        let width = outputs / 2;
        let weights = match packable(weight, keep)? {
            Some((weight, stored)) => {
                let bias = bias.contiguous()?;
                let (level, sizes) = (Level::best(), (width, inputs));
                let (weight, bias) = (&*elements(&weight)?, &*elements(&bias)?);
                Weights::Packed(if keep == Keep::EightBit {
                    PackedGate::of_eight_bits(level, sizes, weight, bias)
                } else {
                    PackedGate::new(level, sizes, weight, bias).stored(stored)
                })
            }
            None => Weights::Plain(weight.clone(), bias.clone()),
        };
        Ok(Self {
            weights,
            width,
            inputs,
        })
    }

    /// `[…, inputs]`, normed first, to `[…, width]`.
    pub fn forward_normed(
        &self,
        norm: &LayerNorm,
        xs: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        interrupt.check()?;
        match &self.weights {
            Weights::Packed(packed) if on_our_kernels(xs) => {
                norm.with(|before| self.run(packed, before, xs, interrupt))
            }
            Weights::Packed(_) => candle_core::bail!("a packed layer passes no gradients"),
            Weights::Plain(weight, bias) => {
                let rows = norm.forward(xs)?.reshape(((), self.inputs))?;
                let both = rows.matmul(&weight.t()?)?.broadcast_add(bias)?;
                let halves = both.chunk(2, D::Minus1)?;
                (&halves[0] * halves[1].gelu_erf()?)?.reshape(self.shape_for(xs)?)
            }
        }
    }

    fn run(
        &self,
        packed: &PackedGate,
        before: Before<'_>,
        xs: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let shape = self.shape_for(xs)?;
        let xs = xs.contiguous()?;
        let stop = || interrupt.is_asked();
        let out = packed.run(&elements(&xs)?, before, &stop)?;
        tensor_of(out, shape)
    }

    fn shape_for(&self, xs: &Tensor) -> Result<Vec<usize>> {
        let mut shape = xs.dims().to_vec();
        match shape.last_mut() {
            Some(last) if *last == self.inputs => *last = self.width,
            _ => candle_core::bail!(
                "a linear layer of {} inputs was given {:?}",
                self.inputs,
                xs.dims()
            ),
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::{DIRECT, assert_near, random};
    use candle_core::{DType, Device};

    #[test]
    fn our_gate_is_candles() {
        for (rows, inputs, width) in [(1, 1, 1), (7, 5, 3), (40, 33, 70), (3, 2000, 17)] {
            let (weight, bias) = (random(&[2 * width, inputs]), random(&[2 * width]));
            let of_norm = ["weight", "bias"].map(|name| (name.to_owned(), random(&[inputs])));
            let of_norm = VarBuilder::from_tensors(of_norm.into(), DType::F32, &Device::Cpu);
            let norm = LayerNorm::new(inputs, 1e-5, &of_norm).unwrap();
            let ours = GatedLinear::of(&weight, &bias, Keep::AsStored).unwrap();
            let plain = GatedLinear {
                weights: Weights::Plain(weight, bias),
                width,
                inputs,
            };
            let xs = random(&[2, rows, inputs]);
            let [ours, plain] = [ours, plain].map(|gate| {
                gate.forward_normed(&norm, &xs, &Interrupt::never())
                    .unwrap()
            });
            assert_near(&ours, &plain, DIRECT);
        }
    }
}
