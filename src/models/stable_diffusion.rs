//! A whole Stable Diffusion, assembled from a folder in the diffusers layout.

use std::cell::OnceCell;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;
use serde_json::Value;

use super::latent_format::LatentColors;
use super::learnt_words::LearntWords;
use super::prompt_memory::PromptMemory;
use super::text::SecondMarks;
use super::tokenizer::PromptTokenizer;
use super::{
    AutoencoderConfig, AutoencoderKl, ClipTextConfig, ClipTextEncoder, PromptKeys, PromptText,
    TextEmbeddings, TextEncoders, TinyDecoder, TinyLayout, Told, UNet, UNetConfig,
};
use crate::nn::{Interrupt, Keep};
use crate::recipe::WeightBits;
use crate::samplers::{AlignedFor, SchedulerConfig};
use crate::weights::{
    Adapters, Inversions, ModelError, ModelFiles, ModelPart, Modules, Weights, parse_json,
};

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
    second_text: Option<SecondText>,
    /// Whether no negative prompt means zeros rather than an empty one.
    pub zeros_for_empty: bool,
    text_weights: Weights,
    unet_weights: Weights,
    autoencoder_weights: Weights,
    /// A small decoder in place of the autoencoder's own.
    pub(super) tiny_weights: Option<(Weights, TinyLayout)>,
}

/// The second text encoder of Stable Diffusion XL.
#[derive(Debug)]
struct SecondText {
    config: ClipTextConfig,
    tokenizer: PromptTokenizer,
    weights: Weights,
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
    text_encoder_2: Option<Part>,
    unet: Option<Part>,
    vae: Option<Part>,
    #[serde(default)]
    force_zeros_for_empty_prompt: bool,
}

/// Text to image with one text encoder, and the same with an inpainting denoiser or one that is told
/// the guidance.
const PIPELINES: [&str; 3] = [
    "StableDiffusionPipeline",
    "StableDiffusionInpaintPipeline",
    "LatentConsistencyModelPipeline",
];

/// With two.
const TWO_ENCODERS: [&str; 3] = [
    "StableDiffusionXLPipeline",
    "StableDiffusionXLInpaintPipeline",
    "StableDiffusionXLImg2ImgPipeline",
];

const SECOND_CONFIG: &str = "text_encoder_2/config.json";
const SECOND_TOKENIZER: &str = "tokenizer_2";

impl Index {
    fn has_two_encoders(&self) -> bool {
        TWO_ENCODERS.contains(&self.class.as_str())
    }

    /// Each part must be of the class we build; a safety checker or feature extractor may be there
    /// or null, and is not used.
    fn check(&self) -> Result<(), ModelError> {
        let unknown = |class: &str, known: &str| ModelError::UnknownClass {
            file: INDEX.to_owned(),
            class: class.to_owned(),
            known: known.to_owned(),
        };
        if !PIPELINES.contains(&self.class.as_str()) && !self.has_two_encoders() {
            let known = [PIPELINES, TWO_ENCODERS].concat();
            return Err(unknown(&self.class, &known.join(" or ")));
        }
        let parts = [
            (&self.text_encoder, "CLIPTextModel"),
            (&self.unet, "UNet2DConditionModel"),
            (&self.vae, "AutoencoderKL"),
        ];
        let second = self
            .has_two_encoders()
            .then_some((&self.text_encoder_2, "CLIPTextModelWithProjection"));
        for (part, known) in parts.into_iter().chain(second) {
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
fn weights(files: &dyn ModelFiles, part: &str, stem: &str) -> Result<Weights, ModelError> {
    const ENDINGS: [&str; 4] = ["safetensors", "fp16.safetensors", "bin", "fp16.bin"];
    let names = ENDINGS.map(|ending| format!("{part}/{stem}.{ending}"));
    let name = names.iter().find(|name| files.contains(name));
    files.weights(name.unwrap_or(&names[0]))
}

/// The stems of weights' names, as transformers and diffusers write them; transformers calls those of
/// torch's kind otherwise.
fn text_weights(files: &dyn ModelFiles, part: &str) -> Result<Weights, ModelError> {
    let by_torch = format!("{part}/pytorch_model.bin");
    let by_torch_only = files.contains(&by_torch)
        && !files.contains(&format!("{part}/model.safetensors"))
        && !files.contains(&format!("{part}/model.fp16.safetensors"));
    if by_torch_only {
        files.weights(&by_torch)
    } else {
        weights(files, part, "model")
    }
}

impl SecondText {
    fn read(files: &dyn ModelFiles, first: &PromptTokenizer) -> Result<Self, ModelError> {
        let config: ClipTextConfig = parse_json(files, SECOND_CONFIG)?;
        let tokenizer =
            PromptTokenizer::of_folder(files, SECOND_TOKENIZER, config.max_position_embeddings)?;
        if !tokenizer.reads_as(first) {
            return Err(ModelError::Unsupported {
                file: SECOND_TOKENIZER.to_owned(),
                option: "another vocabulary or window than the first tokenizer's".to_owned(),
            });
        }
        Ok(Self {
            weights: text_weights(files, "text_encoder_2")?,
            tokenizer,
            config,
        })
    }
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
        let index: Index = parse_json(files, INDEX)?;
        index.check()?;
        let text: ClipTextConfig = parse_json(files, "text_encoder/config.json")?;
        let unet: UNetConfig = parse_json(files, "unet/config.json")?;
        unet.check()?;
        let autoencoder: AutoencoderConfig = parse_json(files, "vae/config.json")?;
        autoencoder.check()?;
        let mut scheduler: SchedulerConfig = parse_json(files, "scheduler/scheduler_config.json")?;
        if index.has_two_encoders() {
            scheduler.aligned_for = AlignedFor::StableDiffusionXl;
        }
        scheduler.check().map_err(|error| ModelError::Unsupported {
            file: "scheduler/scheduler_config.json".to_owned(),
            option: error.option,
        })?;
        let tokenizer = PromptTokenizer::new(files, text.max_position_embeddings)?;
        let second_text = index
            .has_two_encoders()
            .then(|| SecondText::read(files, &tokenizer))
            .transpose()?;
        let manifest = Self {
            tiny_weights: tiny_weights(files)?,
            tokenizer,
            second_text,
            zeros_for_empty: index.force_zeros_for_empty_prompt,
            text,
            unet,
            autoencoder,
            scheduler,
            text_weights: text_weights(files, "text_encoder")?,
            unet_weights: weights(files, "unet", "diffusion_pytorch_model")?,
            autoencoder_weights: weights(files, "vae", "diffusion_pytorch_model")?,
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
        let second = self.second_text.as_ref();
        let width = self.text.hidden_size + second.map_or(0, |text| text.config.hidden_size);
        let expected = self.unet.cross_attention_dim.at(0);
        if expected != width {
            return mismatch(format!(
                "it expects prompts of width {expected} where the text encoder gives {width}"
            ));
        }
        let pooled = second.and_then(|text| text.config.projection_dim);
        let expected = self.unet.pooled_width();
        if expected != pooled {
            let told = |width: Option<usize>| {
                width.map_or_else(|| "none".to_owned(), |width| width.to_string())
            };
            return mismatch(format!(
                "it expects a pooled prompt of width {} where the text encoders give {}",
                told(expected),
                told(pooled)
            ));
        }
        Ok(())
    }

    /// Whether the denoiser was trained for inpainting: beside the latents it takes a mask and the
    /// latents of the masked picture.
    pub fn takes_mask(&self) -> bool {
        self.unet.in_channels == 2 * self.autoencoder.latent_channels + 1
    }

    /// The tokens of a text taken literally, as the second tokenizer gives them; `None` where there is
    /// none.
    pub fn second_ids(
        &self,
        text: &str,
        words: &Inversions,
    ) -> Result<Option<Vec<u32>>, ModelError> {
        let second = self.second_text.as_ref();
        let tokens = second.map(|second| second.tokenizer.encode_learnt(text, words));
        Ok(tokens.transpose()?.map(|tokens| tokens.ids))
    }

    /// How many layers of every text encoder can be listened to; of two the last one never is.
    pub fn layers_of_text(&self) -> usize {
        let first = self.text.num_hidden_layers;
        match &self.second_text {
            Some(second) => {
                let least = first.min(second.config.num_hidden_layers);
                least.saturating_sub(1)
            }
            None => first,
        }
    }

    /// Whether the denoiser is told the guidance and needs no second call for it.
    pub fn is_told_guidance(&self) -> bool {
        self.unet.time_cond_proj_dim.is_some()
    }

    /// What adapters can change.
    pub fn modules(&self) -> Modules {
        let modules = Modules::default()
            .with_weights(ModelPart::Unet, &self.unet_weights)
            .with_weights(ModelPart::TextEncoder, &self.text_weights);
        match &self.second_text {
            Some(text) => modules.with_weights(ModelPart::TextEncoder2, &text.weights),
            None => modules,
        }
    }

    /// The denoiser's weights, whose hash names the model.
    pub fn unet_weights(&self) -> &Weights {
        &self.unet_weights
    }

    /// Reads the weights of the text encoders.
    fn read_text(
        &self,
        adapters: &Adapters,
        device: &Device,
        keep: Keep,
    ) -> Result<TextEncoders, ModelError> {
        let door = |part: ModelPart, weights: &Weights| {
            adapters.over(part, builder(weights, once(keep), device))
        };
        let weights = &self.text_weights;
        let first = ClipTextEncoder::new(&self.text, &door(ModelPart::TextEncoder, weights))
            .map_err(|error| weights.mismatch(&error))?;
        let second = |text: &SecondText| {
            let vb = door(ModelPart::TextEncoder2, &text.weights);
            let encoder = TextEncoders::read_second(&text.config, &vb)
                .map_err(|error| text.weights.mismatch(&error))?;
            let marks = SecondMarks {
                end: text.tokenizer.end(),
                padding: text.tokenizer.padding(),
            };
            Ok((encoder, marks))
        };
        let second = self.second_text.as_ref().map(second).transpose()?;
        Ok(TextEncoders::new(first, second))
    }

    /// All weight files, and what they are of.
    pub(super) fn weights(&self) -> impl Iterator<Item = (&Weights, Place)> {
        [
            (&self.text_weights, Place::Text),
            (&self.unet_weights, Place::Denoiser),
            (&self.autoencoder_weights, Place::Autoencoder),
        ]
        .into_iter()
        .chain(
            self.tiny_weights
                .iter()
                .map(|(weights, _)| (weights, Place::Autoencoder)),
        )
        .chain(
            self.second_text
                .iter()
                .map(|text| (&text.weights, Place::Text)),
        )
    }

    /// Bytes of all weight files.
    pub fn weight_bytes(&self) -> u64 {
        self.weights()
            .map(|(weights, _)| weights.tensor_bytes())
            .sum()
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

/// What weights are of.
#[derive(Clone, Copy)]
pub(super) enum Place {
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

/// The networks, ready to run.
#[derive(Debug)]
pub struct StableDiffusion {
    pub manifest: Manifest,
    /// Empty while their memory is needed for other things.
    text: OnceCell<TextEncoders>,
    pub unet: UNet,
    pub autoencoder: AutoencoderKl,
    tiny_decoder: Option<TinyDecoder>,
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
        let text = manifest.read_text(adapters, device, keep)?;
        let builder = |weights: &Weights, keep: Keep| builder(weights, keep, device);
        between()?;
        let weights = &manifest.unet_weights;
        let door = adapters.over(ModelPart::Unet, builder(weights, keep));
        let unet = UNet::new(&manifest.unet, &door).map_err(|error| weights.mismatch(&error))?;
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
            text: OnceCell::from(text),
            unet,
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
        let text = self
            .manifest
            .read_text(&self.adapters, &self.device, self.keep)?;
        Ok(self.text.get_or_init(|| text))
    }

    /// Drops the text encoders from memory until a text is read that is not known yet.
    pub fn drop_text(&mut self) {
        drop(self.text.take());
    }

    /// Learns the words of texts it is to read, in place of those it had learnt.
    pub fn learn(&mut self, inversions: Inversions) -> Result<(), ModelError> {
        let second = self.manifest.second_text.as_ref();
        let second = second.map(|second| second.config.hidden_size);
        let widths = (self.manifest.text.hidden_size, second);
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
    pub fn prompt_keys(
        &self,
        embeddings: &[TextEmbeddings],
        told: Told,
        interrupt: &Interrupt,
    ) -> candle_core::Result<Arc<PromptKeys>> {
        self.read.keys(&self.unet, embeddings, told, interrupt)
    }
}
