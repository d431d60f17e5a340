//! What every picture of a prompt has in common: prompts, path, denoising, decoding.

use candle_core::{Shape, Tensor};

use super::denoise::{Denoise, Denoising, Keep, denoise};
use super::latents::to_pixels;
use super::{CancelToken, Observer, PipelineError, ReadPrompts, Stage, Wish, encode_prompts};
use crate::kernels::{outside_arena, within_arena};
use crate::models::StableDiffusion;
use crate::nn::Interrupt;
use crate::raster::Pixels;
use crate::recipe::{Problem, Recipe, Variation};
use crate::samplers::{NoiseStream, Plan, Sampler, Schedule, Solver};

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
    /// Of the prompt at the first step: `[1, tokens, width]`.
    pub embeddings: Tensor,
}

/// Where denoising begins.
#[derive(Debug)]
pub(super) struct Start {
    /// The noise as drawn.
    pub(super) initial: Tensor,
    /// At the level of the sampler's first call.
    pub(super) latents: Tensor,
    pub(super) beside: Option<Tensor>,
    pub(super) keep: Option<Keep>,
}

/// What a start can be made of.
pub(super) struct Origin<'a> {
    pub(super) model: &'a StableDiffusion,
    pub(super) sampler: &'a dyn Sampler,
    /// The picture's own stream, from its beginning.
    pub(super) noise: &'a mut NoiseStream,
    variation: Variation,
    /// Side of the tiles pictures are encoded and decoded in, in pixels.
    pub(super) tile: Option<u32>,
    pub(super) interrupt: &'a Interrupt,
}

impl Origin<'_> {
    /// What the run begins with, the stream's next noise or near it: `[1, channels, height, width]`.
    pub(super) fn initial(&mut self, shape: impl Into<Shape>) -> Result<Tensor, PipelineError> {
        let device = &self.model.device;
        Ok(self.noise.initial(shape, self.variation, device)?)
    }
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
    let conditioning = match encode_prompts(model, recipe, observer, &interrupt) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };

    // 2. The sampler's path, from where on it the task begins, and what with.
    let tile = (recipe.decode_tile > 0).then_some(recipe.decode_tile);
    let mut sampler = sampler_of(model, recipe)?;
    let mut noise = NoiseStream::new(recipe.noise, recipe.seed);
    let origin = Origin {
        model,
        sampler: &*sampler,
        noise: &mut noise,
        variation: recipe.variation,
        tile,
        interrupt: &interrupt,
    };
    let (start, _) = within_arena(|| begin(origin, observer));
    let start = match start {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };

    // 3. Noise to latents; prompts are read outside of the arena, since the next picture may need
    // them too.
    observer.stage(Stage::Denoise);
    let guided = conditioning.is_guided();
    let calls = sampler.timesteps().len() as u32;
    let calls = recipe.shortcuts.calls(calls, guided);
    let prompts = match ReadPrompts::of(model, &conditioning, &calls, &interrupt) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        read => read?,
    };
    let job = Denoise {
        denoiser: &model.denoiser,
        prompts: &prompts,
        guidance: recipe.guidance,
        calls: &calls,
        sampler: &mut *sampler,
        noise: &mut noise,
        beside: start.beside.as_ref(),
        keep: start.keep.as_ref(),
        token,
        // What is told of a step may be kept long after the run.
        after_step: &mut |step| outside_arena(|| observer.step(step)),
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
    let (decoded, _) = within_arena(|| model.decode(&latents, tile, &interrupt));
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
            embeddings: conditioning.positive().tokens.clone(),
        },
    })))
}

/// The sampler a recipe names, at the step its task begins with.
fn sampler_of(model: &StableDiffusion, recipe: &Recipe) -> Result<Box<dyn Sampler>, PipelineError> {
    let solver = Solver::by_id(&recipe.sampler)
        .ok_or_else(|| PipelineError::Recipe(Problem::UnknownSampler(recipe.sampler.clone())))?;
    let schedule = Schedule::by_id(&recipe.schedule)
        .ok_or_else(|| PipelineError::Recipe(Problem::UnknownSchedule(recipe.schedule.clone())))?;
    let config = &model.manifest.scheduler;
    if !solver.suits(schedule, config) {
        return Err(PipelineError::Recipe(Problem::SamplerUnsuited {
            sampler: recipe.sampler.clone(),
            schedule: recipe.schedule.clone(),
            fitting: Solver::flowing().map(|solver| solver.id).collect(),
        }));
    }
    if recipe.shortcuts.keep_features() && !model.manifest.denoiser.keeps_features() {
        return Err(PipelineError::Recipe(Problem::CacheUnsuited));
    }
    let token = model.manifest.token_pixels() as u32;
    let tokens = recipe.width.div_ceil(token) * recipe.height.div_ceil(token);
    let skipped = recipe.steps - recipe.task.strength().steps_of(recipe.steps);
    Ok(solver.start(&Plan {
        config,
        schedule,
        steps: recipe.steps as usize,
        first_step: skipped as usize,
        tokens: tokens as usize,
    }))
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
