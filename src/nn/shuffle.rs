//! Channels to pixels and back.

use candle_core::{Result, Tensor};

use super::order::{in_order_of, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, ShuffleShape};

/// `[batch, factor² * channels, height, width]` to `[batch, channels, factor * height, factor *
/// width]`, as torch's `PixelShuffle` has it; fails where the channels are no such multiple.
pub fn pixel_shuffle(xs: &Tensor, factor: usize) -> Result<Tensor> {
    let (batch, deep, height, width) = xs.dims4()?;
    if factor == 0 || !deep.is_multiple_of(factor * factor) {
        candle_core::bail!("{deep} channels are no squares of {factor} by {factor} pixels")
    }
    let channels = deep / (factor * factor);
    if !on_our_kernels(xs) {
        return xs
            .reshape((batch, channels, factor, factor, height * width))?
            .permute((0, 1, 4, 2, 3))?
            .reshape((batch * channels, height, width, factor, factor))?
            .transpose(2, 3)?
            .reshape((batch, channels, factor * height, factor * width));
    }
    let shape = ShuffleShape {
        height,
        width,
        channels,
        factor,
    };
    let mut out = vec![0.0; xs.elem_count()];
    if !out.is_empty() {
        kernels::pixel_shuffle(shape, &elements(&pixels(xs)?)?, &mut out);
    }
    let size = (batch, factor * height, factor * width, channels);
    in_order_of(xs, &tensor_of(out, size)?)
}

/// `[batch, channels, factor * height, factor * width]` to `[batch, factor² * channels, height,
/// width]`: undoes [`pixel_shuffle`], and fails where the sides are no such multiples.
pub fn pixel_unshuffle(xs: &Tensor, factor: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if factor == 0 || !height.is_multiple_of(factor) || !width.is_multiple_of(factor) {
        candle_core::bail!("{width}x{height} pixels are no squares of {factor} by {factor}")
    }
    let (height, width) = (height / factor, width / factor);
    let deep = channels * factor * factor;
    if !on_our_kernels(xs) {
        return xs
            .reshape((batch * channels, height, factor, width, factor))?
            .transpose(2, 3)?
            .reshape((batch, channels, height * width, factor * factor))?
            .transpose(2, 3)?
            .reshape((batch, deep, height, width));
    }
    let shape = ShuffleShape {
        height,
        width,
        channels,
        factor,
    };
    let mut out = vec![0.0; xs.elem_count()];
    if !out.is_empty() {
        kernels::pixel_unshuffle(shape, &elements(&pixels(xs)?)?, &mut out);
    }
    in_order_of(xs, &tensor_of(out, (batch, height, width, deep))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::channels_last;
    use crate::nn::near::random;
    use crate::nn::order::is_channels_last;
    use candle_core::{DType, Device};

    fn values(xs: &Tensor) -> Vec<f64> {
        let xs = xs.to_dtype(DType::F64).unwrap();
        xs.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn squares_of_pixels_are_candles_in_every_order() {
        for (batch, channels, height, width, factor) in [
            (1, 1, 1, 1, 2),
            (2, 3, 4, 5, 2),
            (1, 2, 3, 2, 3),
            (2, 4, 2, 3, 1),
        ] {
            let shape = (batch, channels * factor * factor, height, width);
            let xs = random(shape);
            let wide = xs.to_dtype(DType::F64).unwrap();
            let theirs = pixel_shuffle(&wide, factor).unwrap();
            for turned in [xs.clone(), channels_last(&xs).unwrap()] {
                let ours = pixel_shuffle(&turned, factor).unwrap();
                assert_eq!(
                    ours.dims(),
                    [batch, channels, factor * height, factor * width]
                );
                assert_eq!(values(&ours), values(&theirs));
                let back = pixel_unshuffle(&ours, factor).unwrap();
                assert_eq!(values(&back), values(&xs));
                if channels > 1 {
                    assert_eq!(is_channels_last(&back), is_channels_last(&turned));
                }
            }
            let back = pixel_unshuffle(&theirs, factor).unwrap();
            assert_eq!(values(&back), values(&xs));
        }
    }

    #[test]
    fn what_does_not_divide_is_refused() {
        let xs = Tensor::zeros((1, 6, 5, 4), DType::F32, &Device::Cpu).unwrap();
        assert!(pixel_shuffle(&xs, 2).is_err() && pixel_unshuffle(&xs, 2).is_err());
    }
}
