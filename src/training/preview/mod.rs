//! How latents of a model look while a picture is on its way, learnt from scenes of the painter: as a
//! linear map to colours, or by a tiny decoder.

mod decoder;
mod map;

use candle_core::{Device, Result, Tensor};

pub use self::decoder::{DecoderOrder, FittedDecoder};
pub use self::map::FittedPreview;
use super::scenes::{Scene, paint};
use crate::models::AutoencoderKl;
use crate::nn::Interrupt;
use crate::raster::Pixels;
use crate::weights::{ModelError, ModelFiles};

/// Pictures to fit to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitPictures {
    pub count: u32,
    /// In pixels; made larger to a multiple of the autoencoder's factor.
    pub side: u32,
    pub seed: u64,
}

impl FitPictures {
    /// The picture of a number, for an autoencoder of a factor.
    fn paint(self, index: u32, factor: u32) -> Pixels {
        let side = self.side.max(1).next_multiple_of(factor);
        paint(&Scene::sample(self.seed, u64::from(index)), side)
    }
}

/// Fits the map of the autoencoder in a model's files; hears how many pictures are done.
pub fn fit_preview(
    files: &dyn ModelFiles,
    pictures: FitPictures,
    done: &mut dyn FnMut(u32),
) -> std::result::Result<FittedPreview, ModelError> {
    let autoencoder = AutoencoderKl::read(files)?;
    map::fit(&autoencoder, pictures, done).map_err(|error| of_model(files, &error))
}

/// Teaches a tiny decoder the latents of the autoencoder in a model's files; hears how many pictures are
/// ready, then how many steps are done.
pub fn fit_decoder(
    files: &dyn ModelFiles,
    order: DecoderOrder,
    done: &mut dyn FnMut(Doing, u32),
) -> std::result::Result<FittedDecoder, ModelError> {
    let autoencoder = AutoencoderKl::read(files)?;
    decoder::fit(&autoencoder, order, done).map_err(|error| of_model(files, &error))
}

/// What a decoder's fitting is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Pictures become latents.
    Encoding,
    /// The network learns.
    Learning,
}

fn of_model(files: &dyn ModelFiles, error: &candle_core::Error) -> ModelError {
    ModelError::Unreadable {
        file: files.place(),
        reason: error.to_string(),
    }
}

/// The latents of a picture as the denoiser sees them: `[1, channels, height, width]`.
fn encoded(autoencoder: &AutoencoderKl, picture: &Pixels) -> Result<Tensor> {
    let extent = picture.extent();
    let shape = (1, 3, extent.height as usize, extent.width as usize);
    let picture = Tensor::from_vec(picture.planes(), shape, &Device::Cpu)?;
    let (mean, _) = autoencoder.encode(&((picture * 2.0)? - 1.0)?, &Interrupt::never())?;
    autoencoder.scale(&mean)
}
