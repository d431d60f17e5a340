//! The denoiser: diffusers' `UNet2DConditionModel`.

mod blocks;
mod config;
mod transformer;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

pub use config::UNetConfig;

use crate::nn::{
    Activation, Conv2d, ConvOptions, GroupNorm, Interrupt, Linear, Then, channels_last,
    timestep_embedding,
};
use blocks::{Condition, DownBlock, MidBlock, TIME_FACTOR, UpBlock};

/// Noisy latents, a timestep and a prompt to a prediction of the latents' shape.
#[derive(Debug)]
pub struct UNet {
    conv_in: Conv2d,
    time1: Linear,
    time2: Linear,
    down: Vec<DownBlock>,
    mid: Option<MidBlock>,
    up: Vec<UpBlock>,
    norm_out: GroupNorm,
    conv_out: Conv2d,
    config: UNetConfig,
}

impl UNet {
    /// `config` must have passed [`UNetConfig::check`].
    pub fn new(config: &UNetConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let first = config.block_out_channels[0];
        let time_width = TIME_FACTOR * first;
        let blocks = config.block_out_channels.len();
        let time = vb.pp("time_embedding");
        let conv_in = ConvOptions::same(config.conv_in_kernel);
        let conv_out = ConvOptions::same(config.conv_out_kernel);
        Ok(Self {
            conv_in: Conv2d::new(config.in_channels, first, conv_in, &vb.pp("conv_in"))?,
            time1: Linear::new(first, time_width, &time.pp("linear_1"))?,
            time2: Linear::new(time_width, time_width, &time.pp("linear_2"))?,
            down: (0..blocks)
                .map(|block| DownBlock::new(config, block, &vb.pp("down_blocks").pp(block)))
                .collect::<Result<_>>()?,
            mid: config
                .mid_block_type
                .is_some()
                .then(|| MidBlock::new(config, &vb.pp("mid_block")))
                .transpose()?,
            up: (0..blocks)
                .map(|index| UpBlock::new(config, index, &vb.pp("up_blocks").pp(index)))
                .collect::<Result<_>>()?,
            norm_out: GroupNorm::new(
                config.groups(),
                first,
                config.norm_eps,
                &vb.pp("conv_norm_out"),
            )?
            .then_silu(),
            conv_out: Conv2d::new(first, config.out_channels, conv_out, &vb.pp("conv_out"))?,
            config: config.clone(),
        })
    }

    /// `latents` `[batch, in_channels, height, width]`, `context` `[batch, tokens,
    /// cross_attention_dim]`; returns `[batch, out_channels, height, width]`.
    pub fn forward(
        &self,
        latents: &Tensor,
        timestep: f64,
        context: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let config = &self.config;
        let sinusoid = timestep_embedding(
            timestep,
            config.block_out_channels[0],
            (config.flip_sin_to_cos, config.freq_shift),
            latents.device(),
        )?;
        let time = self.time1.forward(&sinusoid, interrupt)?;
        let time = self
            .time2
            .forward(&Activation::Silu.forward(&time)?, interrupt)?;
        let condition = Condition {
            time: &time,
            context,
            interrupt,
        };
        let latents = channels_last(latents)?;
        let mut hidden = self.conv_in.forward(&latents, interrupt)?;
        let mut skips = vec![hidden.clone()];
        for block in &self.down {
            hidden = block.forward(&hidden, &condition, &mut skips)?;
        }
        if let Some(mid) = &self.mid {
            hidden = mid.forward(&hidden, &condition)?;
        }
        for block in &self.up {
            hidden = block.forward(&hidden, &condition, &mut skips)?;
        }
        self.conv_out
            .forward_normed(&self.norm_out, &hidden, Then::default(), interrupt)?
            .contiguous()
    }

    pub fn config(&self) -> &UNetConfig {
        &self.config
    }
}
