//! A whole model, assembled from what a [`Manifest`] found.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::denoiser::{Denoiser, DenoiserPrompt};
use super::latent_format::LatentColors;
use super::learnt_words::LearntWords;
use super::manifest::{ClipPart, once};
use super::prompt_memory::PromptMemory;
use super::text::ClipReader;
use super::{
    AutoencoderKl, ClipTextEncoder, Manifest, PromptText, TextEmbeddings, TextEncoders,
    TinyDecoder, Told, UNet, WholeEncoder,
};
use crate::nn::{Interrupt, Keep};
use crate::weights::{Adapters, Inversions, ModelError, ModelPart, Weights};

/// The networks, ready to run.
#[derive(Debug)]
pub struct StableDiffusion {
    pub manifest: Manifest,
    pub text: TextEncoders,
    pub denoiser: Denoiser,
    pub autoencoder: AutoencoderKl,
    tiny_decoder: Option<TinyDecoder>,
    pub latent_colors: LatentColors,
    pub device: Device,
    /// For the texts it is to read.
    pub words: LearntWords,
    read: PromptMemory,
}

impl StableDiffusion {
    /// Reads the weights; looks at `interrupt` between the networks.
    pub fn load(
        manifest: Manifest,
        device: &Device,
        keep: Keep,
        interrupt: &Interrupt,
    ) -> Result<Self, ModelError> {
        Self::load_with(manifest, &Adapters::default(), device, keep, interrupt)
    }

    /// As [`Self::load`], the weights changed by adapters, which fit [`Manifest::modules`].
    pub fn load_with(
        manifest: Manifest,
        adapters: &Adapters,
        device: &Device,
        keep: Keep,
        interrupt: &Interrupt,
    ) -> Result<Self, ModelError> {
        let between = || {
            interrupt.check().map_err(|error| ModelError::Unreadable {
                file: "the model".to_owned(),
                reason: error.to_string(),
            })
        };
        // What is packed on the CPU keeps its bits; elsewhere candle computes in one kind of numbers.
        let builder = |weights: &Weights, keep: Keep| {
            if device.is_cpu() {
                weights.as_stored(keep.dtype(), device)
            } else {
                weights.builder(DType::F32, device)
            }
        };
        // Transformers decode blocks while they multiply.
        let coded = |weights: &Weights, keep: Keep| {
            if device.is_cpu() {
                weights.in_blocks(keep.dtype(), device)
            } else {
                builder(weights, keep)
            }
        };
        let door = |part: ModelPart, weights: &Weights, keep: Keep| -> VarBuilder<'static> {
            adapters.over(part, builder(weights, keep))
        };
        let clip = |part: ModelPart, clip: &ClipPart| {
            let vb = door(part, &clip.weights, once(keep));
            let encoder = ClipTextEncoder::new(&clip.config, &vb);
            let encoder = encoder.map_err(|error| clip.weights.mismatch(&error))?;
            Ok(ClipReader::new(encoder, &clip.tokenizer))
        };
        let texts = &manifest.texts;
        let first = texts.first.as_ref();
        let first = first.map(|part| clip(ModelPart::TextEncoder, part));
        let second = texts.second.as_ref();
        let second = second.map(|part| clip(ModelPart::TextEncoder2, part));
        let (first, second) = (first.transpose()?, second.transpose()?);
        between()?;
        let whole = texts.whole.as_ref().map(|whole| {
            let vb = coded(&whole.weights, once(keep));
            let encoder = WholeEncoder::new(&whole.config, &vb);
            encoder.map_err(|error| whole.weights.mismatch(&error))
        });
        let whole = whole.transpose()?;
        let text = TextEncoders::new(
            texts,
            (first, second),
            whole,
            manifest.denoiser.text_widths().0,
        )?;
        between()?;
        let weights = &manifest.denoiser_weights;
        let vb = match manifest.unet() {
            Some(_) => builder(weights, keep),
            None => coded(weights, keep),
        };
        let denoiser = Denoiser::new(&manifest.denoiser, &adapters.over(ModelPart::Unet, vb))
            .map_err(|error| weights.mismatch(&error))?;
        between()?;
        let weights = &manifest.autoencoder_weights;
        let autoencoder = AutoencoderKl::new(&manifest.autoencoder, &builder(weights, once(keep)))
            .map_err(|error| weights.mismatch(&error))?;
        let latent_colors =
            LatentColors::of(&autoencoder, device).map_err(|error| weights.mismatch(&error))?;
        let tiny_decoder = manifest
            .tiny_weights
            .as_ref()
            .map(|(weights, layout)| TinyDecoder::read(weights, layout, device))
            .transpose()?;
        Ok(Self {
            tiny_decoder,
            manifest,
            text,
            denoiser,
            autoencoder,
            latent_colors,
            device: device.clone(),
            words: LearntWords::default(),
            read: PromptMemory::default(),
        })
    }

    /// The denoiser, where it is a UNet.
    pub const fn unet(&self) -> Option<&UNet> {
        match &self.denoiser {
            Denoiser::UNet(unet) => Some(unet),
            _ => None,
        }
    }

    /// Learns the words of texts it is to read, in place of those it had learnt.
    pub fn learn(&mut self, inversions: Inversions) -> Result<(), ModelError> {
        let texts = &self.manifest.texts;
        let width = |part: &ClipPart| part.config.hidden_size;
        let widths = (
            texts.first.as_ref().map(width),
            texts.second.as_ref().map(width),
        );
        self.words = LearntWords::of(inversions, widths)?;
        Ok(())
    }

    /// Latents as the denoiser sees them to pictures in about [-1, 1].
    pub fn decode(&self, latents: &Tensor, interrupt: &Interrupt) -> candle_core::Result<Tensor> {
        if let Some(tiny) = &self.tiny_decoder {
            return tiny.decode(latents, interrupt);
        }
        let unscaled = self.autoencoder.unscale(latents)?;
        self.autoencoder.decode(&unscaled, interrupt)
    }

    /// What a text is to the denoiser; those of the last texts are known.
    pub fn embeddings(
        &self,
        text: &PromptText,
        interrupt: &Interrupt,
    ) -> candle_core::Result<TextEmbeddings> {
        self.read.embeddings(&self.text, text, interrupt)
    }

    /// What the denoiser reads of some embeddings, in one batch for all calls with it; of the last
    /// ones that [`Self::embeddings`] gave it is known.
    pub fn read_prompt(
        &self,
        embeddings: &[TextEmbeddings],
        told: Told,
        interrupt: &Interrupt,
    ) -> candle_core::Result<Arc<DenoiserPrompt>> {
        self.read
            .prompt(&self.denoiser, embeddings, told, interrupt)
    }
}
