//! What a model's folder in the diffusers layout says before a weight is read.

mod files;
mod index;
mod texts;

pub use texts::{ClipPart, TextParts, TextPlan, TokenizedText, WholePart};

use super::{
    AutoencoderConfig, DenoiserConfig, PartBytes, PromptTokenizer, TinyLayout, UNetConfig,
    authors_modules, decoder_bytes,
};
use crate::nn::{Keep, kept_bytes};
use crate::recipe::WeightBits;
use crate::samplers::SchedulerConfig;
use crate::weights::{ModelError, ModelFiles, ModelPart, Modules, Weights, parse_json};
use files::weights;
use index::Index;

/// In no folder of diffusers: [`super::WithVae`] lays it over one.
pub(super) const TINY_DECODER: &str = "tiny_decoder.safetensors";
/// In the folder of the autoencoder: what draws pictures on their way, taught by `afterimage fit`.
pub const PREVIEW_DECODER_FILE: &str = "preview_decoder.safetensors";
const SCHEDULER: &str = "scheduler/scheduler_config.json";

/// Cheap to read, and enough to check a recipe.
#[derive(Debug)]
pub struct Manifest {
    pub denoiser: DenoiserConfig,
    pub autoencoder: AutoencoderConfig,
    pub scheduler: SchedulerConfig,
    pub texts: TextParts,
    /// Whether no negative prompt means zeros rather than an empty one.
    pub zeros_for_empty: bool,
    pub(super) denoiser_weights: Weights,
    pub(super) autoencoder_weights: Weights,
    /// A small decoder in place of the autoencoder's own.
    pub(super) tiny_weights: Option<TinyFile>,
    /// What draws previews.
    pub(super) preview_weights: Option<TinyFile>,
}

/// A small decoder that is not read yet.
pub(super) type TinyFile = (Weights, TinyLayout);

/// The small decoder that lies over the model's files, where one does: [`super::WithVae`] looked whether
/// it fits.
fn tiny_weights(files: &dyn ModelFiles) -> Result<Option<TinyFile>, ModelError> {
    let file = tiny_file(files, TINY_DECODER)?;
    Ok(file.and_then(|(weights, layout)| Some((weights, layout?))))
}

/// What draws previews of latents of so many channels, where it lies beside the autoencoder.
fn preview_weights(
    files: &dyn ModelFiles,
    channels: usize,
) -> Result<Option<TinyFile>, ModelError> {
    let file = format!("vae/{PREVIEW_DECODER_FILE}");
    let reason = match tiny_file(files, &file)? {
        None => return Ok(None),
        Some((weights, Some(layout))) if layout.latent_channels == channels => {
            return Ok(Some((weights, layout)));
        }
        Some((_, Some(layout))) => format!(
            "its latents have {} channels where the model's have {channels}",
            layout.latent_channels
        ),
        Some((_, None)) => "it has other tensors".to_owned(),
    };
    Err(ModelError::OtherPreviews { file, reason })
}

/// A file, and the small decoder it holds.
fn tiny_file(
    files: &dyn ModelFiles,
    file: &str,
) -> Result<Option<(Weights, Option<TinyLayout>)>, ModelError> {
    if !files.contains(file) {
        return Ok(None);
    }
    let weights = files.weights(file)?;
    let layout = TinyLayout::of(&weights);
    Ok(Some((weights, layout)))
}

impl Manifest {
    /// Reads every configuration, the tokenizers, and the headers of the weight files.
    pub fn read(files: &dyn ModelFiles) -> Result<Self, ModelError> {
        const STEM: &str = "diffusion_pytorch_model";
        let index = Index::read(files)?;
        let pipeline = index.pipeline;
        let denoiser = pipeline.denoiser.read(files)?;
        let autoencoder: AutoencoderConfig = parse_json(files, "vae/config.json")?;
        autoencoder.check()?;
        let channels = autoencoder.latent_channels;
        let mut scheduler: SchedulerConfig = parse_json(files, SCHEDULER)?;
        (scheduler.aligned_for, scheduler.spread) = (pipeline.aligned_for, pipeline.spread);
        scheduler.check().map_err(|error| ModelError::Unsupported {
            file: SCHEDULER.to_owned(),
            option: error.option,
        })?;
        let manifest = Self {
            texts: TextParts::read(files, &index, denoiser.is_told_guidance())?,
            zeros_for_empty: index.zeros_for_empty,
            denoiser_weights: weights(files, pipeline.denoiser.place().0, STEM)?,
            autoencoder_weights: weights(files, "vae", STEM)?,
            tiny_weights: tiny_weights(files)?,
            preview_weights: preview_weights(files, channels)?,
            denoiser,
            autoencoder,
            scheduler,
        };
        manifest.check_parts_fit()?;
        Ok(manifest)
    }

    fn check_parts_fit(&self) -> Result<(), ModelError> {
        let mismatch = |reason: String| {
            Err(ModelError::InvalidConfig {
                file: self.denoiser.kind().config_file(),
                reason,
            })
        };
        let channels = self.autoencoder.latent_channels;
        let (takes, gives) = self.denoiser.channels();
        let fits = takes == channels || self.takes_mask();
        if !fits || gives != channels {
            return mismatch(format!(
                "it takes {takes} and gives {gives} channels where the autoencoder has {channels}"
            ));
        }
        let (expected, expected_pooled) = self.denoiser.text_widths();
        let (width, pooled) = self.texts.widths();
        let least = self.texts.least_width();
        let fits = width.is_none_or(|width| width == expected) && least <= expected;
        if !fits {
            let width = width.filter(|width| *width != expected).unwrap_or(least);
            return mismatch(format!(
                "it expects prompts of width {expected} where the text encoder gives {width}"
            ));
        }
        if expected_pooled != pooled {
            let told = |width: Option<usize>| {
                width.map_or_else(|| "none".to_owned(), |width| width.to_string())
            };
            return mismatch(format!(
                "it expects a pooled prompt of width {} where the text encoders give {}",
                told(expected_pooled),
                told(pooled)
            ));
        }
        if self.denoiser.is_flow() != self.scheduler.is_flow() {
            return Err(ModelError::Unsupported {
                file: SCHEDULER.to_owned(),
                option: "noise levels of another kind than the denoiser was trained with"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// Whether the denoiser was trained for inpainting: beside the latents it takes a mask and the
    /// latents of the masked picture.
    pub fn takes_mask(&self) -> bool {
        self.denoiser.channels().0 == 2 * self.autoencoder.latent_channels + 1
    }

    /// Pixels that each side of a picture is a multiple of.
    pub fn pixel_factor(&self) -> usize {
        self.autoencoder.factor() * self.denoiser.patch()
    }

    /// Pixels along each side of what shifts of noise levels by size count.
    pub fn token_pixels(&self) -> usize {
        self.autoencoder.factor() * self.denoiser.token_side()
    }

    /// The longest side of a picture, in pixels, that the denoiser knows; `None` where it has no limit.
    pub fn most_pixels(&self) -> Option<usize> {
        let latents = self.denoiser.most_latents()?;
        Some(latents.saturating_mul(self.autoencoder.factor()))
    }

    /// The tokenizer of CLIP, where prompts are read in windows.
    pub fn tokenizer(&self) -> Option<&PromptTokenizer> {
        self.texts.first.as_ref().map(|part| &part.tokenizer)
    }

    /// The denoiser's configuration, where it is a UNet.
    pub const fn unet(&self) -> Option<&UNetConfig> {
        match &self.denoiser {
            DenoiserConfig::UNet(config) => Some(config),
            _ => None,
        }
    }

    /// What adapters can change.
    pub fn modules(&self) -> Modules {
        let weights = &self.denoiser_weights;
        let denoiser = Modules::default()
            .with_weights(ModelPart::Unet, weights)
            .spelled(ModelPart::Unet, authors_modules(weights));
        self.texts.modules(denoiser)
    }

    /// The denoiser's weights, whose hash names the model.
    pub fn denoiser_weights(&self) -> &Weights {
        &self.denoiser_weights
    }

    /// How many layers of every text encoder of windows can be listened to; of two the last one never
    /// is. At least one.
    pub fn layers_of_text(&self) -> usize {
        self.texts.layers()
    }

    /// All weight files, and what they are of.
    fn weights(&self) -> impl Iterator<Item = (&Weights, Place)> {
        let tiny = self.tiny_weights.iter().chain(&self.preview_weights);
        let own = [
            (&self.denoiser_weights, Place::Denoiser),
            (&self.autoencoder_weights, Place::Autoencoder),
        ];
        let texts = self.texts.weights().map(|weights| (weights, Place::Text));
        own.into_iter()
            .chain(tiny.map(|(weights, _)| (weights, Place::Autoencoder)))
            .chain(texts)
    }

    /// Bytes of all weight files.
    pub fn weight_bytes(&self) -> u64 {
        self.weights()
            .map(|(weights, _)| weights.tensor_bytes())
            .sum()
    }

    /// Bytes a call of the denoiser holds at once, told so many texts, for latents of a height and width;
    /// weights, and what threads keep for their own work, are not in it.
    pub fn call_bytes(&self, texts: usize, size: (usize, usize)) -> u64 {
        self.denoiser.call_bytes(texts, size, self.texts.tokens())
    }

    /// The same of decoding.
    pub fn decode_bytes(&self, size: (usize, usize)) -> u64 {
        match &self.tiny_weights {
            Some((_, layout)) => layout.decoder_bytes(size),
            None => decoder_bytes(&self.autoencoder, size),
        }
    }

    /// Bytes that what the denoiser reads of one window of a text takes.
    pub(super) fn window_bytes(&self) -> u64 {
        self.denoiser.prompt_bytes(self.texts.tokens())
    }

    pub(super) const fn has_tiny_decoder(&self) -> bool {
        self.tiny_weights.is_some()
    }

    /// Bytes of all tensors as our kernels keep them on the CPU, for predictions of memory.
    pub fn resident_bytes(&self, keep: Keep) -> u64 {
        self.part_bytes(keep).sum()
    }

    /// The same, part by part.
    pub(super) fn part_bytes(&self, keep: Keep) -> PartBytes {
        let mut parts = PartBytes::default();
        for (weights, place) in self.weights() {
            let is_denoiser = place == Place::Denoiser;
            let coded = is_denoiser && self.unet().is_none();
            let sum = match place {
                Place::Text => &mut parts.text,
                Place::Denoiser => &mut parts.denoiser,
                Place::Autoencoder => &mut parts.autoencoder,
            };
            for name in weights.names() {
                let in_transformer = is_denoiser && self.denoiser.is_in_transformer(name);
                let keep = if in_transformer { keep } else { once(keep) };
                // Transformers leave blocks as they are, unless they round them to eight bits.
                let blocks = weights.block_bytes(name);
                let blocks = blocks.filter(|_| coded && keep != Keep::EightBit);
                let kept = || Some(kept_bytes(weights.shape(name)?, weights.dtype(name)?, keep));
                let bytes = blocks.map(|bytes| bytes as u64).or_else(kept);
                *sum = sum.saturating_add(bytes.unwrap_or(0));
            }
        }
        parts
    }
}

/// What weights are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Denoiser,
    Autoencoder,
}

/// How networks that are called once for a picture are kept, and layers outside of transformers: what
/// eight bits would save there is not worth what they cost.
pub(super) const fn once(keep: Keep) -> Keep {
    match keep {
        Keep::EightBit => Keep::AsStored,
        other => other,
    }
}

impl From<WeightBits> for Keep {
    fn from(bits: WeightBits) -> Self {
        match bits {
            WeightBits::AsStored => Self::AsStored,
            WeightBits::Half => Self::Half,
            WeightBits::EightBit => Self::EightBit,
        }
    }
}
