//! A part of a picture is painted anew.

use candle_core::Tensor;

use super::latents::{encode, mask_tensor, padded, padded_extent, to_tensor};
use super::run::{Origin, Outcome, Start, run};
use super::{CancelToken, Canvas, Keep, Observer, PipelineError, Stage};
use crate::models::StableDiffusion;
use crate::raster::{Area, Extent, Fit, Mask, Pixels, fill_smoothly, match_colors, resized};
use crate::recipe::{Fill, MaskedContent, Problem, Recipe, Region};
use crate::samplers::NoiseStream;

/// Fills what the mask paints as `recipe` says, fading out over the edge that its blur adds; every
/// pixel outside of both stays as it is to the bit. `recipe` must have been checked as a draft is.
///
/// Agrees with diffusers' `StableDiffusionInpaintPipeline` given the mask widened to whole latents:
/// there a latent is painted if the upper left one of its pixels is, which would leave out thin
/// strokes; here if any of them is.
pub fn inpaint(
    model: &StableDiffusion,
    recipe: &Recipe,
    fill: &Fill,
    canvas: Canvas<'_>,
    token: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Outcome, PipelineError> {
    let Canvas { image, mask } = canvas;
    let asked = Extent::new(recipe.width, recipe.height);
    check(canvas, fill, asked)?;
    let soft = mask.softened(fill.mask_blur);
    let area = area_of(fill, &soft, asked).ok_or(PipelineError::Recipe(Problem::MaskEmpty))?;
    let scene = Scene::new(model, (image, &soft), area, asked, fill.content);
    let outcome = run(model, recipe, token, observer, |origin, observer| {
        observer.stage(Stage::EncodePicture);
        scene.start(origin, fill)
    })?;
    Ok(outcome.map_pixels(|made| {
        let made = resized(&made.cropped(Area::whole(asked)), area.extent, Fit::Stretch);
        let (old, weight) = (image.cropped(area), soft.cropped(area));
        let made = if fill.match_colors {
            match_colors(&made, &old, &weight)
        } else {
            made
        };
        image.replaced(area, &old.repainted(&made, &weight))
    }))
}

/// The part of the picture that is generated, at the size `asked`, for a mask as people painted it;
/// `None` if nothing is painted.
pub fn fill_area(fill: &Fill, mask: &Mask, asked: Extent) -> Option<Area> {
    area_of(fill, &mask.softened(fill.mask_blur), asked)
}

fn area_of(fill: &Fill, soft: &Mask, asked: Extent) -> Option<Area> {
    match fill.region {
        Region::WholePicture => Some(Area::whole(soft.extent())),
        Region::OnlyMasked { padding } => Some(soft.bounds()?.grown(padding, asked, soft.extent())),
    }
}

fn check(canvas: Canvas<'_>, fill: &Fill, asked: Extent) -> Result<(), PipelineError> {
    canvas.check().map_err(PipelineError::Recipe)?;
    let picture = canvas.image.extent();
    if fill.region == Region::WholePicture && picture != asked {
        return Err(PipelineError::Recipe(Problem::FillSize {
            width: picture.width,
            height: picture.height,
            asked_width: asked.width,
            asked_height: asked.height,
        }));
    }
    Ok(())
}

/// What the denoiser is shown: a part of the picture at the size it works at, padded.
struct Scene {
    pixels: Pixels,
    /// One value for each latent.
    cells: Mask,
    /// Pixels along each side of a latent.
    factor: u32,
}

impl Scene {
    fn new(
        model: &StableDiffusion,
        (image, soft): (&Pixels, &Mask),
        area: Area,
        size: Extent,
        content: MaskedContent,
    ) -> Self {
        let factor = model.manifest.autoencoder.factor() as u32;
        let mask = soft.cropped(area).touched(size);
        let mut pixels = resized(&image.cropped(area), size, Fit::Stretch);
        if content == MaskedContent::Fill {
            pixels = fill_smoothly(&pixels, &mask);
        }
        Self {
            pixels: padded(model, &pixels),
            cells: mask.extended(padded_extent(model, size)).cells(factor),
            factor,
        }
    }

    /// Draws from the stream in the order diffusers does: the picture's sample, the noise, the
    /// masked picture's sample.
    fn start(&self, mut origin: Origin<'_>, fill: &Fill) -> Result<Start, PipelineError> {
        let (model, sampler) = (origin.model, origin.sampler);
        let takes_mask = model.manifest.takes_mask();
        let picture = to_tensor(model, &self.pixels)?;
        let mask = mask_tensor(model, &self.cells)?;
        let clean = if takes_mask && fill.strength.is_whole() {
            None
        } else {
            Some(encode(&mut origin, &picture)?)
        };
        let Extent { width, height } = self.cells.extent();
        let channels = model.manifest.autoencoder.latent_channels;
        let shape = (1, channels, height as usize, width as usize);
        let initial = origin.initial(shape)?;
        let latents = match &clean {
            Some(clean) if !fill.strength.is_whole() => {
                let begun = with_content(clean, &mask, fill.content, origin.noise)?;
                sampler.noised(&begun, &initial, 0)?
            }
            _ => (&initial * sampler.init_noise_sigma())?,
        };
        let mut beside = None;
        let mut keep = None;
        if takes_mask {
            let hidden = mask_tensor(model, &self.cells.spread(self.factor))?;
            let masked = picture.broadcast_mul(&hidden.affine(-1.0, 1.0)?)?;
            let masked = encode(&mut origin, &masked)?;
            beside = Some(Tensor::cat(&[&mask, &masked], 1)?);
        } else if let Some(latents) = clean {
            // The masked picture is not looked at, but its sample is drawn.
            origin.noise.tensor(latents.shape(), &model.device)?;
            keep = Some(Keep {
                mask,
                latents,
                noise: initial.clone(),
            });
        }
        Ok(Start {
            initial,
            latents,
            beside,
            keep,
        })
    }
}

/// The picture's latents with what denoising shall find under the mask.
fn with_content(
    latents: &Tensor,
    mask: &Tensor,
    content: MaskedContent,
    noise: &mut NoiseStream,
) -> candle_core::Result<Tensor> {
    let kept = || latents.broadcast_mul(&mask.affine(-1.0, 1.0)?);
    match content {
        // Colours were filled in before encoding.
        MaskedContent::Original | MaskedContent::Fill => Ok(latents.clone()),
        MaskedContent::LatentNothing => kept(),
        MaskedContent::LatentNoise => {
            let drawn = noise.tensor(latents.shape(), latents.device())?;
            kept()? + drawn.broadcast_mul(mask)?
        }
    }
}
