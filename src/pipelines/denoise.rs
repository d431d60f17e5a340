//! The one denoising loop.

use std::time::Instant;

use candle_core::{Result, Tensor};

use super::{CancelToken, Conditioning, StepDone, Wish};
use crate::models::UNet;
use crate::samplers::{NoiseStream, Sampler};

/// What the loop works with.
pub struct Denoise<'a> {
    pub unet: &'a UNet,
    pub conditioning: &'a Conditioning,
    pub guidance: f32,
    pub sampler: &'a mut dyn Sampler,
    /// The stream the initial latents came from.
    pub noise: &'a mut NoiseStream,
    pub token: &'a CancelToken,
    /// Called after each step; last, so that a preview shows what all else has made of it.
    pub after_step: &'a mut dyn FnMut(StepDone<'_>),
}

/// How the loop ended.
#[derive(Debug)]
pub enum Denoising {
    /// All steps are done: the latents, at no noise.
    Whole(Tensor),
    /// Ended early after `steps` steps, at least 1: the picture as the denoiser last saw it.
    Stopped { prediction: Tensor, steps: usize },
    /// Ended before there was anything to keep, or nothing is to be kept.
    Cancelled,
}

/// Takes `latents` `[1, channels, height, width]`, at the sampler's initial level, to a picture's.
pub fn denoise(job: Denoise<'_>, mut latents: Tensor) -> Result<Denoising> {
    let Denoise {
        unet,
        conditioning,
        guidance,
        sampler,
        noise,
        token,
        after_step,
    } = job;
    let interrupt = token.interrupt_at(Wish::Stop);
    let context = conditioning.batch()?;
    let copies = context.dim(0)?;
    let timesteps = sampler.timesteps().to_vec();
    let steps = timesteps.len();
    let mut last_prediction = None;
    for (index, timestep) in timesteps.into_iter().enumerate() {
        let started = Instant::now();
        let input = sampler.scale_input(&latents, index)?;
        let batch = if copies == 1 {
            input
        } else {
            Tensor::cat(&[&input, &input], 0)?
        };
        let output = match unet.forward(&batch, timestep, &context, &interrupt) {
            Ok(output) => output,
            Err(_) if interrupt.is_asked() => {
                return Ok(ended_early(token.wish(), last_prediction, index));
            }
            Err(error) => return Err(error),
        };
        let output = guide(&output, copies, guidance)?;
        let done = sampler.step(&output, index, &latents, noise)?;
        latents = done.latents;
        after_step(StepDone {
            step: index + 1,
            steps,
            took: started.elapsed(),
            prediction: &done.prediction,
        });
        last_prediction = Some(done.prediction);
    }
    Ok(if token.wish() == Wish::Discard {
        Denoising::Cancelled
    } else {
        Denoising::Whole(latents)
    })
}

fn ended_early(wish: Wish, prediction: Option<Tensor>, steps: usize) -> Denoising {
    match prediction {
        Some(prediction) if wish == Wish::Stop => Denoising::Stopped { prediction, steps },
        _ => Denoising::Cancelled,
    }
}

/// Classifier-free guidance, Ho & Salimans 2022: away from the negative prompt, towards the prompt.
fn guide(output: &Tensor, copies: usize, guidance: f32) -> Result<Tensor> {
    if copies == 1 {
        return Ok(output.clone());
    }
    let halves = output.chunk(2, 0)?;
    let (negative, positive) = (&halves[0], &halves[1]);
    negative + ((positive - negative)? * f64::from(guidance))?
}
