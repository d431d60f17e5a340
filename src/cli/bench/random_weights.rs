//! Weights nobody trained.

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};

/// Random weights for every name, about as large as trained ones: they cost the time and memory of
/// real ones, without a file.
pub(super) fn random_weights() -> VarBuilder<'static> {
    VarBuilder::from_backend(Box::new(Random), DType::F32, Device::Cpu)
}

struct Random;

impl SimpleBackend for Random {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let range = match shape.dims() {
            [_, inner @ ..] if !inner.is_empty() => {
                let most = (3.0 / inner.iter().product::<usize>().max(1) as f32).sqrt();
                -most..most
            }
            _ if name.ends_with("bias") => -0.1..0.1,
            // Factors and variances.
            _ => 0.5..1.5,
        };
        Tensor::rand(range.start, range.end, shape, device)?.to_dtype(dtype)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        candle_core::bail!("{name} is asked for without a shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}
