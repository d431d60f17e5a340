//! A picture changes as a whole.

use super::latents::{blank_beside, encode, padded, to_tensor};
use super::run::{Outcome, Start, run};
use super::{CancelToken, Observer, PipelineError, Stage};
use crate::models::StableDiffusion;
use crate::raster::{Area, Extent, Fit, Pixels, resized};
use crate::recipe::{Change, Recipe, ResizeMode};

/// Makes `recipe`'s picture out of `image`: noise up to the level its strength says, then denoising
/// from there. `recipe` must have been checked as a draft is. Agrees with diffusers' `StableDiffusionImg2ImgPipeline`.
pub fn image_to_image(
    model: &StableDiffusion,
    recipe: &Recipe,
    change: &Change,
    image: &Pixels,
    token: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Outcome, PipelineError> {
    let extent = Extent::new(recipe.width, recipe.height);
    let picture = padded(model, &resized(image, extent, fit(change.resize)));
    let outcome = run(model, recipe, token, observer, |mut origin, observer| {
        observer.stage(Stage::EncodePicture);
        let picture = to_tensor(model, &picture)?;
        let clean = encode(&mut origin, &picture)?;
        let initial = origin.initial(clean.shape())?;
        let latents = origin.sampler.noised(&clean, &initial, 0)?;
        let size = (clean.dim(2)?, clean.dim(3)?);
        Ok(Start {
            initial,
            latents,
            beside: blank_beside(&origin, size)?,
            keep: None,
        })
    })?;
    Ok(outcome.map_pixels(|made| made.cropped(Area::whole(extent)).in_place_of(image)))
}

fn fit(mode: ResizeMode) -> Fit {
    match mode {
        ResizeMode::JustResize => Fit::Stretch,
        ResizeMode::CropAndResize => Fit::Cover,
        ResizeMode::ResizeAndFill => Fit::Contain,
    }
}
