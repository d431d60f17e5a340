//! Between feature maps and their waves.

use candle_core::{DType, Device, Result, Tensor};

use super::Interrupt;
use super::slices::{elements, tensor_of};
use crate::kernels::PlaneFourier;

/// `[batch, channels, height, width]` to `[batch, 2 * channels, height, width / 2 + 1]`: of each
/// channel the real, then the imaginary parts of its waves, scaled as torch's `norm="ortho"`.
/// Computed on the CPU, whatever the device: candle has no Fourier transform.
pub fn rfft2(xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    let fourier = PlaneFourier::new(height, width);
    let frequencies = fourier.frequencies();
    let mut out = vec![0.0; batch * channels * 2 * height * frequencies];
    let input = on_cpu(xs)?;
    let stop = || interrupt.is_asked();
    fourier.forward(&elements(&input)?, &mut out, &stop)?;
    back_to(xs, out, (batch, 2 * channels, height, frequencies))
}

/// The inverse of [`rfft2`]: waves `[batch, 2 * channels, height, width / 2 + 1]` to
/// `[batch, channels, height, width]`.
pub fn irfft2(waves: &Tensor, width: usize, interrupt: &Interrupt) -> Result<Tensor> {
    let (batch, parts, height, frequencies) = waves.dims4()?;
    let fourier = PlaneFourier::new(height, width);
    if frequencies != fourier.frequencies() || !parts.is_multiple_of(2) {
        candle_core::bail!("{parts} maps of {frequencies} waves are none of width {width}")
    }
    let mut out = vec![0.0; batch * parts / 2 * height * width];
    let input = on_cpu(waves)?;
    let stop = || interrupt.is_asked();
    fourier.inverse(&elements(&input)?, &mut out, &stop)?;
    back_to(waves, out, (batch, parts / 2, height, width))
}

fn on_cpu(xs: &Tensor) -> Result<Tensor> {
    xs.to_device(&Device::Cpu)?
        .to_dtype(DType::F32)?
        .contiguous()
}

/// A new tensor where, and of the type that, `like` is.
fn back_to(like: &Tensor, values: Vec<f32>, shape: (usize, usize, usize, usize)) -> Result<Tensor> {
    tensor_of(values, shape)?
        .to_device(like.device())?
        .to_dtype(like.dtype())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;

    #[test]
    fn there_and_back_is_the_same_tensor() {
        let xs = random((2, 3, 6, 10));
        // Any strides are taken as they read.
        let xs = xs.transpose(2, 3).unwrap();
        let waves = rfft2(&xs, &Interrupt::never()).unwrap();
        assert_eq!(waves.dims(), [2, 6, 10, 4]);
        let back = irfft2(&waves, 6, &Interrupt::never()).unwrap();
        let gap = (back - xs).unwrap().abs().unwrap().max_all().unwrap();
        assert!(gap.to_scalar::<f32>().unwrap() < 1e-5);
        assert!(irfft2(&waves, 8, &Interrupt::never()).is_err());
    }
}
