//! The families of checkpoints, told from the names and shapes of their tensors.

use super::shapes::HeadRule;
use crate::weights::{ModelError, OtherUse, Weights};

/// Families this version runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    One,
    Two,
    Xl,
    /// Stable Diffusion 3.
    Joint,
}

/// What a checkpoint was found to be.
#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) kind: Kind,
    /// Whether its denoiser takes a mask and the masked picture too.
    pub(super) inpaints: bool,
    pub(super) places: Places,
}

/// How the names of each part begin in the file.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) denoiser: &'static str,
    pub(super) vae: Option<&'static str>,
    /// A text encoder that transformers named.
    pub(super) clip: Option<&'static str>,
    /// A text encoder that `OpenCLIP` named.
    pub(super) open_clip: Option<&'static str>,
    /// The second text encoder, where transformers named it too.
    pub(super) second_clip: Option<&'static str>,
}

/// The denoiser in a checkpoint, and in a file of it alone.
const DENOISERS: [&str; 2] = ["model.diffusion_model.", ""];
const VAES: [&str; 2] = ["first_stage_model.", "vae."];
const CLIPS: [&str; 3] = [
    "cond_stage_model.transformer.",
    "conditioner.embedders.0.transformer.",
    "text_encoders.clip_l.transformer.",
];
const OPEN_CLIPS: [&str; 3] = [
    "cond_stage_model.model.",
    "conditioner.embedders.1.model.",
    REFINER,
];
/// Where the refiner of Stable Diffusion XL has its only text encoder.
const REFINER: &str = "conditioner.embedders.0.model.";

/// The second text encoder of Stable Diffusion 3.
const SECOND_CLIPS: [&str; 1] = ["text_encoders.clip_g.transformer."];
/// A tensor that only the transformer of Stable Diffusion 3 has.
const JOINT: &str = "joint_blocks.0.x_block.attn.qkv.weight";

/// A family of other denoisers, and a tensor that only it has.
const OTHERS: [(&str, &str); 3] = [
    ("down_blocks.0.0.channelwise.0.weight", "Stable Cascade"),
    (
        "input_blocks.1.0.time_stack.emb_layers.1.weight",
        "Stable Video Diffusion",
    ),
    (
        "layers.0.attention.qkv.weight",
        "a transformer such as Lumina",
    ),
];

impl Family {
    pub(super) fn of(weights: &Weights) -> Result<Self, ModelError> {
        let has = |name: String| weights.shape(&name).is_some();
        let other = |family: &str| ModelError::OtherFamily {
            file: weights.file().to_owned(),
            family: family.to_owned(),
        };
        for start in DENOISERS {
            let found = OTHERS
                .iter()
                .find(|(name, _)| has(format!("{start}{name}")));
            if let Some((_, family)) = found {
                return Err(other(family));
            }
        }
        let joint = DENOISERS
            .into_iter()
            .find(|start| has(format!("{start}{JOINT}")));
        let denoiser = joint
            .or_else(|| {
                let mut starts = DENOISERS.into_iter();
                starts.find(|start| has(format!("{start}input_blocks.0.0.weight")))
            })
            .filter(|_| {
                weights
                    .names()
                    .all(|name| !name.starts_with("control_model."))
            })
            .ok_or_else(|| ModelError::NoModel {
                file: weights.file().to_owned(),
                what: OtherUse::of(weights),
            })?;
        let of_transformers = |start: &&str| {
            let name = "embeddings.token_embedding.weight";
            has(format!("{start}text_model.{name}")) || has(format!("{start}{name}"))
        };
        let places = Places {
            denoiser,
            vae: VAES
                .into_iter()
                .find(|start| has(format!("{start}decoder.conv_in.weight"))),
            clip: CLIPS.into_iter().find(of_transformers),
            second_clip: SECOND_CLIPS.into_iter().find(of_transformers),
            open_clip: OPEN_CLIPS
                .into_iter()
                .find(|start| has(format!("{start}token_embedding.weight"))),
        };
        if joint.is_some() {
            return match (places.clip, places.second_clip) {
                (Some(_), Some(_)) => Ok(Self {
                    kind: Kind::Joint,
                    inpaints: false,
                    places,
                }),
                _ => Err(ModelError::NoTextEncoder {
                    file: weights.file().to_owned(),
                }),
            };
        }
        let is_told_sizes = has(format!("{denoiser}label_emb.0.0.weight"));
        let kind = match (is_told_sizes, places.clip, places.open_clip) {
            (false, Some(_), None) => Kind::One,
            (false, None, Some(_)) => Kind::Two,
            (true, Some(_), Some(_)) => Kind::Xl,
            (true, None, Some(REFINER)) => {
                return Err(other("the refiner of Stable Diffusion XL"));
            }
            (true, None, Some(_)) => return Err(other("Stable unCLIP")),
            _ => {
                return Err(ModelError::NoTextEncoder {
                    file: weights.file().to_owned(),
                });
            }
        };
        let channels = |name: &str, dimension: usize| {
            let shape = weights.shape(&format!("{denoiser}{name}"));
            shape
                .and_then(|shape| shape.get(dimension))
                .copied()
                .unwrap_or_default()
        };
        let (takes, gives) = (
            channels("input_blocks.0.0.weight", 1),
            channels("out.2.weight", 0),
        );
        let inpaints = takes == 2 * gives + 1;
        if takes != gives && !inpaints {
            let name = kind.name();
            return Err(other(&match takes {
                5 => format!("{name} that is shown depths"),
                7 => "the upscaler of Stable Diffusion".to_owned(),
                8 => format!("{name} that follows instructions (InstructPix2Pix)"),
                _ => format!("{name} with {takes} channels"),
            }));
        }
        Ok(Self {
            kind,
            inpaints,
            places,
        })
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::One => "Stable Diffusion 1.x",
            Self::Two => "Stable Diffusion 2.x",
            Self::Xl => "Stable Diffusion XL",
            Self::Joint => "Stable Diffusion 3",
        }
    }

    pub(super) const fn pipeline(self, inpaints: bool) -> &'static str {
        match (self, inpaints) {
            (Self::Xl, false) => "StableDiffusionXLPipeline",
            (Self::Xl, true) => "StableDiffusionXLInpaintPipeline",
            (Self::Joint, _) => "StableDiffusion3Pipeline",
            (_, false) => "StableDiffusionPipeline",
            (_, true) => "StableDiffusionInpaintPipeline",
        }
    }

    pub(super) const fn heads(self) -> HeadRule {
        match self {
            Self::One => HeadRule::Count(8),
            Self::Two | Self::Xl | Self::Joint => HeadRule::Width,
        }
    }

    /// Scale of the latents the denoiser was trained on, and their shift.
    pub(super) const fn latents(self) -> (f64, Option<f64>) {
        match self {
            Self::One | Self::Two => (0.18215, None),
            Self::Xl => (0.13025, None),
            Self::Joint => (1.5305, Some(0.0609)),
        }
    }
}
