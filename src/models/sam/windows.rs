//! Attention within windows: maps cut into squares, and put together again.

use candle_core::{Result, Tensor};

/// `[1, height, width, channels]` as `[windows, side, side, channels]`, rows of windows from the top;
/// zeros fill the last ones.
pub(super) fn cut(xs: &Tensor, side: usize) -> Result<Tensor> {
    let (_, height, width, channels) = xs.dims4()?;
    let (down, across) = (height.div_ceil(side), width.div_ceil(side));
    xs.pad_with_zeros(1, 0, down * side - height)?
        .pad_with_zeros(2, 0, across * side - width)?
        .reshape((down, side, across, side, channels))?
        .transpose(1, 2)?
        .reshape((down * across, side, side, channels))
}

/// Undoes [`cut`]: `[windows, side, side, channels]` as `[1, height, width, channels]`.
pub(super) fn join(windows: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
    let (_, side, _, channels) = windows.dims4()?;
    let (down, across) = (height.div_ceil(side), width.div_ceil(side));
    windows
        .reshape((down, across, side, side, channels))?
        .transpose(1, 2)?
        .reshape((1, down * side, across * side, channels))?
        .narrow(1, 0, height)?
        .narrow(2, 0, width)?
        .contiguous()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;
    use candle_core::Device;

    #[test]
    fn what_is_cut_is_joined_again() {
        for (height, width, side) in [(4, 4, 2), (5, 7, 3), (2, 3, 4), (6, 1, 1)] {
            let xs = random((1, height, width, 3));
            let windows = cut(&xs, side).unwrap();
            let count = height.div_ceil(side) * width.div_ceil(side);
            assert_eq!(windows.dims(), [count, side, side, 3]);
            let joined = join(&windows, (height, width)).unwrap();
            let values = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(values(&joined), values(&xs));
        }
    }

    #[test]
    fn a_window_holds_neighbours() {
        let xs = Tensor::arange(0f32, 16.0, &Device::Cpu).unwrap();
        let windows = cut(&xs.reshape((1, 4, 4, 1)).unwrap(), 2).unwrap();
        let second = windows.get(1).unwrap().flatten_all().unwrap();
        assert_eq!(second.to_vec1::<f32>().unwrap(), [2.0, 3.0, 6.0, 7.0]);
    }
}
