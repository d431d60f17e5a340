//! From a picture and a prompt to masks.

use candle_core::{IndexOp as _, Result, Tensor};
use candle_nn::VarBuilder;

use super::Masks;
use super::config::SamConfig;
use super::neck::EPS;
use super::prompts::Context;
use super::two_way::TwoWayTransformer;
use crate::nn::{Activation, Interrupt, LayerNorm, Linear, PixelSplit};

/// Masks for one prompt.
const MASKS: usize = 4;
/// Linear layers of the small networks at the end.
const DEPTH: usize = 3;

#[derive(Debug)]
pub(super) struct MaskDecoder {
    /// `[1, 1 + MASKS, width]`: one that learns how well the masks fit, and one for each mask.
    own_tokens: Tensor,
    transformer: TwoWayTransformer,
    first_split: PixelSplit,
    norm: LayerNorm,
    second_split: PixelSplit,
    /// For each mask, what to take of each pixel.
    looks: Vec<Chain>,
    fit: Chain,
}

impl MaskDecoder {
    pub(super) fn new(config: &SamConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.width;
        let (half, quarter) = (width / 4, width / 8);
        let (fit, upscaling) = (vb.pp("iou_prediction_head"), vb.pp("output_upscaling"));
        let looks = vb.pp("output_hypernetworks_mlps");
        let own_tokens = [
            vb.get((1, width), "iou_token.weight")?,
            vb.get((MASKS, width), "mask_tokens.weight")?,
        ];
        Ok(Self {
            own_tokens: Tensor::cat(&own_tokens, 0)?.unsqueeze(0)?,
            transformer: TwoWayTransformer::new(config, &vb.pp("transformer"))?,
            first_split: PixelSplit::new(width, half, &upscaling.pp(0))?,
            norm: LayerNorm::new(half, EPS, &upscaling.pp(1))?,
            second_split: PixelSplit::new(half, quarter, &upscaling.pp(3))?,
            looks: (0..MASKS)
                .map(|mask| Chain::new([width, width, quarter], &looks.pp(mask)))
                .collect::<Result<_>>()?,
            fit: Chain::new([width, config.fit_hidden, MASKS], &fit)?,
        })
    }

    /// Features `[1, width, grid, grid]` and a prompt's tokens `[1, n, width]`.
    pub(super) fn forward(
        &self,
        features: &Tensor,
        context: &Context,
        prompt: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Masks> {
        let (_, width, grid, _) = features.dims4()?;
        let tokens = Tensor::cat(&[&self.own_tokens, prompt], 1)?;
        let patches = features
            .flatten_from(2)?
            .transpose(1, 2)?
            .contiguous()?
            .broadcast_add(&context.no_mask)?;
        let (tokens, patches) =
            self.transformer
                .forward(&tokens, (&patches, &context.places), interrupt)?;

        let pixels = self
            .first_split
            .forward(&patches.reshape((grid, grid, width))?)?;
        let pixels = Activation::Gelu.forward(&self.norm.forward(&pixels)?)?;
        let pixels = Activation::Gelu.forward(&self.second_split.forward(&pixels)?)?;
        let looks = self
            .looks
            .iter()
            .enumerate()
            .map(|(mask, look)| look.forward(&tokens.i((0, 1 + mask..2 + mask))?, interrupt));
        let looks = Tensor::cat(&looks.collect::<Result<Vec<_>>>()?, 0)?;
        let (height, width, channels) = pixels.dims3()?;
        let pixels = pixels.reshape((height * width, channels))?;
        let fit = self.fit.forward(&tokens.i((0, ..1))?, interrupt)?;
        Ok(Masks {
            logits: looks
                .matmul(&pixels.t()?)?
                .reshape((MASKS, height, width))?,
            fit: fit.flatten_all()?.to_vec1()?,
        })
    }
}

/// Linear layers with only positive values between.
#[derive(Debug)]
struct Chain(Vec<Linear>);

impl Chain {
    /// Of `DEPTH` layers: from the first width over the second to the third.
    fn new([inputs, hidden, outputs]: [usize; 3], vb: &VarBuilder<'_>) -> Result<Self> {
        let layers = (0..DEPTH).map(|index| {
            let from = if index == 0 { inputs } else { hidden };
            let to = if index + 1 == DEPTH { outputs } else { hidden };
            Linear::new(from, to, &vb.pp("layers").pp(index))
        });
        Ok(Self(layers.collect::<Result<_>>()?))
    }

    /// `[n, inputs]` to `[n, outputs]`.
    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut xs = xs.clone();
        for (index, layer) in self.0.iter().enumerate() {
            if index > 0 {
                xs = xs.relu()?;
            }
            xs = layer.forward(&xs, interrupt)?;
        }
        Ok(xs)
    }
}
