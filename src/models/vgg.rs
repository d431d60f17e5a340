//! VGG-19: what its convolutions see in a picture. Simonyan and Zisserman 2015, "Very Deep
//! Convolutional Networks for Large-Scale Image Recognition" (arXiv 1409.1556), in torchvision's
//! layout.

use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::sizes::shape;
use crate::nn::{
    Conv2d, ConvOptions, Interrupt, Passing, Products, channels_last, max_pool,
    positive_max_pool_gradient,
};
use crate::weights::{ModelError, Weights};

/// How people call the network.
const NAME: &str = "VGG-19";
/// Of the colours the network was trained with, from 0 to 1.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Before every name of the part that convolves.
const FEATURES: &str = "features.";
const CONVS: usize = 16;
/// Places of the convolutions in torchvision's sequence; activations and poolings lie between them.
const PLACES: [usize; CONVS] = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34];

/// A convolution by its usual name, in order of appearance: block and place, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VggConv {
    Conv1_1,
    Conv1_2,
    Conv2_1,
    Conv2_2,
    Conv3_1,
    Conv3_2,
    Conv3_3,
    Conv3_4,
    Conv4_1,
    Conv4_2,
    Conv4_3,
    Conv4_4,
    Conv5_1,
    Conv5_2,
    Conv5_3,
    Conv5_4,
}

impl VggConv {
    /// In order of appearance.
    pub const ALL: [Self; CONVS] = [
        Self::Conv1_1,
        Self::Conv1_2,
        Self::Conv2_1,
        Self::Conv2_2,
        Self::Conv3_1,
        Self::Conv3_2,
        Self::Conv3_3,
        Self::Conv3_4,
        Self::Conv4_1,
        Self::Conv4_2,
        Self::Conv4_3,
        Self::Conv4_4,
        Self::Conv5_1,
        Self::Conv5_2,
        Self::Conv5_3,
        Self::Conv5_4,
    ];

    /// How many there are before it.
    pub const fn number(self) -> usize {
        self as usize
    }

    /// Height and width of what it gives of a picture of some height and width.
    pub fn size_of(self, (height, width): (usize, usize)) -> (usize, usize) {
        let halvings = (0..self.number()).filter(|at| is_pooled(*at)).count();
        (height >> halvings, width >> halvings)
    }
}

/// Widths of the network, and where it lies in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VggLayout {
    /// Before every convolution's place, with the dot.
    pub prefix: String,
    /// Channels of the convolutions in order of appearance, as many as are of use.
    pub widths: Vec<usize>,
}

impl VggLayout {
    /// That of the published network, to the end.
    pub fn published() -> Self {
        let blocks = [(64, 2), (128, 2), (256, 4), (512, 4), (512, 4)];
        let widths = blocks.map(|(width, convs)| vec![width; convs]);
        Self {
            prefix: FEATURES.to_owned(),
            widths: widths.concat(),
        }
    }

    /// Without what comes after a convolution.
    pub fn up_to(mut self, last: VggConv) -> Self {
        self.widths.truncate(last.number() + 1);
        self
    }

    /// Reads the shapes alone, and none after `last`.
    fn of(weights: &Weights, last: VggConv) -> Result<Self> {
        let first = format!("{FEATURES}{}.weight", PLACES[0]);
        let prefixes = weights.names().filter_map(|name| name.strip_suffix(&first));
        let Some(prefix) = prefixes.min_by_key(|prefix| prefix.len()) else {
            candle_core::bail!("it has no tensor {first}, under any prefix")
        };
        let prefix = format!("{prefix}{FEATURES}");
        let weight = |place: usize| format!("{prefix}{place}.weight");
        let places = &PLACES[..=last.number()];
        let between = |place: &usize| !places.contains(place);
        for place in (0..PLACES[last.number()]).filter(between) {
            if weights.shape(&weight(place)).is_some() {
                let other = weight(place);
                candle_core::bail!("it has a tensor {other}, where the network has no weights")
            }
        }
        let widths = places.iter().map(|place| {
            let [width, ..]: [usize; 4] = shape(weights, &weight(*place))?;
            Ok(width)
        });
        Ok(Self {
            widths: widths.collect::<Result<_>>()?,
            prefix,
        })
    }
}

/// The part that convolves, as far as it is of use.
#[derive(Debug)]
pub struct Vgg19 {
    convs: Vec<Conv2d>,
    /// `[1, 3, 1, 1]`
    mean: Tensor,
    deviation: Tensor,
    device: Device,
    products: Products,
}

impl Vgg19 {
    /// Reads a file up to a convolution, to compute on the CPU: safetensors, or what torch writes.
    pub fn open(
        path: &Path,
        last: VggConv,
        products: Products,
    ) -> std::result::Result<Self, ModelError> {
        Self::read(&Weights::open(path)?, last, products)
    }

    /// The same of a file that is open.
    pub fn read(
        weights: &Weights,
        last: VggConv,
        products: Products,
    ) -> std::result::Result<Self, ModelError> {
        Self::load(weights, last, products, &Device::Cpu)
    }

    /// Reads a network of whatever widths the file has, up to a convolution.
    pub fn load(
        weights: &Weights,
        last: VggConv,
        products: Products,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        VggLayout::of(weights, last)
            .and_then(|layout| Self::new(&layout, products, &weights.builder(DType::F32, device)))
            .map_err(|error| weights.of_other_network(NAME, &error))
    }

    /// `vb` gives tensors by the names they have in the file.
    pub fn new(layout: &VggLayout, products: Products, vb: &VarBuilder<'_>) -> Result<Self> {
        let mut inputs = MEAN.len();
        let convs = layout.widths.iter().zip(PLACES).map(|(width, place)| {
            let vb = vb.pp(format!("{}{place}", layout.prefix));
            let weight = vb.get((*width, inputs, 3, 3), "weight")?;
            inputs = *width;
            Ok((weight, vb.get(*width, "bias")?))
        });
        let convs: Vec<_> = convs.collect::<Result<_>>()?;
        Self::of(&convs, vb.device(), products)
    }

    /// Of weights `[width, inputs, 3, 3]` and biases `[width]`, in order of appearance.
    pub fn of(convs: &[(Tensor, Tensor)], device: &Device, products: Products) -> Result<Self> {
        let dtype = convs
            .first()
            .map_or(DType::F32, |(weight, _)| weight.dtype());
        let colours = |values: &[f32; 3]| {
            Tensor::new(values, device)?
                .to_dtype(dtype)?
                .reshape((1, 3, 1, 1))
        };
        let convs = convs.iter().map(|(weight, bias)| {
            let bias = Some(bias.clone());
            Conv2d::passing_gradients(weight, bias, ConvOptions::three(), products)
        });
        Ok(Self {
            convs: convs.collect::<Result<_>>()?,
            mean: colours(&MEAN)?,
            deviation: colours(&DEVIATION)?,
            device: device.clone(),
            products,
        })
    }

    /// Where it computes.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// How its products are computed.
    pub const fn products(&self) -> Products {
        self.products
    }

    /// Of a picture `[batch, 3, height, width]` with values from 0 to 1, what the chosen
    /// convolutions give before they are activated, in the order of `chosen`: `[batch, width,
    /// height, width]` in the first block, and half as high and wide, rounded down, from block to
    /// block. Nothing after the last chosen one is computed.
    ///
    /// Fails where one was not read, or the picture has no pixel left for it.
    pub fn forward(
        &self,
        picture: &Tensor,
        chosen: &[VggConv],
        interrupt: &Interrupt,
    ) -> Result<Vec<Tensor>> {
        self.walk(picture, chosen, |_| (), interrupt)
    }

    /// [`Self::forward`], keeping what [`Self::pass_back`] needs.
    pub fn look(
        &self,
        picture: &Tensor,
        chosen: &[VggConv],
        interrupt: &Interrupt,
    ) -> Result<VggLook> {
        let mut maps = Vec::new();
        let keep = |made: &Tensor| maps.push(made.clone());
        let features = self.walk(picture, chosen, keep, interrupt)?;
        let (_, _, height, width) = picture.dims4()?;
        Ok(VggLook {
            chosen: chosen.to_vec(),
            features,
            maps,
            size: (height, width),
        })
    }

    /// From the gradients of the features of a look, in their order and shapes, that of the picture;
    /// each convolution was chosen once.
    pub fn pass_back(
        &self,
        look: &VggLook,
        gradients: &[Tensor],
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        if gradients.len() != look.chosen.len() || gradients.is_empty() {
            let (given, chosen) = (gradients.len(), look.chosen.len());
            candle_core::bail!("{given} gradients of {chosen} features")
        }
        let own = |index: usize| -> Result<Option<Tensor>> {
            let mut all = look.chosen.iter().zip(gradients);
            let own = all.find(|(conv, _)| conv.number() == index);
            own.map(|(_, own)| channels_last(own)).transpose()
        };
        let Some(mut gradient) = own(look.maps.len() - 1)? else {
            candle_core::bail!("a look went further than its features")
        };
        for index in (1..look.maps.len()).rev() {
            let (conv, before) = (&self.convs[index], &look.maps[index - 1]);
            let plus = own(index - 1)?;
            let (_, _, height, width) = before.dims4()?;
            gradient = if is_pooled(index - 1) {
                let (size, alone) = ((height / 2, width / 2), Passing::default());
                let gradient = conv.pass_back(&gradient, size, alone, interrupt)?;
                positive_max_pool_gradient(before, &gradient, plus.as_ref())?
            } else {
                let passing = Passing {
                    through: Some(before),
                    plus: plus.as_ref(),
                };
                conv.pass_back(&gradient, (height, width), passing, interrupt)?
            };
        }
        let alone = Passing::default();
        let passed = self.convs[0].pass_back(&gradient, look.size, alone, interrupt)?;
        passed.contiguous()?.broadcast_div(&self.deviation)
    }

    /// Hands what each convolution makes, before it is activated, to `made`.
    fn walk(
        &self,
        picture: &Tensor,
        chosen: &[VggConv],
        mut made: impl FnMut(&Tensor),
        interrupt: &Interrupt,
    ) -> Result<Vec<Tensor>> {
        let count = chosen.iter().map(|conv| conv.number() + 1).max();
        let Some(convs) = self.convs.get(..count.unwrap_or(0)) else {
            let read = self.convs.len();
            candle_core::bail!("{read} convolutions were read, and not all of {chosen:?}")
        };
        let normalised = picture
            .broadcast_sub(&self.mean)?
            .broadcast_div(&self.deviation)?;
        let mut xs = channels_last(&normalised)?;
        let mut found = vec![None; convs.len()];
        for (index, conv) in convs.iter().enumerate() {
            if index > 0 && is_pooled(index - 1) {
                // Of what is not activated yet: the largest stays the largest.
                xs = max_pool(&xs)?;
            }
            xs = match index {
                0 => conv.forward(&xs, interrupt)?,
                _ => conv.forward_positive(&xs, interrupt)?,
            };
            made(&xs);
            if chosen.iter().any(|conv| conv.number() == index) {
                found[index] = Some(xs.clone());
            }
        }
        let of = |conv: &VggConv| found[conv.number()].clone();
        Ok(chosen.iter().filter_map(of).collect())
    }
}

/// Whether a pooling follows a convolution and its activation: torchvision's sequence has a place
/// for it.
fn is_pooled(index: usize) -> bool {
    PLACES
        .get(index + 1)
        .is_some_and(|next| next - PLACES[index] > 2)
}

/// What was seen in a picture, and what led to it.
#[derive(Debug)]
pub struct VggLook {
    chosen: Vec<VggConv>,
    /// As [`Vgg19::forward`] gives them.
    pub features: Vec<Tensor>,
    /// What each convolution made, before it is activated, as far as the last chosen one.
    maps: Vec<Tensor>,
    /// Height and width of the picture.
    size: (usize, usize),
}
