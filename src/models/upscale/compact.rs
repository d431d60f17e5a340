//! `SRVGGNetCompact`: convolutions at the picture's own size, whose last makes the pixels of the larger
//! one. Wang et al. 2021, "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure
//! Synthetic Data", as published for videos of anime (animevideo) and for pictures of all kinds
//! (general).

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::models::held::Held;
use crate::models::sizes::{count, shape};
use crate::nn::{Conv2d, ConvOptions, Interrupt, Then, pixel_shuffle};
use crate::weights::Weights;

/// Larger than anybody trains.
const MOST_SCALE: usize = 16;

/// Sizes of a compact network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactLayout {
    /// Before "body" in every name, with the dot.
    pub prefix: String,
    /// Of the picture.
    pub channels: usize,
    /// Channels inside.
    pub features: usize,
    /// Convolutions followed by a `PReLU`; one more is the last.
    pub activated: usize,
    pub scale: usize,
}

impl CompactLayout {
    /// Tensors that others do not have together.
    pub(super) const MARKS: [&'static str; 2] = ["body.0.weight", "body.2.weight"];

    /// That of the published realesr-general-x4v3.
    pub fn general() -> Self {
        Self {
            prefix: "params.".to_owned(),
            channels: 3,
            features: 64,
            activated: 33,
            scale: 4,
        }
    }

    /// Reads the shapes alone.
    pub(super) fn of(weights: &Weights, prefix: String) -> Result<Self> {
        let name = |index: usize| format!("{prefix}body.{index}.weight");
        let [features, channels, ..]: [usize; 4] = shape(weights, &name(0))?;
        // Convolutions at even places, activations between them.
        let activated = count(weights, |at| name(2 * at + 1))?;
        if activated == 0 {
            candle_core::bail!(
                "it is a compact network without PReLU, and whether it has ReLU or leaky ReLU its \
                 file does not tell"
            )
        }
        let [outputs, ..]: [usize; 4] = shape(weights, &name(2 * activated))?;
        let scale = (outputs / channels).isqrt();
        if channels * scale * scale != outputs || scale > MOST_SCALE {
            candle_core::bail!("it makes {outputs} values of each pixel of {channels} channels")
        }
        Ok(Self {
            prefix,
            channels,
            features,
            activated,
            scale,
        })
    }

    /// One pixel for each convolution.
    pub(super) const fn reach(&self) -> usize {
        self.activated + 1
    }

    /// What a call holds of a picture of so many pixels, beside the picture.
    pub(super) fn hold(&self, held: &mut Held, pixels: usize) {
        let (map, made) = (
            self.features * pixels,
            self.channels * self.scale.pow(2) * pixels,
        );
        held.add(map);
        if self.activated > 1 {
            held.pass(map);
        }
        // What it makes, over the picture's repeated pixels; then in their places.
        held.pass(2 * made);
        held.drop(map);
        held.pass(2 * made);
    }
}

#[derive(Debug)]
pub(super) struct Compact {
    /// Each with what its `PReLU` keeps of values below 0: `[features]`.
    activated: Vec<(Conv2d, Tensor)>,
    last: Conv2d,
    scale: usize,
}

impl Compact {
    pub(super) fn new(layout: &CompactLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let CompactLayout {
            prefix,
            channels,
            features,
            activated,
            scale,
        } = layout;
        let at = |index: usize| vb.pp(format!("{prefix}body.{index}"));
        let conv =
            |inputs, outputs, index| Conv2d::new(inputs, outputs, ConvOptions::three(), &at(index));
        let with_prelu = |index: usize| {
            let inputs = if index == 0 { *channels } else { *features };
            let below = at(2 * index + 1).get(*features, "weight")?;
            Ok((conv(inputs, *features, 2 * index)?, below))
        };
        Ok(Self {
            activated: (0..*activated).map(with_prelu).collect::<Result<_>>()?,
            last: conv(*features, channels * scale * scale, 2 * activated)?,
            scale: *scale,
        })
    }

    /// `[batch, channels, height, width]` to that of `scale` times the size.
    pub(super) fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut xs = picture.clone();
        for (conv, below) in &self.activated {
            xs = conv.forward_then(&xs, Then::prelu(below), interrupt)?;
        }
        // What is learned is the difference to the picture with its pixels repeated.
        let base = repeated(picture, self.scale * self.scale)?;
        xs = self.last.forward_then(&xs, Then::plus(&base), interrupt)?;
        drop(base);
        pixel_shuffle(&xs, self.scale)
    }
}

/// Each channel as many times, one after the other.
fn repeated(picture: &Tensor, times: usize) -> Result<Tensor> {
    let pixels = picture.permute((0, 2, 3, 1))?;
    let (batch, height, width, channels) = pixels.dims4()?;
    pixels
        .unsqueeze(4)?
        .broadcast_as((batch, height, width, channels, times))?
        .reshape((batch, height, width, channels * times))?
        .permute((0, 3, 1, 2))
}
