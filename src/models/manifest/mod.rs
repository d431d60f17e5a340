//! What a model's folder in the diffusers layout says before a weight is read.

mod files;
mod index;
mod texts;

pub use texts::{ClipPart, TextParts, TextPlan, TokenizedText, WholePart};

use super::{
    AutoencoderConfig, DenoiserConfig, PromptTokenizer, TinyLayout, UNetConfig, decoder_bytes,
};
use crate::nn::{Keep, kept_bytes};
use crate::recipe::WeightBits;
use crate::samplers::SchedulerConfig;
use crate::weights::{ModelError, ModelFiles, ModelPart, Modules, Weights, parse_json};
use files::weights;
use index::Index;

/// In no folder of diffusers: [`super::WithVae`] lays it over one.
pub(super) const TINY_DECODER: &str = "tiny_decoder.safetensors";
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
    pub(super) tiny_weights: Option<(Weights, TinyLayout)>,
}

/// A small decoder, where one lies over the model's files.
fn tiny_weights(files: &dyn ModelFiles) -> Result<Option<(Weights, TinyLayout)>, ModelError> {
    if !files.contains(TINY_DECODER) {
        return Ok(None);
    }
    let weights = files.weights(TINY_DECODER)?;
    Ok(TinyLayout::of(&weights).map(|layout| (weights, layout)))
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
        let denoiser = Modules::default().with_weights(ModelPart::Unet, &self.denoiser_weights);
        self.texts.modules(denoiser)
    }

    /// The denoiser's weights, whose hash names the model.
    pub fn denoiser_weights(&self) -> &Weights {
        &self.denoiser_weights
    }

    /// All weight files, and whether they are the denoiser's.
    fn weights(&self) -> impl Iterator<Item = (&Weights, bool)> {
        let own = [
            (&self.denoiser_weights, true),
            (&self.autoencoder_weights, false),
        ];
        let texts = self.texts.weights().map(|weights| (weights, false));
        own.into_iter().chain(texts)
    }

    /// Bytes of all weight files.
    pub fn weight_bytes(&self) -> u64 {
        self.weights()
            .map(|(weights, _)| weights.tensor_bytes())
            .sum()
    }

    /// Bytes the networks hold at once while they make a picture of latents of a height and width with
    /// guidance, beside weights and what threads keep for their own work.
    pub fn working_bytes(&self, size: (usize, usize)) -> u64 {
        let denoiser = self.denoiser.working_bytes(size, self.texts.tokens());
        denoiser.max(decoder_bytes(&self.autoencoder, size))
    }

    /// Bytes of all tensors as our kernels keep them on the CPU, for predictions of memory.
    pub fn resident_bytes(&self, keep: Keep) -> u64 {
        let sizes = self.weights().flat_map(|(weights, is_denoiser)| {
            let coded = is_denoiser && self.unet().is_none();
            weights.names().filter_map(move |name| {
                let in_transformer = is_denoiser && self.denoiser.is_in_transformer(name);
                let keep = if in_transformer { keep } else { once(keep) };
                // Transformers leave blocks as they are, unless they round them to eight bits.
                if coded
                    && keep != Keep::EightBit
                    && let Some(bytes) = weights.block_bytes(name)
                {
                    return Some(bytes as u64);
                }
                Some(kept_bytes(weights.shape(name)?, weights.dtype(name)?, keep))
            })
        });
        sizes.fold(0, u64::saturating_add)
    }
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
