//! Convolutions that see all of a picture: Chi et al. 2020, "Fast Fourier convolution".
//!
//! Some channels are local, the others global: what is global passes through its waves, where a
//! product at one frequency reaches every pixel. Both lie in one tensor, local channels first.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::normalized::{Affine, weight};
use crate::nn::{Activation, Conv2d, ConvOptions, Interrupt, Then, irfft2, pad_reflected, rfft2};

/// Two Fourier convolutions, and what they are given added to what they give.
#[derive(Debug)]
pub(super) struct FourierBlock {
    convs: [FourierConv; 2],
}

impl FourierBlock {
    /// Reads `conv1` and `conv2` of `vb`, for so many local and global channels.
    pub(super) fn new(channels: (usize, usize), vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            convs: [
                FourierConv::new(channels, &vb.pp("conv1"))?,
                FourierConv::new(channels, &vb.pp("conv2"))?,
            ],
        })
    }

    /// `[batch, local + global, height, width]`, shape kept.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let ys = self.convs[0].forward(xs, interrupt)?;
        xs + self.convs[1].forward(&ys, interrupt)?
    }
}

/// A Fourier convolution with its normalisation and activation.
#[derive(Debug)]
struct FourierConv {
    channels: (usize, usize),
    /// From all channels.
    to_local: Conv2d,
    /// From local channels.
    to_global: Conv2d,
    /// From global channels to global ones.
    spectral: Spectral,
}

impl FourierConv {
    fn new((local, global): (usize, usize), vb: &VarBuilder<'_>) -> Result<Self> {
        let (local_norm, global_norm) = (
            Affine::of_batch_norm(local, &vb.pp("bn_l"))?,
            Affine::of_batch_norm(global, &vb.pp("bn_g"))?,
        );
        let vb = vb.pp("ffc");
        let kernel = |inputs, outputs, name: &str| weight(inputs, outputs, 3, &vb.pp(name));
        let to_local = Tensor::cat(
            &[
                kernel(local, local, "convl2l")?,
                kernel(global, local, "convg2l")?,
            ],
            1,
        )?;
        let to_global = global_norm.scaled(&kernel(local, global, "convl2g")?, 0)?;
        let spectral = Spectral::new(global, &global_norm, &vb.pp("convg2g"))?;
        let options = ConvOptions::within(3);
        Ok(Self {
            channels: (local, global),
            to_local: Conv2d::of(
                &local_norm.scaled(&to_local, 0)?,
                Some(local_norm.shift),
                options,
            )?,
            to_global: Conv2d::of(&to_global, Some(global_norm.shift), options)?,
            spectral,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (local, global) = self.channels;
        let padded = pad_reflected(xs, 1)?;
        let to_local = self.to_local.forward(&padded, interrupt)?;
        let to_global = self
            .to_global
            .forward(&padded.narrow(1, 0, local)?, interrupt)?;
        let spectral = self
            .spectral
            .forward(&xs.narrow(1, local, global)?, interrupt)?;
        Tensor::cat(&[to_local, (to_global + spectral)?], 1)?.relu()
    }
}

/// A product of channels pixel by pixel, and one frequency by frequency, at half the channels.
#[derive(Debug)]
struct Spectral {
    enter: Conv2d,
    /// Over real and imaginary parts, side by side for each channel.
    waves: Conv2d,
    leave: Conv2d,
}

impl Spectral {
    /// What leaves is scaled as `norm` has it; it is shifted elsewhere.
    fn new(channels: usize, norm: &Affine, vb: &VarBuilder<'_>) -> Result<Self> {
        let half = channels / 2;
        let normalized = |inputs, outputs, conv: &VarBuilder<'_>, norm: &VarBuilder<'_>| {
            let norm = Affine::of_batch_norm(outputs, norm)?;
            let kernel = norm.scaled(&weight(inputs, outputs, 1, conv)?, 0)?;
            Conv2d::of(&kernel, Some(norm.shift), ConvOptions::one())
        };
        let enter = normalized(channels, half, &vb.pp("conv1.0"), &vb.pp("conv1.1"))?;
        let waves = vb.pp("fu");
        let waves = normalized(2 * half, 2 * half, &waves.pp("conv_layer"), &waves.pp("bn"))?;
        let leave = norm.scaled(&weight(half, channels, 1, &vb.pp("conv2"))?, 0)?;
        Ok(Self {
            enter,
            waves,
            leave: Conv2d::of(&leave, None, ConvOptions::one())?,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let then = Then::activate(Activation::Relu);
        let xs = self.enter.forward_then(xs, then, interrupt)?;
        let waves = rfft2(&xs, interrupt)?;
        let waves = self.waves.forward_then(&waves, then, interrupt)?;
        let ys = irfft2(&waves, xs.dim(3)?, interrupt)?;
        self.leave.forward(&(xs + ys)?, interrupt)
    }
}
