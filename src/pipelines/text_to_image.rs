//! A prompt becomes a picture.

use super::latents::blank_beside;
use super::run::{Outcome, Start, run};
use super::{CancelToken, Observer, PipelineError};
use crate::models::StableDiffusion;
use crate::recipe::Recipe;

/// Makes the picture of `recipe`, which must have been checked against the model's limits.
pub fn text_to_image(
    model: &StableDiffusion,
    recipe: &Recipe,
    token: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Outcome, PipelineError> {
    let factor = model.manifest.autoencoder.factor();
    let size = (
        recipe.height as usize / factor,
        recipe.width as usize / factor,
    );
    run(model, recipe, token, observer, |mut origin, _| {
        let channels = model.manifest.autoencoder.latent_channels;
        let shape = (1, channels, size.0, size.1);
        let initial = origin.initial(shape)?;
        let latents = (&initial * origin.sampler.init_noise_sigma())?;
        Ok(Start {
            initial,
            latents,
            beside: blank_beside(&origin, size)?,
            keep: None,
        })
    })
}
