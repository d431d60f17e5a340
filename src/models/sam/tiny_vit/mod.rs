//! The small image encoder: convolutions first, then a transformer within windows (Wu et al. 2022,
//! "`TinyViT`: Fast Pretraining Distillation for Small Vision Transformers").

mod attending;
mod convolving;
mod normed;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use self::attending::Attending;
use self::convolving::{Convolving, Merging};
use self::normed::NormedConv;
use super::config::{SamConfig, TinyVitConfig};
use super::neck::Neck;
use crate::nn::{Activation, ConvOptions, Interrupt};

#[derive(Debug)]
pub(super) struct TinyVit {
    stem: [NormedConv; 2],
    first: Vec<Convolving>,
    first_merging: Merging,
    stages: Vec<Stage>,
    neck: Neck,
}

/// Blocks of one width, then the way to the next.
#[derive(Debug)]
struct Stage {
    blocks: Vec<Attending>,
    merging: Option<Merging>,
}

impl TinyVit {
    pub(super) fn new(
        config: &TinyVitConfig,
        sam: &SamConfig,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let halving = ConvOptions {
            stride: 2,
            ..ConvOptions::three()
        };
        let (width, layers) = (config.first_width, vb.pp("layers"));
        let Some(last) = config.stages.last() else {
            candle_core::bail!("a network without stages sees nothing")
        };
        let stem = vb.pp("patch_embed.seq");
        let first = layers.pp(0);
        let merges = config.stages.len();
        // A patch of the decoder is 16 pixels: the stem and all mergings but the last halve.
        let merging = |index: usize, from: usize, to: usize| {
            let stride = if index + 1 < merges { 2 } else { 1 };
            Merging::new(from, to, stride, &layers.pp(index).pp("downsample"))
        };
        let stages = config.stages.iter().enumerate().map(|(index, stage)| {
            let blocks = (0..stage.depth)
                .map(|block| Attending::new(stage, &layers.pp(index + 1).pp("blocks").pp(block)));
            let next = config.stages.get(index + 1);
            Ok(Stage {
                blocks: blocks.collect::<Result<_>>()?,
                merging: next
                    .map(|next| merging(index + 1, stage.width, next.width))
                    .transpose()?,
            })
        });
        Ok(Self {
            stem: [
                NormedConv::new(3, width / 2, halving, &stem.pp(0))?,
                NormedConv::new(width / 2, width, halving, &stem.pp(2))?,
            ],
            first: (0..config.first_depth)
                .map(|block| Convolving::new(width, &first.pp("blocks").pp(block)))
                .collect::<Result<_>>()?,
            first_merging: merging(0, width, config.stages[0].width)?,
            stages: stages.collect::<Result<_>>()?,
            neck: Neck::new(last.width, sam.width, &vb.pp("neck"))?,
        })
    }

    /// `[1, 3, side, side]` to `[1, outputs, grid, grid]`.
    pub(super) fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let [first, second] = &self.stem;
        let xs = Activation::Gelu.forward(&first.forward(picture, interrupt)?)?;
        let mut xs = second.forward(&xs, interrupt)?;
        for block in &self.first {
            xs = block.forward(&xs, interrupt)?;
        }
        xs = self.first_merging.forward(&xs, interrupt)?;
        for stage in &self.stages {
            for block in &stage.blocks {
                xs = block.forward(&xs, interrupt)?;
            }
            if let Some(merging) = &stage.merging {
                xs = merging.forward(&xs, interrupt)?;
            }
        }
        self.neck.forward(&xs, interrupt)
    }
}
