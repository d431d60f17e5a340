//! What every picture of a prompt has in common: prompts, path, denoising, decoding.

use candle_core::Tensor;

use super::denoise::{Denoise, Denoising, Keep, denoise};
use super::latents::to_pixels;
use super::{CancelToken, Observer, PipelineError, ReadPrompts, Stage, Wish, encode_prompts};
use crate::kernels::within_arena;
use crate::models::StableDiffusion;
use crate::nn::Interrupt;
use crate::raster::Pixels;
use crate::recipe::{Problem, Recipe};
use crate::samplers::{NoiseStream, Sampler, Schedule, solver_by_id};

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    Made(Box<Made>),
    /// Ended by people, with nothing to keep.
    Cancelled,
}

/// A picture and what it came from.
#[derive(Debug)]
pub struct Made {
    pub pixels: Pixels,
    /// Set when the run was stopped: the steps done by then.
    pub stopped_after: Option<u32>,
    pub tensors: RunTensors,
}

/// The tensors other implementations can be compared by.
#[derive(Debug)]
pub struct RunTensors {
    /// The noise as drawn, before the sampler's initial sigma: `[1, C, H / factor, W / factor]`.
    pub initial: Tensor,
    /// What the autoencoder is handed, before division by its scaling factor; same shape.
    pub latents: Tensor,
    /// Of the prompt: `[1, tokens, width]`.
    pub embeddings: Tensor,
}

/// Where denoising begins.
#[derive(Debug)]
pub(super) struct Start {
    /// The noise as drawn.
    pub(super) initial: Tensor,
    /// At the level of the first step.
    pub(super) latents: Tensor,
    pub(super) first_step: usize,
    pub(super) beside: Option<Tensor>,
    pub(super) keep: Option<Keep>,
}

/// What a start can be made of.
pub(super) struct Origin<'a> {
    pub(super) model: &'a StableDiffusion,
    pub(super) sampler: &'a dyn Sampler,
    /// The picture's own stream, from its beginning.
    pub(super) noise: &'a mut NoiseStream,
    pub(super) interrupt: &'a Interrupt,
}

/// Makes the picture of `recipe` from wherever `begin` says.
pub(super) fn run(
    model: &StableDiffusion,
    recipe: &Recipe,
    token: &CancelToken,
    observer: &mut dyn Observer,
    begin: impl FnOnce(Origin<'_>, &mut dyn Observer) -> Result<Start, PipelineError>,
) -> Result<Outcome, PipelineError> {
    // 1. Prompts to embeddings.
    observer.stage(Stage::EncodePrompt);
    let interrupt = token.interrupt_at(Wish::Stop);
    let prompts = (recipe.prompt.as_str(), recipe.negative_prompt.as_str());
    let conditioning = match encode_prompts(model, prompts, recipe.guidance, observer, &interrupt) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };

    // 2. The sampler's path, and where on it to begin.
    let build = solver_by_id(&recipe.sampler)
        .ok_or_else(|| PipelineError::Recipe(Problem::UnknownSampler(recipe.sampler.clone())))?;
    let schedule = Schedule::by_id(&recipe.schedule)
        .ok_or_else(|| PipelineError::Recipe(Problem::UnknownSchedule(recipe.schedule.clone())))?;
    let mut sampler = build(&model.manifest.scheduler, schedule, recipe.steps as usize);
    let mut noise = NoiseStream::new(recipe.noise, recipe.seed);
    let origin = Origin {
        model,
        sampler: &*sampler,
        noise: &mut noise,
        interrupt: &interrupt,
    };
    let start = match begin(origin, observer) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };

    // 3. Noise to latents; prompts are read outside of the arena, since the next picture may need
    // them too.
    observer.stage(Stage::Denoise);
    let steps = sampler.timesteps().len() - start.first_step;
    let guided = conditioning.negative.is_some();
    let calls = recipe.shortcuts.calls(steps as u32, guided);
    let prompts = match ReadPrompts::of(model, &conditioning, &calls, &interrupt) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        read => read?,
    };
    let job = Denoise {
        unet: &model.unet,
        prompts: &prompts,
        guidance: recipe.guidance,
        calls: &calls,
        sampler: &mut *sampler,
        noise: &mut noise,
        first_step: start.first_step,
        beside: start.beside.as_ref(),
        keep: start.keep.as_ref(),
        token,
        after_step: &mut |step| observer.step(step),
    };
    let (denoised, _) = within_arena(|| denoise(job, start.latents));
    let (latents, stopped_after) = match denoised? {
        Denoising::Whole(latents) => (latents, None),
        Denoising::Stopped { prediction, steps } => (prediction, Some(steps as u32)),
        Denoising::Cancelled => return Ok(Outcome::Cancelled),
    };

    // 4. Latents to pixels. Stopping keeps what is there, so only discarding ends the decoder.
    observer.stage(Stage::Decode);
    let interrupt = token.interrupt_at(Wish::Discard);
    let (decoded, _) = within_arena(|| model.decode(&latents, &interrupt));
    let decoded = match decoded {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };
    Ok(Outcome::Made(Box::new(Made {
        pixels: to_pixels(&decoded)?,
        stopped_after,
        tensors: RunTensors {
            initial: start.initial,
            latents,
            embeddings: conditioning.positive,
        },
    })))
}

impl Outcome {
    /// The same run with its picture changed afterwards.
    pub(super) fn map_pixels(self, change: impl FnOnce(&Pixels) -> Pixels) -> Self {
        match self {
            Self::Made(mut made) => {
                made.pixels = change(&made.pixels);
                Self::Made(made)
            }
            Self::Cancelled => Self::Cancelled,
        }
    }
}
