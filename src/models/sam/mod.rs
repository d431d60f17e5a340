//! Segment Anything: what people point at, as a mask (Kirillov et al. 2023, "Segment Anything"),
//! with the large encoder of the paper or the small one of Zhang et al. 2023, "Faster Segment
//! Anything: Towards Lightweight SAM for Mobile Applications" (`MobileSAM`).
//!
//! The heavy encoder sees a picture once; each click or rectangle then costs the light decoder
//! alone. Names are those of the authors' checkpoints; which network a file holds, and every size,
//! its tensors' shapes tell.

mod config;
mod decoder;
mod encoder;
mod neck;
mod prompts;
mod tiny_vit;
mod two_way;
mod vit;
mod windows;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

pub use config::SamConfig;
use decoder::MaskDecoder;
use encoder::Encoder;
use prompts::PromptEncoder;

use crate::nn::Interrupt;
use crate::weights::{ModelError, Weights};

/// What messages call this network.
const NAME: &str = "Segment Anything";
/// Deviation of each colour the networks were trained with, of values to 255.
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// What is pointed at, in pixels of the picture as the network sees it, from the top left one's
/// middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prompt {
    /// The thing at this pixel.
    Point { x: f32, y: f32 },
    /// The thing between these pixels, which belong to it.
    Box {
        left: f32,
        top: f32,
        right: f32,
        bottom: f32,
    },
}

/// A picture as the decoder knows it.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// `[1, width, grid, grid]`
    pub features: Tensor,
}

/// The answers to one prompt. The first is meant for prompts that leave no doubt; the others are
/// three readings of one that does, as a part, a thing, or several.
#[derive(Clone, Debug)]
pub struct Masks {
    /// `[4, 4 * grid, 4 * grid]`: above 0 inside.
    pub logits: Tensor,
    /// How well each fits, as the network guesses: intersection over union.
    pub fit: Vec<f32>,
}

/// The network.
#[derive(Debug)]
pub struct Sam {
    encoder: Encoder,
    prompts: PromptEncoder,
    decoder: MaskDecoder,
    side: usize,
    device: Device,
}

impl Sam {
    /// Mean of each colour the networks were trained with, of values to 255.
    pub const MEAN: [f32; 3] = [123.675, 116.28, 103.53];

    /// Reads the network a file holds.
    pub fn load(weights: &Weights, device: &Device) -> std::result::Result<Self, ModelError> {
        let read = || {
            let config = SamConfig::of(weights)?;
            Self::new(&config, &weights.builder(DType::F32, device))
        };
        read().map_err(|error| weights.of_other_network(NAME, &error))
    }

    pub fn new(config: &SamConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            encoder: Encoder::new(config, &vb.pp("image_encoder"))?,
            prompts: PromptEncoder::new(config, &vb.pp("prompt_encoder"))?,
            decoder: MaskDecoder::new(config, &vb.pp("mask_decoder"))?,
            side: config.side,
            device: vb.device().clone(),
        })
    }

    /// Longest side of a picture the network sees, in pixels.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Looks at a picture of `width` by `height` pixels, three bytes each; neither side may be longer
    /// than [`Self::side`], and one should be as long.
    pub fn embed(
        &self,
        rgb: &[u8],
        (width, height): (usize, usize),
        interrupt: &Interrupt,
    ) -> Result<Embedding> {
        let side = self.side;
        if width > side || height > side || rgb.len() != 3 * width * height {
            candle_core::bail!("a picture of {width}x{height} pixels is not what the network sees")
        }
        // What the picture leaves free is the mean colour, which is 0.
        let mut planes = vec![0.0; 3 * side * side];
        for (channel, plane) in planes.chunks_exact_mut(side * side).enumerate() {
            for (row, values) in rgb
                .chunks_exact(3 * width)
                .zip(plane.chunks_exact_mut(side))
            {
                for (value, pixel) in values.iter_mut().zip(row.as_chunks::<3>().0) {
                    *value = (f32::from(pixel[channel]) - Self::MEAN[channel]) / DEVIATION[channel];
                }
            }
        }
        let picture = Tensor::from_vec(planes, (1, 3, side, side), &self.device)?;
        let features = self.encoder.forward(&picture, interrupt)?;
        Ok(Embedding { features })
    }

    /// Answers a prompt.
    pub fn masks(
        &self,
        embedding: &Embedding,
        prompt: Prompt,
        interrupt: &Interrupt,
    ) -> Result<Masks> {
        let tokens = self.prompts.tokens(prompt)?;
        let context = self.prompts.context();
        self.decoder
            .forward(&embedding.features, context, &tokens, interrupt)
    }
}
