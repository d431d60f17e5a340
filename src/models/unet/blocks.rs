//! The way down, through the middle and up again.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::{BlockType, UNetConfig};
use super::transformer::{SpatialTransformer, TransformerConfig};
use crate::models::resnet::{Downsample, ResnetBlock, ResnetConfig, Upsample};
use crate::nn::{Interrupt, cat_channels};

/// What every block is told beside the picture.
pub(super) struct Condition<'a> {
    /// `[1, time_width]`
    pub(super) time: &'a Tensor,
    /// `[batch, tokens, context_width]`
    pub(super) context: &'a Tensor,
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
    fn new(
        resnet: ResnetConfig,
        attention: Option<TransformerConfig>,
        index: usize,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        Ok(Self {
            resnet: ResnetBlock::new(resnet, &vb.pp("resnets").pp(index))?,
            attention: attention
                .map(|config| SpatialTransformer::new(config, &vb.pp("attentions").pp(index)))
                .transpose()?,
        })
    }

    fn forward(&self, xs: &Tensor, condition: &Condition<'_>) -> Result<Tensor> {
        let hidden = self
            .resnet
            .forward(xs, Some(condition.time), condition.interrupt)?;
        match &self.attention {
            Some(attention) => attention.forward(&hidden, condition.context, condition.interrupt),
            None => Ok(hidden),
        }
    }
}

fn resnet_config(config: &UNetConfig, inputs: usize, outputs: usize) -> ResnetConfig {
    ResnetConfig {
        inputs,
        outputs,
        time_width: Some(TIME_FACTOR * config.block_out_channels[0]),
        groups: config.groups(),
        eps: config.norm_eps,
        output_scale: 1.0,
    }
}

/// The timestep embedding is this many times wider than the first block.
pub(super) const TIME_FACTOR: usize = 4;

fn transformer_config(config: &UNetConfig, block: usize) -> TransformerConfig {
    TransformerConfig {
        channels: config.block_out_channels[block],
        heads: config.heads().at(block),
        layers: config.transformer_layers_per_block.at(block),
        context_width: config.cross_attention_dim.at(block),
        groups: config.groups(),
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
        let outputs = channels[block];
        let inputs = channels[block.saturating_sub(1)];
        let attends = config.down_block_types[block] == BlockType::CrossAttnDown;
        let layers = (0..config.layers_per_block.at(block))
            .map(|layer| {
                let inputs = if layer == 0 { inputs } else { outputs };
                let resnet = resnet_config(config, inputs, outputs);
                let attention = attends.then(|| transformer_config(config, block));
                Layer::new(resnet, attention, layer, vb)
            })
            .collect::<Result<_>>()?;
        let downsample = (block + 1 < channels.len())
            .then(|| Downsample::new(outputs, config.downsample_padding, &vb.pp("downsamplers.0")))
            .transpose()?;
        Ok(Self { layers, downsample })
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
        let block = config.block_out_channels.len() - 1;
        let channels = config.block_out_channels[block];
        let resnet = ResnetConfig {
            output_scale: config.mid_block_scale_factor,
            ..resnet_config(config, channels, channels)
        };
        Ok(Self {
            first: ResnetBlock::new(resnet, &vb.pp("resnets.0"))?,
            attention: SpatialTransformer::new(
                transformer_config(config, block),
                &vb.pp("attentions.0"),
            )?,
            second: ResnetBlock::new(resnet, &vb.pp("resnets.1"))?,
        })
    }

    pub(super) fn forward(&self, xs: &Tensor, condition: &Condition<'_>) -> Result<Tensor> {
        let Condition {
            time,
            context,
            interrupt,
        } = condition;
        let hidden = self.first.forward(xs, Some(time), interrupt)?;
        let hidden = self.attention.forward(&hidden, context, interrupt)?;
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
        let channels = &config.block_out_channels;
        // The block on the way down that this one mirrors.
        let block = channels.len() - 1 - index;
        let outputs = channels[block];
        let from_below = channels[(block + 1).min(channels.len() - 1)];
        let last_skip = channels[block.saturating_sub(1)];
        let attends = config.up_block_types[index] == BlockType::CrossAttnUp;
        let layer_count = config.layers_per_block.at(block) + 1;
        let layers = (0..layer_count)
            .map(|layer| {
                let hidden = if layer == 0 { from_below } else { outputs };
                let skip = if layer + 1 == layer_count {
                    last_skip
                } else {
                    outputs
                };
                let resnet = resnet_config(config, hidden + skip, outputs);
                let attention = attends.then(|| transformer_config(config, block));
                Layer::new(resnet, attention, layer, vb)
            })
            .collect::<Result<_>>()?;
        let upsample = (block > 0)
            .then(|| Upsample::new(outputs, &vb.pp("upsamplers.0")))
            .transpose()?;
        Ok(Self { layers, upsample })
    }

    /// Takes its skips from the end of `skips`; the next one there tells the size to grow to.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        condition: &Condition<'_>,
        skips: &mut Vec<Tensor>,
    ) -> Result<Tensor> {
        let mut hidden = xs.clone();
        for layer in &self.layers {
            let Some(skip) = skips.pop() else {
                candle_core::bail!("the way up is longer than the way down")
            };
            hidden = layer.forward(&cat_channels(&hidden, &skip)?, condition)?;
        }
        match (&self.upsample, skips.last()) {
            (Some(upsample), Some(next)) => {
                let (_, _, height, width) = next.dims4()?;
                upsample.forward(&hidden, (height, width), condition.interrupt)
            }
            _ => Ok(hidden),
        }
    }
}
