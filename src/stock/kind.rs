//! What a file or folder of weights is for, as its tensors tell.

use serde::{Deserialize, Serialize};

use crate::weights::FileFacts;

/// What weights are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A model whole in one file.
    Checkpoint,
    /// A model in a folder, in the diffusers layout.
    Folder,
    /// The part of a model that denoises, without the others.
    Denoiser,
    Lora,
    Embedding,
    Vae,
    /// A small network that shows latents in a moment.
    TinyVae,
    TextEncoder,
    ControlNet,
    Upscaler,
    QuickStyle,
    /// Anything else that has weights.
    Other,
}

impl Kind {
    /// Every kind, with what the command line calls it.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Checkpoint, "checkpoint"),
        (Self::Folder, "folder"),
        (Self::Denoiser, "denoiser"),
        (Self::Lora, "lora"),
        (Self::Embedding, "embedding"),
        (Self::Vae, "vae"),
        (Self::TinyVae, "tiny-vae"),
        (Self::TextEncoder, "text-encoder"),
        (Self::ControlNet, "controlnet"),
        (Self::Upscaler, "upscaler"),
        (Self::QuickStyle, "quick-style"),
        (Self::Other, "other"),
    ];

    /// What the command line calls it.
    pub fn id(self) -> &'static str {
        let row = Self::ALL.iter().find(|(kind, _)| *kind == self);
        row.map_or("", |(_, id)| id)
    }

    /// Whether it draws pictures by itself.
    pub const fn is_model(self) -> bool {
        matches!(self, Self::Checkpoint | Self::Folder)
    }
}

/// What tells kinds apart: any tensor whose name holds one of these.
const SIGNS: &[(Kind, &[&str])] = &[
    (
        Kind::Lora,
        &[
            ".lora_down.",
            ".lora_up.",
            ".lora_A.",
            ".lora_B.",
            ".lora.down.",
            "_lora.down.",
            "lora_linear_layer.",
            ".hada_w1",
            ".lokr_w",
        ],
    ),
    (
        Kind::ControlNet,
        &[
            "control_model.",
            "controlnet_cond_embedding.",
            "input_hint_block.",
        ],
    ),
    (Kind::Checkpoint, &["first_stage_model.decoder."]),
    (
        Kind::Denoiser,
        &[
            "diffusion_model.",
            "input_blocks.0.0.weight",
            "down_blocks.0.attentions.",
            "down_blocks.0.resnets.0.time_emb_proj.",
            "double_blocks.0.",
            "joint_blocks.0.",
            "single_transformer_blocks.0.",
            "cap_embedder.",
            "adaln_single.",
            "txt_norm.weight",
        ],
    ),
    (
        Kind::Vae,
        &[
            "decoder.conv_in.weight",
            "decoder.up.0.block.",
            "decoder.up_blocks.0.",
        ],
    ),
    (
        Kind::TextEncoder,
        &[
            "text_model.encoder.layers.",
            "encoder.block.0.layer.0.SelfAttention.",
            "transformer.resblocks.0.",
            "model.layers.0.self_attn.",
        ],
    ),
    (Kind::QuickStyle, &["res1.conv1.conv2d.weight"]),
    (
        Kind::Upscaler,
        &[
            "model.1.sub.",
            "RRDB_trunk.",
            "body.0.rdb1.",
            "layers.0.residual_group.",
            "body.0.body.0.",
        ],
    ),
];

/// What a file is for; `None` where its tensors are those of nothing known.
pub fn kind_of(facts: &FileFacts) -> Option<Kind> {
    if is_embedding(facts) {
        return Some(Kind::Embedding);
    }
    if is_tiny_vae(facts) {
        return Some(Kind::TinyVae);
    }
    let has = |sign: &&str| facts.tensors.keys().any(|name| name.contains(*sign));
    let row = SIGNS.iter().find(|(_, signs)| signs.iter().any(has));
    row.map(|(kind, _)| *kind)
        .or_else(|| is_compact(facts).then_some(Kind::Upscaler))
}

/// A few rows of numbers in place of words.
fn is_embedding(facts: &FileFacts) -> bool {
    /// Files of embeddings hold hardly more than one tensor for each text encoder.
    const MOST: usize = 4;
    const WIDTHS: [usize; 4] = [768, 1024, 1280, 2048];
    let named = |name: &str| {
        name == "emb_params"
            || name == "clip_l"
            || name == "clip_g"
            || name.starts_with("string_to_param")
            || name.starts_with('<') && name.ends_with('>')
    };
    let fits = |shape: &[usize]| {
        shape.last().is_some_and(|width| WIDTHS.contains(width)) && shape.len() <= 2
    };
    let few = (1..=MOST).contains(&facts.tensors.len());
    let all_fit = facts.tensors.values().all(|tensor| fits(&tensor.shape));
    let any_named = facts.tensors.keys().any(|name| named(name));
    few && all_fit && any_named
}

/// The first layer of its decoder widens latents to 64 channels.
fn is_tiny_vae(facts: &FileFacts) -> bool {
    const FIRST: [&str; 3] = ["decoder.layers.0.weight", "decoder.1.weight", "1.weight"];
    FIRST.iter().any(|name| {
        let tensor = facts.tensors.get(*name);
        tensor.is_some_and(|tensor| matches!(tensor.shape[..], [64, 4 | 16 | 32, 3, 3]))
    })
}

/// A plain row of convolutions whose last one fills the picture's pixels.
fn is_compact(facts: &FileFacts) -> bool {
    facts.tensors.iter().any(|(name, tensor)| {
        name.ends_with("body.0.weight") && matches!(tensor.shape[..], [_, 3, 3, 3])
    })
}

/// How wide the words of an embedding are: the prompts of its family.
pub(super) fn width_of_embedding(facts: &FileFacts) -> Option<usize> {
    if facts.tensors.contains_key("clip_g") {
        return Some(2048);
    }
    let shapes = facts.tensors.values().map(|tensor| &tensor.shape);
    shapes.filter_map(|shape| shape.last().copied()).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::TensorFacts;

    fn facts(tensors: &[(&str, &[usize])]) -> FileFacts {
        let tensor = |(name, shape): &(&str, &[usize])| {
            let kind = "f16".to_owned();
            let shape = shape.to_vec();
            ((*name).to_owned(), TensorFacts { kind, shape })
        };
        FileFacts {
            tensors: tensors.iter().map(tensor).collect(),
            ..FileFacts::default()
        }
    }

    #[test]
    fn every_kind_is_known_by_its_own_tensors() {
        type Tensors = &'static [(&'static str, &'static [usize])];
        let rows: [(Tensors, Kind); 11] = [
            (
                &[
                    ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3]),
                    (
                        "model.diffusion_model.input_blocks.0.0.weight",
                        &[320, 4, 3, 3],
                    ),
                ],
                Kind::Checkpoint,
            ),
            (
                &[(
                    "model.diffusion_model.input_blocks.0.0.weight",
                    &[320, 4, 3, 3],
                )],
                Kind::Denoiser,
            ),
            (
                &[("double_blocks.0.img_attn.qkv.weight", &[9216, 3072])],
                Kind::Denoiser,
            ),
            (&[("lora_unet_mid.lora_down.weight", &[8, 320])], Kind::Lora),
            (&[("emb_params", &[8, 768])], Kind::Embedding),
            (&[("string_to_param.*", &[2, 1024])], Kind::Embedding),
            (
                &[("clip_l", &[2, 768]), ("clip_g", &[2, 1280])],
                Kind::Embedding,
            ),
            (&[("decoder.conv_in.weight", &[512, 4, 3, 3])], Kind::Vae),
            (
                &[("decoder.layers.0.weight", &[64, 4, 3, 3])],
                Kind::TinyVae,
            ),
            (
                &[("text_model.encoder.layers.0.mlp.fc1.weight", &[3072, 768])],
                Kind::TextEncoder,
            ),
            (
                &[("body.0.rdb1.conv1.weight", &[32, 64, 3, 3])],
                Kind::Upscaler,
            ),
        ];
        for (tensors, kind) in rows {
            assert_eq!(kind_of(&facts(tensors)), Some(kind), "{tensors:?}");
        }
        assert_eq!(kind_of(&facts(&[("anything", &[5, 5])])), None);
    }
}
