//! What a model takes of memory while it draws, told from its files' headers.

use super::Manifest;
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
    /// Whether a call computes all texts it is told at once, and holds as much for each of them.
    pub together: bool,
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
        let size = self.denoiser.native_latent();
        let factor = self.autoencoder.factor();
        // All that is held grows with the pixels: no matrix of all pairs is ever made.
        let pixels = (size.0 * size.1 * factor * factor).max(1) as u64;
        MemoryNeeds {
            weights: WeightBits::ALL.map(|bits| self.part_bytes(bits.into())),
            window: self.window_bytes(),
            call: self.call_bytes(1, size).div_ceil(pixels),
            together: self.denoiser.batches_texts(),
            decode: self.decode_bytes(size).div_ceil(pixels),
            tiles: !self.has_tiny_decoder(),
            told_guidance: self.denoiser.is_told_guidance(),
            factor: factor as u32,
        }
    }
}
