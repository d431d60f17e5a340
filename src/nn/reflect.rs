//! Feature maps larger by their own reflection.

use candle_core::{Result, Tensor};

use super::slices::{elements, on_our_kernels, tensor_of};
use super::trained::{PlaneMap, is_ours};
use crate::kernels;

/// `[batch, channels, height, width]`, `pixels` larger on every side, mirrored about the outermost
/// pixels as torch's `reflect` has it; fails where there is too little to mirror.
pub fn pad_reflected(xs: &Tensor, pixels: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    if pixels >= height || pixels >= width {
        candle_core::bail!("{width}x{height} pixels cannot be reflected by {pixels}")
    }
    let (out_height, out_width) = (height + 2 * pixels, width + 2 * pixels);
    if !on_our_kernels(xs) && is_ours(xs) {
        return in_graph((height, width), (out_height, out_width)).apply(xs);
    }
    if !on_our_kernels(xs) {
        let places = |side: usize| {
            let places = (0..side + 2 * pixels).map(|at| {
                let at = at.abs_diff(pixels);
                (if at < side { at } else { 2 * (side - 1) - at }) as u32
            });
            Tensor::from_iter(places, xs.device())
        };
        return xs
            .index_select(&places(height)?, 2)?
            .index_select(&places(width)?, 3);
    }
    let mut out = vec![0.0; batch * channels * out_height * out_width];
    let xs = xs.contiguous()?;
    kernels::pad_reflected((height, width), pixels, &elements(&xs)?, &mut out);
    tensor_of(out, (batch, channels, out_height, out_width))
}

/// Such a reflection for who asks for gradients.
fn in_graph(from: (usize, usize), to: (usize, usize)) -> PlaneMap {
    const fn pixels(map: &PlaneMap) -> usize {
        (map.to.0 - map.from.0) / 2
    }
    PlaneMap {
        name: "reflection",
        from,
        to,
        there: |map, values, out| kernels::pad_reflected(map.from, pixels(map), values, out),
        back: |map, gradient, out| {
            kernels::pad_reflected_back(map.from, pixels(map), gradient, out);
        },
    }
}

/// `[batch, channels, height, width]`, larger at the right and at the bottom until both sides are
/// multiples of `multiple`, mirrored about the outermost pixels as torch's `reflect` has it, and
/// where there is too little for that mirrored again.
pub fn extend_reflected(xs: &Tensor, multiple: usize) -> Result<Tensor> {
    let mut xs = xs.clone();
    for dim in [2, 3] {
        let side = xs.dim(dim)?;
        let more = side.next_multiple_of(multiple) - side;
        if side == 0 || more == 0 {
            continue;
        }
        // There and back again.
        let round = (2 * (side - 1)).max(1);
        let places = (side..side + more).map(|at| (at % round).min(round - at % round) as u32);
        let places = Tensor::from_iter(places, xs.device())?;
        let beyond = xs.contiguous()?.index_select(&places, dim)?;
        xs = Tensor::cat(&[&xs, &beyond], dim)?;
    }
    Ok(xs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;
    use candle_core::{DType, Device, Var};

    #[test]
    fn our_reflection_is_candles() {
        for (height, width, pixels) in [(4, 4, 3), (5, 9, 1), (2, 3, 1)] {
            let xs = random((2, 3, height, width));
            let ours = pad_reflected(&xs, pixels).unwrap();
            let theirs = pad_reflected(&xs.to_dtype(DType::F64).unwrap(), pixels).unwrap();
            let gap = (ours.to_dtype(DType::F64).unwrap() - theirs).unwrap();
            let gap = gap.abs().unwrap().max_all().unwrap();
            assert_eq!(gap.to_scalar::<f64>().unwrap(), 0.0);
        }
    }

    #[test]
    fn gradients_come_back_from_every_reflection() {
        let (pixels, shape) = (2, (2, 3, 5, 4));
        let xs = random(shape);
        let learnt = Var::from_tensor(&xs).unwrap();
        let wide = Var::from_tensor(&xs.to_dtype(DType::F64).unwrap()).unwrap();
        let factor = random((2, 3, 9, 8));
        let gradient = |xs: &Var| {
            let factor = factor.to_dtype(xs.dtype()).unwrap();
            let made = pad_reflected(xs, pixels).unwrap();
            let sum = (made * factor).unwrap().sum_all().unwrap();
            let gradient = sum.backward().unwrap().get(xs).unwrap().clone();
            gradient.to_dtype(DType::F64).unwrap()
        };
        let gap = (gradient(&learnt) - gradient(&wide))
            .unwrap()
            .abs()
            .unwrap();
        let gap = gap.max_all().unwrap().to_scalar::<f64>().unwrap();
        assert!(gap < 1e-5, "{gap}");
    }

    #[test]
    fn a_picture_is_extended_to_multiples_by_its_reflection() {
        let xs = Tensor::arange(0f32, 6.0, &Device::Cpu).unwrap();
        let extended = |shape: (usize, usize, usize, usize), multiple| {
            let xs = extend_reflected(&xs.reshape(shape).unwrap(), multiple).unwrap();
            xs.get(0).unwrap().get(0).unwrap().to_vec2::<f32>().unwrap()
        };
        let rows = extended((1, 1, 2, 3), 4);
        assert_eq!(rows[0], [0.0, 1.0, 2.0, 1.0]);
        assert_eq!(rows[1], [3.0, 4.0, 5.0, 4.0]);
        assert_eq!((&rows[2], &rows[3]), (&rows[0], &rows[1]));
        assert_eq!(
            extended((1, 1, 6, 1), 4)[5..8],
            [[5.0; 4], [4.0; 4], [3.0; 4]]
        );
        assert_eq!(
            extended((1, 1, 1, 6), 3),
            [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]; 3]
        );
    }

    #[test]
    fn too_little_to_mirror_is_refused() {
        let xs = Tensor::zeros((1, 1, 1, 4), DType::F32, &Device::Cpu).unwrap();
        assert!(pad_reflected(&xs, 1).is_err());
    }
}
