//! What a pipeline tells while it runs.

use std::time::Duration;

use candle_core::Tensor;
use thiserror::Error;

use super::Saving;

/// The parts of making one picture, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    LoadModel,
    EncodePrompt,
    /// Only where a run starts from a picture.
    EncodePicture,
    Denoise,
    Decode,
    /// The only one where no model is asked.
    Remove,
    /// Evaluations of a style.
    Style,
    /// A picture is made larger, part by part.
    Upscale,
    Save,
}

impl Stage {
    pub const ALL: [Self; 9] = [
        Self::LoadModel,
        Self::EncodePrompt,
        Self::EncodePicture,
        Self::Denoise,
        Self::Decode,
        Self::Remove,
        Self::Style,
        Self::Upscale,
        Self::Save,
    ];

    /// The name in JSON events.
    pub fn id(self) -> &'static str {
        match self {
            Self::LoadModel => "load_model",
            Self::EncodePrompt => "encode_prompt",
            Self::EncodePicture => "encode_picture",
            Self::Denoise => "denoise",
            Self::Decode => "decode",
            Self::Remove => "remove",
            Self::Style => "style",
            Self::Upscale => "upscale",
            Self::Save => "save",
        }
    }
}

/// What people should know about a job that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Note {
    /// `cut` is the text that did not fit the model's window.
    #[error("the prompt is longer than the model's {window} tokens; left out: \"{cut}\"")]
    PromptCut { window: usize, cut: String },
    #[error("the negative prompt is longer than the model's {window} tokens; left out: \"{cut}\"")]
    NegativePromptCut { window: usize, cut: String },
    /// What is done so that the picture fits into memory.
    #[error("fits into memory by {}", Saving::all(savings))]
    Fitted { savings: Vec<Saving> },
    /// The picture was to be made again, but the model's weights have changed since.
    #[error(
        "\"{model}\" has other weights than this picture was made with: the same settings make another picture"
    )]
    OtherWeights { model: String },
    /// The picture was to be made again, but another file now has the adapter's name.
    #[error(
        "\"{adapter}\" is another file than this picture was made with: the same settings make another picture"
    )]
    OtherAdapter { adapter: String },
    /// Some tensors of an adapter are for layers the model does not have.
    #[error("{unused} tensors of \"{adapter}\" change nothing in this model, the first is {first}")]
    AdapterUnused {
        adapter: String,
        unused: usize,
        first: String,
    },
    /// What is no adapter is not read from prompts.
    #[error("{tag} is left out: of such tags <lora:name:weight> alone is known")]
    UnknownNetwork { tag: String },
    /// A prompt names an embedding nobody knows.
    #[error("embedding:{name} is left out: no file in {folder}/embeddings has that name{near}")]
    UnknownEmbedding {
        name: String,
        folder: String,
        /// Those of similar names, as ` (a, b)`; or nothing.
        near: String,
    },
}

/// One call of the denoiser is done: a step, of which some samplers make two out of one.
#[derive(Debug)]
pub struct StepDone<'a> {
    /// Counted from 1.
    pub step: usize,
    pub steps: usize,
    pub took: Duration,
    /// The finished latents as the denoiser now sees them,
    /// `[1, channels, height / factor, width / factor]`.
    pub prediction: &'a Tensor,
}

/// Listens to a pipeline. Calls come from the thread that runs it and should return at once.
pub trait Observer {
    fn stage(&mut self, stage: Stage);
    fn note(&mut self, note: Note);
    fn step(&mut self, step: StepDone<'_>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn stage(&mut self, _stage: Stage) {}
    fn note(&mut self, _note: Note) {}
    fn step(&mut self, _step: StepDone<'_>) {}
}
