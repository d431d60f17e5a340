//! Latents to pictures by a small network: TAESD's decoder, diffusers' `AutoencoderTiny`.
//!
//! A row of convolutions at one width, between them residual blocks; where the picture doubles, the
//! convolution after it has no bias. So the file tells all there is to know.

use std::collections::BTreeSet;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::sizes::shape;
use crate::nn::{Activation, Conv2d, ConvOptions, Interrupt, Then, channels_last, small};
use crate::weights::{ModelError, Weights};

/// How people call the network.
const NAME: &str = "a TAESD";
/// How the names of its layers begin: as diffusers writes them, as in both halves together, alone.
const PLACES: [&str; 4] = ["decoder.layers.", "decoder.", "taesd_decoder.", ""];
/// Latents are bent towards this and its negative.
const REACH: f64 = 3.0;

/// The decoder, ready to run.
#[derive(Debug)]
pub struct TinyDecoder {
    layers: Vec<Layer>,
}

#[derive(Debug)]
enum Layer {
    /// The first and the last.
    Plain(Conv2d),
    /// Of a picture of twice the size.
    Doubling(Conv2d),
    Block([Conv2d; 3]),
}

/// What the file says of the decoder, before a weight is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TinyLayout {
    place: &'static str,
    layers: Vec<usize>,
    pub latent_channels: usize,
    /// Channels of all layers but the ends.
    width: usize,
    /// Times the picture doubles.
    pub doublings: usize,
}

impl TinyLayout {
    /// `None` where a file holds no such network.
    pub fn of(weights: &Weights) -> Option<Self> {
        PLACES
            .into_iter()
            .find_map(|place| Self::at(weights, place))
    }

    fn at(weights: &Weights, place: &'static str) -> Option<Self> {
        let number = |name: &str| name.strip_prefix(place)?.split_once('.')?.0.parse().ok();
        let layers: BTreeSet<usize> = weights.names().filter_map(number).collect();
        let layers: Vec<_> = layers.into_iter().collect();
        let (&first, &last) = (layers.first()?, layers.last()?);
        let has =
            |index: usize, part: &str| weights.shape(&format!("{place}{index}.{part}")).is_some();
        // Elsewhere numbered layers are of other kinds.
        let blocks = layers
            .iter()
            .filter(|&&index| has(index, "conv.4.weight"))
            .count();
        let is_such = blocks > 0
            && layers
                .iter()
                .all(|&index| has(index, "weight") || has(index, "conv.4.weight"))
            && !layers.iter().any(|&index| has(index, "skip.weight"))
            && has(first, "bias")
            && has(last, "bias");
        let doublings = layers
            .iter()
            .filter(|&&index| has(index, "weight") && !has(index, "bias"))
            .count();
        let [width, latent_channels, 3, 3] = *weights.shape(&format!("{place}{first}.weight"))?
        else {
            return None;
        };
        let colours = weights.shape(&format!("{place}{last}.weight"))?.first();
        (is_such && colours == Some(&3)).then_some(Self {
            place,
            layers,
            latent_channels,
            width,
            doublings,
        })
    }

    /// Bytes that decoding latents of a height and width holds at once: at the end of a block the
    /// picture it was given, two layers' and the sum in both orders.
    pub(super) fn decoder_bytes(&self, (height, width): (usize, usize)) -> u64 {
        const MAPS: usize = 4;
        let pixels = (height * width) << (2 * self.doublings);
        (MAPS * self.width * pixels * size_of::<f32>()) as u64
    }
}

impl TinyDecoder {
    pub fn read(
        weights: &Weights,
        layout: &TinyLayout,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        Self::new(weights, layout, device).map_err(|error| weights.of_other_network(NAME, &error))
    }

    fn new(weights: &Weights, layout: &TinyLayout, device: &Device) -> Result<Self> {
        let vb = weights.builder(DType::F32, device);
        let layer = |&index: &usize| {
            let name = format!("{}{index}", layout.place);
            let vb = vb.pp(&name);
            if weights.shape(&format!("{name}.weight")).is_none() {
                let convs = ["conv.0", "conv.2", "conv.4"].map(|part| {
                    let name = format!("{name}.{part}");
                    conv(weights, &name, &vb.pp(part))
                });
                let [first, second, third] = convs;
                return Ok(Layer::Block([first?, second?, third?]));
            }
            let has_bias = weights.shape(&format!("{name}.bias")).is_some();
            let conv = conv(weights, &name, &vb)?;
            Ok(if has_bias {
                Layer::Plain(conv)
            } else {
                Layer::Doubling(conv)
            })
        };
        Ok(Self {
            layers: layout.layers.iter().map(layer).collect::<Result<_>>()?,
        })
    }

    /// Latents `[batch, latent_channels, height, width]` as the denoiser sees them, scaled, to pictures
    /// in about [-1, 1], 2 to the power of its doublings as large.
    pub fn decode(&self, latents: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let bent = ((latents / REACH)?.tanh()? * REACH)?;
        let mut xs = channels_last(&bent)?;
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            xs = match layer {
                Layer::Plain(conv) if index < last => {
                    conv.forward_then(&xs, Then::activate(Activation::Relu), interrupt)?
                }
                Layer::Plain(conv) => conv.forward(&xs, interrupt)?,
                Layer::Doubling(conv) => conv.forward_doubled(&xs, interrupt)?,
                Layer::Block(convs) => block(convs, &xs, interrupt)?,
            };
        }
        // Its colours go from 0 to 1.
        ((xs * 2.0)? - 1.0)?.contiguous()
    }
}

fn block(
    [first, second, third]: &[Conv2d; 3],
    xs: &Tensor,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    let activate = Then::activate(Activation::Relu);
    let hidden = first.forward_then(xs, activate, interrupt)?;
    let hidden = second.forward_then(&hidden, activate, interrupt)?;
    let sum = third.forward_then(&hidden, Then::plus(xs), interrupt)?;
    // In the order of memory.
    sum.permute((0, 2, 3, 1))?.relu()?.permute((0, 3, 1, 2))
}

/// A convolution of 3×3 whose widths the file tells.
fn conv(weights: &Weights, name: &str, vb: &VarBuilder<'_>) -> Result<Conv2d> {
    let shape @ [outputs, ..] = shape::<4>(weights, &format!("{name}.weight"))?;
    let weight = vb.get(&shape[..], "weight")?;
    let bias = if weights.shape(&format!("{name}.bias")).is_some() {
        Some(small(&vb.get(outputs, "bias")?)?)
    } else {
        None
    };
    Conv2d::of(&weight, bias, ConvOptions::three())
}
