//! Files of families whose denoiser is published alone: FLUX.1 and Z-Image.
//!
//! What else such a model is made of lies beside the file: in the folders diffusers has for it, in the
//! file's own folder, where its publishers lay both, or one above; or as files, where ComfyUI has them
//! ([`loose`]).

use std::path::Path;

use serde_json::{Value, json};

use super::flux_names::of_flux;
use super::loose::{self, Loose};
use super::shapes::{count, side};
use super::text_names::Tensors;
use super::z_image_names::of_z_image;
use crate::weights::{FolderFiles, ModelError, ModelFiles as _, Weights};

/// A family: a row.
#[derive(Debug)]
pub(super) struct Transformer {
    pub(super) title: &'static str,
    /// Tensors that only it has, as its authors and as diffusers call them.
    marks: &'static [&'static str],
    names: fn(&Weights, &str) -> Tensors,
    /// The denoiser's configuration, from its shapes under diffusers' names.
    pub(super) config: fn(&Weights) -> Option<Value>,
    /// As published; levels of FLUX.1-dev, which is told the guidance, move with the picture's size.
    pub(super) scheduler: fn(&Weights) -> Value,
    pub(super) index: fn() -> Value,
    parts: &'static [Part],
}

/// Another part of the model.
#[derive(Debug)]
pub(super) struct Part {
    /// Its folder, as diffusers calls it.
    pub(super) folder: &'static str,
    /// What is in the folder, one of these.
    names: &'static [&'static str],
    /// What it is as a file.
    pub(super) loose: Option<Loose>,
}

/// How the names of the denoiser begin in a checkpoint, and in a file of it alone.
const STARTS: [&str; 2] = ["model.diffusion_model.", ""];

const CONFIG: &[&str] = &["config.json"];
const PIECES: &[&str] = &["tokenizer.json", "spiece.model"];
const WORDS: &[&str] = &["tokenizer.json", "vocab.json"];

const fn part(folder: &'static str, names: &'static [&'static str], loose: Option<Loose>) -> Part {
    Part {
        folder,
        names,
        loose,
    }
}

const TRANSFORMERS: [Transformer; 2] = [
    Transformer {
        title: "FLUX.1",
        marks: &[
            "double_blocks.0.img_attn.norm.key_norm.scale",
            "single_transformer_blocks.0.proj_mlp.weight",
        ],
        names: of_flux,
        config: flux_config,
        scheduler: flux_scheduler,
        index: flux_index,
        parts: &[
            part("text_encoder", CONFIG, Some(Loose::Clip)),
            part("tokenizer", WORDS, Some(Loose::ClipVocabulary)),
            part("text_encoder_2", CONFIG, Some(Loose::T5)),
            part("tokenizer_2", PIECES, Some(Loose::T5Vocabulary)),
            part("vae", CONFIG, Some(Loose::Autoencoder)),
        ],
    },
    Transformer {
        title: "Z-Image",
        marks: &["layers.0.adaLN_modulation.0.weight"],
        names: of_z_image,
        config: z_image_config,
        scheduler: z_image_scheduler,
        index: z_image_index,
        parts: &[
            part("text_encoder", CONFIG, None),
            part("tokenizer", &["tokenizer.json"], None),
            part("vae", CONFIG, Some(Loose::Autoencoder)),
        ],
    },
];

/// Tensors of relatives that are other networks: what they have, and what they are.
const RELATIVES: [(&str, &str); 3] = [
    ("single_stream_modulation.lin.weight", "FLUX.2"),
    ("distilled_guidance_layer.in_proj.bias", "Chroma"),
    ("siglip_pad_token", "Z-Image Omni"),
];

/// The denoiser of a file, and where its names begin.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) row: &'static Transformer,
    start: &'static str,
}

impl Found {
    /// `None` where it is of other families.
    pub(super) fn of(weights: &Weights) -> Result<Option<Self>, ModelError> {
        let has = |start: &str, name: &str| weights.shape(&format!("{start}{name}")).is_some();
        let other = |family: &str| ModelError::OtherFamily {
            file: weights.file().to_owned(),
            family: family.to_owned(),
        };
        for start in STARTS {
            if let Some((_, family)) = RELATIVES.iter().find(|(name, _)| has(start, name)) {
                return Err(other(family));
            }
            let row = TRANSFORMERS
                .iter()
                .find(|row| row.marks.iter().any(|mark| has(start, mark)));
            if let Some(row) = row {
                return Ok(Some(Self { row, start }));
            }
        }
        Ok(None)
    }

    /// Its tensors under diffusers' names.
    pub(super) fn weights(&self, all: &Weights) -> Result<Weights, ModelError> {
        let weights = all.seen_as("transformer", (self.row.names)(all, self.start))?;
        let channels = |name, dimension| side(&weights, name, dimension);
        let (takes, gives) = (
            channels("x_embedder.weight", 1),
            channels("proj_out.weight", 0),
        );
        if takes != gives {
            return Err(ModelError::OtherFamily {
                file: all.file().to_owned(),
                family: "FLUX.1 that is shown a picture (Fill, Depth or Canny)".to_owned(),
            });
        }
        Ok(weights)
    }

    /// The other parts.
    pub(super) const fn parts(&self) -> &'static [Part] {
        self.row.parts
    }

    /// What is told where some parts are nowhere.
    pub(super) fn alone(&self, path: &Path, missing: &[&Part]) -> ModelError {
        let missing: Vec<String> = missing.iter().filter_map(|part| part.as_asked()).collect();
        ModelError::DenoiserAlone {
            file: path.display().to_string(),
            family: self.row.title.to_owned(),
            parts: missing.join(", "),
        }
    }
}

impl Part {
    /// The folder that holds its folder.
    pub(super) fn beside(&self, denoiser: &Path) -> Option<FolderFiles> {
        let mut folders = loose::above(denoiser).map(FolderFiles::new);
        folders.find(|files| {
            let mut names = self.names.iter();
            names.any(|name| files.contains(&format!("{}/{name}", self.folder)))
        })
    }

    /// Its folder, and what serves as well; nothing where it comes with another part.
    fn as_asked(&self) -> Option<String> {
        match self.loose {
            None => Some(self.folder.to_owned()),
            Some(loose) => {
                let place = loose.place()?;
                Some(format!("{} ({place})", self.folder))
            }
        }
    }
}

/// Values of a head that turn with the first axis, and with each of the others.
fn axes(head: usize, first: usize) -> [usize; 3] {
    let rest = head.saturating_sub(first) / 2;
    [first, rest, rest]
}

fn flux_config(weights: &Weights) -> Option<Value> {
    let head = ["", "single_"].into_iter().find_map(|kind| {
        let name = format!("{kind}transformer_blocks.0.attn.norm_q.weight");
        side(weights, &name, 0)
    })?;
    let guidance = "time_text_embed.guidance_embedder.linear_1.weight";
    // The published heads of 128 have 16 for the first axis.
    let first = head.div_ceil(8).next_multiple_of(4);
    Some(json!({
        "_class_name": "FluxTransformer2DModel",
        "attention_head_dim": head,
        "axes_dims_rope": axes(head, first),
        "guidance_embeds": weights.shape(guidance).is_some(),
        "in_channels": side(weights, "x_embedder.weight", 1)?,
        "joint_attention_dim": side(weights, "context_embedder.weight", 1)?,
        "num_attention_heads": side(weights, "x_embedder.weight", 0)? / head.max(1),
        "num_layers": count(weights, "transformer_blocks.", ".attn.norm_q.weight"),
        "num_single_layers": count(weights, "single_transformer_blocks.", ".attn.norm_q.weight"),
        "patch_size": 1,
        "pooled_projection_dim":
            side(weights, "time_text_embed.text_embedder.linear_1.weight", 1)?,
    }))
}

fn flux_scheduler(weights: &Weights) -> Value {
    let guidance = "time_text_embed.guidance_embedder.linear_1.weight";
    let is_dev = weights.shape(guidance).is_some();
    json!({
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "base_image_seq_len": 256,
        "base_shift": 0.5,
        "max_image_seq_len": 4096,
        "max_shift": 1.15,
        "num_train_timesteps": 1000,
        "shift": if is_dev { 3.0 } else { 1.0 },
        "use_dynamic_shifting": is_dev,
    })
}

fn flux_index() -> Value {
    json!({
        "_class_name": "FluxPipeline",
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "T5EncoderModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "T5TokenizerFast"],
        "transformer": ["diffusers", "FluxTransformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    })
}

fn z_image_config(weights: &Weights) -> Option<Value> {
    let (embedder, norm) = (
        "all_x_embedder.2-1.weight",
        "layers.0.attention.norm_q.weight",
    );
    let (width, head) = (side(weights, embedder, 0)?, side(weights, norm, 0)?);
    // The published heads of 128 have 32 for the first axis.
    let first = head.div_ceil(4).next_multiple_of(2);
    let end = ".attention.norm_q.weight";
    Some(json!({
        "_class_name": "ZImageTransformer2DModel",
        "all_f_patch_size": [1],
        "all_patch_size": [2],
        "axes_dims": axes(head, first),
        "axes_lens": [1536, 512, 512],
        "cap_feat_dim": side(weights, "cap_embedder.1.weight", 1)?,
        "dim": width,
        "in_channels": side(weights, embedder, 1)? / 4,
        "n_heads": width / head.max(1),
        "n_kv_heads": width / head.max(1),
        "n_layers": count(weights, "layers.", end),
        "n_refiner_layers": count(weights, "noise_refiner.", end),
        "norm_eps": 1e-5,
        "qk_norm": true,
        "rope_theta": 256.0,
        "t_scale": 1000.0,
    }))
}

fn z_image_scheduler(_: &Weights) -> Value {
    json!({
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "num_train_timesteps": 1000,
        "shift": 3.0,
        "use_dynamic_shifting": false,
    })
}

fn z_image_index() -> Value {
    json!({
        "_class_name": "ZImagePipeline",
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "Qwen3Model"],
        "tokenizer": ["transformers", "Qwen2Tokenizer"],
        "transformer": ["diffusers", "ZImageTransformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    })
}
