//! Verbs: everything that can be asked for, one file each, and the loop they share.
//!
//! A pipeline takes a model and a recipe, tells an [`Observer`] how it gets on, and looks at a
//! [`CancelToken`] between the blocks of every network.

mod axes;
mod cancel;
mod canvas;
mod conditioning;
mod denoise;
mod image_to_image;
mod inpaint;
mod latents;
mod memory_plan;
mod observer;
mod remove;
mod run;
mod segment;
mod select;
mod style;
mod text_to_image;
mod upscale;

use thiserror::Error;

pub use cancel::{CancelToken, Wish};
pub use canvas::Canvas;
pub use conditioning::{Conditioning, ReadPrompts, encode_prompts};
pub use denoise::{Denoise, Denoising, Keep, denoise};
pub use image_to_image::image_to_image;
pub use inpaint::{fill_area, inpaint};
pub use memory_plan::{Demand, MemoryPlan, Saving, Thrift, TooLittleMemory};
pub use observer::{Note, Observer, Silent, Stage, StepDone};
pub use remove::{Needs, REMOVERS, Remover, Tools};
pub use run::{Made, Outcome, RunTensors};
pub use segment::Segmenter;
pub use select::{Hint, select_object};
pub use style::{
    Evaluated, FEATURES, Features, FeaturesNeed, LAYER_SETS, LayerSet, StyleEyes, StyleJudge,
    StylePictures, StyleTools, Styled, sized, style, style_bytes, style_parts, vgg_products,
};
pub use text_to_image::text_to_image;
pub use upscale::{
    ENLARGERS, Enlarged, Enlarger, Enlarging, Goal, PartDone, Plan, PlanError, ShownPart, Target,
    Tiling, Way, enlarge, network_calls, room_for_result,
};

use crate::library::FileError;
use crate::recipe::Problem;
use crate::weights::ModelError;

/// Why a pipeline came to nothing.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PipelineError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("{0}")]
    Recipe(Problem),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the computation failed: {0}")]
    Computation(String),
}

impl From<candle_core::Error> for PipelineError {
    fn from(error: candle_core::Error) -> Self {
        Self::Computation(error.to_string())
    }
}
