//! Smaller feature maps.

use candle_core::{Result, Tensor};

use super::Passing;
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

/// From the gradient of what [`max_pool`] made of `max(xs, 0)`, that of `xs`, in its order, and `plus`,
/// which has its shape: each goes to the largest of its four pixels, the first where several are, if
/// that is above 0.
pub fn positive_max_pool_gradient(
    xs: &Tensor,
    gradient: &Tensor,
    plus: Option<&Tensor>,
) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if gradient.dims() != [batch, channels, height / 2, width / 2] {
        candle_core::bail!("{:?} is not half of {:?}", gradient.dims(), xs.dims())
    }
    if !on_our_kernels(xs) || !on_our_kernels(gradient) {
        let passing = Passing {
            through: Some(xs),
            plus,
        };
        return passing.apply_candle(gradient_candle(xs, gradient)?);
    }
    let shape = PoolShape {
        height,
        width,
        channels,
    };
    let (xs_pixels, given) = (pixels(xs)?, pixels(gradient)?);
    let plus = plus.map(pixels).transpose()?;
    let plus = plus.as_ref().map(elements).transpose()?;
    let out = kernels::positive_max_pool_gradient(
        shape,
        &elements(&xs_pixels)?,
        &elements(&given)?,
        plus.as_deref(),
    );
    in_order_of(xs, &tensor_of(out, xs_pixels.shape())?)
}

/// As sums that candle can compute anywhere.
fn gradient_candle(xs: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = xs.dims4()?;
    let (rows, columns) = (height / 2 * 2, width / 2 * 2);
    let even = xs.narrow(2, 0, rows)?.narrow(3, 0, columns)?;
    let (batch, channels) = (xs.dim(0)?, xs.dim(1)?);
    let blocks = (batch * channels, height / 2, 2, width / 2, 2);
    let four = even.contiguous()?.reshape(blocks)?.transpose(2, 3)?;
    let four = four.contiguous()?.flatten_from(3)?;
    // Of equal ones the one whose place is first.
    let places = Tensor::new(&[4f32, 3.0, 2.0, 1.0], xs.device())?.to_dtype(xs.dtype())?;
    let largest = four
        .broadcast_eq(&four.max_keepdim(3)?)?
        .to_dtype(xs.dtype())?;
    let ranks = largest.broadcast_mul(&places)?;
    let first = ranks
        .broadcast_eq(&ranks.max_keepdim(3)?)?
        .to_dtype(xs.dtype())?;
    let flat = gradient
        .contiguous()?
        .reshape((batch * channels, height / 2, width / 2, 1))?;
    first
        .broadcast_mul(&flat)?
        .reshape((batch * channels, height / 2, width / 2, 2, 2))?
        .transpose(2, 3)?
        .reshape((batch, channels, rows, columns))?
        .pad_with_zeros(2, 0, height - rows)?
        .pad_with_zeros(3, 0, width - columns)
}

/// As candle does it for who asks for gradients of its graph: those of its own pooling are a share of
/// the true ones, and of odd sizes they are others.
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
    use crate::nn::near::random;
    use crate::nn::order::is_channels_last;
    use candle_core::{DType, Device, Var};

    #[test]
    fn the_largest_of_four_is_candles_in_every_order() {
        for (batch, channels, height, width) in [(1, 1, 2, 2), (2, 3, 5, 8), (1, 17, 6, 3)] {
            let shape = (batch, channels, height, width);
            let xs = random(shape);
            let theirs = xs.max_pool2d(2).unwrap();
            let values = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for turned in [xs.clone(), channels_last(&xs).unwrap()] {
                let ours = max_pool(&turned).unwrap();
                assert_eq!(is_channels_last(&ours), is_channels_last(&turned));
                assert_eq!(values(&ours), values(&theirs));
            }
            // As it is computed for who asks for gradients.
            let learnt = Var::from_tensor(&xs).unwrap();
            let ours = max_pool(&learnt.relu().unwrap()).unwrap();
            assert_eq!(values(&ours), values(&theirs.relu().unwrap()));
            let gradients = ours.sum_all().unwrap().backward().unwrap();
            let gradient = values(gradients.get(&learnt).unwrap());
            assert!(gradient.iter().all(|value| [0.0, 1.0].contains(value)));
            let count = gradient.iter().filter(|value| **value == 1.0).count();
            assert_eq!(count, values(&theirs).iter().filter(|x| **x > 0.0).count());
            // Without a graph, onto another one.
            let (ones, plus) = (theirs.ones_like().unwrap(), xs.ones_like().unwrap());
            let more: Vec<_> = gradient.iter().map(|value| value + 1.0).collect();
            for turned in [xs.clone(), channels_last(&xs).unwrap()] {
                let passed = positive_max_pool_gradient(&turned, &ones, None).unwrap();
                assert_eq!(is_channels_last(&passed), is_channels_last(&turned));
                assert_eq!(values(&passed), gradient);
                let passed = positive_max_pool_gradient(&turned, &ones, Some(&plus)).unwrap();
                assert_eq!(values(&passed), more);
            }
            let wide = |xs: &Tensor| xs.to_dtype(DType::F64).unwrap();
            let plus = wide(&plus);
            let passed = positive_max_pool_gradient(&wide(&xs), &wide(&ones), Some(&plus)).unwrap();
            assert_eq!(values(&passed.to_dtype(DType::F32).unwrap()), more);
        }
    }

    #[test]
    fn a_row_of_pixels_has_no_half() {
        let xs = Tensor::zeros((1, 2, 1, 4), DType::F32, &Device::Cpu).unwrap();
        assert!(max_pool(&xs).is_err());
    }
}
