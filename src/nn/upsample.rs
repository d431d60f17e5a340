//! Larger feature maps.

use candle_core::{Result, Tensor};

use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, UpsampleShape};

/// `[batch, channels, height, width]` to `[batch, channels, size.0, size.1]`, pixels repeated.
pub fn upsample_nearest(xs: &Tensor, size: (usize, usize)) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if !on_our_kernels(xs) {
        return xs.upsample_nearest2d(size.0, size.1);
    }
    let shape = UpsampleShape {
        from: (height, width),
        to: size,
    };
    let mut out = vec![0.0; batch * channels * size.0 * size.1];
    let xs = xs.contiguous()?;
    kernels::upsample_nearest(shape, &elements(&xs)?, &mut out);
    tensor_of(out, (batch, channels, size.0, size.1))
}
