//! The larger picture out of the transformer's channels.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::layout::{SwinIrEnd, SwinIrLayout};
use crate::nn::{Activation, Conv2d, ConvOptions, Interrupt, Then, pixel_shuffle};

/// After the convolution to fewer channels: torch's usual one.
const BARELY_LEAKY: Activation = Activation::LeakyRelu { below: 0.01 };
/// After convolutions of doubled pictures.
const LEAKY: Activation = Activation::LeakyRelu { below: 0.2 };

#[derive(Debug)]
pub(super) enum End {
    Shuffle {
        narrow: Conv2d,
        /// Each makes squares of so many pixels a side.
        steps: Vec<(Conv2d, usize)>,
        last: Conv2d,
    },
    Direct {
        last: Conv2d,
        factor: usize,
    },
    Nearest {
        narrow: Conv2d,
        /// Each after its picture was doubled.
        doublings: Vec<Conv2d>,
        fine: Conv2d,
        last: Conv2d,
    },
}

impl End {
    /// `at` gives what lies at a name of the network; `mean` `[channels]` is added to the picture.
    pub(super) fn new<'a>(
        layout: &SwinIrLayout,
        mean: &Tensor,
        at: impl Fn(&str) -> VarBuilder<'a>,
    ) -> Result<Self> {
        let width = layout.width;
        let three = ConvOptions::three();
        let narrow = |features| Conv2d::new(width, features, three, &at("conv_before_upsample.0"));
        Ok(match &layout.end {
            SwinIrEnd::Shuffle { features, factors } => {
                let step = |(index, factor): (usize, &usize)| {
                    let outputs = features * factor * factor;
                    let vb = at(&format!("upsample.{}", 2 * index));
                    Ok((Conv2d::new(*features, outputs, three, &vb)?, *factor))
                };
                Self::Shuffle {
                    narrow: narrow(*features)?,
                    steps: factors
                        .iter()
                        .enumerate()
                        .map(step)
                        .collect::<Result<_>>()?,
                    last: last(*features, mean, 1, &at("conv_last"))?,
                }
            }
            SwinIrEnd::Direct { factor } => Self::Direct {
                last: last(width, mean, factor * factor, &at("upsample.0"))?,
                factor: *factor,
            },
            SwinIrEnd::Nearest {
                features,
                doublings,
            } => {
                let conv = |name: &str| Conv2d::new(*features, *features, three, &at(name));
                Self::Nearest {
                    narrow: narrow(*features)?,
                    doublings: (1..=*doublings)
                        .map(|step| conv(&format!("conv_up{step}")))
                        .collect::<Result<_>>()?,
                    fine: conv("conv_hr")?,
                    last: last(*features, mean, 1, &at("conv_last"))?,
                }
            }
        })
    }

    /// `[batch, width, height, width]` to the picture.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (barely_leaky, leaky) = (Then::activate(BARELY_LEAKY), Then::activate(LEAKY));
        match self {
            Self::Shuffle {
                narrow,
                steps,
                last,
            } => {
                let mut xs = narrow.forward_then(xs, barely_leaky, interrupt)?;
                for (conv, factor) in steps {
                    xs = pixel_shuffle(&conv.forward(&xs, interrupt)?, *factor)?;
                }
                last.forward(&xs, interrupt)
            }
            Self::Direct { last, factor } => pixel_shuffle(&last.forward(xs, interrupt)?, *factor),
            Self::Nearest {
                narrow,
                doublings,
                fine,
                last,
            } => {
                let mut xs = narrow.forward_then(xs, barely_leaky, interrupt)?;
                for conv in doublings {
                    xs = conv.forward_doubled_then(&xs, leaky, interrupt)?;
                }
                xs = fine.forward_then(&xs, leaky, interrupt)?;
                last.forward(&xs, interrupt)
            }
        }
    }
}

/// The last convolution, each channel of the picture `times` times in its outputs, with the picture's
/// mean as part of its bias.
fn last(inputs: usize, mean: &Tensor, times: usize, vb: &VarBuilder<'_>) -> Result<Conv2d> {
    let channels = mean.elem_count();
    let outputs = channels * times;
    let weight = vb.get((outputs, inputs, 3, 3), "weight")?;
    let bias = vb
        .get(outputs, "bias")?
        .reshape((channels, times))?
        .broadcast_add(&mean.unsqueeze(1)?)?
        .flatten_all()?;
    Conv2d::of(&weight, Some(bias), ConvOptions::three())
}
