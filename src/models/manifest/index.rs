//! `model_index.json`: which pipeline a folder is of, and what it is made of.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::texts::TextPlan;
use crate::models::denoiser::DenoiserKind;
use crate::samplers::{AlignedFor, Spread};
use crate::weights::{ModelError, ModelFiles, parse_json};

const INDEX: &str = "model_index.json";

/// A kind of pipeline: a row.
#[derive(Debug)]
pub(super) struct Pipeline {
    /// What diffusers calls it, and its relatives that are made of the same parts.
    classes: &'static [&'static str],
    pub(super) denoiser: DenoiserKind,
    /// The classes of its text encoders, in their order.
    encoders: &'static [Encoder],
    pub(super) plan: TextPlan,
    pub(super) aligned_for: AlignedFor,
    pub(super) spread: Spread,
}

/// A text encoder of a pipeline.
#[derive(Debug)]
struct Encoder {
    class: &'static str,
    /// A class that holds the same network, and more.
    other: Option<&'static str>,
    may_be_absent: bool,
}

const fn encoder(class: &'static str) -> Encoder {
    Encoder {
        class,
        other: None,
        may_be_absent: false,
    }
}

/// The names of text encoders in an index, in their order.
const ENCODERS: [&str; 3] = ["text_encoder", "text_encoder_2", "text_encoder_3"];

/// Every pipeline this version runs.
const PIPELINES: &[Pipeline] = &[
    // Text to image with one text encoder, and the same with an inpainting denoiser or one that is
    // told the guidance.
    Pipeline {
        classes: &[
            "StableDiffusionPipeline",
            "StableDiffusionInpaintPipeline",
            "LatentConsistencyModelPipeline",
        ],
        denoiser: DenoiserKind::UNet,
        encoders: &[encoder("CLIPTextModel")],
        plan: TextPlan::One,
        aligned_for: AlignedFor::StableDiffusion,
        spread: Spread::ToLowest,
    },
    Pipeline {
        classes: &[
            "StableDiffusionXLPipeline",
            "StableDiffusionXLInpaintPipeline",
            "StableDiffusionXLImg2ImgPipeline",
        ],
        denoiser: DenoiserKind::UNet,
        encoders: &[
            encoder("CLIPTextModel"),
            encoder("CLIPTextModelWithProjection"),
        ],
        plan: TextPlan::Two,
        aligned_for: AlignedFor::StableDiffusionXl,
        spread: Spread::ToLowest,
    },
    Pipeline {
        classes: &[
            "StableDiffusion3Pipeline",
            "StableDiffusion3Img2ImgPipeline",
            "StableDiffusion3InpaintPipeline",
        ],
        denoiser: DenoiserKind::Joint,
        encoders: &[
            encoder("CLIPTextModelWithProjection"),
            encoder("CLIPTextModelWithProjection"),
            Encoder {
                class: "T5EncoderModel",
                other: None,
                may_be_absent: true,
            },
        ],
        plan: TextPlan::Joint,
        aligned_for: AlignedFor::StableDiffusion,
        spread: Spread::ToLowest,
    },
    Pipeline {
        classes: &["FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline"],
        denoiser: DenoiserKind::Flux,
        encoders: &[encoder("CLIPTextModel"), encoder("T5EncoderModel")],
        plan: TextPlan::PooledAndWhole,
        aligned_for: AlignedFor::StableDiffusion,
        spread: Spread::ToOneStep,
    },
    Pipeline {
        classes: &["ZImagePipeline", "ZImageImg2ImgPipeline"],
        denoiser: DenoiserKind::ZImage,
        encoders: &[Encoder {
            class: "Qwen3Model",
            other: Some("Qwen3ForCausalLM"),
            may_be_absent: false,
        }],
        plan: TextPlan::Whole,
        aligned_for: AlignedFor::StableDiffusion,
        spread: Spread::ToOneStep,
    },
];

/// A folder's index, its parts checked.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) pipeline: &'static Pipeline,
    /// Whether no negative prompt means zeros rather than an empty one.
    pub(super) zeros_for_empty: bool,
    /// Which of the text encoders are there.
    encoders: [bool; ENCODERS.len()],
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "_class_name")]
    class: String,
    #[serde(default)]
    force_zeros_for_empty_prompt: bool,
    /// Each part: library and class, both null where it is absent.
    #[serde(flatten)]
    parts: BTreeMap<String, Value>,
}

impl File {
    fn class_of(&self, part: &str) -> Option<&str> {
        self.parts.get(part)?.get(1)?.as_str()
    }
}

impl Index {
    /// Each part must be of the class we build; a safety checker or feature extractor may be there or
    /// null, and is not used.
    pub(super) fn read(files: &dyn ModelFiles) -> Result<Self, ModelError> {
        let file: File = parse_json(files, INDEX)?;
        let unknown = |class: &str, known: &str| ModelError::UnknownClass {
            file: INDEX.to_owned(),
            class: class.to_owned(),
            known: known.to_owned(),
        };
        let Some(pipeline) = PIPELINES
            .iter()
            .find(|row| row.classes.contains(&file.class.as_str()))
        else {
            let known: Vec<_> = PIPELINES
                .iter()
                .flat_map(|row| row.classes)
                .copied()
                .collect();
            return Err(unknown(&file.class, &known.join(" or ")));
        };
        let mut encoders = [false; ENCODERS.len()];
        for ((encoder, name), there) in pipeline.encoders.iter().zip(ENCODERS).zip(&mut encoders) {
            match file.class_of(name) {
                Some(class) if class == encoder.class || Some(class) == encoder.other => {
                    *there = true;
                }
                None if encoder.may_be_absent => {}
                other => return Err(unknown(other.unwrap_or("null"), encoder.class)),
            }
        }
        let (denoiser, class) = pipeline.denoiser.place();
        for (part, known) in [(denoiser, class), ("vae", "AutoencoderKL")] {
            let class = file.class_of(part);
            if class != Some(known) {
                return Err(unknown(class.unwrap_or("null"), known));
            }
        }
        Ok(Self {
            pipeline,
            zeros_for_empty: file.force_zeros_for_empty_prompt,
            encoders,
        })
    }

    /// Whether it has the text encoder at this place, counted from 0.
    pub(super) fn has_encoder(&self, place: usize) -> bool {
        self.encoders.get(place).copied().unwrap_or_default()
    }
}
