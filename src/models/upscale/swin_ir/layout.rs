//! Sizes of a `SwinIR`.

use candle_core::Result;

use crate::models::held::Held;
use crate::models::sizes::{count, shape};
use crate::weights::Weights;

/// Places along a side of a window at most, and heads: the biases of all pairs of places are far more
/// than the file holds.
const WIDEST_WINDOW: usize = 16;
const MOST_HEADS: usize = 64;
/// Larger than anybody trains.
const MOST_SCALE: usize = 16;

/// Widths, depths and parts of a `SwinIR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwinIrLayout {
    /// Before every name, with the dot, as `params_ema.`
    pub prefix: String,
    /// Of the picture.
    pub channels: usize,
    /// Channels of the transformer.
    pub width: usize,
    /// Width inside the part of a block that sees each pixel alone.
    pub hidden: usize,
    /// Side of a window, in pixels.
    pub window: usize,
    pub groups: Vec<SwinIrGroup>,
    /// Whether there is a norm before the first group.
    pub norms_first: bool,
    pub connection: SwinIrConnection,
    pub end: SwinIrEnd,
}

/// Blocks of the transformer, and what follows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwinIrGroup {
    pub depth: usize,
    pub heads: usize,
}

/// What stands between blocks and the sum with what they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwinIrConnection {
    /// `1conv`
    One,
    /// `3conv`: narrow in the middle.
    Three,
}

/// How the larger picture is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwinIrEnd {
    /// `pixelshuffle`: channels become pixels in steps, of the classical networks.
    Shuffle {
        features: usize,
        factors: Vec<usize>,
    },
    /// `pixelshuffledirect`: in one step, of the lightweight ones.
    Direct { factor: usize },
    /// `nearest+conv`: pixels are doubled, of the ones for photographs as they are.
    Nearest { features: usize, doublings: usize },
}

impl SwinIrEnd {
    pub(in crate::models::upscale) fn scale(&self) -> usize {
        match self {
            Self::Shuffle { factors, .. } => factors
                .iter()
                .fold(1, |all, factor| all.saturating_mul(*factor)),
            Self::Direct { factor } => *factor,
            Self::Nearest { doublings, .. } => 2usize.saturating_pow(*doublings as u32),
        }
    }
}

impl SwinIrLayout {
    /// A tensor `RRDBNet` and its like do not have.
    pub(in crate::models::upscale) const MARK: &'static str =
        "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";

    /// That of the published realSR SwinIR-M of scale 4.
    pub fn real() -> Self {
        Self {
            prefix: "params_ema.".to_owned(),
            channels: 3,
            width: 180,
            hidden: 360,
            window: 8,
            groups: vec![SwinIrGroup { depth: 6, heads: 6 }; 6],
            norms_first: true,
            connection: SwinIrConnection::One,
            end: SwinIrEnd::Nearest {
                features: 64,
                doublings: 2,
            },
        }
    }

    /// Reads the shapes alone.
    pub(in crate::models::upscale) fn of(weights: &Weights, prefix: String) -> Result<Self> {
        let full = |name: &str| format!("{prefix}{name}");
        let has = |name: &str| weights.shape(&full(name)).is_some();
        let block = |group: usize, block: usize, name: &str| {
            full(&format!(
                "layers.{group}.residual_group.blocks.{block}.{name}"
            ))
        };
        let table = "attn.relative_position_bias_table";
        let [width, channels, ..]: [usize; 4] = shape(weights, &full("conv_first.weight"))?;
        let [hidden, _] = shape(weights, &block(0, 0, "mlp.fc1.weight"))?;
        let [distances, _] = shape(weights, &block(0, 0, table))?;
        // From -(window - 1) to window - 1, along both sides.
        let window = distances.isqrt().div_ceil(2);
        if (2 * window - 1).pow(2) != distances || window > WIDEST_WINDOW {
            candle_core::bail!("its windows have {distances} distances between pixels")
        }
        let groups = (0..count(weights, |group| block(group, 0, table))?).map(|group| {
            let [_, heads] = shape(weights, &block(group, 0, table))?;
            if heads > MOST_HEADS || !width.is_multiple_of(heads) {
                candle_core::bail!("its group {group} has {heads} heads at a width of {width}")
            }
            let depth = count(weights, |index| block(group, index, table))?;
            Ok(SwinIrGroup { depth, heads })
        });
        let end = SwinIrEnd::of(weights, &prefix, channels)?;
        let scale = end.scale();
        if !(1..=MOST_SCALE).contains(&scale) {
            candle_core::bail!("it makes {scale} pixels along each side of one")
        }
        Ok(Self {
            channels,
            width,
            hidden,
            window,
            groups: groups.collect::<Result<_>>()?,
            norms_first: has("patch_embed.norm.weight"),
            connection: if has("conv_after_body.weight") {
                SwinIrConnection::One
            } else {
                SwinIrConnection::Three
            },
            end,
            prefix,
        })
    }

    /// What a call holds of a picture of so many pixels, beside the picture.
    pub(in crate::models::upscale) fn hold(&self, held: &mut Held, pixels: usize) {
        let rows = self.width * pixels;
        // Which pixel each of a window is, and back, for both ways windows lie; and what is hidden in
        // three kinds of them.
        held.add(4 * pixels + 6 * self.window.pow(4));
        // Without the mean, and again as the first layer reads it.
        held.add(2 * self.channels * pixels);
        // What the first layer made, what a group is given, and its rows, in and out of windows.
        held.add(4 * rows);
        // Queries, keys and values, again part by part, and what was seen.
        held.pass(7 * rows);
        held.pass(self.hidden * pixels + 2 * rows);
        held.drop(3 * rows);
        self.end.hold(held, (self.width, self.channels), pixels);
    }
}

impl SwinIrEnd {
    /// The same from what the groups made on.
    fn hold(&self, held: &mut Held, (width, channels): (usize, usize), pixels: usize) {
        match self {
            Self::Direct { factor } => {
                held.add(width * pixels);
                held.pass(2 * channels * factor.pow(2) * pixels);
            }
            Self::Shuffle { features, factors } => {
                let mut area = pixels;
                held.add(features * area);
                for factor in factors {
                    // What the layer makes, then in its places.
                    let made = features * area * factor.pow(2);
                    held.add(made);
                    held.pass(made);
                    held.drop(features * area);
                    area *= factor.pow(2);
                }
                held.pass(channels * area);
            }
            Self::Nearest {
                features,
                doublings,
            } => {
                let mut area = pixels;
                held.add(features * area);
                for _ in 0..*doublings {
                    held.add(features * 4 * area);
                    held.drop(features * area);
                    area *= 4;
                }
                held.pass(features * area);
                held.pass(channels * area);
            }
        }
    }

    fn of(weights: &Weights, prefix: &str, channels: usize) -> Result<Self> {
        let full = |name: &str| format!("{prefix}{name}.weight");
        let has = |name: &str| weights.shape(&full(name)).is_some();
        let factor = |index: usize, channels: usize| {
            let [outputs, ..]: [usize; 4] = shape(weights, &full(&format!("upsample.{index}")))?;
            let factor = (outputs / channels).isqrt();
            if channels * factor * factor != outputs {
                candle_core::bail!("its {outputs} channels are no squares of {channels}")
            }
            Ok(factor)
        };
        if !has("conv_before_upsample.0") {
            if !has("upsample.0") {
                candle_core::bail!("it is a SwinIR that repairs pictures and enlarges none")
            }
            let factor = factor(0, channels)?;
            return Ok(Self::Direct { factor });
        }
        let [features, ..]: [usize; 4] = shape(weights, &full("conv_before_upsample.0"))?;
        if has("conv_up1") {
            let doublings = count(weights, |step| full(&format!("conv_up{}", step + 1)))?;
            return Ok(Self::Nearest {
                features,
                doublings,
            });
        }
        // Every other place is a shuffle.
        let steps = count(weights, |step| full(&format!("upsample.{}", 2 * step)))?;
        let factors = (0..steps).map(|step| factor(2 * step, features));
        Ok(Self::Shuffle {
            features,
            factors: factors.collect::<Result<_>>()?,
        })
    }
}
