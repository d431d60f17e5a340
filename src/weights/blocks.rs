//! Numbers coded in blocks of few bits, as ggml does it.

use std::borrow::Cow;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Result};

/// Blocks decoded at once, so that a tensor is not in memory twice.
const AT_ONCE: usize = 1 << 12;

/// The bytes of the f32 that whole blocks stand for.
pub(super) fn decoded(kind: GgmlDType, data: &[u8]) -> Result<Vec<u8>> {
    let count = data.len() / kind.type_size();
    let mut out = Vec::with_capacity(count * kind.block_size() * size_of::<f32>());
    // Where they lie in a file is up to who wrote it; candle reads them as numbers in memory.
    let mut aligned = vec![0u64; (AT_ONCE * kind.type_size()).div_ceil(size_of::<u64>())];
    for some in data.chunks(AT_ONCE * kind.type_size()) {
        let blocks = &mut bytemuck::cast_slice_mut::<u64, u8>(&mut aligned)[..some.len()];
        blocks.copy_from_slice(some);
        let storage = QStorage::from_data(Cow::Borrowed(blocks), &Device::Cpu, kind)?;
        let elements = some.len() / kind.type_size() * kind.block_size();
        let values = QTensor::new(storage, elements)?.dequantize(&Device::Cpu)?;
        out.extend_from_slice(bytemuck::cast_slice(&values.to_vec1::<f32>()?));
    }
    Ok(out)
}
