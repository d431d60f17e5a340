//! The linear layer.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::coded::CodedRows;
use super::keep::{Keep, packable, small};
use super::order::{pixels, to_rows};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::{GroupNorm, Interrupt, LayerNorm, Then, add, trained};
use crate::kernels::{Before, Level, PackedLinear};

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
    /// In blocks, as their file stores them.
    Coded(CodedRows),
    /// `[outputs, inputs]`, where they are learnt or candle computes.
    Plain(Tensor),
}

impl Linear {
    /// Reads `weight` and `bias` of `vb`; never kept in eight bits.
    pub fn new(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        if let Some(coded) = CodedRows::of((outputs, inputs), std::slice::from_ref(vb))? {
            return Ok(Self {
                weights: Weights::Coded(coded),
                bias: Some(small(&vb.get(outputs, "bias")?)?),
            });
        }
        let weight = vb.get((outputs, inputs), "weight")?;
        let keep = match Keep::of(vb) {
            Keep::EightBit => Keep::AsStored,
            other => other,
        };
        Self::of(&weight, Some(small(&vb.get(outputs, "bias")?)?), keep)
    }

    /// Reads a linear layer of a transformer, which older files store as a 1×1 convolution or as a
    /// matrix; without bias where there is none.
    pub fn from_either(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Self::beside(inputs, outputs, std::slice::from_ref(vb))
    }

    /// Several layers of the same inputs, as one whose outputs lie side by side; each is read as by
    /// [`Self::from_either`].
    pub fn beside(inputs: usize, outputs: usize, vbs: &[VarBuilder<'_>]) -> Result<Self> {
        let weight = |vb: &VarBuilder<'_>| {
            vb.get((outputs, inputs), "weight").or_else(|_| {
                vb.get((outputs, inputs, 1, 1), "weight")?
                    .reshape((outputs, inputs))
            })
        };
        let together = |tensors: Result<Vec<Tensor>>| match tensors?.as_slice() {
            [one] => Ok(one.clone()),
            several => Tensor::cat(several, 0),
        };
        let with_bias = vbs.iter().any(|vb| vb.contains_tensor("bias"));
        let bias = with_bias
            .then(|| {
                small(&together(
                    vbs.iter().map(|vb| vb.get(outputs, "bias")).collect(),
                )?)
            })
            .transpose()?;
        let keep = vbs.first().map_or(Keep::AsStored, Keep::of);
        // Eight bits compute faster than what is decoded first.
        if keep != Keep::EightBit
            && let Some(coded) = CodedRows::of((outputs, inputs), vbs)?
        {
            let weights = Weights::Coded(coded);
            return Ok(Self { weights, bias });
        }
        let weight = together(vbs.iter().map(weight).collect())?;
        Self::of(&weight, bias, keep)
    }

    fn of(weight: &Tensor, bias: Option<Tensor>, keep: Keep) -> Result<Self> {
        let weights = match packable(weight, keep)? {
            Some((weight, stored)) => {
                let (sizes, values) = (weight.dims2()?, elements(&weight)?);
                let level = Level::best();
                Weights::Packed(if keep == Keep::EightBit {
                    PackedLinear::of_eight_bits(level, sizes, &values)
                } else {
                    PackedLinear::new(level, sizes, &values).stored(stored)
                })
            }
            None => Weights::Plain(weight.clone()),
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
        match &self.weights {
            Weights::Packed(packed) => self.run(packed, &Rows::plain(xs), then, interrupt),
            Weights::Coded(coded) => self.run_coded(coded, xs, then, interrupt),
            Weights::Plain(weight) => self.forward_plain(weight, xs, then),
        }
    }

    /// [`Self::forward_then`] of rows that are normed first.
    pub fn forward_normed(
        &self,
        norm: &LayerNorm,
        xs: &Tensor,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        match &self.weights {
            Weights::Packed(packed) => norm.with(|before| {
                let rows = Rows {
                    before,
                    ..Rows::plain(xs)
                };
                self.run(packed, &rows, then, interrupt)
            }),
            Weights::Coded(coded) => self.run_coded(coded, &norm.forward(xs)?, then, interrupt),
            Weights::Plain(weight) => self.forward_plain(weight, &norm.forward(xs)?, then),
        }
    }

    /// [`Self::forward_then`] of a picture's pixels, normed first: `[batch, channels, height,
    /// width]` to `[batch, height * width, outputs]`.
    pub fn forward_pixels(
        &self,
        norm: &GroupNorm,
        xs: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (batch, channels, height, width) = xs.dims4()?;
        let packed = match &self.weights {
            Weights::Packed(packed) if on_our_kernels(xs) => packed,
            _ => return self.forward(&to_rows(&norm.forward(xs)?)?, interrupt),
        };
        let values = pixels(xs)?;
        let moments = norm.moments(&values)?;
        let rows = values.reshape((batch, height * width, channels))?;
        let rows = Rows {
            batch,
            before: moments.before(),
            ..Rows::plain(&rows)
        };
        self.run(packed, &rows, Then::default(), interrupt)
    }

    fn forward_plain(&self, weight: &Tensor, xs: &Tensor, then: Then<'_>) -> Result<Tensor> {
        let (outputs, inputs) = weight.dims2()?;
        let shape = shape_after(xs, inputs, outputs)?;
        if trained::is_ours(xs) && trained::is_ours(weight) {
            return then.apply_candle(trained::linear(xs, weight, self.bias.as_ref())?);
        }
        let rows = xs.reshape(((), inputs))?.matmul(&weight.t()?)?;
        let rows = match &self.bias {
            Some(bias) => rows.broadcast_add(bias)?,
            None => rows,
        };
        then.apply_candle(rows.reshape(shape)?)
    }

    fn run(
        &self,
        packed: &PackedLinear,
        rows: &Rows<'_>,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        if !on_our_kernels(rows.xs) {
            candle_core::bail!("a linear layer was not made to pass gradients")
        }
        let (outputs, inputs) = packed.sizes();
        let shape = shape_after(rows.xs, inputs, outputs)?;
        let xs = rows.xs.contiguous()?;
        let stop = || interrupt.is_asked();
        let then = then.prepared(self.bias.as_ref(), Tensor::contiguous)?;
        let out = then.with(|finish| {
            let values = elements(&xs)?;
            Ok(packed.run(&values, (rows.batch, rows.before), finish, &stop)?)
        })?;
        tensor_of(out, shape)
    }
}

impl Linear {
    fn run_coded(
        &self,
        coded: &CodedRows,
        xs: &Tensor,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        if !on_our_kernels(xs) {
            candle_core::bail!("a linear layer was not made to pass gradients")
        }
        let (outputs, inputs) = coded.sizes();
        let shape = shape_after(xs, inputs, outputs)?;
        let xs = xs.contiguous()?;
        let values = elements(&xs)?;
        let stop = || interrupt.is_asked();
        if coded.are_few(values.len()) {
            let sums = tensor_of(coded.run_few(&values, &stop)?, shape)?;
            return then.apply_candle(match &self.bias {
                Some(bias) => sums.broadcast_add(bias)?,
                None => sums,
            });
        }
        let prepared = then.prepared(self.bias.as_ref(), Tensor::contiguous)?;
        let out = tensor_of(coded.run(&values, &prepared, &stop)?, shape)?;
        match then.residual {
            Some(residual) => add(&out, residual),
            None => Ok(out),
        }
    }
}

/// What a layer is given.
struct Rows<'a> {
    xs: &'a Tensor,
    /// Pictures the rows are of, where each is changed in a way of its own.
    batch: usize,
    before: Before<'a>,
}

impl<'a> Rows<'a> {
    const fn plain(xs: &'a Tensor) -> Self {
        Self {
            xs,
            batch: 1,
            before: Before::Nothing,
        }
    }
}

/// The shape of what a layer makes of rows.
fn shape_after(xs: &Tensor, inputs: usize, outputs: usize) -> Result<Vec<usize>> {
    let mut shape = xs.dims().to_vec();
    match shape.last_mut() {
        Some(last) if *last == inputs => *last = outputs,
        _ => candle_core::bail!(
            "a linear layer of {inputs} inputs was given {:?}",
            xs.dims()
        ),
    }
    Ok(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::{DIRECT, assert_near, random};

    #[test]
    fn our_linear_layer_is_the_matrix_product() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 5), (1500, 8, 3), (7, 4500, 40)] {
            let weight = random((outputs, inputs));
            let bias = random(outputs);
            let xs = random((2, rows, inputs));
            let plain = xs
                .reshape(((), inputs))
                .unwrap()
                .matmul(&weight.t().unwrap())
                .unwrap()
                .broadcast_add(&bias)
                .unwrap()
                .reshape((2, rows, outputs))
                .unwrap();
            let layer = Linear::of(&weight, Some(bias), Keep::AsStored).unwrap();
            let ours = layer.forward(&xs, &Interrupt::never()).unwrap();
            assert_near(&ours, &plain, DIRECT);
        }
    }
}
