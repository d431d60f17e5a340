//! Latents as tokens: squares of two by two.

use candle_core::{Result, Tensor};

/// Side of a square.
pub(super) const SIDE: usize = 2;

/// `[1, channels, height, width]` to `[1, height / 2 * width / 2, channels * 4]`, row by row; in a
/// token lie the four values of a channel, then those of the next.
pub(super) fn packed(latents: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = latents.dims4()?;
    let (rows, columns) = (height / SIDE, width / SIDE);
    if rows * SIDE != height || columns * SIDE != width {
        candle_core::bail!("latents of {width}×{height} are not made of squares of two by two")
    }
    latents
        .reshape((batch, channels, rows, SIDE, columns, SIDE))?
        .permute((0, 2, 4, 1, 3, 5))?
        .contiguous()?
        .reshape((batch, rows * columns, channels * SIDE * SIDE))
}

/// The reverse, for latents of a height and width.
pub(super) fn unpacked(tokens: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
    let (batch, _, values) = tokens.dims3()?;
    let channels = values / (SIDE * SIDE);
    tokens
        .reshape((batch, height / SIDE, width / SIDE, channels, SIDE, SIDE))?
        .permute((0, 3, 1, 4, 2, 5))?
        .contiguous()?
        .reshape((batch, channels, height, width))
}

/// Where tokens lie: those of the prompt all at the origin, then those of the picture by row and
/// column.
pub(super) fn places(prompt: usize, (height, width): (usize, usize)) -> Vec<[u32; 3]> {
    let (rows, columns) = ((height / SIDE) as u32, (width / SIDE) as u32);
    let picture = (0..rows).flat_map(|row| (0..columns).map(move |column| [0, row, column]));
    std::iter::repeat_n([0; 3], prompt).chain(picture).collect()
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn latents_are_packed_channel_by_channel_and_come_back() {
        let latents = Tensor::arange(0u32, 2 * 4 * 6, &Device::Cpu).unwrap();
        let latents = latents.reshape((1, 2, 4, 6)).unwrap();
        let tokens = packed(&latents).unwrap();
        assert_eq!(tokens.dims(), [1, 6, 8]);
        let second = tokens.get(0).unwrap().get(1).unwrap();
        let values: Vec<u32> = second.to_vec1().unwrap();
        assert_eq!(values, [2, 3, 8, 9, 26, 27, 32, 33]);
        let back = unpacked(&tokens, (4, 6)).unwrap();
        let all = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<u32>().unwrap();
        assert_eq!(all(&back), all(&latents));
        assert!(packed(&latents.narrow(3, 0, 5).unwrap()).is_err());
        assert_eq!(
            places(1, (4, 4)),
            [[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1]]
        );
    }
}
