//! A whole model, assembled from what a [`Manifest`] found.

use std::cell::OnceCell;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::denoiser::{Denoiser, DenoiserPrompt};
use super::latent_format::LatentColors;
use super::learnt_words::LearntWords;
use super::manifest::{ClipPart, TinyFile, once};
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
    /// Empty while their memory is needed for other things.
    text: OnceCell<TextEncoders>,
    pub denoiser: Denoiser,
    pub autoencoder: AutoencoderKl,
    tiny_decoder: Option<TinyDecoder>,
    preview_decoder: Option<TinyDecoder>,
    pub latent_colors: LatentColors,
    pub device: Device,
    /// For the texts it is to read.
    pub words: LearntWords,
    read: PromptMemory,
    /// Texts of a batch are computed one after the other, in the memory of one.
    pub one_text: bool,
    adapters: Adapters,
    keep: Keep,
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
        let text = read_text(&manifest, adapters, (device, keep), &between)?;
        between()?;
        let weights = &manifest.denoiser_weights;
        let vb = match manifest.unet() {
            Some(_) => builder(weights, keep, device),
            None => coded(weights, keep, device),
        };
        let denoiser = Denoiser::new(&manifest.denoiser, &adapters.over(ModelPart::Unet, vb))
            .map_err(|error| weights.mismatch(&error))?;
        between()?;
        let weights = &manifest.autoencoder_weights;
        let vb = builder(weights, once(keep), device);
        let autoencoder = AutoencoderKl::new(&manifest.autoencoder, &vb)
            .map_err(|error| weights.mismatch(&error))?;
        let latent_colors =
            LatentColors::of(&autoencoder, device).map_err(|error| weights.mismatch(&error))?;
        let tiny = |file: &Option<TinyFile>| {
            let file = file.as_ref();
            file.map(|(weights, layout)| TinyDecoder::read(weights, layout, device))
                .transpose()
        };
        Ok(Self {
            tiny_decoder: tiny(&manifest.tiny_weights)?,
            preview_decoder: tiny(&manifest.preview_weights)?,
            manifest,
            text: OnceCell::from(text),
            denoiser,
            autoencoder,
            latent_colors,
            device: device.clone(),
            words: LearntWords::default(),
            read: PromptMemory::default(),
            one_text: false,
            adapters: adapters.clone(),
            keep,
        })
    }

    /// The text encoders, read where they are not in memory.
    pub fn text(&self) -> Result<&TextEncoders, ModelError> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let how = (&self.device, self.keep);
        let text = read_text(&self.manifest, &self.adapters, how, &|| Ok(()))?;
        Ok(self.text.get_or_init(|| text))
    }

    /// Drops the text encoders from memory until a text is read that is not known yet.
    pub fn drop_text(&mut self) {
        drop(self.text.take());
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

    /// Latents as the denoiser sees them to pictures in about [-1, 1]; in tiles of so many pixels a side
    /// where there is a number, which a small decoder has no need of.
    pub fn decode(
        &self,
        latents: &Tensor,
        tile: Option<u32>,
        interrupt: &Interrupt,
    ) -> candle_core::Result<Tensor> {
        if let Some(tiny) = &self.tiny_decoder {
            return tiny.decode(latents, interrupt);
        }
        let unscaled = self.autoencoder.unscale(latents)?;
        match tile {
            Some(pixels) => {
                let side = self.latents_along(pixels);
                self.autoencoder.decode_in_tiles(&unscaled, side, interrupt)
            }
            None => self.autoencoder.decode(&unscaled, interrupt),
        }
    }

    /// Whether pictures on their way are drawn by a network of their own.
    pub const fn draws_previews(&self) -> bool {
        self.preview_decoder.is_some()
    }

    /// Latents as the denoiser sees them to what a picture on its way is shown as: planes of
    /// [`Self::preview_colors`], `[batch, planes, height, width]`, a whole number of times as large.
    pub fn preview(&self, latents: &Tensor, interrupt: &Interrupt) -> candle_core::Result<Tensor> {
        match &self.preview_decoder {
            Some(decoder) => decoder.decode(latents, interrupt),
            None => Ok(latents.clone()),
        }
    }

    /// How the planes of previews look.
    pub fn preview_colors(&self) -> LatentColors {
        if self.draws_previews() {
            LatentColors::themselves()
        } else {
            self.latent_colors.clone()
        }
    }

    /// Pictures in [-1, 1] to mean and log-variance of their latents, not scaled, in tiles as
    /// [`Self::decode`].
    pub fn encode(
        &self,
        picture: &Tensor,
        tile: Option<u32>,
        interrupt: &Interrupt,
    ) -> candle_core::Result<(Tensor, Tensor)> {
        match tile {
            Some(pixels) => {
                let side = self.latents_along(pixels);
                self.autoencoder.encode_in_tiles(picture, side, interrupt)
            }
            None => self.autoencoder.encode(picture, interrupt),
        }
    }

    fn latents_along(&self, pixels: u32) -> usize {
        pixels as usize / self.manifest.autoencoder.factor()
    }

    /// What a text is to the denoiser; those of the last texts are known.
    pub fn embeddings(
        &self,
        text: &PromptText,
        interrupt: &Interrupt,
    ) -> candle_core::Result<TextEmbeddings> {
        let encoders = || {
            self.text()
                .map_err(|error| candle_core::Error::msg(error.to_string()))
        };
        self.read.embeddings(encoders, text, interrupt)
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

/// The door to a network's weights. What is packed on the CPU keeps its bits; elsewhere candle computes
/// in one kind of numbers.
fn builder(weights: &Weights, keep: Keep, device: &Device) -> VarBuilder<'static> {
    if device.is_cpu() {
        weights.as_stored(keep.dtype(), device)
    } else {
        weights.builder(DType::F32, device)
    }
}

/// The same for transformers, which decode blocks while they multiply.
fn coded(weights: &Weights, keep: Keep, device: &Device) -> VarBuilder<'static> {
    if device.is_cpu() {
        weights.in_blocks(keep.dtype(), device)
    } else {
        builder(weights, keep, device)
    }
}

/// Reads the weights of the text encoders; `between` may end it before the last one.
fn read_text(
    manifest: &Manifest,
    adapters: &Adapters,
    (device, keep): (&Device, Keep),
    between: &dyn Fn() -> Result<(), ModelError>,
) -> Result<TextEncoders, ModelError> {
    let clip = |part: ModelPart, clip: &ClipPart| {
        let vb = adapters.over(part, builder(&clip.weights, once(keep), device));
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
        let vb = coded(&whole.weights, once(keep), device);
        let encoder = WholeEncoder::new(&whole.config, &vb);
        encoder.map_err(|error| whole.weights.mismatch(&error))
    });
    let width = manifest.denoiser.text_widths().0;
    TextEncoders::new(texts, (first, second), whole.transpose()?, width)
}
