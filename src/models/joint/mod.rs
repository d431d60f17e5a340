//! The denoiser of Stable Diffusion 3 and 3.5: diffusers' `SD3Transformer2DModel`.

mod block;
mod config;
mod memory;
mod work;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

pub use config::JointConfig;
pub use memory::joint_bytes;

use super::TextEmbeddings;
use crate::kernels::Padding;
use crate::nn::{
    Activation, Conv2d, ConvOptions, Interrupt, LayerNorm, Linear, Then, small, timestep_embedding,
    to_rows,
};
use block::{EPS, JointBlock, last_modulation};

/// Sines and cosines a timestep is told by.
const TIME_WIDTH: usize = 256;

/// Noisy latents, a timestep and a prompt to the way from the picture to the noise.
#[derive(Debug)]
pub struct JointTransformer {
    patches: Conv2d,
    /// `[1, side * side, width]`, of the largest picture, as stored; smaller ones are its middle.
    positions: Tensor,
    time1: Linear,
    time2: Linear,
    pooled1: Linear,
    pooled2: Linear,
    context: Linear,
    blocks: Vec<JointBlock>,
    modulation_out: Linear,
    out: Linear,
    config: JointConfig,
}

/// A prompt as the transformer reads it before the first step.
#[derive(Clone, Debug)]
pub struct JointPrompt {
    /// `[1, tokens, width]`
    rows: Tensor,
    /// Of the whole prompt: `[1, width]`.
    pooled: Tensor,
}

impl JointTransformer {
    /// `config` must have passed [`JointConfig::check`].
    pub fn new(config: &JointConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, patch) = (config.width(), config.patch_size);
        let told = vb.pp("time_text_embed");
        let (time, pooled) = (told.pp("timestep_embedder"), told.pp("text_embedder"));
        let positions = config.pos_embed_max_size * config.pos_embed_max_size;
        let patches = ConvOptions {
            kernel: patch,
            stride: patch,
            padding: Padding::same(0),
        };
        let blocks = vb.pp("transformer_blocks");
        let outputs = patch * patch * config.output_channels();
        Ok(Self {
            patches: Conv2d::new(config.in_channels, width, patches, &vb.pp("pos_embed.proj"))?,
            positions: vb.get((1, positions, width), "pos_embed.pos_embed")?,
            time1: Linear::new(TIME_WIDTH, width, &time.pp("linear_1"))?,
            time2: Linear::new(width, width, &time.pp("linear_2"))?,
            pooled1: Linear::new(config.pooled_projection_dim, width, &pooled.pp("linear_1"))?,
            pooled2: Linear::new(width, width, &pooled.pp("linear_2"))?,
            context: Linear::new(
                config.joint_attention_dim,
                width,
                &vb.pp("context_embedder"),
            )?,
            blocks: (0..config.num_layers)
                .map(|index| JointBlock::new(config, index, &blocks.pp(index)))
                .collect::<Result<_>>()?,
            modulation_out: last_modulation(width, &vb.pp("norm_out.linear"))?,
            out: Linear::new(width, outputs, &vb.pp("proj_out"))?,
            config: config.clone(),
        })
    }

    /// Reads one text: tokens `[1, tokens, joint_attention_dim]`, pooled
    /// `[1, pooled_projection_dim]`.
    pub fn read(&self, text: &TextEmbeddings, interrupt: &Interrupt) -> Result<JointPrompt> {
        let Some(pooled) = &text.pooled else {
            candle_core::bail!("this denoiser needs the pooled prompts of two text encoders")
        };
        let hidden =
            self.pooled1
                .forward_then(pooled, Then::activate(Activation::Silu), interrupt)?;
        Ok(JointPrompt {
            rows: self.context.forward(&text.tokens, interrupt)?,
            pooled: self.pooled2.forward(&hidden, interrupt)?,
        })
    }

    /// One picture's latents `[1, in_channels, height, width]`, both sides multiples of the patch;
    /// returns `[1, out_channels, height, width]`.
    pub fn forward(
        &self,
        latents: &Tensor,
        timestep: f64,
        prompt: &JointPrompt,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (_, _, height, width) = latents.dims4()?;
        let patch = self.config.patch_size;
        if !height.is_multiple_of(patch) || !width.is_multiple_of(patch) {
            candle_core::bail!("latents of {height}x{width} are no whole patches of {patch}")
        }
        let size = (height / patch, width / patch);
        let told = self.told(timestep, prompt, interrupt)?;
        let patches = to_rows(&self.patches.forward(latents, interrupt)?)?;
        let mut rows = (patches + self.positions_of(size)?)?;
        let mut prompt = Some(prompt.rows.clone());
        for block in &self.blocks {
            interrupt.check()?;
            let Some(context) = &prompt else { break };
            (rows, prompt) = block.forward(&rows, context, &told, interrupt)?;
        }
        let parts = self.modulation_out.forward(&told, interrupt)?.chunk(2, 1)?;
        let norm = LayerNorm::modulated(&parts[0], &parts[1], EPS)?;
        let rows = self
            .out
            .forward_normed(&norm, &rows, Then::default(), interrupt)?;
        self.laid_out(&rows, size)
    }

    /// Time and whole prompt, activated as every modulation takes them: `[1, width]`.
    fn told(&self, timestep: f64, prompt: &JointPrompt, interrupt: &Interrupt) -> Result<Tensor> {
        let device = prompt.pooled.device();
        let sinusoid = timestep_embedding(timestep, TIME_WIDTH, (true, 0.0), device)?;
        let silu = Then::activate(Activation::Silu);
        let time = self.time1.forward_then(&sinusoid, silu, interrupt)?;
        let time = self.time2.forward(&time, interrupt)?;
        Activation::Silu.forward(&(time + &prompt.pooled)?)
    }

    /// The middle of the largest picture's positions: `[1, height * width, width]`.
    fn positions_of(&self, (height, width): (usize, usize)) -> Result<Tensor> {
        let side = self.config.pos_embed_max_size;
        if height > side || width > side {
            let most = self.config.most_latents();
            candle_core::bail!("a picture of more than {most} latents along a side")
        }
        let all = self.positions.reshape((side, side, self.config.width()))?;
        let middle = all
            .narrow(0, (side - height) / 2, height)?
            .narrow(1, (side - width) / 2, width)?
            .contiguous()?;
        small(&middle)?.reshape((1, height * width, self.config.width()))
    }

    /// Tokens `[1, height * width, patch * patch * channels]` to the latents they are of.
    fn laid_out(&self, rows: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
        let (patch, channels) = (self.config.patch_size, self.config.output_channels());
        rows.reshape((height, width, patch, patch, channels))?
            .permute((4, 0, 2, 1, 3))?
            .contiguous()?
            .reshape((1, channels, height * patch, width * patch))
    }
}
