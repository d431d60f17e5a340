//! Larger feature maps.

use candle_core::{Result, Tensor};

use super::slices::{elements, on_our_kernels, tensor_of};
use super::trained::{PlaneMap, is_ours};
use crate::kernels::{self, UpsampleShape};

/// `[batch, channels, height, width]` to `[batch, channels, size.0, size.1]`, pixels repeated.
pub fn upsample_nearest(xs: &Tensor, size: (usize, usize)) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if !on_our_kernels(xs) {
        return if is_ours(xs) {
            in_graph((height, width), size).apply(xs)
        } else {
            xs.upsample_nearest2d(size.0, size.1)
        };
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

/// The same for who asks for gradients.
fn in_graph(from: (usize, usize), to: (usize, usize)) -> PlaneMap {
    const fn shape(map: &PlaneMap) -> UpsampleShape {
        UpsampleShape {
            from: map.from,
            to: map.to,
        }
    }
    PlaneMap {
        name: "repeated pixels",
        from,
        to,
        there: |map, values, out| kernels::upsample_nearest(shape(map), values, out),
        back: |map, gradient, out| {
            kernels::upsample_nearest_back(shape(map), gradient, out);
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;
    use candle_core::Var;

    #[test]
    fn each_pixel_has_the_gradient_of_all_that_repeat_it() {
        let xs = Var::from_tensor(&random((2, 3, 4, 5))).unwrap();
        let made = upsample_nearest(&xs, (8, 10)).unwrap();
        let plain = upsample_nearest(&xs.detach(), (8, 10)).unwrap();
        let factor = random((2, 3, 8, 10));
        let gradients = (&made * &factor).unwrap().sum_all().unwrap().backward();
        let gradient = gradients.unwrap().get(&xs).unwrap().clone();
        let blocks = factor.avg_pool2d(2).unwrap().affine(4.0, 0.0).unwrap();
        let apart = |a: &Tensor, b: &Tensor| -> f32 {
            let gap = (a - b).unwrap().abs().unwrap();
            gap.max_all().unwrap().to_scalar().unwrap()
        };
        assert_eq!(apart(&made, &plain), 0.0);
        assert!(apart(&gradient, &blocks) < 1e-5);
    }
}
