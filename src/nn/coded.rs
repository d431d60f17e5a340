//! Weights that stay coded in blocks of few bits, as ggml's programs store them: they are decoded some
//! outputs at a time while they are multiplied, and take no more memory than in their file.

use std::borrow::Cow;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{DType, Device, Result};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use super::then::PreparedThen;
use crate::kernels::{Before, Level, PackedLinear, Stop, Stopped, dot};

/// Kinds of blocks there are.
const KINDS: [GgmlDType; 10] = [
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::Q8_0,
    GgmlDType::Q2K,
    GgmlDType::Q3K,
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
];

/// Outputs decoded by one task.
const TOGETHER: usize = 32;
/// Values decoded before they are multiplied: of so many outputs at once rows are read again seldom.
const AT_ONCE: usize = 4 << 20;
/// Rows up to which a product is computed as it is defined: packing would take longer.
const FEW_ROWS: usize = 8;

/// A weight `[outputs, inputs]`.
pub(super) struct CodedRows {
    /// Some outputs each, in their order.
    parts: Vec<Part>,
    outputs: usize,
    inputs: usize,
}

struct Part {
    first: usize,
    outputs: usize,
    blocks: QTensor,
}

impl std::fmt::Debug for CodedRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodedRows({} by {})", self.outputs, self.inputs)
    }
}

impl CodedRows {
    /// Those of several layers of the same inputs, one upon the other; `None` where some builder hands
    /// out no blocks.
    ///
    /// A builder that does has, beside a tensor `weight`, its bytes as `weight.` and the name of their
    /// kind: `[outputs, bytes of a row]`.
    pub(super) fn of(
        (outputs, inputs): (usize, usize),
        vbs: &[VarBuilder<'_>],
    ) -> Result<Option<Self>> {
        let mut coded = Self {
            parts: Vec::new(),
            outputs: outputs * vbs.len(),
            inputs,
        };
        let kind_of = |vb: &VarBuilder<'_>| {
            let has = |kind: &&GgmlDType| vb.contains_tensor(&name_of(**kind));
            let mut kinds = KINDS.iter().filter(has);
            // A builder that claims to have any tensor, such as one of zeros, has no blocks.
            kinds.next().copied().filter(|_| kinds.next().is_none())
        };
        let kinds: Option<Vec<_>> = vbs.iter().map(kind_of).collect();
        let Some(kinds) = kinds else {
            return Ok(None);
        };
        for (layer, (vb, kind)) in vbs.iter().zip(kinds).enumerate() {
            let row = inputs / kind.block_size() * kind.type_size();
            let whole = inputs.is_multiple_of(kind.block_size());
            let bytes = vb.get_unchecked_dtype(&name_of(kind), DType::U8)?;
            if !whole || bytes.dims() != [outputs, row] {
                return Ok(None);
            }
            let bytes: Vec<u8> = bytes.flatten_all()?.to_vec1()?;
            for (index, bytes) in bytes.chunks(TOGETHER * row).enumerate() {
                coded.parts.push(Part {
                    first: layer * outputs + index * TOGETHER,
                    outputs: bytes.len() / row,
                    blocks: blocks_of(kind, bytes, inputs)?,
                });
            }
        }
        Ok(Some(coded))
    }

    pub(super) const fn sizes(&self) -> (usize, usize) {
        (self.outputs, self.inputs)
    }

    /// Whether so many values are rows for [`Self::run_few`].
    pub(super) const fn are_few(&self, values: usize) -> bool {
        values <= FEW_ROWS * self.inputs
    }

    /// Some rows of `inputs` values to rows of outputs, finished but for what is to be added.
    pub(super) fn run(
        &self,
        rows: &[f32],
        then: &PreparedThen,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>> {
        let mut out = vec![0.0; rows.len() / self.inputs * self.outputs];
        let together = (AT_ONCE / self.inputs / TOGETHER).max(1);
        for parts in self.parts.chunks(together) {
            let decoded = parts.par_iter().map(Part::decoded);
            let decoded = decoded.collect::<Result<Vec<_>>>()?.concat();
            let columns = parts[0].first..parts[0].first + decoded.len() / self.inputs;
            let sizes = (columns.len(), self.inputs);
            let packed = PackedLinear::new(Level::best(), sizes, &decoded);
            drop(decoded);
            let before = (1, Before::Nothing);
            let product = then.with_columns(columns.clone(), |finish| {
                Ok(packed.run(rows, before, finish, stop)?)
            })?;
            let products = product.par_chunks_exact(columns.len());
            out.par_chunks_exact_mut(self.outputs)
                .zip(products)
                .for_each(|(out, product)| out[columns.clone()].copy_from_slice(product));
        }
        Ok(out)
    }

    /// Few rows of `inputs` values to rows of outputs, as they are summed up.
    pub(super) fn run_few(&self, rows: &[f32], stop: Stop<'_>) -> Result<Vec<f32>> {
        let mut out = vec![0.0; rows.len() / self.inputs * self.outputs];
        let products = self.parts.par_iter().map(|part| {
            if stop() {
                return Err(Stopped.into());
            }
            let decoded = part.decoded()?;
            let weights = || decoded.chunks_exact(self.inputs);
            let products = rows.chunks_exact(self.inputs);
            let products = products.flat_map(|row| weights().map(move |weight| dot(row, weight)));
            Ok(products.collect::<Vec<_>>())
        });
        for (part, products) in self.parts.iter().zip(products.collect::<Result<Vec<_>>>()?) {
            let columns = part.first..part.first + part.outputs;
            for (out, product) in out
                .chunks_exact_mut(self.outputs)
                .zip(products.chunks_exact(part.outputs))
            {
                out[columns.clone()].copy_from_slice(product);
            }
        }
        Ok(out)
    }
}

impl Part {
    fn decoded(&self) -> Result<Vec<f32>> {
        let values = self.blocks.dequantize(&Device::Cpu)?;
        values.flatten_all()?.to_vec1()
    }
}

/// What a builder calls the bytes of a weight.
fn name_of(kind: GgmlDType) -> String {
    format!("weight.{kind:?}")
}

fn blocks_of(kind: GgmlDType, bytes: &[u8], inputs: usize) -> Result<QTensor> {
    // Where they lie is up to who read them; candle takes them for numbers in memory.
    let mut aligned = vec![0u64; bytes.len().div_ceil(size_of::<u64>())];
    let blocks = &mut bytemuck::cast_slice_mut::<u64, u8>(&mut aligned)[..bytes.len()];
    blocks.copy_from_slice(bytes);
    let outputs = bytes.len() / (inputs / kind.block_size() * kind.type_size());
    let storage = QStorage::from_data(Cow::Borrowed(blocks), &Device::Cpu, kind)?;
    QTensor::new(storage, (outputs, inputs))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use candle_core::Tensor;

    use super::*;
    use crate::nn::near::{DIRECT, assert_near, random};
    use crate::nn::{Activation, Interrupt, Linear, Then};

    /// Builders of layers `[outputs, inputs]`, coded and not.
    fn layers(kinds: &[GgmlDType], sizes: (usize, usize)) -> [Vec<VarBuilder<'static>>; 2] {
        let of = |kind: &GgmlDType| {
            let blocks = QTensor::quantize(&random(sizes), *kind).unwrap();
            let bytes = blocks.data().unwrap().into_owned();
            let row = bytes.len() / sizes.0;
            let bytes = Tensor::from_vec(bytes, (sizes.0, row), &Device::Cpu).unwrap();
            let plain = [
                (
                    "weight".to_owned(),
                    blocks.dequantize(&Device::Cpu).unwrap(),
                ),
                ("bias".to_owned(), random(sizes.0)),
            ];
            let plain = HashMap::from(plain);
            let mut coded = plain.clone();
            coded.insert(name_of(*kind), bytes);
            [coded, plain].map(|map| VarBuilder::from_tensors(map, DType::F32, &Device::Cpu))
        };
        let (coded, plain) = kinds.iter().map(|kind| of(kind).into()).unzip();
        [coded, plain]
    }

    #[test]
    fn blocks_are_multiplied_as_what_they_stand_for() {
        for (kinds, inputs, outputs) in [
            (&KINDS[..], 512, 70),
            (&[GgmlDType::Q4_0][..], 96, 5),
            // Decoded in several turns.
            (&[GgmlDType::Q8_0, GgmlDType::Q4_1][..], 4096, 1100),
        ] {
            let [coded, plain] = layers(kinds, (outputs, inputs));
            let [coded, plain] =
                [coded, plain].map(|vbs| Linear::beside(inputs, outputs, &vbs).unwrap());
            assert!(format!("{coded:?}").contains("CodedRows"));
            for rows in [1, FEW_ROWS, 70] {
                let xs = random((1, rows, inputs));
                let residual = random((1, rows, kinds.len() * outputs));
                let then = Then {
                    residual: Some(&residual),
                    ..Then::activate(Activation::Silu)
                };
                let [ours, theirs] = [&coded, &plain]
                    .map(|layer| layer.forward_then(&xs, then, &Interrupt::never()).unwrap());
                assert_near(&ours, &theirs, DIRECT);
            }
        }
    }

    #[test]
    fn a_layer_of_other_sizes_is_refused_as_usual() {
        let [coded, _] = layers(&[GgmlDType::Q8_0], (4, 64));
        let error = Linear::beside(32, 4, &coded).unwrap_err().to_string();
        assert!(error.contains("shape"), "{error}");
    }

    #[test]
    fn a_product_ends_when_it_is_asked_to() {
        let [coded, _] = layers(&[GgmlDType::Q8_0], (4, 64));
        let layer = Linear::beside(64, 4, &coded).unwrap();
        for rows in [1, 70] {
            let xs = random((1, rows, 64));
            assert!(layer.forward(&xs, &Interrupt::when(|| true)).is_err());
        }
    }
}
