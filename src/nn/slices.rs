//! From tensors to the slices our kernels work on, and back.

use std::ops::{Deref, Range};

use candle_core::{CpuStorage, DType, Device, Result, Shape, Storage, Tensor};

/// Whether our kernels can take this tensor: none of them is known to who asks for gradients.
pub(super) fn on_our_kernels(tensor: &Tensor) -> bool {
    matches!(tensor.device(), Device::Cpu) && tensor.dtype() == DType::F32 && !tensor.track_op()
}

/// The elements of a contiguous f32 tensor on the CPU, in row-major order; derefs to a slice.
pub(super) struct Elements<Guard> {
    storage: Guard,
    range: Range<usize>,
}

/// Borrows the elements of `tensor`.
pub(super) fn elements(tensor: &Tensor) -> Result<Elements<impl Deref<Target = Storage> + '_>> {
    let (storage, layout) = tensor.storage_and_layout();
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("a kernel was given a strided tensor")
    };
    if !matches!(&*storage, Storage::Cpu(CpuStorage::F32(_))) {
        candle_core::bail!("a kernel was given a tensor that is not f32 on the CPU")
    }
    Ok(Elements {
        storage,
        range: start..end,
    })
}

impl<Guard: Deref<Target = Storage>> Deref for Elements<Guard> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &*self.storage {
            Storage::Cpu(CpuStorage::F32(values)) => &values[self.range.clone()],
            // `elements` lets nothing else through.
            _ => &[],
        }
    }
}

/// A new CPU tensor.
pub(super) fn tensor_of(values: Vec<f32>, shape: impl Into<Shape>) -> Result<Tensor> {
    Tensor::from_vec(values, shape.into(), &Device::Cpu)
}
