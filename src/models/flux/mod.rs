//! FLUX.1's denoiser: diffusers' `FluxTransformer2DModel`.
//!
//! Names are those of diffusers; files of Black Forest Labs are looked at under them. A prompt is read
//! once ([`FluxTransformer::read`]), and the network is then asked with it at every step. One picture
//! at a time.

mod config;
mod double;
mod memory;
mod pack;
mod single;
mod told;
mod work;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::TextEmbeddings;
use crate::nn::{Axes, Interrupt, Linear, Then};
use double::DoubleBlock;
use single::SingleBlock;
use told::{LastNorm, Telling};

pub use config::FluxConfig;
pub use memory::flux_bytes;

/// Slowness of the slowest pair of a head.
const THETA: f64 = 10_000.0;

/// The network.
#[derive(Debug)]
pub struct FluxTransformer {
    picture_in: Linear,
    text_in: Linear,
    telling: Telling,
    double: Vec<DoubleBlock>,
    single: Vec<SingleBlock>,
    last_norm: LastNorm,
    out: Linear,
    axes: Axes,
}

/// A prompt as the network reads it.
#[derive(Clone, Debug)]
pub struct FluxPrompt {
    /// `[1, tokens, width]`
    text: Tensor,
    /// Of the whole prompt and the guidance: `[1, width]`.
    told: Tensor,
}

impl FluxTransformer {
    pub fn new(config: &FluxConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.width();
        let pooled = config.pooled_projection_dim;
        let double = (0..config.num_layers)
            .map(|index| DoubleBlock::new(config, &vb.pp("transformer_blocks").pp(index)));
        let single = (0..config.num_single_layers)
            .map(|index| SingleBlock::new(config, &vb.pp("single_transformer_blocks").pp(index)));
        Ok(Self {
            picture_in: Linear::new(config.in_channels, width, &vb.pp("x_embedder"))?,
            text_in: Linear::new(
                config.joint_attention_dim,
                width,
                &vb.pp("context_embedder"),
            )?,
            telling: Telling::new(
                (width, pooled),
                config.guidance_embeds,
                &vb.pp("time_text_embed"),
            )?,
            double: double.collect::<Result<_>>()?,
            single: single.collect::<Result<_>>()?,
            last_norm: LastNorm::new(width, vb)?,
            out: Linear::new(width, config.in_channels, &vb.pp("proj_out"))?,
            axes: Axes {
                dims: config.axes_dims_rope,
                theta: THETA,
                coarse: false,
            },
        })
    }

    /// Reads a prompt, tokens and the whole; the guidance changes nothing where the network is not told
    /// it.
    pub fn read(
        &self,
        text: &TextEmbeddings,
        guidance: f32,
        interrupt: &Interrupt,
    ) -> Result<FluxPrompt> {
        let Some(pooled) = &text.pooled else {
            candle_core::bail!("FLUX was given no embedding of the whole prompt")
        };
        Ok(FluxPrompt {
            text: self.text_in.forward(&text.tokens, interrupt)?,
            told: self.telling.of_prompt(pooled, guidance, interrupt)?,
        })
    }

    /// The way from picture to noise at latents `[1, channels, height, width]`, of their shape; both
    /// sides are even. `timestep` is 1000 times the level of noise.
    pub fn forward(
        &self,
        latents: &Tensor,
        timestep: f64,
        prompt: &FluxPrompt,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (_, _, height, width) = latents.dims4()?;
        let size = (height, width);
        let told = self.telling.at(timestep, &prompt.told, interrupt)?;
        let packed = pack::packed(latents)?;
        let mut picture = self.picture_in.forward(&packed, interrupt)?;
        let mut text = prompt.text.clone();
        let words = text.dim(1)?;
        let places = pack::places(words, size);
        let rotation = self.axes.rotation(&places, latents.device())?;
        for block in &self.double {
            interrupt.check()?;
            (text, picture) = block.forward((&text, &picture), &told, &rotation, interrupt)?;
        }
        let mut all = Tensor::cat(&[&text, &picture], 1)?;
        for block in &self.single {
            interrupt.check()?;
            all = block.forward(&all, &told, &rotation, interrupt)?;
        }
        let picture = all.narrow(1, words, all.dim(1)? - words)?;
        let norm = self.last_norm.of(&told, interrupt)?;
        let plain = Then::default();
        let out = self.out.forward_normed(&norm, &picture, plain, interrupt)?;
        pack::unpacked(&out, size)
    }
}
