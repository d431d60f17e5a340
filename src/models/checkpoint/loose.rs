//! Parts of a model as files of their own, as ComfyUI's folders hold them: text encoders and
//! autoencoders lie in folders named for what is in them, beside the one of the denoiser.

use std::cmp::Reverse;
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

/// A denoiser that other parts are looked for.
pub(super) struct Denoiser<'a> {
    pub(super) path: &'a Path,
    /// Its configuration, as diffusers writes it: the widths of the texts it is told are there.
    pub(super) config: &'a Value,
}

/// Files that hold T5's vocabulary, and what is in each; other models' have the first of the names, too.
const VOCABULARIES: [(&str, &[u8]); 2] =
    [("tokenizer.json", b"\"Unigram\""), ("spiece.model", b"")];

/// Newer transformers leave the first word out.
const CLIP_MARKS: [&str; 2] = [
    "text_model.encoder.layers.0.self_attn.q_proj.weight",
    "encoder.layers.0.self_attn.q_proj.weight",
];
const T5_MARK: &str = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
/// Of its relatives of many languages, which have positions in every layer.
const UMT5_MARK: &str = "encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight";
const LATENT_CHANNELS: usize = 16;

impl Loose {
    const fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Autoencoder => VAES,
            _ => TEXTS,
        }
    }

    /// Where ComfyUI has its file, and what that is where its name is given.
    pub(super) const fn place(self) -> Option<&'static str> {
        match self {
            Self::Clip | Self::T5 => Some("a file in text_encoders"),
            Self::Autoencoder => Some("a file in vae"),
            Self::T5Vocabulary => Some("tokenizer.json or spiece.model of T5 in text_encoders"),
            Self::ClipVocabulary => None,
        }
    }

    /// Whether weights are of it, as wide as the denoiser takes them.
    fn is_in(self, weights: &Weights, config: &Value) -> bool {
        let has = |name: &str| weights.shape(name).is_some();
        let is_wide = |name: &str, dimension: usize, key: &str| {
            let width = side(weights, name, dimension).map(|width| width as u64);
            width.is_some() && width == config[key].as_u64()
        };
        match self {
            Self::Clip => CLIP_MARKS
                .iter()
                .any(|mark| is_wide(mark, 0, "pooled_projection_dim")),
            Self::T5 => {
                has(T5_MARK)
                    && !has(UMT5_MARK)
                    && is_wide("shared.weight", 1, "joint_attention_dim")
            }
            Self::Autoencoder => {
                side(weights, "decoder.conv_in.weight", 1) == Some(LATENT_CHANNELS)
                    && !has("post_quant_conv.weight")
            }
            Self::ClipVocabulary | Self::T5Vocabulary => false,
        }
    }

    /// Whether a file is called as its publishers call it: Stable Diffusion 3 has an autoencoder of the
    /// same shapes.
    fn is_named(self, file: &Path) -> bool {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        self == Self::Autoencoder && (name == "ae" || name.contains("flux"))
    }
}

/// The folders in which the parts beside a file may lie.
pub(super) fn above(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().skip(1).take(ABOVE)
}

/// The file of a part. Of several the one its publishers named, then the one of the most bytes, whose
/// numbers are the most exact, then the first.
pub(super) fn file(part: Loose, denoiser: &Denoiser<'_>) -> Option<Weights> {
    let folders = folders(part, denoiser.path);
    let files = folders.iter().flat_map(|folder| weights_in(folder));
    let files = files.filter(|file| file != denoiser.path);
    let mut fitting: Vec<_> = files
        .filter_map(|file| {
            // Whatever else lies there is of no concern here.
            let weights = Weights::open(&file).ok()?;
            let is_one = part.is_in(&weights, denoiser.config);
            is_one.then(|| ((part.is_named(&file), weights.tensor_bytes()), weights))
        })
        .collect();
    // The first of equals stays first.
    fitting.sort_by_key(|(rank, _)| Reverse(*rank));
    fitting.into_iter().next().map(|(_, weights)| weights)
}

/// The name and the bytes of T5's vocabulary beside a file.
pub(super) fn vocabulary(path: &Path) -> Result<Option<(&'static str, Vec<u8>)>, ModelError> {
    for folder in folders(Loose::T5Vocabulary, path) {
        for (name, mark) in VOCABULARIES {
            let file = folder.join(name);
            if !file.is_file() {
                continue;
            }
            let bytes = std::fs::read(&file).map_err(|error| ModelError::Unreadable {
                file: file.display().to_string(),
                reason: error.to_string(),
            })?;
            if mark.is_empty() || bytes.windows(mark.len()).any(|part| part == mark) {
                return Ok(Some((name, bytes)));
            }
        }
    }
    Ok(None)
}

fn folders(part: Loose, path: &Path) -> Vec<PathBuf> {
    above(path)
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
