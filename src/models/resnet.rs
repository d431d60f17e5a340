//! The residual block shared by UNet and autoencoder: diffusers' `ResnetBlock2D`, and the
//! convolutions that halve and double the picture.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::kernels::Padding;
use crate::nn::{
    Activation, Conv2d, ConvOptions, GroupNorm, Interrupt, Linear, Then, upsample_nearest,
};

/// Sizes of a residual block.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResnetConfig {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Width of the timestep embedding; `None` in an autoencoder.
    pub(super) time_width: Option<usize>,
    pub(super) groups: usize,
    pub(super) eps: f64,
    /// What the sum of both ways is divided by.
    pub(super) output_scale: f64,
}

/// Two convolutions, each after a group norm and `SiLU`, beside a shortcut.
#[derive(Debug)]
pub(super) struct ResnetBlock {
    norm1: GroupNorm,
    conv1: Conv2d,
    time: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv2d,
    shortcut: Option<Conv2d>,
    output_scale: f64,
}

impl ResnetBlock {
    pub(super) fn new(config: ResnetConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let ResnetConfig {
            inputs,
            outputs,
            time_width,
            groups,
            eps,
            output_scale,
        } = config;
        let time = time_width
            .map(|width| Linear::new(width, outputs, &vb.pp("time_emb_proj")))
            .transpose()?;
        let shortcut = (inputs != outputs)
            .then(|| Conv2d::new(inputs, outputs, ConvOptions::one(), &vb.pp("conv_shortcut")))
            .transpose()?;
        Ok(Self {
            norm1: GroupNorm::new(groups, inputs, eps, &vb.pp("norm1"))?.then_silu(),
            conv1: Conv2d::new(inputs, outputs, ConvOptions::three(), &vb.pp("conv1"))?,
            time,
            norm2: GroupNorm::new(groups, outputs, eps, &vb.pp("norm2"))?.then_silu(),
            conv2: Conv2d::new(outputs, outputs, ConvOptions::three(), &vb.pp("conv2"))?,
            shortcut,
            output_scale,
        })
    }

    /// `xs` `[batch, inputs, height, width]`, `time` `[1, time_width]` or
    /// one row for each picture; returns
    /// `[batch, outputs, height, width]`.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        time: Option<&Tensor>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        interrupt.check()?;
        let shift = match (&self.time, time) {
            (Some(linear), Some(time)) => {
                Some(linear.forward(&Activation::Silu.forward(time)?, interrupt)?)
            }
            _ => None,
        };
        let then = Then {
            shift: shift.as_ref(),
            ..Then::default()
        };
        let hidden = self
            .conv1
            .forward_normed(&self.norm1, xs, then, interrupt)?;
        let shortcut = match &self.shortcut {
            Some(shortcut) => &shortcut.forward(xs, interrupt)?,
            None => xs,
        };
        let then = Then::plus(shortcut);
        let sum = self
            .conv2
            .forward_normed(&self.norm2, &hidden, then, interrupt)?;
        if self.output_scale == 1.0 {
            Ok(sum)
        } else {
            sum / self.output_scale
        }
    }
}

/// Halves width and height with a strided convolution.
#[derive(Debug)]
pub(super) struct Downsample {
    conv: Conv2d,
}

impl Downsample {
    /// `padding` 0 pads one pixel at the right and at the bottom alone, as the autoencoder does.
    pub(super) fn new(channels: usize, padding: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let padding = if padding == 0 {
            Padding {
                top: 0,
                left: 0,
                bottom: 1,
                right: 1,
            }
        } else {
            Padding::same(padding)
        };
        let options = ConvOptions {
            kernel: 3,
            stride: 2,
            padding,
        };
        Ok(Self {
            conv: Conv2d::new(channels, channels, options, &vb.pp("conv"))?,
        })
    }

    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.conv.forward(xs, interrupt)
    }
}

/// Grows to a larger size, then smooths with a convolution.
#[derive(Debug)]
pub(super) struct Upsample {
    conv: Conv2d,
}

impl Upsample {
    pub(super) fn new(channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            conv: Conv2d::new(channels, channels, ConvOptions::three(), &vb.pp("conv"))?,
        })
    }

    /// `size` is the height and width to reach, about twice those of `xs`.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        size: (usize, usize),
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (_, _, height, width) = xs.dims4()?;
        if size == (2 * height, 2 * width) {
            self.conv.forward_doubled(xs, interrupt)
        } else {
            self.conv.forward(&upsample_nearest(xs, size)?, interrupt)
        }
    }
}
