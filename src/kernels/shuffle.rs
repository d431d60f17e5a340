//! Channels to pixels and back: Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution
//! Using an Efficient Sub-Pixel Convolutional Neural Network".

use rayon::prelude::*;

/// Sizes of the smaller picture, whose pixels become squares of `factor` by `factor` in the larger
/// one. Both are channels-last: `[batch, height, width, factor² * channels]`, and
/// `[batch, factor * height, factor * width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShuffleShape {
    pub height: usize,
    pub width: usize,
    /// Of the larger picture.
    pub channels: usize,
    pub factor: usize,
}

impl ShuffleShape {
    /// Channels of the smaller picture.
    const fn deep(&self) -> usize {
        self.channels * self.factor * self.factor
    }

    /// Values of the smaller picture, and of the larger one.
    const fn values(&self) -> usize {
        self.height * self.width * self.deep()
    }
}

/// The larger picture of the smaller one: channel `c` of the pixel in row `i` and column `j` of a
/// square is channel `(c * factor + i) * factor + j` of what it was, as torch has it.
pub fn pixel_shuffle(shape: ShuffleShape, input: &[f32], out: &mut [f32]) {
    assert!(input.len() == out.len() && input.len().is_multiple_of(shape.values()));
    let ShuffleShape {
        width,
        channels,
        factor,
        ..
    } = shape;
    let deep = shape.deep();
    out.par_chunks_exact_mut(factor * width * channels)
        .enumerate()
        .for_each(|(row, out)| {
            let (y, i) = (row / factor, row % factor);
            let pixels = input[y * width * deep..].chunks_exact(deep);
            for (pixel, out) in pixels.zip(out.chunks_exact_mut(factor * channels)) {
                for (j, out) in out.chunks_exact_mut(channels).enumerate() {
                    let from = pixel[i * factor + j..].iter().step_by(factor * factor);
                    for (out, value) in out.iter_mut().zip(from) {
                        *out = *value;
                    }
                }
            }
        });
}

/// Undoes [`pixel_shuffle`].
pub fn pixel_unshuffle(shape: ShuffleShape, input: &[f32], out: &mut [f32]) {
    assert!(input.len() == out.len() && input.len().is_multiple_of(shape.values()));
    let ShuffleShape {
        width,
        channels,
        factor,
        ..
    } = shape;
    let deep = shape.deep();
    let row = factor * width * channels;
    out.par_chunks_exact_mut(width * deep)
        .zip(input.par_chunks_exact(factor * row))
        .for_each(|(out, rows)| {
            for (x, out) in out.chunks_exact_mut(deep).enumerate() {
                for (i, row) in rows.chunks_exact(row).enumerate() {
                    let square = &row[x * factor * channels..][..factor * channels];
                    for (j, pixel) in square.chunks_exact(channels).enumerate() {
                        let to = out[i * factor + j..].iter_mut().step_by(factor * factor);
                        for (out, value) in to.zip(pixel) {
                            *out = *value;
                        }
                    }
                }
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_become_squares_of_pixels_and_channels_again() {
        let shape = ShuffleShape {
            height: 1,
            width: 2,
            channels: 2,
            factor: 2,
        };
        // torch.pixel_shuffle(x, 2) of x = torch.arange(16).reshape(1, 1, 2, 8).permute(0, 3, 1, 2),
        // channels last.
        let input: Vec<f32> = (0..16u8).map(f32::from).collect();
        let mut out = [0.0; 16];
        pixel_shuffle(shape, &input, &mut out);
        #[rustfmt::skip]
        let expected = [
            0.0, 4.0, 1.0, 5.0, 8.0, 12.0, 9.0, 13.0,
            2.0, 6.0, 3.0, 7.0, 10.0, 14.0, 11.0, 15.0,
        ];
        assert_eq!(out, expected);
        let mut back = [0.0; 16];
        pixel_unshuffle(shape, &out, &mut back);
        assert_eq!(back[..], input[..]);
    }
}
