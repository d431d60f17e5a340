//! Each pixel of a feature map becomes four.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

/// A transposed convolution of kernel 2 and stride 2: each pixel becomes four, none overlaps, so it
/// is one matrix product. Weight `[inputs, outputs, 2, 2]`.
#[derive(Debug)]
pub struct PixelSplit {
    /// `[inputs, 2 * 2 * outputs]`: row, column, channel.
    weight: Tensor,
    bias: Tensor,
}

impl PixelSplit {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((inputs, outputs, 2, 2), "weight")?;
        Ok(Self {
            weight: weight
                .permute((0, 2, 3, 1))?
                .reshape((inputs, 4 * outputs))?,
            bias: vb.get(outputs, "bias")?,
        })
    }

    /// `[height, width, inputs]` to `[2 * height, 2 * width, outputs]`.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let (height, width, inputs) = xs.dims3()?;
        let outputs = self.bias.elem_count();
        xs.reshape((height * width, inputs))?
            .matmul(&self.weight)?
            .reshape((height, width, 2, 2, outputs))?
            .transpose(1, 2)?
            .reshape((2 * height, 2 * width, outputs))?
            .broadcast_add(&self.bias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;
    use candle_core::{DType, Device};
    use candle_nn::VarMap;

    #[test]
    fn splitting_is_candles_transposed_convolution() {
        let variables = VarMap::new();
        let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let options = candle_nn::ConvTranspose2dConfig {
            stride: 2,
            ..Default::default()
        };
        let theirs = candle_nn::conv_transpose2d(3, 5, 2, options, vb.clone()).unwrap();
        let ours = PixelSplit::new(3, 5, &vb).unwrap();
        let xs = random((4, 6, 3));
        let planes = xs.permute((2, 0, 1)).unwrap().unsqueeze(0).unwrap();
        let theirs = candle_nn::Module::forward(&theirs, &planes.contiguous().unwrap()).unwrap();
        let ours = ours.forward(&xs).unwrap().permute((2, 0, 1)).unwrap();
        let gap = (ours - theirs.get(0).unwrap()).unwrap().abs().unwrap();
        let gap = gap.flatten_all().unwrap().max(0).unwrap();
        assert!(gap.to_scalar::<f32>().unwrap() < 1e-5);
    }
}
