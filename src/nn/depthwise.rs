//! Convolution of each channel by itself.

use candle_core::{Result, Tensor};

use super::Interrupt;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, DepthwiseShape};

/// A depthwise convolution with bias: weight `[channels, 1, kernel, kernel]` of odd kernel, padded so
/// that a stride of 1 keeps the size.
#[derive(Debug)]
pub struct DepthwiseConv2d {
    weight: Tensor,
    bias: Tensor,
    stride: usize,
}

impl DepthwiseConv2d {
    /// Of `weight` `[channels, 1, kernel, kernel]` and `bias` `[channels]`.
    pub fn of(weight: Tensor, bias: Tensor, stride: usize) -> Result<Self> {
        let (channels, one, height, width) = weight.dims4()?;
        if one != 1 || height != width || height.is_multiple_of(2) || bias.dims() != [channels] {
            candle_core::bail!(
                "a depthwise convolution cannot have weight {:?}",
                weight.dims()
            )
        }
        Ok(Self {
            weight,
            bias,
            stride,
        })
    }

    /// `[batch, channels, height, width]` to `[batch, channels, height / stride, width / stride]`,
    /// rounded up.
    pub fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        interrupt.check()?;
        let (batch, channels, height, width) = xs.dims4()?;
        let kernel = self.weight.dim(3)?;
        if channels != self.weight.dim(0)? {
            candle_core::bail!(
                "a depthwise convolution of {} channels was given {channels}",
                self.weight.dim(0)?
            )
        }
        if !on_our_kernels(xs) {
            return self.forward_candle(xs);
        }
        let shape = DepthwiseShape {
            channels,
            height,
            width,
            kernel,
            stride: self.stride,
        };
        let (out_height, out_width) = shape.out_size();
        let mut out = vec![0.0; batch * channels * out_height * out_width];
        let xs = xs.contiguous()?;
        let stop = || interrupt.is_asked();
        let (weight, bias) = (elements(&self.weight)?, elements(&self.bias)?);
        let inputs = (&*elements(&xs)?, &*weight, &*bias);
        kernels::depthwise(shape, inputs, &mut out, &stop)?;
        tensor_of(out, (batch, channels, out_height, out_width))
    }

    fn forward_candle(&self, xs: &Tensor) -> Result<Tensor> {
        let (channels, _, kernel, _) = self.weight.dims4()?;
        xs.conv2d(&self.weight, kernel / 2, self.stride, 1, channels)?
            .broadcast_add(&self.bias.reshape((1, channels, 1, 1))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;
    use candle_core::Device;

    #[test]
    fn our_depthwise_convolution_is_candles_on_odd_shapes_and_strides() {
        for (batch, channels, height, width) in [(1, 1, 1, 1), (2, 3, 5, 8), (1, 4, 17, 2)] {
            for (kernel, stride) in [(3, 1), (3, 2), (5, 1), (5, 2), (1, 1)] {
                let conv = DepthwiseConv2d::of(
                    random(&[channels, 1, kernel, kernel]),
                    random(&[channels]),
                    stride,
                )
                .unwrap();
                let xs = random(&[batch, channels, height, width]);
                let ours = conv.forward(&xs, &Interrupt::never()).unwrap();
                let plain = conv.forward_candle(&xs).unwrap();
                assert_eq!(ours.dims(), plain.dims());
                let gap = (ours - plain)
                    .unwrap()
                    .abs()
                    .unwrap()
                    .flatten_all()
                    .unwrap();
                assert!(gap.max(0).unwrap().to_scalar::<f32>().unwrap() < 1e-5);
            }
        }
    }

    #[test]
    fn a_weight_that_mixes_channels_is_refused() {
        let zeros =
            |shape: &[usize]| Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
        for shape in [[4, 4, 3, 3], [4, 1, 3, 5], [4, 1, 2, 2], [3, 1, 3, 3]] {
            assert!(DepthwiseConv2d::of(zeros(&shape), zeros(&[4]), 1).is_err());
        }
    }
}
