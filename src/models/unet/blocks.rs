//! The way down, through the middle and up again.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::UNetConfig;
use super::layout::{LayerConfig, down_layers, mid_layers, up_layers};
use super::prompt::PromptKeys;
use super::transformer::SpatialTransformer;
use crate::models::resnet::{Downsample, ResnetBlock, Upsample};
use crate::nn::{Interrupt, cat_channels};

/// What every block is told beside the picture.
pub(super) struct Condition<'a> {
    /// `[1, time_width]`, or one row for each picture.
    pub(super) time: &'a Tensor,
    pub(super) prompt: &'a PromptKeys,
    pub(super) interrupt: &'a Interrupt,
}

/// A residual block, followed by attention where the block type has it.
#[derive(Debug)]
struct Layer {
    resnet: ResnetBlock,
    attention: Option<SpatialTransformer>,
}

impl Layer {
    /// `vb` is the block's, `index` the layer's place in it.
    fn new(config: LayerConfig, index: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            resnet: ResnetBlock::new(config.resnet, &vb.pp("resnets").pp(index))?,
            attention: config
                .attention
                .map(|config| SpatialTransformer::new(config, &vb.pp("attentions").pp(index)))
                .transpose()?,
        })
    }

    /// All layers of a block.
    fn all(configs: Vec<LayerConfig>, vb: &VarBuilder<'_>) -> Result<Vec<Self>> {
        let numbered = configs.into_iter().enumerate();
        numbered
            .map(|(index, config)| Self::new(config, index, vb))
            .collect()
    }

    /// Has the attention of some layers read prompts.
    fn read_all(
        layers: &[Self],
        context: &Tensor,
        prompt: &mut PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let attentions = layers.iter().filter_map(|layer| layer.attention.as_ref());
        for attention in attentions {
            attention.read(context, prompt, interrupt)?;
        }
        Ok(())
    }

    fn forward(&self, xs: &Tensor, condition: &Condition<'_>) -> Result<Tensor> {
        let hidden = self
            .resnet
            .forward(xs, Some(condition.time), condition.interrupt)?;
        match &self.attention {
            Some(attention) => attention.forward(&hidden, condition.prompt, condition.interrupt),
            None => Ok(hidden),
        }
    }
}

/// `DownBlock2D` or `CrossAttnDownBlock2D`.
#[derive(Debug)]
pub(super) struct DownBlock {
    layers: Vec<Layer>,
    downsample: Option<Downsample>,
}

impl DownBlock {
    pub(super) fn new(config: &UNetConfig, block: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let channels = &config.block_out_channels;
        let padding = config.downsample_padding;
        let downsample = (block + 1 < channels.len())
            .then(|| Downsample::new(channels[block], padding, &vb.pp("downsamplers.0")))
            .transpose()?;
        Ok(Self {
            layers: Layer::all(down_layers(config, block), vb)?,
            downsample,
        })
    }

    pub(super) fn read(
        &self,
        context: &Tensor,
        prompt: &mut PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<()> {
        Layer::read_all(&self.layers, context, prompt, interrupt)
    }

    /// Adds the output of every layer to `skips`, for the way up.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        condition: &Condition<'_>,
        skips: &mut Vec<Tensor>,
    ) -> Result<Tensor> {
        let mut hidden = xs.clone();
        for layer in &self.layers {
            hidden = layer.forward(&hidden, condition)?;
            skips.push(hidden.clone());
        }
        if let Some(downsample) = &self.downsample {
            hidden = downsample.forward(&hidden, condition.interrupt)?;
            skips.push(hidden.clone());
        }
        Ok(hidden)
    }
}

/// `UNetMidBlock2DCrossAttn`.
#[derive(Debug)]
pub(super) struct MidBlock {
    first: ResnetBlock,
    attention: SpatialTransformer,
    second: ResnetBlock,
}

impl MidBlock {
    pub(super) fn new(config: &UNetConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (resnet, attention) = mid_layers(config);
        Ok(Self {
            first: ResnetBlock::new(resnet, &vb.pp("resnets.0"))?,
            attention: SpatialTransformer::new(attention, &vb.pp("attentions.0"))?,
            second: ResnetBlock::new(resnet, &vb.pp("resnets.1"))?,
        })
    }

    pub(super) fn read(
        &self,
        context: &Tensor,
        prompt: &mut PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<()> {
        self.attention.read(context, prompt, interrupt)
    }

    pub(super) fn forward(&self, xs: &Tensor, condition: &Condition<'_>) -> Result<Tensor> {
        let Condition {
            time,
            prompt,
            interrupt,
        } = condition;
        let hidden = self.first.forward(xs, Some(time), interrupt)?;
        let hidden = self.attention.forward(&hidden, prompt, interrupt)?;
        self.second.forward(&hidden, Some(time), interrupt)
    }
}

/// `UpBlock2D` or `CrossAttnUpBlock2D`.
#[derive(Debug)]
pub(super) struct UpBlock {
    layers: Vec<Layer>,
    upsample: Option<Upsample>,
}

impl UpBlock {
    /// `index` counts from the lowest block up.
    pub(super) fn new(config: &UNetConfig, index: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let block = config.mirrored(index);
        let upsample = (block > 0)
            .then(|| Upsample::new(config.block_out_channels[block], &vb.pp("upsamplers.0")))
            .transpose()?;
        Ok(Self {
            layers: Layer::all(up_layers(config, index), vb)?,
            upsample,
        })
    }

    pub(super) fn read(
        &self,
        context: &Tensor,
        prompt: &mut PromptKeys,
        interrupt: &Interrupt,
    ) -> Result<()> {
        Layer::read_all(&self.layers, context, prompt, interrupt)
    }

    /// Takes its skips from the end of `skips`; the next one there tells the size to grow to.
    pub(super) fn forward(
        &self,
        xs: Tensor,
        condition: &Condition<'_>,
        skips: &mut Vec<Tensor>,
    ) -> Result<Tensor> {
        let hidden = self.to_last_layer(xs, condition, skips)?;
        let skip = next(skips)?;
        let hidden = self.last_layer(hidden, skip, condition)?;
        match (&self.upsample, skips.last()) {
            (Some(upsample), Some(next)) => {
                let (_, _, height, width) = next.dims4()?;
                upsample.forward(&hidden, (height, width), condition.interrupt)
            }
            _ => Ok(hidden),
        }
    }

    /// Everything before the last layer, of what nobody else needs any more.
    pub(super) fn to_last_layer(
        &self,
        mut hidden: Tensor,
        condition: &Condition<'_>,
        skips: &mut Vec<Tensor>,
    ) -> Result<Tensor> {
        let layers = self.layers.split_last().map_or(&[][..], |(_, most)| most);
        for layer in layers {
            // The skip is held by nobody else any more.
            hidden = cat_channels(&hidden, &next(skips)?)?;
            hidden = layer.forward(&hidden, condition)?;
        }
        Ok(hidden)
    }

    /// The last layer, of what those before it gave and the skip that is left.
    pub(super) fn last_layer(
        &self,
        hidden: Tensor,
        skip: Tensor,
        condition: &Condition<'_>,
    ) -> Result<Tensor> {
        let Some(layer) = self.layers.last() else {
            return Ok(hidden);
        };
        let joined = cat_channels(&hidden, &skip)?;
        // Whoever does not need them any more has given them away.
        drop((hidden, skip));
        layer.forward(&joined, condition)
    }
}

/// The output of the way down whose turn it is.
fn next(skips: &mut Vec<Tensor>) -> Result<Tensor> {
    match skips.pop() {
        Some(skip) => Ok(skip),
        None => candle_core::bail!("the way up is longer than the way down"),
    }
}
