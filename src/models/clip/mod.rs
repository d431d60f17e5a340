//! CLIP: how well a text fits a picture. Radford et al. 2021, "Learning Transferable Visual Models
//! From Natural Language Supervision"; transformers' `CLIPModel`.

mod config;
mod embedded;
mod eye;
mod layers;
mod text;
mod vision;

use candle_core::{DType, Device, Error, Result, Tensor};

pub use config::ClipConfig;
pub use embedded::embedded_clip;
pub use eye::ClipEye;
pub use text::{ClipText, ClipTextConfig, ClipTextEncoder};
pub use vision::{ClipVision, ClipVisionConfig};

use super::{PromptTokenizer, WindowIds};
use crate::nn::{Interrupt, small};
use crate::raster::Pixels;
use crate::weights::{ModelError, ModelFiles, Weights};

/// Names of the file of weights, the one first that is preferred.
pub const CLIP_WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// Both encoders, and what goes before and after them.
#[derive(Debug)]
pub struct Clip {
    text: ClipTextEncoder,
    vision: ClipVision,
    tokenizer: PromptTokenizer,
    eye: ClipEye,
    config: ClipConfig,
    /// What cosines are multiplied by.
    scale: f64,
    bytes: u64,
}

/// Where a text or a picture lies among all others: of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipVector(Vec<f32>);

/// How well a text fits a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Of the angle between both, from -1 to 1.
    pub cosine: f64,
    /// The same scaled as the network was trained: transformers' `logits_per_image`.
    pub score: f64,
}

impl Clip {
    /// Reads a folder in Hugging Face's layout: `config.json`, the weights, the tokenizer's files and,
    /// where there is one, what tells how pictures are shown to it.
    pub fn read(files: &dyn ModelFiles) -> std::result::Result<Self, ModelError> {
        let config = ClipConfig::read(files)?;
        let eye = ClipEye::read(files, config.vision.image_size)?;
        let tokenizer = PromptTokenizer::of_folder(files, "", config.text.max_position_embeddings)?;
        let file = CLIP_WEIGHTS.iter().find(|file| files.contains(file));
        let weights = files.weights(file.unwrap_or(&CLIP_WEIGHTS[0]))?;
        let (text, vision, scale) = networks(&config, &weights).map_err(|error| {
            // One encoder alone is often called so too.
            if is_half(&weights) {
                half(&weights)
            } else {
                weights.mismatch(&error)
            }
        })?;
        Ok(Self {
            text,
            vision,
            tokenizer,
            eye,
            config,
            scale,
            bytes: weights.tensor_bytes(),
        })
    }

    /// A text, as far as the window reaches.
    pub fn text(&self, text: &str, interrupt: &Interrupt) -> Result<ClipVector> {
        let tokens = self.tokenizer.encode(text).map_err(Error::wrap)?;
        // Nothing behind the text's end changes what is read up to it.
        let ids = &tokens.ids[..tokens.needed.min(tokens.ids.len())];
        let end = self.config.end_of(ids);
        let read = self.text.both(WindowIds::of(ids), 0, interrupt)?;
        ClipVector::of(&self.text.pooled(&read, end)?)
    }

    /// The end of a text that lies beyond the window, and is not read.
    pub fn unread(&self, text: &str) -> Option<String> {
        self.tokenizer.encode(text).ok()?.cut
    }

    /// Tokens of a text, with start and end mark, that are read.
    pub fn window(&self) -> usize {
        self.tokenizer.window()
    }

    /// A picture of any size.
    pub fn picture(&self, pixels: &Pixels, interrupt: &Interrupt) -> Result<ClipVector> {
        let seen = self.eye.see(pixels)?;
        ClipVector::of(&self.vision.forward(&seen, interrupt)?)
    }

    pub fn likeness(&self, text: &ClipVector, picture: &ClipVector) -> Likeness {
        let cosine = text.cosine(picture);
        Likeness {
            cosine,
            score: cosine * self.scale,
        }
    }

    /// Of the weights.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Both encoders and the scale of a file.
fn networks(config: &ClipConfig, weights: &Weights) -> Result<(ClipTextEncoder, ClipVision, f64)> {
    let vb = weights.as_stored(DType::F32, &Device::Cpu);
    let text = ClipTextEncoder::new(&config.text, &vb)?;
    if !text.projects() {
        candle_core::bail!("it has no tensor text_projection.weight")
    }
    let vision = ClipVision::new(&config.vision, config.projection_dim, &vb)?;
    let scale = weights.values("logit_scale")?;
    match scale[..] {
        [scale] if scale.is_finite() => Ok((text, vision, f64::from(scale).exp())),
        _ => candle_core::bail!("its logit_scale is not one number"),
    }
}

/// Whether a file holds one of both encoders.
fn is_half(weights: &Weights) -> bool {
    let has = |part: &str| weights.names().any(|name| name.starts_with(part));
    has("vision_model.") != has("text_model.")
}

fn half(weights: &Weights) -> ModelError {
    ModelError::NoClip {
        file: weights.file().to_owned(),
        reason: "it has one of both encoders alone".to_owned(),
    }
}

impl ClipVector {
    /// Of `[1, width]`, of any length but 0.
    fn of(tensor: &Tensor) -> Result<Self> {
        let values = small(tensor)?.flatten_all()?.to_vec1::<f32>()?;
        let squares = values.iter().map(|value| f64::from(*value).powi(2));
        let length = squares.sum::<f64>().sqrt();
        if !length.is_finite() || length == 0.0 {
            candle_core::bail!("the network answered with no direction")
        }
        let unit = values
            .iter()
            .map(|value| (f64::from(*value) / length) as f32);
        Ok(Self(unit.collect()))
    }

    /// Of the angle between both.
    pub fn cosine(&self, other: &Self) -> f64 {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }
}
