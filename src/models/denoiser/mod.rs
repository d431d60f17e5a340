//! The network that tells noise from picture, whatever it is made of.
//!
//! A family of denoisers is a variant here: what the denoising loop, prompts and predictions ask is
//! answered by each in its own way.

mod config;
mod work;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

pub use config::DenoiserConfig;
pub(super) use config::DenoiserKind;
pub use work::DenoiserWork;
pub(super) use work::Work;

use super::{
    FluxPrompt, FluxTransformer, JointPrompt, JointTransformer, KeptFeatures, PromptKeys,
    TextEmbeddings, Told, UNet, ZImagePrompt, ZImageTransformer,
};
use crate::nn::Interrupt;

/// Noisy latents, a timestep and prompts to a prediction of the latents' shape.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a model has one of it")]
pub enum Denoiser {
    UNet(UNet),
    Joint(JointTransformer),
    Flux(FluxTransformer),
    ZImage(ZImageTransformer),
}

/// What a denoiser reads of prompts before the first step, one for each picture of a batch.
#[derive(Debug)]
pub enum DenoiserPrompt {
    UNet(PromptKeys),
    Joint(Vec<JointPrompt>),
    Flux(Vec<FluxPrompt>),
    ZImage(Vec<ZImagePrompt>),
}

impl Denoiser {
    /// `config` must have passed its check.
    pub fn new(config: &DenoiserConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        match config {
            DenoiserConfig::UNet(config) => UNet::new(config, vb).map(Self::UNet),
            DenoiserConfig::Joint(config) => JointTransformer::new(config, vb).map(Self::Joint),
            DenoiserConfig::Flux(config) => FluxTransformer::new(config, vb).map(Self::Flux),
            DenoiserConfig::ZImage(config) => ZImageTransformer::new(config, vb).map(Self::ZImage),
        }
    }

    /// Reads texts for all calls with that batch of them; those a [`DenoiserConfig::batches_texts`] is
    /// told are of one length.
    pub fn read(
        &self,
        texts: &[TextEmbeddings],
        told: Told,
        interrupt: &Interrupt,
    ) -> Result<DenoiserPrompt> {
        match self {
            Self::UNet(unet) => {
                let TextEmbeddings { tokens, pooled } = TextEmbeddings::cat(texts)?;
                let keys = unet.read(&tokens, pooled.as_ref(), told, interrupt)?;
                Ok(DenoiserPrompt::UNet(keys))
            }
            Self::Joint(joint) => {
                let texts = texts.iter().map(|text| joint.read(text, interrupt));
                Ok(DenoiserPrompt::Joint(texts.collect::<Result<_>>()?))
            }
            Self::Flux(flux) => {
                let texts = texts
                    .iter()
                    .map(|text| flux.read(text, told.guidance, interrupt));
                Ok(DenoiserPrompt::Flux(texts.collect::<Result<_>>()?))
            }
            Self::ZImage(network) => {
                let texts = texts.iter().map(|text| network.read(text, interrupt));
                Ok(DenoiserPrompt::ZImage(texts.collect::<Result<_>>()?))
            }
        }
    }

    /// `latents` `[batch, in_channels, height, width]`, a text read for each of the batch; returns
    /// `[batch, out_channels, height, width]`. What some layers kept for calls to come is given back, and
    /// taken, by denoisers that [keep features](DenoiserConfig::keeps_features).
    pub fn forward(
        &self,
        latents: &Tensor,
        timestep: f64,
        prompt: &DenoiserPrompt,
        kept: Option<KeptFeatures>,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Option<KeptFeatures>)> {
        match (self, prompt) {
            (Self::UNet(unet), DenoiserPrompt::UNet(keys)) => {
                let (output, kept) = unet.forward_with(latents, timestep, keys, kept, interrupt)?;
                Ok((output, Some(kept)))
            }
            (Self::Joint(joint), DenoiserPrompt::Joint(prompts)) => {
                let output = each_picture(latents, prompts, |latents, prompt| {
                    joint.forward(latents, timestep, prompt, interrupt)
                });
                Ok((output?, None))
            }
            (Self::Flux(flux), DenoiserPrompt::Flux(prompts)) => {
                let output = each_picture(latents, prompts, |latents, prompt| {
                    flux.forward(latents, timestep, prompt, interrupt)
                });
                Ok((output?, None))
            }
            (Self::ZImage(network), DenoiserPrompt::ZImage(prompts)) => {
                let output = each_picture(latents, prompts, |latents, prompt| {
                    network.forward(latents, timestep, prompt, interrupt)
                });
                Ok((output?, None))
            }
            _ => candle_core::bail!("a prompt was read by another denoiser"),
        }
    }
}

/// Runs a network picture by picture, each with its prompt: texts of any lengths go together, and only
/// one picture is in memory.
fn each_picture<P>(
    latents: &Tensor,
    prompts: &[P],
    run: impl Fn(&Tensor, &P) -> Result<Tensor>,
) -> Result<Tensor> {
    let batch = latents.dim(0)?;
    if batch != prompts.len() {
        candle_core::bail!("{} prompts for {batch} pictures", prompts.len())
    }
    let outputs = prompts
        .iter()
        .enumerate()
        .map(|(picture, prompt)| run(&latents.narrow(0, picture, 1)?, prompt));
    Tensor::cat(&outputs.collect::<Result<Vec<_>>>()?, 0)
}
