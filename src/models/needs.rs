//! What a model takes of memory while it draws, told from its files' headers.

use super::stable_diffusion::{Place, once};
use super::{Manifest, decoder_bytes, denoiser_bytes, prompt_bytes};
use crate::nn::{Keep, kept_bytes};
use crate::recipe::WeightBits;

/// Bytes of a model's parts: constant ones, and others for each pixel of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryNeeds {
    /// Of the weights as our kernels keep them, for each of [`WeightBits::ALL`].
    pub weights: [PartBytes; WeightBits::ALL.len()],
    /// What the denoiser reads of one window of a text, and keeps as long as it is drawn with.
    pub window: u64,
    /// Held by a call of the denoiser with one text, for each pixel of the picture.
    pub call: u64,
    /// Held while decoding, for each pixel that is decoded at once.
    pub decode: u64,
    /// Whether pictures can be decoded in tiles.
    pub tiles: bool,
    /// Whether the denoiser is told the guidance, and so hears no negative prompt.
    pub told_guidance: bool,
    /// Pixels along each side of a latent.
    pub factor: u32,
}

/// Bytes of the weights of a model's parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartBytes {
    pub text: u64,
    pub denoiser: u64,
    pub autoencoder: u64,
}

impl PartBytes {
    pub const fn sum(self) -> u64 {
        self.text
            .saturating_add(self.denoiser)
            .saturating_add(self.autoencoder)
    }
}

impl MemoryNeeds {
    /// Of the weights, kept in so many bits.
    pub const fn weights_in(&self, bits: WeightBits) -> PartBytes {
        self.weights[bits as usize]
    }
}

impl Manifest {
    /// What a picture will take, before a weight is read.
    pub fn needs(&self) -> MemoryNeeds {
        let size = self.unet.native_latent();
        let factor = self.autoencoder.factor();
        // All that is held grows with the pixels: no matrix of all pairs is ever made.
        let pixels = (size.0 * size.1 * factor * factor).max(1) as u64;
        MemoryNeeds {
            weights: WeightBits::ALL.map(|bits| self.part_bytes(bits.into())),
            window: self.window_bytes(),
            call: self.call_bytes(1, size).div_ceil(pixels),
            decode: self.decode_bytes(size).div_ceil(pixels),
            tiles: !self.has_tiny_decoder(),
            told_guidance: self.is_told_guidance(),
            factor: factor as u32,
        }
    }

    /// Bytes a call of the denoiser holds at once, told so many texts together, for latents of a height
    /// and width; weights, and what threads keep for their own work, are not in it.
    pub fn call_bytes(&self, texts: usize, size: (usize, usize)) -> u64 {
        denoiser_bytes(&self.unet, texts, size)
    }

    /// The same of decoding.
    pub fn decode_bytes(&self, size: (usize, usize)) -> u64 {
        match &self.tiny_weights {
            Some((_, layout)) => layout.decoder_bytes(size),
            None => decoder_bytes(&self.autoencoder, size),
        }
    }

    /// Bytes that what the denoiser reads of one window of a text takes.
    fn window_bytes(&self) -> u64 {
        prompt_bytes(&self.unet, self.tokenizer.window())
    }

    fn has_tiny_decoder(&self) -> bool {
        self.tiny_weights.is_some()
    }

    /// Bytes of all tensors as our kernels keep them on the CPU, for predictions of memory.
    pub fn resident_bytes(&self, keep: Keep) -> u64 {
        self.part_bytes(keep).sum()
    }

    /// The same, part by part.
    fn part_bytes(&self, keep: Keep) -> PartBytes {
        let mut parts = PartBytes::default();
        for (weights, place) in self.weights() {
            let (keep, sum) = match place {
                Place::Text => (once(keep), &mut parts.text),
                Place::Denoiser => (keep, &mut parts.denoiser),
                Place::Autoencoder => (once(keep), &mut parts.autoencoder),
            };
            for name in weights.names() {
                let in_transformer = name.contains("attentions.");
                let keep = if in_transformer { keep } else { once(keep) };
                if let (Some(shape), Some(dtype)) = (weights.shape(name), weights.dtype(name)) {
                    *sum = sum.saturating_add(kept_bytes(shape, dtype, keep));
                }
            }
        }
        parts
    }
}
