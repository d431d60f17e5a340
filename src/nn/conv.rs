//! Two-dimensional convolution.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::Interrupt;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, ConvShape, Padding};

/// How a convolution moves over its input.
#[derive(Clone, Copy, Debug)]
pub struct ConvOptions {
    pub kernel: usize,
    pub stride: usize,
    pub padding: Padding,
}

impl ConvOptions {
    /// 3×3, size kept.
    pub const fn three() -> Self {
        Self {
            kernel: 3,
            stride: 1,
            padding: Padding::same(1),
        }
    }

    /// 1×1.
    pub const fn one() -> Self {
        Self {
            kernel: 1,
            stride: 1,
            padding: Padding::same(0),
        }
    }

    /// A kernel of odd side `kernel`, size kept.
    pub const fn same(kernel: usize) -> Self {
        Self {
            kernel,
            stride: 1,
            padding: Padding::same(kernel / 2),
        }
    }
}

/// A convolution: weight `[outputs, inputs, kernel, kernel]`.
#[derive(Debug)]
pub struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    options: ConvOptions,
}

impl Conv2d {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(
        inputs: usize,
        outputs: usize,
        options: ConvOptions,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let kernel = options.kernel;
        let weight = vb.get((outputs, inputs, kernel, kernel), "weight")?;
        let bias = Some(vb.get(outputs, "bias")?);
        Ok(Self {
            weight,
            bias,
            options,
        })
    }

    /// Of a weight `[outputs, inputs, kernel_height, kernel_width]` that was computed.
    pub const fn of(weight: Tensor, bias: Option<Tensor>, options: ConvOptions) -> Self {
        Self {
            weight,
            bias,
            options,
        }
    }

    /// `[batch, inputs, height, width]` to `[batch, outputs, out_height, out_width]`.
    pub fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        interrupt.check()?;
        let (batch, inputs, height, width) = xs.dims4()?;
        let (outputs, expected, kernel_height, kernel_width) = self.weight.dims4()?;
        if inputs != expected {
            candle_core::bail!("a convolution of {expected} channels was given {inputs}")
        }
        if !on_our_kernels(xs) {
            return self.forward_candle(xs);
        }
        let shape = ConvShape {
            batch,
            inputs,
            outputs,
            height,
            width,
            kernel: (kernel_height, kernel_width),
            stride: self.options.stride,
            padding: self.options.padding,
        };
        let Some((out_height, out_width)) = shape.out_size() else {
            candle_core::bail!(
                "a {kernel_height}x{kernel_width} kernel does not fit {width}x{height} pixels"
            )
        };
        let mut out = vec![0.0; batch * outputs * out_height * out_width];
        let xs = xs.contiguous()?;
        let stop = || interrupt.is_asked();
        let (input, weight) = (elements(&xs)?, elements(&self.weight)?);
        let bias = self.bias.as_ref().map(elements).transpose()?;
        kernels::conv2d(&shape, (&input, &weight, bias.as_deref()), &mut out, &stop)?;
        tensor_of(out, (batch, outputs, out_height, out_width))
    }

    fn forward_candle(&self, xs: &Tensor) -> Result<Tensor> {
        let Padding {
            top,
            left,
            bottom,
            right,
        } = self.options.padding;
        let even = top == left && top == bottom && top == right;
        let (xs, padding) = if even {
            (xs.clone(), top)
        } else {
            let padded = xs
                .pad_with_zeros(2, top, bottom)?
                .pad_with_zeros(3, left, right)?;
            (padded, 0)
        };
        let ys = xs.conv2d(&self.weight, padding, self.options.stride, 1, 1)?;
        match &self.bias {
            Some(bias) => ys.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?),
            None => Ok(ys),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn conv(inputs: usize, outputs: usize, options: ConvOptions, bias: bool) -> Conv2d {
        let kernel = options.kernel;
        let weight =
            Tensor::randn(0f32, 1.0, (outputs, inputs, kernel, kernel), &Device::Cpu).unwrap();
        let bias = bias.then(|| Tensor::randn(0f32, 1.0, outputs, &Device::Cpu).unwrap());
        Conv2d {
            weight,
            bias,
            options,
        }
    }

    fn assert_close(ours: &Tensor, theirs: &Tensor, tolerance: f32) {
        assert_eq!(ours.dims(), theirs.dims());
        let gap = (ours - theirs)
            .unwrap()
            .abs()
            .unwrap()
            .flatten_all()
            .unwrap()
            .max(0)
            .unwrap();
        assert!(gap.to_scalar::<f32>().unwrap() < tolerance, "gap {gap}");
    }

    #[test]
    fn our_convolution_is_candles_on_odd_shapes_strides_and_paddings() {
        let down = Padding {
            top: 0,
            left: 0,
            bottom: 1,
            right: 1,
        };
        let options = [
            ConvOptions::one(),
            ConvOptions::three(),
            ConvOptions::same(5),
            ConvOptions {
                stride: 2,
                ..ConvOptions::three()
            },
            ConvOptions {
                kernel: 3,
                stride: 2,
                padding: down,
            },
        ];
        let shapes = [
            (1, 1, 1, 2, 2),
            (2, 3, 5, 7, 11),
            (1, 16, 8, 33, 17),
            (3, 9, 4, 5, 64),
        ];
        for options in options {
            for (batch, inputs, outputs, height, width) in shapes {
                let conv = conv(inputs, outputs, options, height % 2 == 1);
                let xs =
                    Tensor::randn(0f32, 1.0, (batch, inputs, height, width), &Device::Cpu).unwrap();
                let ours = conv.forward(&xs, &Interrupt::never()).unwrap();
                assert_close(&ours, &conv.forward_candle(&xs).unwrap(), 1e-4);
            }
        }
    }

    #[test]
    fn large_inputs_are_cut_into_tiles_and_still_agree() {
        let conv = conv(40, 3, ConvOptions::three(), true);
        let xs = Tensor::randn(0f32, 1.0, (1, 40, 70, 90), &Device::Cpu).unwrap();
        let ours = conv.forward(&xs, &Interrupt::never()).unwrap();
        assert_close(&ours, &conv.forward_candle(&xs).unwrap(), 1e-4);
    }

    #[test]
    fn a_strided_input_is_taken_as_it_reads() {
        let conv = conv(4, 4, ConvOptions::three(), false);
        let xs = Tensor::randn(0f32, 1.0, (1, 6, 5, 4), &Device::Cpu)
            .unwrap()
            .transpose(1, 3)
            .unwrap();
        let ours = conv.forward(&xs, &Interrupt::never()).unwrap();
        assert_close(
            &ours,
            &conv.forward_candle(&xs.contiguous().unwrap()).unwrap(),
            1e-4,
        );
    }

    #[test]
    fn an_interrupt_ends_a_convolution() {
        let conv = conv(4, 4, ConvOptions::three(), false);
        let xs = Tensor::zeros((1, 4, 8, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(conv.forward(&xs, &Interrupt::when(|| true)).is_err());
    }
}
