//! A whole model in one file, in the names of latent diffusion: shown as the folder diffusers would
//! write of it.
//!
//! What kind of model it is, its names and shapes tell ([`family`]); its configurations follow from
//! shapes ([`shapes`]) and its family. Its tensors stay where they are, mapped, under other names.

mod authors;
mod family;
mod flux_names;
mod joint_names;
mod loose;
mod schedule;
mod shapes;
mod text_names;
mod transformer;
mod unet_names;
mod vae_names;
mod vocabulary;
mod with_vae;
mod z_image_names;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::weights::{FolderFiles, ModelError, ModelFiles, Seen, View, Weights};
use family::{Family, Kind};
use loose::{Denoiser, Loose};
use schedule::Prediction;
use shapes::UNetRules;
use transformer::Found;

pub(super) use authors::authors_modules;
pub use with_vae::WithVae;

const UNET: &str = "unet/diffusion_pytorch_model.safetensors";
const TRANSFORMER: &str = "transformer/diffusion_pytorch_model.safetensors";
const VAE: &str = "vae/diffusion_pytorch_model.safetensors";
const SCHEDULER: &str = "scheduler/scheduler_config.json";
/// How T5's names begin in checkpoints.
const T5: &str = "text_encoders.t5xxl.transformer.";
const INDEX: &str = "model_index.json";
const VAE_CONFIG: &str = "vae/config.json";

/// How copies begin that were averaged over the training; pictures are made with the others.
const AVERAGED: &str = "model_ema.";

/// A checkpoint as the files of a folder.
#[derive(Debug)]
pub struct Checkpoint {
    /// Its path.
    place: String,
    texts: BTreeMap<&'static str, Cow<'static, [u8]>>,
    weights: BTreeMap<&'static str, Weights>,
    /// Of a denoiser that is published alone, other parts in folders, and the folders these lie in.
    beside: Vec<(&'static str, FolderFiles)>,
}

impl Checkpoint {
    /// Looks into a file; no weight is read.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let all = Weights::open(path)?;
        if let Some(found) = Found::of(&all)? {
            return Self::of_transformer(&all, path, &found);
        }
        let family = Family::of(&all)?;
        let averaged = all
            .names()
            .filter(|name| name.starts_with(AVERAGED))
            .count();
        if averaged > 0 {
            log::info!(
                "{}: its {averaged} averaged tensors are not used",
                all.file()
            );
        }
        let mut checkpoint = Self {
            place: all.file().to_owned(),
            texts: BTreeMap::new(),
            weights: BTreeMap::new(),
            beside: Vec::new(),
        };
        let prediction = Prediction::of(&all, path, &family);
        let pooled_width = checkpoint.add_text_encoders(&all, &family)?;
        let rules = UNetRules {
            heads: family.kind.heads(),
            sample_size: match family.kind {
                Kind::Two if prediction.velocity => 96,
                Kind::One | Kind::Two => 64,
                Kind::Xl | Kind::Joint => 128,
            },
            pooled_width,
        };
        if family.kind == Kind::Joint {
            checkpoint.add_joint(&all, &family)?;
        } else {
            checkpoint.add_unet(&all, &family, &rules)?;
        }
        checkpoint.add_vae(&all, &family)?;
        checkpoint.add_text(SCHEDULER, &schedule::config(family.kind, prediction));
        let mut index = index(&family);
        if family.kind == Kind::Joint && checkpoint.add_third(&all, path)? {
            index["text_encoder_3"] = json!(["transformers", "T5EncoderModel"]);
            index["tokenizer_3"] = json!(["transformers", "T5TokenizerFast"]);
        }
        checkpoint.add_text(INDEX, &index);
        Ok(checkpoint)
    }

    /// The denoiser of a file, and its other parts from folders and files beside it.
    fn of_transformer(all: &Weights, path: &Path, found: &Found) -> Result<Self, ModelError> {
        let weights = found.weights(all)?;
        let mut checkpoint = Self {
            place: all.file().to_owned(),
            texts: BTreeMap::new(),
            weights: BTreeMap::new(),
            beside: Vec::new(),
        };
        checkpoint.add_text(SCHEDULER, &(found.row.scheduler)(&weights));
        checkpoint.add_text(INDEX, &(found.row.index)());
        let config = (found.row.config)(&weights);
        let denoiser = Denoiser {
            path,
            config: &config.clone().unwrap_or_default(),
        };
        checkpoint.add(("transformer/config.json", TRANSFORMER), config, weights)?;
        let mut missing = Vec::new();
        for part in found.parts() {
            if let Some(folder) = part.beside(path) {
                checkpoint.beside.push((part.folder, folder));
            } else if !checkpoint.add_loose(part.loose, &denoiser)? {
                missing.push(part);
            }
        }
        if missing.is_empty() {
            Ok(checkpoint)
        } else {
            Err(found.alone(path, &missing))
        }
    }

    /// A part that lies beside a denoiser as a file; whether there is one.
    fn add_loose(
        &mut self,
        part: Option<Loose>,
        denoiser: &Denoiser<'_>,
    ) -> Result<bool, ModelError> {
        let Some(part) = part else { return Ok(false) };
        match part {
            Loose::ClipVocabulary => return Ok(self.texts.contains_key(FIRST.tokenizer[0])),
            Loose::T5Vocabulary => {
                let names = ["tokenizer_2/tokenizer.json", "tokenizer_2/spiece.model"];
                return self.add_t5_vocabulary(denoiser.path, names);
            }
            Loose::Clip | Loose::T5 | Loose::Autoencoder => {}
        }
        let Some(all) = loose::file(part, denoiser) else {
            return Ok(false);
        };
        log::info!("{}: {part:?} from {}", self.place, all.file());
        if part == Loose::Clip {
            let tensors = text_names::of_transformers(&all, "");
            let weights = all.seen_as(FIRST.part, tensors)?;
            self.add_text_encoder(FIRST, "quick_gelu", "<|endoftext|>", weights)?;
        } else if part == Loose::T5 {
            let names = ("text_encoder_2/config.json", SECOND.weights);
            self.add(names, loose::t5_config(&all), all)?;
        } else {
            let weights = vae_names::of_file(&all, "")?;
            let config = shapes::vae_config(&weights, with_vae::LATENTS_OF_FLUX);
            self.add((VAE_CONFIG, VAE), config, weights)?;
        }
        Ok(true)
    }

    /// T5's vocabulary, under the name for either of its files; whether there is one beside a file.
    fn add_t5_vocabulary(
        &mut self,
        beside: &Path,
        [complete, pieces]: [&'static str; 2],
    ) -> Result<bool, ModelError> {
        let Some((found, bytes)) = loose::vocabulary(beside)? else {
            return Ok(false);
        };
        let name = if complete.ends_with(found) {
            complete
        } else {
            pieces
        };
        self.texts.insert(name, Cow::Owned(bytes));
        Ok(true)
    }

    /// T5, which some checkpoints of Stable Diffusion 3 hold without its vocabulary; whether both are
    /// there.
    fn add_third(&mut self, all: &Weights, path: &Path) -> Result<bool, ModelError> {
        let tensors: Vec<_> = without(all, T5)
            .into_iter()
            .map(|own| {
                let name = format!("{T5}{own}");
                let view = View::Whole;
                (own.to_owned(), Seen { name, view })
            })
            .collect();
        if tensors.is_empty() {
            return Ok(false);
        }
        let names = ["tokenizer_3/tokenizer.json", "tokenizer_3/spiece.model"];
        if !self.add_t5_vocabulary(path, names)? {
            log::warn!(
                "{}: its T5 is not used: lay T5's tokenizer.json or spiece.model beside it",
                all.file()
            );
            return Ok(false);
        }
        let weights = all.seen_as("text_encoder_3", tensors)?;
        let names = (
            "text_encoder_3/config.json",
            "text_encoder_3/model.safetensors",
        );
        self.add(names, loose::t5_config(&weights), weights)?;
        Ok(true)
    }

    /// The folder that has a file, where it is one of another part.
    fn part(&self, file: &str) -> Option<&FolderFiles> {
        let (part, _) = file.split_once('/')?;
        let mut beside = self.beside.iter();
        beside.find_map(|(name, folder)| (*name == part).then_some(folder))
    }

    fn add_text(&mut self, name: &'static str, value: &Value) {
        self.texts
            .insert(name, Cow::Owned(value.to_string().into_bytes()));
    }

    /// A network with the configuration that was told from its shapes.
    fn add(
        &mut self,
        (config_name, name): (&'static str, &'static str),
        config: Option<Value>,
        weights: Weights,
    ) -> Result<(), ModelError> {
        let config = config.ok_or_else(|| ModelError::Incomplete {
            file: weights.file().to_owned(),
            reason: "some of its blocks are missing".to_owned(),
        })?;
        self.add_text(config_name, &config);
        self.weights.insert(name, weights);
        Ok(())
    }

    fn add_unet(
        &mut self,
        all: &Weights,
        family: &Family,
        rules: &UNetRules,
    ) -> Result<(), ModelError> {
        let start = family.places.denoiser;
        let names = without(all, start);
        let tensors = unet_names::pairs(&names).into_iter().map(|(new, own)| {
            let name = format!("{start}{own}");
            let view = View::Whole;
            (new, Seen { name, view })
        });
        let weights = all.seen_as("unet", tensors)?;
        self.add(
            ("unet/config.json", UNET),
            shapes::unet_config(&weights, rules),
            weights,
        )
    }

    fn add_joint(&mut self, all: &Weights, family: &Family) -> Result<(), ModelError> {
        let tensors = joint_names::seen(all, family.places.denoiser);
        let weights = all.seen_as("transformer", tensors)?;
        self.add(
            ("transformer/config.json", TRANSFORMER),
            shapes::joint_config(&weights),
            weights,
        )
    }

    /// Nothing where it has none: another one may be laid over it.
    fn add_vae(&mut self, all: &Weights, family: &Family) -> Result<(), ModelError> {
        let Some(start) = family.places.vae else {
            return Ok(());
        };
        let weights = vae_names::of_file(all, start)?;
        let config = shapes::vae_config(&weights, family.kind.latents());
        self.add((VAE_CONFIG, VAE), config, weights)
    }

    /// One or two of them, with their tokenizers; returns the width of the projected prompt, where the
    /// family has one.
    fn add_text_encoders(
        &mut self,
        all: &Weights,
        family: &Family,
    ) -> Result<Option<usize>, ModelError> {
        let places = &family.places;
        if let Some(start) = places.clip {
            let tensors = text_names::of_transformers(all, start);
            let weights = all.seen_as("text_encoder", tensors)?;
            let first = match family.kind {
                Kind::Joint => FIRST_OF_JOINT,
                Kind::One | Kind::Two | Kind::Xl => FIRST,
            };
            self.add_text_encoder(first, "quick_gelu", "<|endoftext|>", weights)?;
        }
        if let Some(start) = places.second_clip {
            let tensors = text_names::of_transformers(all, start);
            let weights = all.seen_as("text_encoder_2", tensors)?;
            self.add_text_encoder(SECOND, "gelu", "!", weights)?;
        }
        let Some(start) = places.open_clip else {
            return Ok(None);
        };
        let blocks = text_names::blocks_of_open_clip(all, start);
        let (place, blocks, is_projected) = match family.kind {
            Kind::Xl => (SECOND, blocks, true),
            Kind::One | Kind::Two | Kind::Joint => (FIRST, text_names::penultimate(blocks), false),
        };
        let tensors = text_names::of_open_clip(all, start, blocks, is_projected);
        let weights = all.seen_as(place.part, tensors)?;
        let pooled = weights
            .shape("text_projection.weight")
            .and_then(|shape| shape.first());
        let pooled = pooled.copied();
        self.add_text_encoder(place, "gelu", "!", weights)?;
        Ok(pooled)
    }

    fn add_text_encoder(
        &mut self,
        place: TextPlace,
        activation: &str,
        padding: &str,
        weights: Weights,
    ) -> Result<(), ModelError> {
        let config = shapes::text_config(&weights, place.class, activation);
        let words = config
            .as_ref()
            .and_then(|config| config["vocab_size"].as_u64());
        if let Some(words) = words.filter(|words| *words != vocabulary::TOKENS as u64) {
            return Err(ModelError::Unsupported {
                file: weights.file().to_owned(),
                option: format!("a vocabulary of {words} words"),
            });
        }
        self.add((place.config, place.weights), config, weights)?;
        let [vocab, merges, settings] = place.tokenizer;
        self.texts.insert(vocab, Cow::Borrowed(vocabulary::vocab()));
        self.texts
            .insert(merges, Cow::Borrowed(vocabulary::merges()));
        let settings_of_family = json!({
            "bos_token": "<|startoftext|>",
            "eos_token": "<|endoftext|>",
            "model_max_length": 77,
            "pad_token": padding,
            "tokenizer_class": "CLIPTokenizer",
            "unk_token": "<|endoftext|>",
        });
        self.add_text(settings, &settings_of_family);
        Ok(())
    }

    fn missing(&self, file: &str) -> ModelError {
        if file == VAE || file == VAE_CONFIG {
            return ModelError::NoVae {
                file: self.place.clone(),
            };
        }
        ModelError::FileMissing {
            folder: self.place.clone(),
            file: file.to_owned(),
        }
    }
}

/// The names that begin so, without that beginning.
fn without<'w>(weights: &'w Weights, start: &str) -> Vec<&'w str> {
    let names = weights.names();
    names.filter_map(|name| name.strip_prefix(start)).collect()
}

/// Where a text encoder and its tokenizer lie in a folder.
#[derive(Clone, Copy)]
struct TextPlace {
    part: &'static str,
    class: &'static str,
    config: &'static str,
    weights: &'static str,
    /// Vocabulary, merges, settings.
    tokenizer: [&'static str; 3],
}

const FIRST: TextPlace = TextPlace {
    part: "text_encoder",
    class: "CLIPTextModel",
    config: "text_encoder/config.json",
    weights: "text_encoder/model.safetensors",
    tokenizer: [
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
        "tokenizer/tokenizer_config.json",
    ],
};

/// As that of Stable Diffusion 3 is told the whole text.
const FIRST_OF_JOINT: TextPlace = TextPlace {
    class: SECOND.class,
    ..FIRST
};

const SECOND: TextPlace = TextPlace {
    part: "text_encoder_2",
    class: "CLIPTextModelWithProjection",
    config: "text_encoder_2/config.json",
    weights: "text_encoder_2/model.safetensors",
    tokenizer: [
        "tokenizer_2/vocab.json",
        "tokenizer_2/merges.txt",
        "tokenizer_2/tokenizer_config.json",
    ],
};

/// `model_index.json`.
fn index(family: &Family) -> Value {
    let mut index = json!({
        "_class_name": family.kind.pipeline(family.inpaints),
        "scheduler": ["diffusers", "SchedulerMixin"],
        "text_encoder": ["transformers", FIRST.class],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    });
    if family.kind == Kind::Joint {
        for part in ["text_encoder", "text_encoder_2"] {
            index[part] = json!(["transformers", SECOND.class]);
        }
        index["transformer"] = json!(["diffusers", "SD3Transformer2DModel"]);
    }
    if family.kind == Kind::Xl {
        index["text_encoder_2"] = json!(["transformers", SECOND.class]);
        index["tokenizer_2"] = json!(["transformers", "CLIPTokenizer"]);
        index["force_zeros_for_empty_prompt"] = json!(true);
    }
    index
}

impl ModelFiles for Checkpoint {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn contains(&self, file: &str) -> bool {
        self.texts.contains_key(file)
            || self.weights.contains_key(file)
            || self.part(file).is_some_and(|folder| folder.contains(file))
    }

    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        if let Some(text) = self.texts.get(file) {
            return Ok(Cow::Borrowed(text));
        }
        match self.part(file) {
            Some(folder) => folder.read(file),
            None => Err(self.missing(file)),
        }
    }

    fn weights(&self, file: &str) -> Result<Weights, ModelError> {
        if let Some(weights) = self.weights.get(file) {
            return Ok(weights.clone());
        }
        match self.part(file) {
            Some(folder) => folder.weights(file),
            None => Err(self.missing(file)),
        }
    }
}
