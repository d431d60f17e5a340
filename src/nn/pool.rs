//! Smaller feature maps.

use candle_core::{Result, Tensor};

use super::order::{in_order_of, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, PoolShape};

/// `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`, rounded down:
/// the largest of each four pixels. Fails where there are no four.
pub fn max_pool(xs: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if height < 2 || width < 2 {
        candle_core::bail!("{width}x{height} pixels have no half")
    }
    if !on_our_kernels(xs) {
        return max_pool_candle(xs);
    }
    let shape = PoolShape {
        height,
        width,
        channels,
    };
    let size = (batch, height / 2, width / 2, channels);
    let mut out = vec![0.0; batch * (height / 2) * (width / 2) * channels];
    kernels::max_pool(shape, &elements(&pixels(xs)?)?, &mut out);
    in_order_of(xs, &tensor_of(out, size)?)
}

/// In steps whose gradients candle knows: those of its own pooling are a share of the true ones, and
/// of odd sizes they are others.
fn max_pool_candle(xs: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    let (height, width) = (height / 2, width / 2);
    xs.narrow(2, 0, 2 * height)?
        .narrow(3, 0, 2 * width)?
        .reshape((batch * channels, height, 2, width, 2))?
        .max(4)?
        .max(2)?
        .reshape((batch, channels, height, width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::channels_last;
    use crate::nn::order::is_channels_last;
    use candle_core::{DType, Device, Var};

    #[test]
    fn the_largest_of_four_is_candles_in_every_order() {
        for (batch, channels, height, width) in [(1, 1, 2, 2), (2, 3, 5, 8), (1, 17, 6, 3)] {
            let shape = (batch, channels, height, width);
            let xs = Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap();
            let theirs = xs.max_pool2d(2).unwrap();
            let values = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for turned in [xs.clone(), channels_last(&xs).unwrap()] {
                let ours = max_pool(&turned).unwrap();
                assert_eq!(is_channels_last(&ours), is_channels_last(&turned));
                assert_eq!(values(&ours), values(&theirs));
            }
            // As it is computed for who asks for gradients.
            let learnt = Var::from_tensor(&xs).unwrap();
            let ours = max_pool(&learnt).unwrap();
            assert_eq!(values(&ours), values(&theirs));
            let gradients = ours.sum_all().unwrap().backward().unwrap();
            let gradient = values(gradients.get(&learnt).unwrap());
            assert!(gradient.iter().all(|value| [0.0, 1.0].contains(value)));
            let count = gradient.iter().filter(|value| **value == 1.0).count();
            assert_eq!(count, theirs.elem_count());
        }
    }

    #[test]
    fn a_row_of_pixels_has_no_half() {
        let xs = Tensor::zeros((1, 2, 1, 4), DType::F32, &Device::Cpu).unwrap();
        assert!(max_pool(&xs).is_err());
    }
}
