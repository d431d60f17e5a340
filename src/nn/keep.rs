//! How the matrices of a network are kept in memory.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::slices::on_our_kernels;
use crate::kernels::Stored;

/// How weights of convolutions and linear layers are kept on the CPU. Layers are told by the dtype of
/// their builder, which hands out tensors as files store them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Keep {
    /// In as many bits as the file stores.
    #[default]
    AsStored,
    /// In 16 bits, f16 where the file stores more: half of the memory.
    Half,
    /// Those of transformers' linear layers in 8 bits, and so is what they are given: a quarter of the
    /// memory, and a multiple of the speed where the machine has instructions for it.
    EightBit,
}

impl Keep {
    /// As a builder tells it.
    pub const fn dtype(self) -> DType {
        match self {
            Self::AsStored => DType::F32,
            Self::Half => DType::F16,
            Self::EightBit => DType::U8,
        }
    }

    /// What a builder tells.
    pub(super) fn of(vb: &VarBuilder<'_>) -> Self {
        match vb.dtype() {
            DType::F16 => Self::Half,
            DType::U8 => Self::EightBit,
            _ => Self::AsStored,
        }
    }

    /// How packed weights of a tensor are kept.
    pub(super) fn stored(self, dtype: DType) -> Stored {
        match (dtype, self) {
            (DType::BF16, _) => Stored::Brain,
            (DType::F16, _) | (_, Self::Half) => Stored::Half,
            _ => Stored::Whole,
        }
    }
}

/// A weight for our kernels, in f32 as they pack it, and how it is kept then; `None` where they do
/// not compute.
pub(super) fn packable(weight: &Tensor, keep: Keep) -> Result<Option<(Tensor, Stored)>> {
    if weight.track_op() || !weight.device().is_cpu() {
        return Ok(None);
    }
    let stored = keep.stored(weight.dtype());
    let plain = weight.to_dtype(DType::F32)?.contiguous()?;
    Ok(on_our_kernels(&plain).then_some((plain, stored)))
}

/// A tensor of few values, in f32 whatever the file stores.
pub fn small(tensor: &Tensor) -> Result<Tensor> {
    tensor.to_dtype(DType::F32)
}
