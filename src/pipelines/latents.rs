//! Pictures to latents and back.

use candle_core::{DType, Result, Tensor};

use super::PipelineError;
use super::run::Origin;
use crate::models::StableDiffusion;
use crate::raster::{Extent, Mask, Pixels};

/// Latents of a picture as the denoiser sees them, `[1, channels, height / factor, width / factor]`:
/// one sample of the encoder's distribution, its noise the next of the stream, as diffusers draws
/// it. The extent must be a multiple of the autoencoder's factor.
pub(super) fn encode(origin: &mut Origin<'_>, picture: &Tensor) -> Result<Tensor> {
    let Origin {
        model,
        tile,
        interrupt,
        ..
    } = *origin;
    let (mean, logvar) = model.encode(picture, tile, interrupt)?;
    let drawn = origin.noise.tensor(mean.shape(), &model.device)?;
    let latents = (mean + ((logvar * 0.5)?.exp()? * drawn)?)?;
    model.autoencoder.scale(&latents)
}

/// `[1, 3, height, width]` in [-1, 1]; alpha is not looked at.
pub(super) fn to_tensor(model: &StableDiffusion, pixels: &Pixels) -> Result<Tensor> {
    let rgba = pixels.rgba().as_chunks::<4>().0;
    let values: Vec<f32> = (0..3)
        .flat_map(|channel| rgba.iter().map(move |pixel| pixel[channel]))
        .map(|value| f32::from(value) / 255.0 * 2.0 - 1.0)
        .collect();
    planes(model, values, pixels.extent())
}

/// `[1, channels, height, width]` from the values of one plane after the other.
fn planes(model: &StableDiffusion, values: Vec<f32>, extent: Extent) -> Result<Tensor> {
    let channels = values.len() / extent.area();
    let (height, width) = (extent.height as usize, extent.width as usize);
    Tensor::from_vec(values, (1, channels, height, width), &model.device)
}

/// What an inpainting model is told beside the latents when there is no mask: that all is to be
/// painted, and a gray picture. `None` for other models. `size`: latent height and width.
pub(super) fn blank_beside(
    origin: &Origin<'_>,
    (height, width): (usize, usize),
) -> Result<Option<Tensor>> {
    let Origin {
        model,
        tile,
        interrupt,
        ..
    } = *origin;
    if !model.manifest.takes_mask() {
        return Ok(None);
    }
    let factor = model.manifest.autoencoder.factor();
    let gray = (1, 3, height * factor, width * factor);
    let gray = Tensor::zeros(gray, DType::F32, &model.device)?;
    let (mean, _) = model.encode(&gray, tile, interrupt)?;
    let mask = Tensor::ones((1, 1, height, width), DType::F32, &model.device)?;
    Tensor::cat(&[&mask, &model.autoencoder.scale(&mean)?], 1).map(Some)
}

/// The next size both of whose sides the model draws.
pub(super) fn padded_extent(model: &StableDiffusion, extent: Extent) -> Extent {
    let factor = model.manifest.pixel_factor() as u32;
    Extent::new(
        extent.width.next_multiple_of(factor),
        extent.height.next_multiple_of(factor),
    )
}

/// The picture with its own reflection up to [`padded_extent`].
pub(super) fn padded(model: &StableDiffusion, pixels: &Pixels) -> Pixels {
    pixels.extended(padded_extent(model, pixels.extent()))
}

/// `[1, 1, height, width]`, 1 where painted and 0 elsewhere.
pub(super) fn mask_tensor(model: &StableDiffusion, mask: &Mask) -> Result<Tensor> {
    let values: Vec<f32> = mask
        .binarized()
        .values()
        .iter()
        .map(|&v| f32::from(v) / 255.0)
        .collect();
    planes(model, values, mask.extent())
}

/// A decoded picture `[1, 3, height, width]` in [-1, 1] to 8 bits, rounded to even as numpy does.
pub(super) fn to_pixels(decoded: &Tensor) -> std::result::Result<Pixels, PipelineError> {
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
