//! The one denoising loop.

use std::time::Instant;

use candle_core::{Result, Tensor};

use super::{CancelToken, ReadPrompts, StepDone, Wish};
use crate::models::{Denoiser, KeptFeatures};
use crate::recipe::Call;
use crate::samplers::{NoiseStream, Sampler};

/// What the loop works with.
pub struct Denoise<'a> {
    pub denoiser: &'a Denoiser,
    pub prompts: &'a ReadPrompts,
    pub guidance: f32,
    /// One for each of the sampler's.
    pub calls: &'a [Call],
    pub sampler: &'a mut dyn Sampler,
    /// The stream the initial latents came from.
    pub noise: &'a mut NoiseStream,
    /// Further channels of the denoiser's input, the same at every step:
    /// `[1, channels, height, width]`.
    pub beside: Option<&'a Tensor>,
    /// What is not to change.
    pub keep: Option<&'a Keep>,
    pub token: &'a CancelToken,
    /// Called after each step; last, so that a preview shows what all else has made of it.
    pub after_step: &'a mut dyn FnMut(StepDone<'_>),
}

/// The part of the latents that stays: at each level the picture's own, as noisy as that level is.
#[derive(Debug)]
pub struct Keep {
    /// `[1, 1, height, width]`: 1 where the denoiser may paint, 0 where it may not.
    pub mask: Tensor,
    /// Of the picture, without noise: `[1, channels, height, width]`.
    pub latents: Tensor,
    /// Of the latents' shape and unit variance.
    pub noise: Tensor,
}

impl Keep {
    /// `painted` where the mask allows it, elsewhere the picture's latents at the level of `call`;
    /// without noise after the last one.
    fn blend(
        &self,
        painted: &Tensor,
        sampler: &dyn Sampler,
        call: Option<usize>,
    ) -> Result<Tensor> {
        let kept = match call {
            Some(call) => sampler.noised(&self.latents, &self.noise, call)?,
            None => self.latents.clone(),
        };
        let kept = kept.broadcast_mul(&self.mask.affine(-1.0, 1.0)?)?;
        kept + painted.broadcast_mul(&self.mask)?
    }
}

/// How the loop ended.
#[derive(Debug)]
pub enum Denoising {
    /// All calls are done: the latents, at no noise.
    Whole(Tensor),
    /// Ended early after `steps` calls, at least 1: the picture as the denoiser last saw it.
    Stopped { prediction: Tensor, steps: usize },
    /// Ended before there was anything to keep, or nothing is to be kept.
    Cancelled,
}

/// Takes `latents` `[1, channels, height, width]`, at the level of the first call, to a picture's.
pub fn denoise(job: Denoise<'_>, mut latents: Tensor) -> Result<Denoising> {
    let Denoise {
        denoiser,
        prompts,
        guidance,
        calls,
        sampler,
        noise,
        beside,
        keep,
        token,
        after_step,
    } = job;
    let interrupt = token.interrupt_at(Wish::Stop);
    let timesteps = sampler.timesteps().to_vec();
    let steps = timesteps.len();
    let keeps = calls.iter().any(|call| !call.whole);
    let mut kept: Option<KeptFeatures> = None;
    let mut last_prediction = None;
    let path = timesteps.iter().copied().enumerate();
    for ((index, timestep), call) in path.zip(calls.iter().copied()) {
        let started = Instant::now();
        let mut input = sampler.scale_input(&latents, index)?;
        if let Some(beside) = beside {
            input = Tensor::cat(&[&input, beside], 1)?;
        }
        let batch = match prompts.texts_in(call) {
            1 => input,
            texts => Tensor::cat(&vec![&input; texts], 0)?,
        };
        let prompt = prompts.for_call(index, call)?;
        let reused = match &kept {
            Some(kept) if !call.whole => Some(kept.of_last(batch.dim(0)?)?),
            _ => None,
        };
        let output = match denoiser.forward(&batch, timestep, prompt, reused, &interrupt) {
            Ok((output, inside)) => {
                kept = inside.filter(|_| keeps);
                output
            }
            Err(_) if interrupt.is_asked() => {
                return Ok(ended_early(token.wish(), last_prediction, index));
            }
            Err(error) => return Err(error),
        };
        let output = if call.guided {
            guide(&output, prompts.weights(), guidance)?
        } else {
            mean(output, prompts.weights())?
        };
        let mut done = sampler.step(&output, index, &latents, noise)?;
        if let Some(keep) = keep {
            let next = (index + 1 < steps).then_some(index + 1);
            done.latents = keep.blend(&done.latents, &*sampler, next)?;
            done.prediction = keep.blend(&done.prediction, &*sampler, None)?;
        }
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
/// Of several, towards each as its weight says: Liu et al. 2022, "Compositional Visual Generation with
/// Composable Diffusion Models".
fn guide(output: &Tensor, weights: &[f64], guidance: f32) -> Result<Tensor> {
    let parts = output.chunk(1 + weights.len(), 0)?;
    let (negative, positives) = (&parts[0], &parts[1..]);
    let mut guided = negative.clone();
    for (positive, weight) in positives.iter().zip(weights) {
        let by = weight * f64::from(guidance);
        guided = (guided + ((positive - negative)? * by)?)?;
    }
    Ok(guided)
}

/// What several prompts make without guidance: the mean of those that are wanted, by their weights. One
/// alone is what it is.
fn mean(output: Tensor, weights: &[f64]) -> Result<Tensor> {
    if weights.len() == 1 {
        return Ok(output);
    }
    let mut wanted: Vec<_> = weights.iter().map(|weight| weight.max(0.0)).collect();
    if wanted.iter().all(|&weight| weight == 0.0) {
        wanted.fill(1.0);
    }
    let sum: f64 = wanted.iter().sum();
    let parts = output.chunk(wanted.len(), 0)?;
    let mut mean = parts[0].zeros_like()?;
    for (part, weight) in parts.iter().zip(wanted) {
        mean = (mean + (part * (weight / sum))?)?;
    }
    Ok(mean)
}
