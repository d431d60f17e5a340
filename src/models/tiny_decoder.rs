//! Latents to pictures by a small network: TAESD's decoder, diffusers' `AutoencoderTiny`.
//!
//! A row of convolutions at one width, between them residual blocks; where the picture doubles, the
//! convolution after it has no bias. So the file tells all there is to know.

use std::collections::{BTreeSet, HashMap};

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::sizes::MOST;
use crate::nn::{Activation, Conv2d, ConvOptions, Interrupt, Then, channels_last, small};
use crate::weights::{ModelError, Weights};

/// How people call the network.
const NAME: &str = "a TAESD";
/// How the names of its layers begin: as diffusers writes them, as in both halves together, alone.
const PLACES: [&str; 4] = ["decoder.layers.", "decoder.", "taesd_decoder.", ""];
/// Latents are bent towards this and its negative.
const REACH: f64 = 3.0;
const COLOURS: usize = 3;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LayerKind {
    Plain,
    Doubling,
    Block,
}

/// What the file says of the decoder, before a weight is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TinyLayout {
    place: &'static str,
    /// By their numbers in the file.
    layers: Vec<(usize, LayerKind)>,
    pub latent_channels: usize,
    /// Channels of all layers but the ends.
    width: usize,
    /// Times the picture doubles.
    pub doublings: usize,
}

impl TinyLayout {
    /// A small one, in the names of diffusers: one block at each size.
    pub fn small(latent_channels: usize, width: usize, doublings: usize) -> Self {
        // Between the layers there are some without weights: an activation, and what doubles.
        let stage = |stage: usize| {
            let first = 2 + 3 * stage;
            let last = if stage < doublings {
                (first + 2, LayerKind::Doubling)
            } else {
                (first + 1, LayerKind::Plain)
            };
            [(first, LayerKind::Block), last]
        };
        Self {
            place: PLACES[0],
            layers: [(0, LayerKind::Plain)]
                .into_iter()
                .chain((0..=doublings).flat_map(stage))
                .collect(),
            latent_channels,
            width,
            doublings,
        }
    }

    /// `None` where a file holds no such network.
    pub fn of(weights: &Weights) -> Option<Self> {
        PLACES
            .into_iter()
            .find_map(|place| Self::at(weights, place))
    }

    fn at(weights: &Weights, place: &'static str) -> Option<Self> {
        let number = |name: &str| name.strip_prefix(place)?.split_once('.')?.0.parse().ok();
        let numbers: BTreeSet<usize> = weights.names().filter_map(number).collect();
        let has =
            |index: usize, part: &str| weights.shape(&format!("{place}{index}.{part}")).is_some();
        let kind = |index: usize| {
            // Elsewhere numbered layers are of other kinds.
            if has(index, "skip.weight") {
                return None;
            }
            Some(if has(index, "conv.4.weight") {
                LayerKind::Block
            } else if !has(index, "weight") {
                return None;
            } else if has(index, "bias") {
                LayerKind::Plain
            } else {
                LayerKind::Doubling
            })
        };
        let layers = numbers.into_iter().map(|index| Some((index, kind(index)?)));
        let layers: Vec<_> = layers.collect::<Option<_>>()?;
        let (&(first, begins), &(last, ends)) = (layers.first()?, layers.last()?);
        let count = |wanted| layers.iter().filter(|(_, kind)| *kind == wanted).count();
        let is_such =
            begins == LayerKind::Plain && ends == LayerKind::Plain && count(LayerKind::Block) > 0;
        let [width, latent_channels, 3, 3] = *weights.shape(&format!("{place}{first}.weight"))?
        else {
            return None;
        };
        let colours = weights.shape(&format!("{place}{last}.weight"))?.first();
        let fits = [width, latent_channels]
            .iter()
            .all(|&side| (1..=MOST).contains(&side));
        let doublings = count(LayerKind::Doubling);
        (is_such && fits && colours == Some(&COLOURS)).then_some(Self {
            place,
            layers,
            latent_channels,
            width,
            doublings,
        })
    }

    /// Names and shapes of all it is made of, in the order latents meet them.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        self.layers
            .iter()
            .flat_map(|&(index, kind)| {
                let name = format!("{}{index}", self.place);
                let (inputs, outputs) = self.ends(index);
                let weight = vec![outputs, inputs, 3, 3];
                match kind {
                    LayerKind::Plain => vec![
                        (format!("{name}.weight"), weight),
                        (format!("{name}.bias"), vec![outputs]),
                    ],
                    LayerKind::Doubling => vec![(format!("{name}.weight"), weight)],
                    LayerKind::Block => BLOCK
                        .iter()
                        .flat_map(|part| {
                            [
                                (format!("{name}.{part}.weight"), weight.clone()),
                                (format!("{name}.{part}.bias"), vec![outputs]),
                            ]
                        })
                        .collect(),
                }
            })
            .collect()
    }

    /// Channels a layer takes and gives.
    fn ends(&self, index: usize) -> (usize, usize) {
        let is = |end: Option<&(usize, LayerKind)>| end.is_some_and(|(own, _)| *own == index);
        let inputs = if is(self.layers.first()) {
            self.latent_channels
        } else {
            self.width
        };
        let outputs = if is(self.layers.last()) {
            COLOURS
        } else {
            self.width
        };
        (inputs, outputs)
    }

    /// Bytes that decoding latents of a height and width holds at once: at the end of a block the
    /// picture it was given, two layers' and the sum in both orders.
    pub(super) fn decoder_bytes(&self, (height, width): (usize, usize)) -> u64 {
        const MAPS: usize = 4;
        let pixels = (height * width) << (2 * self.doublings);
        (MAPS * self.width * pixels * size_of::<f32>()) as u64
    }
}

/// A block's convolutions.
const BLOCK: [&str; 3] = ["conv.0", "conv.2", "conv.4"];

impl TinyDecoder {
    pub fn read(
        weights: &Weights,
        layout: &TinyLayout,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        Self::new(layout, &weights.builder(DType::F32, device))
            .map_err(|error| weights.of_other_network(NAME, &error))
    }

    /// A network of tensors that may be learnt, by their names.
    pub fn of(layout: &TinyLayout, tensors: HashMap<String, Tensor>) -> Result<Self> {
        Self::new(
            layout,
            &VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu),
        )
    }

    fn new(layout: &TinyLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let layer = |&(index, kind): &(usize, LayerKind)| {
            let vb = vb.pp(format!("{}{index}", layout.place));
            let ends = layout.ends(index);
            Ok(match kind {
                LayerKind::Plain => Layer::Plain(conv(ends, true, &vb)?),
                LayerKind::Doubling => Layer::Doubling(conv(ends, false, &vb)?),
                LayerKind::Block => {
                    let [first, second, third] = BLOCK.map(|part| conv(ends, true, &vb.pp(part)));
                    Layer::Block([first?, second?, third?])
                }
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

/// A convolution of 3×3 between two numbers of channels.
fn conv((inputs, outputs): (usize, usize), has_bias: bool, vb: &VarBuilder<'_>) -> Result<Conv2d> {
    let weight = vb.get((outputs, inputs, 3, 3), "weight")?;
    let bias = has_bias.then(|| small(&vb.get(outputs, "bias")?));
    Conv2d::of(&weight, bias.transpose()?, ConvOptions::three())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::write_tensors;

    #[test]
    fn a_small_one_is_known_again_by_its_file() {
        for (channels, width, doublings) in [(4, 8, 2), (16, 4, 0), (3, 3, 3)] {
            let layout = TinyLayout::small(channels, width, doublings);
            let tensors: Vec<_> = layout
                .tensors()
                .into_iter()
                .map(|(name, shape)| {
                    let values = vec![0.0; shape.iter().product()];
                    (name, shape, values)
                })
                .collect();
            let tensors: Vec<_> = tensors
                .iter()
                .map(|(name, shape, values)| (&**name, &shape[..], &values[..]))
                .collect();
            let file = tempfile::NamedTempFile::with_suffix(".safetensors").unwrap();
            std::fs::write(file.path(), write_tensors(&tensors).unwrap()).unwrap();
            let weights = Weights::open(file.path()).unwrap();
            assert_eq!(TinyLayout::of(&weights).as_ref(), Some(&layout));
            let decoder = TinyDecoder::read(&weights, &layout, &Device::Cpu).unwrap();
            let latents = Tensor::zeros((1, channels, 5, 3), DType::F32, &Device::Cpu).unwrap();
            let made = decoder.decode(&latents, &Interrupt::never()).unwrap();
            let side = |latents: usize| latents << doublings;
            assert_eq!(made.dims(), [1, 3, side(5), side(3)]);
        }
    }
}
