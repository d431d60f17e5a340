//! A whole Stable Diffusion, assembled from a folder in the diffusers layout.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;
use serde_json::Value;

use super::latent_format::LatentColors;
use super::prompt_memory::PromptMemory;
use super::tokenizer::PromptTokenizer;
use super::{
    AutoencoderConfig, AutoencoderKl, ClipTextConfig, ClipTextEncoder, PromptKeys, TinyDecoder,
    TinyLayout, UNet, UNetConfig, decoder_bytes, denoiser_bytes,
};
use crate::nn::{Interrupt, Keep, kept_bytes};
use crate::recipe::WeightBits;
use crate::samplers::SchedulerConfig;
use crate::weights::{ModelError, ModelFiles, Weights, parse_json};

const INDEX: &str = "model_index.json";
/// In no folder of diffusers: [`super::WithVae`] lays it over one.
pub(super) const TINY_DECODER: &str = "tiny_decoder.safetensors";

/// Everything the folder says before a weight is read: cheap, and enough to check a recipe.
#[derive(Debug)]
pub struct Manifest {
    pub text: ClipTextConfig,
    pub unet: UNetConfig,
    pub autoencoder: AutoencoderConfig,
    pub scheduler: SchedulerConfig,
    pub tokenizer: PromptTokenizer,
    text_weights: Weights,
    unet_weights: Weights,
    autoencoder_weights: Weights,
    /// A small decoder in place of the autoencoder's own.
    tiny_weights: Option<(Weights, TinyLayout)>,
}

/// One part of a pipeline: library and class, both null where the part is absent.
#[derive(Deserialize)]
#[serde(transparent)]
struct Part(Vec<Value>);

#[derive(Deserialize)]
struct Index {
    #[serde(rename = "_class_name")]
    class: String,
    text_encoder: Option<Part>,
    unet: Option<Part>,
    vae: Option<Part>,
}

/// Text to image, and the same with an inpainting denoiser.
const PIPELINES: [&str; 2] = ["StableDiffusionPipeline", "StableDiffusionInpaintPipeline"];

impl Index {
    /// Each part must be of the class we build; a safety checker or feature extractor may be there
    /// or null, and is not used.
    fn check(&self) -> Result<(), ModelError> {
        let unknown = |class: &str, known: &str| ModelError::UnknownClass {
            file: INDEX.to_owned(),
            class: class.to_owned(),
            known: known.to_owned(),
        };
        if !PIPELINES.contains(&self.class.as_str()) {
            return Err(unknown(&self.class, &PIPELINES.join(" or ")));
        }
        let parts = [
            (&self.text_encoder, "CLIPTextModel"),
            (&self.unet, "UNet2DConditionModel"),
            (&self.vae, "AutoencoderKL"),
        ];
        for (part, known) in parts {
            let class = part
                .as_ref()
                .and_then(|part| part.0.get(1))
                .and_then(Value::as_str);
            if class != Some(known) {
                return Err(unknown(class.unwrap_or("null"), known));
            }
        }
        Ok(())
    }
}

/// The first of the usual names that is there; the first of all, for the message, if none is.
fn weights(files: &dyn ModelFiles, names: [&str; 2]) -> Result<Weights, ModelError> {
    let name = names
        .into_iter()
        .find(|name| files.contains(name))
        .unwrap_or(names[0]);
    files.weights(name)
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
    /// Reads every configuration, the tokenizer, and the headers of the weight files.
    pub fn read(files: &dyn ModelFiles) -> Result<Self, ModelError> {
        parse_json::<Index>(files, INDEX)?.check()?;
        let text: ClipTextConfig = parse_json(files, "text_encoder/config.json")?;
        let unet: UNetConfig = parse_json(files, "unet/config.json")?;
        unet.check()?;
        let autoencoder: AutoencoderConfig = parse_json(files, "vae/config.json")?;
        autoencoder.check()?;
        let scheduler: SchedulerConfig = parse_json(files, "scheduler/scheduler_config.json")?;
        scheduler.check().map_err(|error| ModelError::Unsupported {
            file: "scheduler/scheduler_config.json".to_owned(),
            option: error.option,
        })?;
        let tokenizer = PromptTokenizer::new(files, text.max_position_embeddings)?;
        let manifest = Self {
            tiny_weights: tiny_weights(files)?,
            tokenizer,
            text,
            unet,
            autoencoder,
            scheduler,
            text_weights: weights(
                files,
                [
                    "text_encoder/model.safetensors",
                    "text_encoder/model.fp16.safetensors",
                ],
            )?,
            unet_weights: weights(
                files,
                [
                    "unet/diffusion_pytorch_model.safetensors",
                    "unet/diffusion_pytorch_model.fp16.safetensors",
                ],
            )?,
            autoencoder_weights: weights(
                files,
                [
                    "vae/diffusion_pytorch_model.safetensors",
                    "vae/diffusion_pytorch_model.fp16.safetensors",
                ],
            )?,
        };
        manifest.check_parts_fit()?;
        Ok(manifest)
    }

    fn check_parts_fit(&self) -> Result<(), ModelError> {
        let mismatch = |reason: String| {
            Err(ModelError::InvalidConfig {
                file: "unet/config.json".to_owned(),
                reason,
            })
        };
        let channels = self.autoencoder.latent_channels;
        let fits = self.unet.in_channels == channels || self.takes_mask();
        if !fits || self.unet.out_channels != channels {
            return mismatch(format!(
                "it takes {} and gives {} channels where the autoencoder has {channels}",
                self.unet.in_channels, self.unet.out_channels
            ));
        }
        if self.unet.cross_attention_dim.at(0) != self.text.hidden_size {
            return mismatch(format!(
                "it expects prompts of width {} where the text encoder gives {}",
                self.unet.cross_attention_dim.at(0),
                self.text.hidden_size
            ));
        }
        Ok(())
    }

    /// Whether the denoiser was trained for inpainting: beside the latents it takes a mask and the
    /// latents of the masked picture.
    pub fn takes_mask(&self) -> bool {
        self.unet.in_channels == 2 * self.autoencoder.latent_channels + 1
    }

    /// The denoiser's weights, whose hash names the model.
    pub fn unet_weights(&self) -> &Weights {
        &self.unet_weights
    }

    /// Bytes of all weight files.
    pub fn weight_bytes(&self) -> u64 {
        [
            &self.text_weights,
            &self.unet_weights,
            &self.autoencoder_weights,
        ]
        .iter()
        .map(|weights| weights.tensor_bytes())
        .sum()
    }

    /// Bytes the networks hold at once while they make a picture of latents of a height and width with
    /// guidance, beside weights and what threads keep for their own work.
    pub fn working_bytes(&self, size: (usize, usize)) -> u64 {
        /// Both prompts are told in one batch.
        const PROMPTS: usize = 2;
        let denoiser = denoiser_bytes(&self.unet, PROMPTS, size);
        denoiser.max(decoder_bytes(&self.autoencoder, size))
    }

    /// Bytes of all tensors as our kernels keep them on the CPU, for predictions of memory.
    pub fn resident_bytes(&self, keep: Keep) -> u64 {
        let files = [
            (&self.text_weights, once(keep)),
            (&self.unet_weights, keep),
            (&self.autoencoder_weights, once(keep)),
        ];
        let sizes = files.into_iter().flat_map(|(weights, keep)| {
            weights.names().filter_map(move |name| {
                let in_transformer = name.contains("attentions.");
                let keep = if in_transformer { keep } else { once(keep) };
                Some(kept_bytes(weights.shape(name)?, weights.dtype(name)?, keep))
            })
        });
        sizes.fold(0, u64::saturating_add)
    }
}

/// How networks that are called once for a picture are kept, and layers outside of transformers: what
/// eight bits would save there is not worth what they cost.
const fn once(keep: Keep) -> Keep {
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

/// The networks, ready to run.
#[derive(Debug)]
pub struct StableDiffusion {
    pub manifest: Manifest,
    pub text_encoder: ClipTextEncoder,
    pub unet: UNet,
    pub autoencoder: AutoencoderKl,
    tiny_decoder: Option<TinyDecoder>,
    pub latent_colors: LatentColors,
    pub device: Device,
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
        let weights = &manifest.text_weights;
        let text_encoder = ClipTextEncoder::new(&manifest.text, &builder(weights, once(keep)))
            .map_err(|error| weights.mismatch(&error))?;
        between()?;
        let weights = &manifest.unet_weights;
        let unet = UNet::new(&manifest.unet, &builder(weights, keep))
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
            text_encoder,
            unet,
            autoencoder,
            latent_colors,
            device: device.clone(),
            read: PromptMemory::default(),
        })
    }

    /// Latents as the denoiser sees them to pictures in about [-1, 1].
    pub fn decode(&self, latents: &Tensor, interrupt: &Interrupt) -> candle_core::Result<Tensor> {
        if let Some(tiny) = &self.tiny_decoder {
            return tiny.decode(latents, interrupt);
        }
        let unscaled = self.autoencoder.unscale(latents)?;
        self.autoencoder.decode(&unscaled, interrupt)
    }

    /// The embeddings `[1, tokens, width]` of a text's tokens; those of the last texts are known.
    pub fn embeddings(&self, ids: &[u32], interrupt: &Interrupt) -> candle_core::Result<Tensor> {
        self.read.embeddings(&self.text_encoder, ids, interrupt)
    }

    /// What the denoiser reads of some embeddings, in one batch for all calls with it; of the last
    /// ones that [`Self::embeddings`] gave it is known.
    pub fn prompt_keys(
        &self,
        embeddings: &[Tensor],
        interrupt: &Interrupt,
    ) -> candle_core::Result<Arc<PromptKeys>> {
        self.read.keys(&self.unet, embeddings, interrupt)
    }
}
