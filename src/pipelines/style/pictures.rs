//! Pictures as tensors, and back.

use candle_core::{Device, Result, Tensor};

use crate::pipelines::PipelineError;
use crate::raster::{Extent, Mask, Pixels};

/// `[1, 3, height, width]` from 0 to 1; alpha is not looked at.
pub(super) fn tensor(pixels: &Pixels) -> Result<Tensor> {
    of_values(pixels.planes(), pixels.extent())
}

/// `[1, channels, height, width]` from the values of one plane after the other.
pub(super) fn of_values(values: Vec<f32>, extent: Extent) -> Result<Tensor> {
    let channels = values.len() / extent.area().max(1);
    let (height, width) = (extent.height as usize, extent.width as usize);
    Tensor::from_vec(values, (1, channels, height, width), &Device::Cpu)
}

/// A picture of three planes, rounded.
pub(super) fn pixels(values: &[f32], extent: Extent) -> std::result::Result<Pixels, PipelineError> {
    Pixels::from_planes(extent, values).ok_or_else(|| {
        PipelineError::Computation("a style gave a picture of another size".to_owned())
    })
}

/// `[1, 1, height, width]` from 0 to 1.
pub(super) fn mask_tensor(mask: &Mask) -> Result<Tensor> {
    let values = mask.values().iter().map(|value| f32::from(*value) / 255.0);
    of_values(values.collect(), mask.extent())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_survive_their_planes() {
        let rgb: Vec<u8> = (0..12).map(|value| value * 20).collect();
        let picture = Pixels::from_rgb(Extent::new(2, 2), &rgb).unwrap();
        let back = pixels(&picture.planes(), picture.extent()).unwrap();
        assert_eq!(back, picture);
        assert_eq!(tensor(&picture).unwrap().dims(), [1, 3, 2, 2]);
    }
}
