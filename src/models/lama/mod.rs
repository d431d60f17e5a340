//! big-lama: a network that fills holes of any size from all of the picture at once. Suvorov et al.
//! 2022, "Resolution-robust large mask inpainting with Fourier convolutions" (arXiv 2109.07161), in the
//! arrangement of the published big-lama.

mod fourier_conv;
mod layout;
mod normalized;

use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use self::fourier_conv::FourierBlock;
pub use self::layout::LamaLayout;
use self::normalized::{Affine, weight};
use crate::nn::{Activation, Conv2d, ConvOptions, DoublingConv2d, Interrupt, Then, pad_reflected};
use crate::weights::{ModelError, Weights};

/// How people call the network.
const NAME: &str = "big-lama";
/// Side of the first and the last kernel, which work at the picture's own size.
const OUTER_KERNEL: usize = 7;
/// The authors extend pictures to multiples of this.
const LEAST_MULTIPLE: usize = 8;

/// The generator, its batch normalisations part of the convolutions before them.
#[derive(Debug)]
pub struct Lama {
    first: Conv2d,
    down: Vec<Conv2d>,
    blocks: Vec<FourierBlock>,
    up: Vec<DoublingConv2d>,
    last: Conv2d,
    device: Device,
}

impl Lama {
    /// Reads a file, to compute on the CPU.
    pub fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        Self::load(&Weights::open(path)?, &Device::Cpu)
    }

    /// Reads a network of whatever depth and width the file has, from the authors' checkpoint, from
    /// its `TorchScript` form or from safetensors.
    pub fn load(weights: &Weights, device: &Device) -> std::result::Result<Self, ModelError> {
        LamaLayout::of(weights)
            .and_then(|layout| Self::new(&layout, &weights.builder(DType::F32, device)))
            .map_err(|error| weights.of_other_network(NAME, &error))
    }

    /// `vb` gives tensors by the names they have in the file.
    pub fn new(layout: &LamaLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let layer = |index: usize| vb.pp(format!("{}model.{index}", layout.prefix));
        let widths = &layout.widths;
        let narrowest = widths[0];
        let first = local_conv(4, narrowest, ConvOptions::within(OUTER_KERNEL), &layer(1))?;
        let halving = ConvOptions {
            stride: 2,
            ..ConvOptions::within(3)
        };
        let steps = widths.len() - 1;
        let down = (0..steps)
            .map(|step| {
                let (inputs, outputs, vb) = (widths[step], widths[step + 1], layer(2 + step));
                if step + 1 == steps {
                    splitting_conv(inputs, layout.local_and_global(), halving, &vb)
                } else {
                    local_conv(inputs, outputs, halving, &vb)
                }
            })
            .collect::<Result<_>>()?;
        let blocks = (0..layout.blocks)
            .map(|block| FourierBlock::new(layout.local_and_global(), &layer(2 + steps + block)))
            .collect::<Result<_>>()?;
        // Local and global channels become one tensor in a layer of its own.
        let after = 3 + steps + layout.blocks;
        let up = (0..steps)
            .map(|step| {
                let (inputs, outputs) = (widths[steps - step], widths[steps - step - 1]);
                let index = after + 3 * step;
                doubling_conv(inputs, outputs, (&layer(index), &layer(index + 1)))
            })
            .collect::<Result<_>>()?;
        // Before it lies a reflection.
        let last = layer(after + 3 * steps + 1);
        let last = Conv2d::new(narrowest, 3, ConvOptions::within(OUTER_KERNEL), &last)?;
        Ok(Self {
            first,
            down,
            blocks,
            up,
            last,
            device: vb.device().clone(),
        })
    }

    /// Where it computes.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// Width and height of what it is given are multiples of this.
    pub fn multiple(&self) -> usize {
        LEAST_MULTIPLE.max(1 << self.down.len())
    }

    /// The least width and height: the smallest feature maps need an edge to reflect.
    pub fn least_side(&self) -> usize {
        self.multiple().max(2 << self.down.len())
    }

    /// Picture `[1, 3, height, width]` with values from 0 to 1, and mask `[1, 1, height, width]`, 1
    /// where something is missing; to a whole picture, of which what is masked is of use.
    pub fn forward(&self, image: &Tensor, mask: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let known = image.broadcast_mul(&mask.affine(-1.0, 1.0)?)?;
        let xs = Tensor::cat(&[&known, mask], 1)?;
        let outer = OUTER_KERNEL / 2;
        let then = Then::activate(Activation::Relu);
        let mut xs = self
            .first
            .forward_then(&pad_reflected(&xs, outer)?, then, interrupt)?;
        for conv in &self.down {
            xs = conv.forward_then(&pad_reflected(&xs, 1)?, then, interrupt)?;
        }
        for block in &self.blocks {
            xs = block.forward(&xs, interrupt)?;
        }
        for conv in &self.up {
            xs = Activation::Relu.forward(&conv.forward(&xs, interrupt)?)?;
        }
        let xs = self.last.forward(&pad_reflected(&xs, outer)?, interrupt)?;
        candle_nn::ops::sigmoid(&xs)
    }
}

/// A layer without global channels.
fn local_conv(
    inputs: usize,
    outputs: usize,
    options: ConvOptions,
    vb: &VarBuilder<'_>,
) -> Result<Conv2d> {
    let norm = Affine::of_batch_norm(outputs, &vb.pp("bn_l"))?;
    let kernel = weight(inputs, outputs, options.kernel, &vb.pp("ffc.convl2l"))?;
    let kernel = norm.scaled(&kernel, 0)?;
    Conv2d::of(&kernel, Some(norm.shift), options)
}

/// The layer where global channels begin; they follow the local ones.
fn splitting_conv(
    inputs: usize,
    (local, global): (usize, usize),
    options: ConvOptions,
    vb: &VarBuilder<'_>,
) -> Result<Conv2d> {
    let part = |outputs: usize, norm: &str, conv: &str| {
        let norm = Affine::of_batch_norm(outputs, &vb.pp(norm))?;
        let kernel = weight(inputs, outputs, options.kernel, &vb.pp(conv))?;
        Ok::<_, candle_core::Error>((norm.scaled(&kernel, 0)?, norm.shift))
    };
    let (local, local_shift) = part(local, "bn_l", "ffc.convl2l")?;
    let (global, global_shift) = part(global, "bn_g", "ffc.convl2g")?;
    let kernel = Tensor::cat(&[local, global], 0)?;
    let shift = Tensor::cat(&[local_shift, global_shift], 0)?;
    Conv2d::of(&kernel, Some(shift), options)
}

/// A layer of twice the size, and the normalisation after it.
fn doubling_conv(
    inputs: usize,
    outputs: usize,
    (conv, norm): (&VarBuilder<'_>, &VarBuilder<'_>),
) -> Result<DoublingConv2d> {
    let norm = Affine::of_batch_norm(outputs, norm)?;
    let kernel = norm.scaled(&conv.get((inputs, outputs, 3, 3), "weight")?, 1)?;
    let bias = ((conv.get(outputs, "bias")? * &norm.scale)? + &norm.shift)?;
    DoublingConv2d::of(&kernel, &bias)
}
