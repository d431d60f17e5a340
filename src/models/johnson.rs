//! One style in a moment: a network that repaints whatever picture it is given.
//!
//! Johnson, Alahi and Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer and
//! Super-Resolution" (arXiv 1603.08155), with instance normalisation (Ulyanov et al. 2016, arXiv
//! 1607.08022) and pixels repeated before a convolution where it grows (Odena et al. 2016,
//! "Deconvolution and Checkerboard Artifacts"), in the layout PyTorch's example
//! `fast_neural_style` publishes it in. Widths and depth are read from the file.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::sizes::{count, shape};
use crate::nn::{
    Activation, Conv2d, ConvOptions, GroupNorm, Interrupt, add, channels_last, pad_reflected,
    upsample_nearest,
};
use crate::weights::{ModelError, Weights};

/// How people call the network.
const NAME: &str = "a quick style";
/// Added to every variance.
const EPSILON: f64 = 1e-5;
/// The network's own colours go from 0 to this.
const WHITE: f64 = 255.0;
/// Sides of the kernels at both ends, and of those between.
const WIDE: usize = 9;
const NARROW: usize = 3;

/// How large a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JohnsonLayout {
    /// Channels at the picture's size, at half and at a quarter of it.
    pub widths: [usize; 3],
    /// Pairs of convolutions at the smallest size.
    pub blocks: usize,
}

/// A convolution between two numbers of channels, its names in the file, and how it moves.
struct Part {
    conv: String,
    /// Of the last one there is none: it gives colours.
    norm: Option<String>,
    inputs: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    /// Whether its input is made twice as large first.
    doubles: bool,
}

impl JohnsonLayout {
    /// The published one.
    pub const PUBLISHED: Self = Self {
        widths: [32, 64, 128],
        blocks: 5,
    };

    fn of(weights: &Weights) -> Result<Self> {
        let width = |name: &str| {
            let [width, ..] = shape::<4>(weights, &format!("{name}.conv2d.weight"))?;
            Ok::<_, candle_core::Error>(width)
        };
        Ok(Self {
            widths: [width("conv1")?, width("conv2")?, width("conv3")?],
            blocks: count(weights, |block| {
                format!("res{}.conv1.conv2d.weight", block + 1)
            })?,
        })
    }

    /// From a picture to the smallest maps.
    fn shrinking(&self) -> [Part; 3] {
        let [a, b, c] = self.widths;
        let part = |number: usize, (inputs, outputs), (kernel, stride)| Part {
            conv: format!("conv{number}.conv2d"),
            norm: Some(format!("in{number}")),
            inputs,
            outputs,
            kernel,
            stride,
            doubles: false,
        };
        [
            part(1, (3, a), (WIDE, 1)),
            part(2, (a, b), (NARROW, 2)),
            part(3, (b, c), (NARROW, 2)),
        ]
    }

    fn block(&self, block: usize) -> [Part; 2] {
        let width = self.widths[2];
        [1, 2].map(|number| Part {
            conv: format!("res{}.conv{number}.conv2d", block + 1),
            norm: Some(format!("res{}.in{number}", block + 1)),
            inputs: width,
            outputs: width,
            kernel: NARROW,
            stride: 1,
            doubles: false,
        })
    }

    /// From the smallest maps to a picture.
    fn growing(&self) -> [Part; 3] {
        let [a, b, c] = self.widths;
        let part = |number: usize, (inputs, outputs), norm: Option<usize>| Part {
            conv: format!("deconv{number}.conv2d"),
            norm: norm.map(|norm| format!("in{norm}")),
            inputs,
            outputs,
            kernel: if norm.is_some() { NARROW } else { WIDE },
            stride: 1,
            doubles: norm.is_some(),
        };
        [
            part(1, (c, b), Some(4)),
            part(2, (b, a), Some(5)),
            part(3, (a, 3), None),
        ]
    }

    /// Names and shapes of all it is made of, in the order a picture meets them.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let blocks = (0..self.blocks).flat_map(|block| self.block(block));
        let parts = self.shrinking().into_iter().chain(blocks);
        let parts = parts.chain(self.growing());
        let of = |part: Part| {
            let (outputs, kernel) = (part.outputs, part.kernel);
            let conv = [
                (
                    format!("{}.weight", part.conv),
                    vec![outputs, part.inputs, kernel, kernel],
                ),
                (format!("{}.bias", part.conv), vec![outputs]),
            ];
            let norm = part.norm.into_iter().flat_map(move |norm| {
                ["weight", "bias"].map(|name| (format!("{norm}.{name}"), vec![outputs]))
            });
            conv.into_iter().chain(norm)
        };
        parts.flat_map(of).collect()
    }
}

/// A convolution over a reflection, normed picture by picture.
#[derive(Debug)]
struct Layer {
    conv: Conv2d,
    norm: Option<GroupNorm>,
    reflected: usize,
    doubles: bool,
}

impl Layer {
    fn new(part: &Part, vb: &VarBuilder<'_>) -> Result<Self> {
        let options = ConvOptions {
            stride: part.stride,
            ..ConvOptions::within(part.kernel)
        };
        let (inputs, outputs) = (part.inputs, part.outputs);
        let norm = part.norm.as_ref().map(|name| {
            // A group of one channel: of each channel its own mean and variance.
            GroupNorm::new(outputs, outputs, EPSILON, &vb.pp(name))
        });
        Ok(Self {
            conv: Conv2d::new(inputs, outputs, options, &vb.pp(&part.conv))?,
            norm: norm.transpose()?,
            reflected: part.kernel / 2,
            doubles: part.doubles,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut xs = xs.clone();
        if self.doubles {
            let (_, _, height, width) = xs.dims4()?;
            xs = upsample_nearest(&xs, (2 * height, 2 * width))?;
        }
        let xs = channels_last(&pad_reflected(&xs, self.reflected)?)?;
        let xs = self.conv.forward(&xs, interrupt)?;
        match &self.norm {
            Some(norm) => norm.forward(&xs),
            None => Ok(xs),
        }
    }
}

/// The network.
#[derive(Debug)]
pub struct Johnson {
    shrinking: Vec<Layer>,
    blocks: Vec<[Layer; 2]>,
    growing: Vec<Layer>,
}

impl Johnson {
    /// Pixels along each side of the smallest picture that can be repainted: the widest kernel must
    /// have something to reflect.
    pub const LEAST_SIDE: usize = WIDE / 2 + 1;

    /// Reads a file, to compute on the CPU: safetensors, or what torch writes.
    pub fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        Self::read(&Weights::open(path)?)
    }

    /// The same of a file that is open.
    pub fn read(weights: &Weights) -> std::result::Result<Self, ModelError> {
        Self::load(weights, &Device::Cpu)
    }

    /// Reads a network of whatever widths the file has.
    pub fn load(weights: &Weights, device: &Device) -> std::result::Result<Self, ModelError> {
        JohnsonLayout::of(weights)
            .and_then(|layout| Self::new(layout, &weights.builder(DType::F32, device)))
            .map_err(|error| weights.of_other_network(NAME, &error))
    }

    /// A network of tensors that may be learnt, by their names.
    pub fn of(layout: JohnsonLayout, tensors: HashMap<String, Tensor>) -> Result<Self> {
        let vb = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        Self::new(layout, &vb)
    }

    fn new(layout: JohnsonLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let layers = |parts: [Part; 3]| {
            let layers = parts.iter().map(|part| Layer::new(part, vb));
            layers.collect::<Result<Vec<_>>>()
        };
        let blocks = (0..layout.blocks).map(|block| {
            let [first, second] = layout.block(block);
            Ok([Layer::new(&first, vb)?, Layer::new(&second, vb)?])
        });
        Ok(Self {
            shrinking: layers(layout.shrinking())?,
            blocks: blocks.collect::<Result<_>>()?,
            growing: layers(layout.growing())?,
        })
    }

    /// About the bytes each pixel of a picture needs while the published network repaints it: maps at
    /// its size, what they are made of, and their reflections.
    pub const BYTES_PER_PIXEL: u64 =
        4 * JohnsonLayout::PUBLISHED.widths[0] as u64 * size_of::<f32>() as u64;

    /// Pictures `[batch, 3, height, width]` with values from 0 to 1 and sides from
    /// [`Self::LEAST_SIDE`] on, repainted: their sides are rounded up to multiples of four, their
    /// values about from 0 to 1.
    pub fn repaint(&self, pictures: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut xs = channels_last(&(pictures * WHITE)?)?;
        for layer in &self.shrinking {
            xs = Activation::Relu.forward(&layer.forward(&xs, interrupt)?)?;
        }
        for [first, second] in &self.blocks {
            let inner = Activation::Relu.forward(&first.forward(&xs, interrupt)?)?;
            xs = add(&xs, &second.forward(&inner, interrupt)?)?;
        }
        for layer in &self.growing {
            xs = layer.forward(&xs, interrupt)?;
            if layer.norm.is_some() {
                xs = Activation::Relu.forward(&xs)?;
            }
        }
        xs * WHITE.recip()
    }
}
