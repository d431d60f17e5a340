//! Every size of a network, read from the shapes in its file.

use candle_core::{Error, Result};

use crate::models::sizes::{MOST, count, shape};
use crate::weights::Weights;

/// Pixels of a picture's longer side that `MobileSAM` was made for; its file does not tell.
const TINY_SIDE: usize = 1024;
/// Side of a patch that `MobileSAM` makes one of the decoder's.
const TINY_PATCH: usize = 16;
/// Stages of `MobileSAM` after the one that convolves.
const TINY_STAGES: usize = 3;
/// Patches along a side, and pixels along that of a patch: four times those of the largest one, H.
const MOST_GRID: usize = 256;
const MOST_PATCH: usize = 64;
/// Places along a side of `MobileSAM`'s windows at most, and heads: the biases of all pairs of places
/// are far more than the file holds.
const WIDEST_WINDOW: usize = 16;
const MOST_HEADS: usize = 64;
/// Divides the decoder's width: its heads, each of half the width at least.
const WIDTH_STEP: usize = 16;

/// Sizes of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamConfig {
    pub encoder: SamEncoder,
    /// Of the square the encoder sees, in pixels.
    pub side: usize,
    /// Patches along it.
    pub grid: usize,
    /// Of the decoder.
    pub width: usize,
    pub decoder_depth: usize,
    pub decoder_hidden: usize,
    /// Width of the part that guesses how well a mask fits.
    pub fit_hidden: usize,
}

/// Which encoder, and its sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SamEncoder {
    /// The paper's: B, L or H.
    Vit(VitConfig),
    /// `MobileSAM`'s.
    TinyVit(TinyVitConfig),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VitConfig {
    pub width: usize,
    pub hidden: usize,
    pub heads: usize,
    /// Side of a patch in pixels.
    pub patch: usize,
    pub blocks: Vec<VitBlock>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VitBlock {
    /// Side of what it sees at once, in patches.
    pub reach: usize,
    /// Whether that is less than the picture.
    pub is_window: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TinyVitConfig {
    /// Of the stage that convolves.
    pub first_width: usize,
    pub first_depth: usize,
    /// Those that attend.
    pub stages: Vec<TinyVitStage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TinyVitStage {
    pub width: usize,
    pub depth: usize,
    pub heads: usize,
    /// Side of a window, in places of the stage's map.
    pub window: usize,
}

impl SamConfig {
    /// Reads the shapes of a file; which network it is, the tensors it has tell.
    pub fn of(weights: &Weights) -> Result<Self> {
        let [_, half] = shape(
            weights,
            "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
        )?;
        let width = 2 * half;
        if !width.is_multiple_of(WIDTH_STEP) {
            return Err(Error::msg(format!("its decoder's width is {width}")));
        }
        let layers = "mask_decoder.transformer.layers";
        let [decoder_hidden, _] = shape(weights, &format!("{layers}.0.mlp.lin1.weight"))?;
        let [fit_hidden, _] = shape(weights, "mask_decoder.iou_prediction_head.layers.0.weight")?;
        let is_vit = weights.shape("image_encoder.pos_embed").is_some();
        let (encoder, side, grid) = if is_vit {
            let (vit, grid) = VitConfig::of(weights)?;
            let side = grid * vit.patch;
            (SamEncoder::Vit(vit), side, grid)
        } else {
            let tiny = TinyVitConfig::of(weights)?;
            (SamEncoder::TinyVit(tiny), TINY_SIDE, TINY_SIDE / TINY_PATCH)
        };
        if side > MOST {
            return Err(Error::msg(format!("it sees pictures of {side} pixels")));
        }
        Ok(Self {
            encoder,
            side,
            grid,
            width,
            decoder_depth: count(weights, |at| format!("{layers}.{at}.norm1.weight"))?,
            decoder_hidden,
            fit_hidden,
        })
    }
}

impl VitConfig {
    /// And the patches along a side.
    fn of(weights: &Weights) -> Result<(Self, usize)> {
        let [_, grid, _, width] = shape(weights, "image_encoder.pos_embed")?;
        let [_, _, patch, _] = shape(weights, "image_encoder.patch_embed.proj.weight")?;
        let at = |index: usize, name: &str| format!("image_encoder.blocks.{index}.{name}");
        if grid > MOST_GRID || patch > MOST_PATCH {
            let reason = format!("it sees {grid} patches of {patch} pixels along a side");
            return Err(Error::msg(reason));
        }
        let [hidden, _] = shape(weights, &at(0, "mlp.lin1.weight"))?;
        let [_, head_dim] = shape(weights, &at(0, "attn.rel_pos_h"))?;
        if !width.is_multiple_of(head_dim) {
            let reason = format!("a width of {width} is not divided by heads of {head_dim}");
            return Err(Error::msg(reason));
        }
        let blocks = (0..count(weights, |index| at(index, "norm1.weight"))?).map(|index| {
            let [distances, _] = shape(weights, &at(index, "attn.rel_pos_h"))?;
            // From -(reach - 1) to reach - 1.
            let reach = distances.div_ceil(2);
            if reach > grid {
                let reason = format!("block {index} sees {reach} of {grid} patches");
                return Err(Error::msg(reason));
            }
            Ok(VitBlock {
                reach,
                is_window: reach != grid,
            })
        });
        let config = Self {
            width,
            hidden,
            heads: width / head_dim,
            patch,
            blocks: blocks.collect::<Result<_>>()?,
        };
        Ok((config, grid))
    }
}

impl TinyVitConfig {
    fn of(weights: &Weights) -> Result<Self> {
        let block = |stage: usize, index: usize, name: &str| {
            format!("image_encoder.layers.{stage}.blocks.{index}.{name}")
        };
        let [first_width, ..]: [usize; 4] =
            shape(weights, "image_encoder.patch_embed.seq.2.c.weight")?;
        let stages = (1..=TINY_STAGES).map(|stage| {
            let [heads, distances] = shape(weights, &block(stage, 0, "attn.attention_biases"))?;
            let [width] = shape(weights, &block(stage, 0, "attn.norm.weight"))?;
            let window = distances.isqrt();
            if window * window != distances
                || window > WIDEST_WINDOW
                || heads > MOST_HEADS
                || !width.is_multiple_of(heads)
            {
                let reason = format!(
                    "stage {stage} has {heads} heads of {distances} biases at a width of {width}"
                );
                return Err(Error::msg(reason));
            }
            Ok(TinyVitStage {
                width,
                depth: count(weights, |index| block(stage, index, "attn.norm.weight"))?,
                heads,
                window,
            })
        });
        Ok(Self {
            first_width,
            first_depth: count(weights, |index| block(0, index, "conv1.c.weight"))?,
            stages: stages.collect::<Result<_>>()?,
        })
    }
}
