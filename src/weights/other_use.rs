//! What a file of weights is good for, if not as a model that draws: told from its tensors' names.

use super::Weights;

/// Files that lie beside models and are taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherUse {
    Lora,
    Embedding,
    Upscaler,
    ControlNet,
    Autoencoder,
    TinyAutoencoder,
    /// A denoiser as diffusers names it, without the rest of its folder.
    FolderPart,
    Unknown,
}

/// A use, and whether one name of a tensor tells it. The first that fits is it.
type Row = (OtherUse, fn(&str) -> bool);

const USES: &[Row] = &[
    (OtherUse::Lora, |name| {
        [
            "lora_",
            ".lora.",
            ".hada_w1",
            ".lokr_w",
            ".dora_scale",
            ".oft_",
        ]
        .iter()
        .any(|part| name.contains(part))
    }),
    (OtherUse::Embedding, |name| {
        ["string_to_param.*", "emb_params", "clip_l", "clip_g"].contains(&name)
            || (name.starts_with('<') && name.ends_with('>'))
    }),
    (OtherUse::ControlNet, |name| {
        [
            "control_model.",
            "controlnet_cond_embedding.",
            "zero_convs.",
        ]
        .iter()
        .any(|start| name.starts_with(start))
    }),
    (OtherUse::Upscaler, |name| {
        name.contains(".rdb1.conv1.")
            || name.contains(".RDB1.conv1.")
            || name.contains("residual_group.blocks.")
    }),
    (OtherUse::Autoencoder, |name| {
        ["decoder.mid.block_1.", "decoder.mid_block.resnets.0."]
            .iter()
            .any(|start| name.starts_with(start))
    }),
    (OtherUse::TinyAutoencoder, |name| {
        ["decoder.layers.3.conv.0.weight", "3.conv.0.weight"].contains(&name)
    }),
    (OtherUse::FolderPart, |name| {
        name == "conv_in.weight" || name.ends_with("embeddings.token_embedding.weight")
    }),
];

impl OtherUse {
    pub fn of(weights: &Weights) -> Self {
        let fits = |(_, tells): &&Row| weights.names().any(tells);
        USES.iter()
            .find(fits)
            .map_or(Self::Unknown, |(what, _)| *what)
    }
}

impl std::fmt::Display for OtherUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Lora => {
                "a LoRA, which changes a model: choose a model, put this file into the folder loras of \
                 the studio's folder of models, and write <lora:NAME:1> in the prompt"
            }
            Self::Embedding => {
                "an embedding, which is a word of a prompt: choose a model, and write the word"
            }
            Self::Upscaler => {
                "a network that enlarges pictures: use it under Upscale, or by upscale --model"
            }
            Self::ControlNet => "a ControlNet, which leads a model: choose a model",
            Self::Autoencoder => "a VAE alone: choose a model, and give this file as its VAE",
            Self::TinyAutoencoder => {
                "a TAESD alone: choose a model, and give this file as its VAE"
            }
            Self::FolderPart => {
                "one part of a folder in the diffusers layout: choose the folder with model_index.json"
            }
            Self::Unknown => {
                "something this version does not know: choose a checkpoint of Stable Diffusion 1.x, \
                 2.x or XL"
            }
        })
    }
}
