//! The order of a picture's values in memory.
//!
//! A tensor `[batch, channels, height, width]` may lie in memory plane by plane, as candle makes
//! them, or pixel by pixel (channels last), as our kernels like them; its dimensions are the same.
//! Layers keep the order they are given. A network that is to be fast turns its input once, by
//! [`channels_last`].

use candle_core::{Result, Tensor};

use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels;

/// `[batch, channels, height, width]`, pixel by pixel where our kernels compute; as it is elsewhere.
pub fn channels_last(xs: &Tensor) -> Result<Tensor> {
    if on_our_kernels(xs) {
        let (batch, channels, height, width) = xs.dims4()?;
        let size = (batch, height, width, channels);
        pixel_order(&pixels(xs)?.reshape(size)?)
    } else {
        Ok(xs.clone())
    }
}

/// `[batch, channels, height, width]` to `[batch, height * width, channels]`.
pub fn to_rows(xs: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if on_our_kernels(xs) {
        pixels(xs)?.reshape((batch, height * width, channels))
    } else {
        xs.flatten_from(2)?.transpose(1, 2)?.contiguous()
    }
}

/// The reverse of [`to_rows`], for a picture of a height and width.
pub fn from_rows(rows: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
    let (batch, _, channels) = rows.dims3()?;
    if on_our_kernels(rows) {
        pixel_order(&rows.reshape((batch, height, width, channels))?)
    } else {
        rows.transpose(1, 2)?
            .contiguous()?
            .reshape((batch, channels, height, width))
    }
}

/// Whether a picture lies pixel by pixel, and not plane by plane as well.
pub(super) fn is_channels_last(xs: &Tensor) -> bool {
    !xs.is_contiguous() && xs.permute((0, 2, 3, 1)).is_ok_and(|xs| xs.is_contiguous())
}

/// `[batch, height, width, channels]`, contiguous.
pub(super) fn pixels(xs: &Tensor) -> Result<Tensor> {
    let last = xs.permute((0, 2, 3, 1))?;
    if last.is_contiguous() {
        return Ok(last);
    }
    let xs = xs.contiguous()?;
    let (batch, channels, height, width) = xs.dims4()?;
    let mut out = vec![0.0; xs.elem_count()];
    kernels::transpose((channels, height * width), &elements(&xs)?, &mut out);
    tensor_of(out, (batch, height, width, channels))
}

/// `[batch, channels, height, width]`, contiguous.
pub(super) fn planes(xs: &Tensor) -> Result<Tensor> {
    if !is_channels_last(xs) {
        return xs.contiguous();
    }
    let (batch, channels, height, width) = xs.dims4()?;
    let xs = pixels(xs)?;
    let mut out = vec![0.0; xs.elem_count()];
    kernels::transpose((height * width, channels), &elements(&xs)?, &mut out);
    tensor_of(out, (batch, channels, height, width))
}

/// `[batch, height, width, channels]` as `[batch, channels, height, width]`, where it lies.
pub(super) fn pixel_order(xs: &Tensor) -> Result<Tensor> {
    xs.permute((0, 3, 1, 2))
}

/// Pixel by pixel `[batch, height, width, channels]` to the order another picture has.
pub(super) fn in_order_of(like: &Tensor, xs: &Tensor) -> Result<Tensor> {
    let xs = pixel_order(xs)?;
    if is_channels_last(like) {
        Ok(xs)
    } else {
        planes(&xs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;

    #[test]
    fn a_picture_is_the_same_in_every_order() {
        let xs = random((2, 3, 5, 7));
        let last = channels_last(&xs).unwrap();
        assert!(is_channels_last(&last) && !is_channels_last(&xs));
        let values = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values(&last), values(&xs));
        assert_eq!(values(&planes(&last).unwrap()), values(&xs));
        assert!(planes(&last).unwrap().is_contiguous());
        let rows = to_rows(&last).unwrap();
        assert_eq!(rows.dims(), [2, 35, 3]);
        assert_eq!(values(&rows), values(&to_rows(&xs).unwrap()));
        assert_eq!(values(&from_rows(&rows, (5, 7)).unwrap()), values(&xs));
    }
}
