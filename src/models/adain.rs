//! Any style in a moment: features of a picture take over the mean and deviation of another's, and a
//! decoder draws them. Huang and Belongie 2017, "Arbitrary Style Transfer in Real-time with Adaptive
//! Instance Normalization" (arXiv 1703.06868), in the layout its PyTorch implementation is published
//! in: `vgg_normalised.pth` and `decoder.pth`, each a sequence whose numbers are names.

use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::sizes::shape;
use crate::nn::{
    Activation, Conv2d, ConvOptions, Interrupt, Then, channels_last, max_pool, pad_reflected,
    upsample_nearest,
};
use crate::weights::{ModelError, Weights};

/// How people call the networks.
const ENCODER_NAME: &str = "the encoder of AdaIN";
const DECODER_NAME: &str = "the decoder of AdaIN";
/// Added to every variance.
const EPSILON: f64 = 1e-5;
/// Pixels along a side that are one place of the features.
const FACTOR: usize = 8;

/// What lies between the convolutions of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    Pool,
    Upsample,
}

/// A convolution's number in its sequence, the side of its kernel, whether it is activated, and what
/// follows it.
type Part = (usize, usize, bool, Between);

use Between::{Nothing, Pool, Upsample};

const ENCODER: [Part; 10] = [
    (0, 1, false, Nothing),
    (2, 3, true, Nothing),
    (5, 3, true, Pool),
    (9, 3, true, Nothing),
    (12, 3, true, Pool),
    (16, 3, true, Nothing),
    (19, 3, true, Nothing),
    (22, 3, true, Nothing),
    (25, 3, true, Pool),
    (29, 3, true, Nothing),
];

const DECODER: [Part; 9] = [
    (1, 3, true, Upsample),
    (5, 3, true, Nothing),
    (8, 3, true, Nothing),
    (11, 3, true, Nothing),
    (14, 3, true, Upsample),
    (18, 3, true, Nothing),
    (21, 3, true, Upsample),
    (25, 3, true, Nothing),
    (28, 3, false, Nothing),
];

/// Convolutions in a row, with reflections around them.
#[derive(Debug)]
struct Sequence {
    parts: Vec<(Conv2d, Part)>,
    inputs: usize,
    outputs: usize,
}

impl Sequence {
    fn load(
        weights: &Weights,
        parts: &[Part],
        (name, device): (&str, &Device),
    ) -> std::result::Result<Self, ModelError> {
        let widths = |&(place, kernel, ..): &Part| {
            let name = format!("{place}.weight");
            let [outputs, inputs, high, wide] = shape(weights, &name)?;
            if [high, wide] != [kernel; 2] {
                candle_core::bail!("tensor {name} is no kernel of {kernel}x{kernel}")
            }
            Ok((inputs, outputs))
        };
        let layout = parts.iter().map(widths).collect::<Result<Vec<_>>>();
        layout
            .and_then(|layout| {
                let vb = weights.builder(DType::F32, device);
                Self::new(parts, &layout, &vb)
            })
            .map_err(|error| weights.of_other_network(name, &error))
    }

    fn new(parts: &[Part], widths: &[(usize, usize)], vb: &VarBuilder<'_>) -> Result<Self> {
        let follow = widths.windows(2).all(|pair| pair[0].1 == pair[1].0);
        let (Some(first), Some(last)) = (widths.first(), widths.last()) else {
            candle_core::bail!("a sequence of nothing")
        };
        if !follow {
            candle_core::bail!("its convolutions do not follow each other: {widths:?}")
        }
        let convs = parts.iter().zip(widths).map(|(part, (inputs, outputs))| {
            let options = ConvOptions::within(part.1);
            let vb = vb.pp(part.0.to_string());
            Ok((Conv2d::new(*inputs, *outputs, options, &vb)?, *part))
        });
        Ok(Self {
            parts: convs.collect::<Result<_>>()?,
            inputs: first.0,
            outputs: last.1,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut xs = channels_last(xs)?;
        for (conv, (_, kernel, activated, between)) in &self.parts {
            if *kernel > 1 {
                xs = channels_last(&pad_reflected(&xs, kernel / 2)?)?;
            }
            let then = Then {
                activate: activated.then_some(Activation::Relu),
                ..Then::default()
            };
            xs = conv.forward_then(&xs, then, interrupt)?;
            xs = match between {
                Nothing => xs,
                Pool => max_pool(&evened(&xs)?)?,
                Upsample => {
                    let (_, _, height, width) = xs.dims4()?;
                    upsample_nearest(&xs, (2 * height, 2 * width))?
                }
            };
        }
        Ok(xs)
    }
}

/// With its last row and column once more where their number is odd: halves are rounded up then.
fn evened(xs: &Tensor) -> Result<Tensor> {
    let mut xs = xs.clone();
    for dim in [2, 3] {
        let side = xs.dim(dim)?;
        if side % 2 == 1 {
            xs = Tensor::cat(&[&xs, &xs.narrow(dim, side - 1, 1)?], dim)?;
        }
    }
    channels_last(&xs)
}

/// Both networks.
#[derive(Debug)]
pub struct AdaIn {
    encoder: Sequence,
    decoder: Sequence,
    device: Device,
}

impl AdaIn {
    /// Pixels along each side of the smallest picture that can be looked at: what is left of it last
    /// must have something to reflect.
    pub const LEAST_SIDE: usize = FACTOR + 1;
    /// About the bytes each pixel of a picture needs while the published networks draw it: maps of 64
    /// channels, what they are made of, and their reflections.
    pub const BYTES_PER_PIXEL: u64 = 4 * 64 * 4;

    /// Reads two files, to compute on the CPU: safetensors, or what torch writes.
    pub fn open(encoder: &Path, decoder: &Path) -> std::result::Result<Self, ModelError> {
        let (encoder, decoder) = (Weights::open(encoder)?, Weights::open(decoder)?);
        Self::read((&encoder, &decoder))
    }

    /// The same of files that are open.
    pub fn read(files: (&Weights, &Weights)) -> std::result::Result<Self, ModelError> {
        Self::load(files, &Device::Cpu)
    }

    /// Reads networks of whatever widths the files have.
    pub fn load(
        (encoder, decoder): (&Weights, &Weights),
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        let of_decoder = decoder;
        let encoder = Sequence::load(encoder, &ENCODER, (ENCODER_NAME, device))?;
        let decoder = Sequence::load(decoder, &DECODER, (DECODER_NAME, device))?;
        let check = || {
            let (made, taken) = (encoder.outputs, decoder.inputs);
            if made != taken {
                candle_core::bail!("it takes {taken} channels, and the encoder makes {made}")
            }
            if (encoder.inputs, decoder.outputs) != (3, 3) {
                candle_core::bail!("pictures have 3 channels")
            }
            Ok(())
        };
        check().map_err(|error| of_decoder.of_other_network(DECODER_NAME, &error))?;
        Ok(Self {
            encoder,
            decoder,
            device: device.clone(),
        })
    }

    /// Where it computes.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// Features `[batch, channels, height / 8, width / 8]`, rounded up, of pictures `[batch, 3,
    /// height, width]` with values from 0 to 1 and sides from [`Self::LEAST_SIDE`] on.
    pub fn look(&self, pictures: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.encoder.forward(pictures, interrupt)
    }

    /// The pictures that features tell of, eight times as high and wide; values about from 0 to 1.
    pub fn draw(&self, features: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.decoder.forward(features, interrupt)
    }
}

/// Features `[batch, channels, height, width]` with the mean and deviation each channel has in
/// `style`, `strength` of the way: 0 leaves them, 1 is all of it.
pub fn with_moments_of(content: &Tensor, style: &Tensor, strength: f64) -> Result<Tensor> {
    let moments = |features: &Tensor| -> Result<(Tensor, Tensor)> {
        let rows = features.contiguous()?.flatten_from(2)?;
        let mean = rows.mean_keepdim(2)?.unsqueeze(3)?;
        let deviation = (rows.var_keepdim(2)? + EPSILON)?.sqrt()?.unsqueeze(3)?;
        Ok((mean, deviation))
    };
    let content = content.contiguous()?;
    let ((mean, deviation), (style_mean, style_deviation)) = (moments(&content)?, moments(style)?);
    let moved = content
        .broadcast_sub(&mean)?
        .broadcast_mul(&style_deviation.broadcast_div(&deviation)?)?
        .broadcast_add(&style_mean)?;
    (moved * strength)? + (content * (1.0 - strength))?
}
