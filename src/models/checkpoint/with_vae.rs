//! A model with another autoencoder than its own.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::super::TinyLayout;
use super::super::manifest::TINY_DECODER;
use super::{VAE, VAE_CONFIG, shapes, vae_names};
use crate::weights::{ModelError, ModelFiles, Weights, parse_json};

/// How its tensors begin in a checkpoint that is a whole model; alone they begin with nothing.
const PLACES: [&str; 3] = ["", "first_stage_model.", "vae."];

/// The files of a model, and those of an autoencoder over its own.
pub struct WithVae {
    model: Box<dyn ModelFiles>,
    other: Other,
}

enum Other {
    /// In place of the model's own.
    Whole { config: Vec<u8>, weights: Weights },
    /// A small decoder beside it, which still encodes.
    Tiny(Weights),
}

impl WithVae {
    /// `path` is a file of it in the names of latent diffusion or diffusers, or a checkpoint that has
    /// one; it says nothing of the latents' scale, which is the model's. Or it is a TAESD, whose decoder
    /// is used.
    pub fn over(model: Box<dyn ModelFiles>, path: &Path) -> Result<Self, ModelError> {
        let all = Weights::open(path)?;
        let other = |reason: &str| ModelError::OtherVae {
            file: all.file().to_owned(),
            reason: reason.to_owned(),
        };
        let asked = latent_channels(&*model)?;
        if let Some(tiny) = TinyLayout::of(&all) {
            let own = (tiny.latent_channels as u64, tiny.doublings);
            let expected = (asked, doublings(&*model)?);
            if own != expected {
                return Err(other("it is a TAESD for latents of another kind"));
            }
            return Ok(Self {
                model,
                other: Other::Tiny(all),
            });
        }
        let place = PLACES
            .into_iter()
            .find(|start| {
                all.shape(&format!("{start}decoder.conv_in.weight"))
                    .is_some()
            })
            .ok_or_else(|| other("it holds none"))?;
        let weights = vae_names::of_file(&all, place)?;
        let config = shapes::vae_config(&weights, latents_of(&*model)?)
            .ok_or_else(|| other("some of its blocks are missing"))?;
        let own = config["latent_channels"].as_u64().unwrap_or_default();
        if own != asked {
            return Err(other(&format!(
                "its latents have {own} channels where the model's have {asked}"
            )));
        }
        Ok(Self {
            model,
            other: Other::Whole {
                config: config.to_string().into_bytes(),
                weights,
            },
        })
    }
}

/// Scale and shift of the latents of FLUX.1 and Z-Image.
pub(super) const LATENTS_OF_FLUX: (f64, Option<f64>) = (0.3611, Some(0.1159));

fn latent_channels(model: &dyn ModelFiles) -> Result<u64, ModelError> {
    let parts = ["unet", "transformer"].map(|part| format!("{part}/config.json"));
    let part = parts.iter().find(|part| model.contains(part));
    let config: Value = parse_json(model, part.unwrap_or(&parts[0]))?;
    let key = match config["_class_name"].as_str() {
        Some("ZImageTransformer2DModel") => "in_channels",
        // Its channels are those of squares of two by two latents.
        Some("FluxTransformer2DModel") => {
            return Ok(config["in_channels"].as_u64().unwrap_or_default() / 4);
        }
        _ => "out_channels",
    };
    Ok(config[key].as_u64().unwrap_or_default())
}

/// How often the model's own autoencoder doubles a picture.
fn doublings(model: &dyn ModelFiles) -> Result<usize, ModelError> {
    let config: Value = parse_json(model, VAE_CONFIG)?;
    let blocks = config["block_out_channels"].as_array();
    Ok(blocks.map_or(0, |blocks| blocks.len().saturating_sub(1)))
}

/// What latents are multiplied by, and moved by before: as the model's own autoencoder says, or as usual
/// in its family.
fn latents_of(model: &dyn ModelFiles) -> Result<(f64, Option<f64>), ModelError> {
    if model.contains(VAE_CONFIG) {
        let config: Value = parse_json(model, VAE_CONFIG)?;
        if let Some(scale) = config["scaling_factor"].as_f64() {
            return Ok((scale, config["shift_factor"].as_f64()));
        }
    }
    let index: Value = parse_json(model, "model_index.json")?;
    let class = index["_class_name"].as_str().unwrap_or_default();
    if class.starts_with("Flux") || class.starts_with("ZImage") {
        return Ok(LATENTS_OF_FLUX);
    }
    let kind = if class.contains("XL") {
        super::Kind::Xl
    } else if class.starts_with("StableDiffusion3") {
        super::Kind::Joint
    } else {
        super::Kind::One
    };
    Ok(kind.latents())
}

impl ModelFiles for WithVae {
    fn place(&self) -> String {
        self.model.place()
    }

    fn contains(&self, file: &str) -> bool {
        match (file, &self.other) {
            (VAE | VAE_CONFIG, Other::Whole { .. }) | (TINY_DECODER, Other::Tiny(_)) => true,
            _ => self.model.contains(file),
        }
    }

    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        match (file, &self.other) {
            (VAE_CONFIG, Other::Whole { config, .. }) => Ok(Cow::Borrowed(config)),
            _ => self.model.read(file),
        }
    }

    fn weights(&self, file: &str) -> Result<Weights, ModelError> {
        match (file, &self.other) {
            (VAE, Other::Whole { weights, .. }) | (TINY_DECODER, Other::Tiny(weights)) => {
                Ok(weights.clone())
            }
            _ => self.model.weights(file),
        }
    }
}
