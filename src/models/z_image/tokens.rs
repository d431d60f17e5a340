//! Latents and prompts as tokens, and where they lie.

use candle_core::{Result, Tensor};

/// Side of the squares of latents.
pub(super) const SIDE: usize = 2;
/// Prompts and pictures are filled up to a multiple of so many tokens each.
pub(super) const TOGETHER: usize = 32;

/// `[1, channels, height, width]` to `[1, height / 2 * width / 2, 4 * channels]`, row by row; in a token
/// lie all channels of a pixel, then those of the next.
pub(super) fn packed(latents: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = latents.dims4()?;
    let (rows, columns) = (height / SIDE, width / SIDE);
    if rows * SIDE != height || columns * SIDE != width {
        candle_core::bail!("latents of {width}×{height} are not made of squares of two by two")
    }
    latents
        .reshape((batch, channels, rows, SIDE, columns, SIDE))?
        .permute((0, 2, 4, 3, 5, 1))?
        .contiguous()?
        .reshape((batch, rows * columns, SIDE * SIDE * channels))
}

/// The reverse, for latents of a height and width.
pub(super) fn unpacked(tokens: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
    let (batch, _, values) = tokens.dims3()?;
    let channels = values / (SIDE * SIDE);
    tokens
        .reshape((batch, height / SIDE, width / SIDE, SIDE, SIDE, channels))?
        .permute((0, 5, 1, 3, 2, 4))?
        .contiguous()?
        .reshape((batch, channels, height, width))
}

/// `[1, tokens, width]`, filled up with `filling`, `[1, width]`.
pub(super) fn filled(tokens: &Tensor, filling: &Tensor) -> Result<Tensor> {
    let (_, count, width) = tokens.dims3()?;
    let missing = missing(count);
    if missing == 0 {
        return Ok(tokens.clone());
    }
    let filling = filling.reshape((1, 1, width))?.repeat((1, missing, 1))?;
    Tensor::cat(&[tokens, &filling], 1)
}

const fn missing(count: usize) -> usize {
    count.next_multiple_of(TOGETHER) - count
}

/// Of a prompt of so many tokens, filled up: one behind the other, from 1 on.
pub(super) fn places_of_prompt(count: usize) -> Vec<[u32; 3]> {
    let count = count.next_multiple_of(TOGETHER) as u32;
    (1..=count).map(|at| [at, 0, 0]).collect()
}

/// Of a picture behind a filled prompt of so many tokens: by row and column; what fills it up lies at
/// the origin.
pub(super) fn places_of_picture(prompt: usize, (height, width): (usize, usize)) -> Vec<[u32; 3]> {
    let behind = prompt as u32 + 1;
    let (rows, columns) = ((height / SIDE) as u32, (width / SIDE) as u32);
    let mut places: Vec<_> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| [behind, row, column]))
        .collect();
    places.resize(places.len() + missing(places.len()), [0; 3]);
    places
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn latents_are_packed_pixel_by_pixel_and_come_back() {
        let latents = Tensor::arange(0u32, 2 * 4 * 6, &Device::Cpu).unwrap();
        let latents = latents.reshape((1, 2, 4, 6)).unwrap();
        let tokens = packed(&latents).unwrap();
        let second: Vec<u32> = tokens.get(0).unwrap().get(1).unwrap().to_vec1().unwrap();
        assert_eq!(second, [2, 26, 3, 27, 8, 32, 9, 33]);
        let back = unpacked(&tokens, (4, 6)).unwrap();
        let all = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<u32>().unwrap();
        assert_eq!(all(&back), all(&latents));
        assert!(packed(&latents.narrow(2, 0, 3).unwrap()).is_err());
    }

    #[test]
    fn prompts_and_pictures_are_filled_up_to_thirty_two_tokens() {
        let prompt = places_of_prompt(33);
        assert_eq!(
            (prompt.len(), prompt[0], prompt[63]),
            (64, [1, 0, 0], [64, 0, 0])
        );
        let picture = places_of_picture(64, (4, 6));
        assert_eq!(picture.len(), 32);
        assert_eq!(
            (picture[0], picture[5], picture[6]),
            ([65, 0, 0], [65, 1, 2], [0; 3])
        );
        let (tokens, filling) = (
            Tensor::ones((1, 3, 2), candle_core::DType::F32, &Device::Cpu),
            7f32,
        );
        let filling = Tensor::full(filling, (1, 2), &Device::Cpu).unwrap();
        let all = filled(&tokens.unwrap(), &filling).unwrap();
        let values: Vec<f32> = all.flatten_all().unwrap().to_vec1().unwrap();
        assert_eq!((values.len(), values[5], values[6]), (64, 1.0, 7.0));
    }
}
