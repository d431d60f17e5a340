//! A prompt becomes a picture.

use candle_core::{DType, Tensor};

use super::denoise::{Denoise, Denoising, denoise};
use super::{CancelToken, Observer, PipelineError, Stage, Wish, encode_prompts};
use crate::models::StableDiffusion;
use crate::raster::{Extent, Pixels};
use crate::recipe::{Problem, Recipe};
use crate::samplers::{NoiseStream, Schedule, solver_by_id};

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

/// Makes the picture of `recipe`, which must have been checked against the model's limits.
pub fn text_to_image(
    model: &StableDiffusion,
    recipe: &Recipe,
    token: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Outcome, PipelineError> {
    // 1. Prompts to embeddings.
    observer.stage(Stage::EncodePrompt);
    let interrupt = token.interrupt_at(Wish::Stop);
    let prompts = (recipe.prompt.as_str(), recipe.negative_prompt.as_str());
    let conditioning = match encode_prompts(model, prompts, recipe.guidance, observer, &interrupt) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };

    // 2. The sampler's path and the initial noise.
    let build = solver_by_id(&recipe.sampler)
        .ok_or_else(|| PipelineError::Recipe(Problem::UnknownSampler(recipe.sampler.clone())))?;
    let schedule = Schedule::by_id(&recipe.schedule)
        .ok_or_else(|| PipelineError::Recipe(Problem::UnknownSchedule(recipe.schedule.clone())))?;
    let mut sampler = build(&model.manifest.scheduler, schedule, recipe.steps as usize);
    let mut noise = NoiseStream::new(recipe.noise, recipe.seed);
    let factor = model.manifest.autoencoder.factor();
    let (height, width) = (
        recipe.height as usize / factor,
        recipe.width as usize / factor,
    );
    let channels = model.manifest.unet.in_channels;
    let initial = noise.tensor((1, channels, height, width), &model.device)?;
    let latents = (&initial * sampler.init_noise_sigma())?;

    // 3. Noise to latents.
    observer.stage(Stage::Denoise);
    let job = Denoise {
        unet: &model.unet,
        conditioning: &conditioning,
        guidance: recipe.guidance,
        sampler: &mut *sampler,
        noise: &mut noise,
        token,
        after_step: &mut |step| observer.step(step),
    };
    let (latents, stopped_after) = match denoise(job, latents)? {
        Denoising::Whole(latents) => (latents, None),
        Denoising::Stopped { prediction, steps } => (prediction, Some(steps as u32)),
        Denoising::Cancelled => return Ok(Outcome::Cancelled),
    };

    // 4. Latents to pixels. Stopping keeps what is there, so only discarding ends the decoder.
    observer.stage(Stage::Decode);
    let interrupt = token.interrupt_at(Wish::Discard);
    let unscaled = model.autoencoder.unscale(&latents)?;
    let decoded = match model.autoencoder.decode(&unscaled, &interrupt) {
        Err(_) if interrupt.is_asked() => return Ok(Outcome::Cancelled),
        result => result?,
    };
    Ok(Outcome::Made(Box::new(Made {
        pixels: to_pixels(&decoded)?,
        stopped_after,
        tensors: RunTensors {
            initial,
            latents,
            embeddings: conditioning.positive,
        },
    })))
}

/// A decoded picture `[1, 3, height, width]` in [-1, 1] to 8 bits, rounded to even as numpy does.
fn to_pixels(decoded: &Tensor) -> Result<Pixels, PipelineError> {
    let (_, channels, height, width) = decoded.dims4()?;
    let planes = decoded
        .to_dtype(DType::F32)?
        .flatten_all()?
        .to_vec1::<f32>()?;
    let area = height * width;
    let byte = |value: f32| ((value / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even() as u8;
    let rgb: Vec<u8> = (0..area)
        .flat_map(|pixel| (0..3).map(move |channel| (channel.min(channels - 1)) * area + pixel))
        .map(|index| byte(planes[index]))
        .collect();
    Pixels::from_rgb(Extent::new(width as u32, height as u32), &rgb).ok_or_else(|| {
        PipelineError::Computation("the decoder gave a picture of another size".to_owned())
    })
}
