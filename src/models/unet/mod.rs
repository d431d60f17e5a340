//! The denoiser: diffusers' `UNet2DConditionModel`.

mod added;
mod blocks;
mod config;
mod kept;
mod layout;
mod memory;
mod prompt;
mod transformer;
mod work;

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

pub use added::Told;
pub use config::UNetConfig;
pub use kept::KeptFeatures;
pub use memory::{denoiser_bytes, prompt_bytes};
pub use prompt::PromptKeys;

use crate::nn::{
    Activation, Conv2d, ConvOptions, GroupNorm, Interrupt, Linear, Then, channels_last,
    timestep_embedding,
};
use added::{AddedEmbedding, GuidanceEmbedding};
use blocks::{Condition, DownBlock, MidBlock, UpBlock};
use layout::TIME_FACTOR;

/// Noisy latents, a timestep and a prompt to a prediction of the latents' shape.
#[derive(Debug)]
pub struct UNet {
    conv_in: Conv2d,
    time1: Linear,
    time2: Linear,
    added: Option<AddedEmbedding>,
    guidance: Option<GuidanceEmbedding>,
    down: Vec<DownBlock>,
    mid: Option<MidBlock>,
    /// All but the last.
    up: Vec<UpBlock>,
    outermost: UpBlock,
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
        let up = |index| UpBlock::new(config, index, &vb.pp("up_blocks").pp(index));
        let conv_in = ConvOptions::same(config.conv_in_kernel);
        let conv_out = ConvOptions::same(config.conv_out_kernel);
        Ok(Self {
            conv_in: Conv2d::new(config.in_channels, first, conv_in, &vb.pp("conv_in"))?,
            time1: Linear::new(first, time_width, &time.pp("linear_1"))?,
            time2: Linear::new(time_width, time_width, &time.pp("linear_2"))?,
            added: AddedEmbedding::of(config, vb)?,
            guidance: GuidanceEmbedding::of(config, vb)?,
            down: (0..blocks)
                .map(|block| DownBlock::new(config, block, &vb.pp("down_blocks").pp(block)))
                .collect::<Result<_>>()?,
            mid: config
                .mid_block_type
                .is_some()
                .then(|| MidBlock::new(config, &vb.pp("mid_block")))
                .transpose()?,
            up: (0..blocks - 1).map(up).collect::<Result<_>>()?,
            outermost: up(blocks - 1)?,
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
    /// cross_attention_dim]`; returns `[batch, out_channels, height, width]`. For networks that are told
    /// nothing else.
    pub fn forward(
        &self,
        latents: &Tensor,
        timestep: f64,
        context: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let prompt = self.read(context, None, Told::default(), interrupt)?;
        self.forward_with(latents, timestep, &prompt, None, interrupt)
            .map(|(output, _)| output)
    }

    /// Reads prompts `[batch, tokens, cross_attention_dim]` for all calls with that batch; `pooled`
    /// `[batch, width]` where the network takes it.
    pub fn read(
        &self,
        context: &Tensor,
        pooled: Option<&Tensor>,
        told: Told,
        interrupt: &Interrupt,
    ) -> Result<PromptKeys> {
        let texts = context.dim(0)?;
        if told.apart && texts > 1 {
            let read = |text: usize| {
                let pooled = pooled.map(|pooled| pooled.narrow(0, text, 1)).transpose()?;
                let context = context.narrow(0, text, 1)?.contiguous()?;
                self.read(&context, pooled.as_ref(), told, interrupt)
            };
            return (0..texts)
                .map(read)
                .collect::<Result<_>>()
                .map(PromptKeys::apart);
        }
        let added = |embedding: &AddedEmbedding| embedding.forward(pooled, told.size, interrupt);
        let guidance =
            |embedding: &GuidanceEmbedding| embedding.forward(told.guidance, context.device());
        let mut prompt = PromptKeys::default();
        prompt.added = self.added.as_ref().map(added).transpose()?;
        prompt.guidance = self.guidance.as_ref().map(guidance).transpose()?;
        for block in &self.down {
            block.read(context, &mut prompt, interrupt)?;
        }
        if let Some(mid) = &self.mid {
            mid.read(context, &mut prompt, interrupt)?;
        }
        for block in self.up.iter().chain([&self.outermost]) {
            block.read(context, &mut prompt, interrupt)?;
        }
        Ok(prompt)
    }

    /// [`Self::forward`], whole without `kept` and with it only the outermost layers around it; also
    /// gives what the outermost layers were fed with, for calls to come. See [`KeptFeatures`].
    pub fn forward_with(
        &self,
        latents: &Tensor,
        timestep: f64,
        prompt: &PromptKeys,
        kept: Option<KeptFeatures>,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, KeptFeatures)> {
        if !prompt.parts().is_empty() {
            let kept = kept.as_ref();
            return self.forward_apart(latents, timestep, prompt.parts(), kept, interrupt);
        }
        let time = self.time(timestep, prompt, latents.device(), interrupt)?;
        let condition = Condition {
            time: &time,
            prompt,
            interrupt,
        };
        let first = self.conv_in.forward(&channels_last(latents)?, interrupt)?;
        let kept = match kept {
            Some(kept) => kept,
            None => KeptFeatures::of(self.inside(&first, &condition)?),
        };
        let output = self.outside(kept.features().clone(), first, &condition)?;
        Ok((output, kept))
    }

    /// [`Self::forward_with`], one picture of the batch after the other: it takes their time, and the
    /// memory of one.
    fn forward_apart(
        &self,
        latents: &Tensor,
        timestep: f64,
        prompts: &[PromptKeys],
        kept: Option<&KeptFeatures>,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, KeptFeatures)> {
        let (mut outputs, mut inside) = (Vec::new(), Vec::new());
        for (place, prompt) in prompts.iter().enumerate() {
            let latents = latents.narrow(0, place, 1)?.contiguous()?;
            let kept = kept.map(|kept| kept.of_one(place)).transpose()?;
            let (output, kept) = self.forward_with(&latents, timestep, prompt, kept, interrupt)?;
            outputs.push(output);
            inside.push(kept);
        }
        Ok((Tensor::cat(&outputs, 0)?, KeptFeatures::cat(&inside)?))
    }

    /// The timestep's embedding with what else is told: `[1, time_width]`, or `[batch, time_width]`
    /// where that differs between prompts.
    fn time(
        &self,
        timestep: f64,
        prompt: &PromptKeys,
        device: &Device,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let config = &self.config;
        let sinusoid = timestep_embedding(
            timestep,
            config.block_out_channels[0],
            (config.flip_sin_to_cos, config.freq_shift),
            device,
        )?;
        let sinusoid = match &prompt.guidance {
            Some(guidance) => (sinusoid + guidance)?,
            None => sinusoid,
        };
        let time = self.time1.forward(&sinusoid, interrupt)?;
        let time = self
            .time2
            .forward(&Activation::Silu.forward(&time)?, interrupt)?;
        match &prompt.added {
            Some(added) => added.broadcast_add(&time),
            None => Ok(time),
        }
    }

    /// From the first convolution's output down, through the middle and up to the last layer of all.
    fn inside(&self, first: &Tensor, condition: &Condition<'_>) -> Result<Tensor> {
        let mut hidden = first.clone();
        let mut skips = vec![first.clone()];
        for block in &self.down {
            hidden = block.forward(&hidden, condition, &mut skips)?;
        }
        if let Some(mid) = &self.mid {
            hidden = mid.forward(&hidden, condition)?;
        }
        for block in &self.up {
            hidden = block.forward(hidden, condition, &mut skips)?;
        }
        self.outermost.to_last_layer(hidden, condition, &mut skips)
    }

    /// The last layer of all, of what came from inside and of the first convolution's output, then
    /// the last convolution.
    fn outside(&self, hidden: Tensor, first: Tensor, condition: &Condition<'_>) -> Result<Tensor> {
        let hidden = self.outermost.last_layer(hidden, first, condition)?;
        self.conv_out
            .forward_normed(
                &self.norm_out,
                &hidden,
                Then::default(),
                condition.interrupt,
            )?
            .contiguous()
    }

    pub fn config(&self) -> &UNetConfig {
        &self.config
    }
}
