//! Parts of a model as files of their own, as ComfyUI's folders hold them: text encoders and
//! autoencoders lie in folders named for what is in them, beside the one of the denoiser.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::shapes::{count, side};
use crate::weights::{ModelError, Weights, weights_in};

/// Folders above a file in which other parts are looked for: its own, that of all models, and one more
/// for those who sort theirs.
const ABOVE: usize = 3;
const TEXTS: &[&str] = &["text_encoders", "clip", ""];
const VAES: &[&str] = &["vae", ""];

/// What a file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loose {
    /// CLIP's text encoder; its vocabulary is part of the program.
    Clip,
    /// The vocabulary, which comes with the encoder.
    ClipVocabulary,
    T5,
    /// T5's vocabulary, which files of its weights lack.
    T5Vocabulary,
    /// That of FLUX.1: latents of 16 channels.
    Autoencoder,
}

/// Files that hold T5's vocabulary.
const VOCABULARIES: [&str; 2] = ["tokenizer.json", "spiece.model"];

impl Loose {
    const fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Autoencoder => VAES,
            _ => TEXTS,
        }
    }

    fn is_in(self, weights: &Weights) -> bool {
        let has = |name: &str| weights.shape(name).is_some();
        match self {
            // The larger one of Stable Diffusion XL has the same names.
            Self::Clip => CLIP_MARKS.iter().any(|mark| {
                let width = side(weights, mark, 0);
                width.is_some_and(|width| width <= WIDEST_CLIP)
            }),
            Self::T5 => has(T5_MARK),
            Self::Autoencoder => {
                side(weights, "decoder.conv_in.weight", 1) == Some(LATENT_CHANNELS)
                    && !has("post_quant_conv.weight")
            }
            Self::ClipVocabulary | Self::T5Vocabulary => false,
        }
    }
}

/// Newer transformers leave the first word out.
const CLIP_MARKS: [&str; 2] = [
    "text_model.encoder.layers.0.self_attn.q_proj.weight",
    "encoder.layers.0.self_attn.q_proj.weight",
];
const WIDEST_CLIP: usize = 768;
const T5_MARK: &str = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
const LATENT_CHANNELS: usize = 16;

/// The folders in which the parts beside a file may lie.
pub(super) fn above(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().skip(1).take(ABOVE)
}

/// The file of a part: of several the one of the most bytes, whose numbers are the most exact, and of
/// equal ones the first by name.
pub(super) fn file(part: Loose, denoiser: &Path) -> Option<Weights> {
    let folders = folders(part, denoiser);
    let files = folders.iter().flat_map(|folder| weights_in(folder));
    let files = files.filter(|file| file != denoiser);
    // Whatever else lies there is of no concern here.
    let fitting = files.filter_map(|file| Weights::open(&file).ok());
    let mut best: Option<Weights> = None;
    for weights in fitting.filter(|weights| part.is_in(weights)) {
        if best
            .as_ref()
            .is_none_or(|best| best.tensor_bytes() < weights.tensor_bytes())
        {
            best = Some(weights);
        }
    }
    best
}

/// The name and the bytes of T5's vocabulary.
pub(super) fn vocabulary(denoiser: &Path) -> Result<Option<(&'static str, Vec<u8>)>, ModelError> {
    for folder in folders(Loose::T5Vocabulary, denoiser) {
        for name in VOCABULARIES {
            let file = folder.join(name);
            if file.is_file() {
                let bytes = std::fs::read(&file).map_err(|error| ModelError::Unreadable {
                    file: file.display().to_string(),
                    reason: error.to_string(),
                })?;
                return Ok(Some((name, bytes)));
            }
        }
    }
    Ok(None)
}

fn folders(part: Loose, denoiser: &Path) -> Vec<PathBuf> {
    let above = above(denoiser);
    above
        .flat_map(|root| part.folders().iter().map(|folder| root.join(folder)))
        .collect()
}

/// `config.json` of a T5, told from its shapes; `None` where it is no such network.
pub(super) fn t5_config(weights: &Weights) -> Option<Value> {
    let first = "encoder.block.0.layer.";
    let buckets = side(weights, T5_MARK, 0)?;
    let heads = side(weights, T5_MARK, 1)?;
    let inner = side(weights, &format!("{first}0.SelfAttention.q.weight"), 0)?;
    let gated = side(weights, &format!("{first}1.DenseReluDense.wi_0.weight"), 0);
    let plain = side(weights, &format!("{first}1.DenseReluDense.wi.weight"), 0);
    Some(json!({
        "architectures": ["T5EncoderModel"],
        "d_ff": gated.or(plain)?,
        "d_kv": inner / heads.max(1),
        "d_model": side(weights, "shared.weight", 1)?,
        "feed_forward_proj": if gated.is_some() { "gated-gelu" } else { "relu" },
        "layer_norm_epsilon": 1e-6,
        "model_type": "t5",
        "num_heads": heads,
        "num_layers": count(weights, "encoder.block.", ".layer.0.SelfAttention.q.weight"),
        "relative_attention_max_distance": 128,
        "relative_attention_num_buckets": buckets,
        "vocab_size": side(weights, "shared.weight", 0)?,
    }))
}
