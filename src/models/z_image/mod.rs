//! Z-Image's denoiser: diffusers' `ZImageTransformer2DModel`, for one picture at a time.
//!
//! Names are those of diffusers. A prompt is read once ([`ZImageTransformer::read`]), and the network
//! is then asked with it at every step.

mod block;
mod config;
mod memory;
mod tokens;
mod work;

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::TextEmbeddings;
use crate::nn::{
    Activation, Axes, Interrupt, LayerNorm, Linear, RmsNorm, Rotation, Then, small,
    timestep_embedding,
};
use block::Block;

pub use config::ZImageConfig;
pub use memory::z_image_bytes;

/// Values of an embedded time, and of the layer between.
const TIME_WIDTH: usize = 256;
const TIME_HIDDEN: usize = 1024;
const LAST_NORM_EPS: f64 = 1e-6;
/// What time is told in.
const THOUSAND: f64 = 1000.0;

/// The network.
#[derive(Debug)]
pub struct ZImageTransformer {
    time: [Linear; 2],
    prompt_norm: RmsNorm,
    prompt_in: Linear,
    /// What prompts are filled up with: `[1, dim]`.
    prompt_filling: Tensor,
    prompt_blocks: Vec<Block>,
    picture_in: Linear,
    picture_filling: Tensor,
    picture_blocks: Vec<Block>,
    blocks: Vec<Block>,
    last_scale: Linear,
    out: Linear,
    axes: Axes,
    /// Places on each axis.
    lengths: [usize; 3],
    time_scale: f64,
}

/// A prompt as the network reads it, filled up: `[1, tokens, dim]`.
#[derive(Clone, Debug)]
pub struct ZImagePrompt(Tensor);

impl ZImageTransformer {
    pub fn new(config: &ZImageConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, told) = (config.dim, config.told());
        let values = tokens::SIDE * tokens::SIDE * config.in_channels;
        let blocks = |name: &str, count: usize, is_told: bool| -> Result<Vec<_>> {
            let block = |index| Block::new(config, is_told, &vb.pp(name).pp(index));
            (0..count).map(block).collect()
        };
        let time = vb.pp("t_embedder.mlp");
        let prompt = vb.pp("cap_embedder");
        let last = vb.pp("all_final_layer.2-1");
        let filling = |name: &str| small(&vb.get((1, width), name)?);
        Ok(Self {
            time: [
                Linear::new(TIME_WIDTH, TIME_HIDDEN, &time.pp("0"))?,
                Linear::new(TIME_HIDDEN, told, &time.pp("2"))?,
            ],
            prompt_norm: RmsNorm::new(config.cap_feat_dim, config.norm_eps, &prompt.pp("0"))?,
            prompt_in: Linear::new(config.cap_feat_dim, width, &prompt.pp("1"))?,
            prompt_filling: filling("cap_pad_token")?,
            prompt_blocks: blocks("context_refiner", config.n_refiner_layers, false)?,
            picture_in: Linear::new(values, width, &vb.pp("all_x_embedder.2-1"))?,
            picture_filling: filling("x_pad_token")?,
            picture_blocks: blocks("noise_refiner", config.n_refiner_layers, true)?,
            blocks: blocks("layers", config.n_layers, true)?,
            last_scale: Linear::new(told, width, &last.pp("adaLN_modulation.1"))?,
            out: Linear::new(width, values, &last.pp("linear"))?,
            axes: Axes {
                dims: config.axes_dims,
                theta: config.rope_theta,
                coarse: true,
            },
            lengths: config.axes_lens,
            time_scale: config.t_scale,
        })
    }

    /// Reads a prompt `[1, tokens, cap_feat_dim]`.
    pub fn read(&self, text: &TextEmbeddings, interrupt: &Interrupt) -> Result<ZImagePrompt> {
        let normed = self.prompt_norm.forward(&text.tokens)?;
        let told = self.prompt_in.forward(&normed, interrupt)?;
        let mut words = tokens::filled(&told, &self.prompt_filling)?;
        let places = tokens::places_of_prompt(text.tokens.dim(1)?);
        let rotation = self.rotation(&places, words.device())?;
        for block in &self.prompt_blocks {
            interrupt.check()?;
            words = block.forward(&words, None, &rotation, interrupt)?;
        }
        Ok(ZImagePrompt(words))
    }

    /// The way from picture to noise at latents `[1, channels, height, width]`, of their shape; both
    /// sides are even. `timestep` is 1000 times the level of noise.
    pub fn forward(
        &self,
        latents: &Tensor,
        timestep: f64,
        ZImagePrompt(words): &ZImagePrompt,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (_, _, height, width) = latents.dims4()?;
        let size = (height, width);
        let told = self.told(timestep, latents.device(), interrupt)?;
        let squares = tokens::packed(latents)?;
        let count = squares.dim(1)?;
        let embedded = self.picture_in.forward(&squares, interrupt)?;
        let mut picture = tokens::filled(&embedded, &self.picture_filling)?;
        let mut places = tokens::places_of_picture(words.dim(1)?, size);
        let rotation = self.rotation(&places, latents.device())?;
        for block in &self.picture_blocks {
            interrupt.check()?;
            picture = block.forward(&picture, Some(&told), &rotation, interrupt)?;
        }
        // The filled prompt is as long as its places are.
        places.extend(tokens::places_of_prompt(words.dim(1)?));
        let rotation = self.rotation(&places, latents.device())?;
        let mut all = Tensor::cat(&[&picture, words], 1)?;
        for block in &self.blocks {
            interrupt.check()?;
            all = block.forward(&all, Some(&told), &rotation, interrupt)?;
        }
        let told = Activation::Silu.forward(&told)?;
        let scale = self.last_scale.forward(&told, interrupt)?;
        let norm = LayerNorm::modulated(&scale, &scale.zeros_like()?, LAST_NORM_EPS)?;
        let squares = all.narrow(1, 0, count)?;
        let plain = Then::default();
        let out = self.out.forward_normed(&norm, &squares, plain, interrupt)?;
        // The network tells the way back.
        tokens::unpacked(&out, size)?.neg()
    }

    /// Time as every block is told it, 0 at noise alone: `[1, …]`.
    fn told(&self, timestep: f64, device: &Device, interrupt: &Interrupt) -> Result<Tensor> {
        let time = (THOUSAND - timestep) / THOUSAND * self.time_scale;
        let time = timestep_embedding(time, TIME_WIDTH, (true, 0.0), device)?;
        let silu = Then::activate(Activation::Silu);
        let hidden = self.time[0].forward_then(&time, silu, interrupt)?;
        self.time[1].forward(&hidden, interrupt)
    }

    fn rotation(&self, places: &[[u32; 3]], device: &Device) -> Result<Rotation> {
        let fits = |place: &[u32; 3]| {
            let mut sides = place.iter().zip(self.lengths);
            sides.all(|(&at, length)| (at as usize) < length)
        };
        if !places.iter().all(fits) {
            candle_core::bail!("prompt or picture is larger than this network knows places for")
        }
        self.axes.rotation(places, device)
    }
}
