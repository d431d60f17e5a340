//! Smaller feature maps by the largest of four pixels.

use rayon::prelude::*;

/// Sizes of the picture that is made smaller, channels-last: `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolShape {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

/// Each pixel of `out` `[batch, height / 2, width / 2, channels]` is the largest of four, channel by
/// channel; the last row or column of an odd number is left out. There is at least one pixel.
pub fn max_pool(shape: PoolShape, input: &[f32], out: &mut [f32]) {
    let PoolShape {
        height,
        width,
        channels,
    } = shape;
    let (out_height, out_width) = (height / 2, width / 2);
    let row = width * channels;
    assert_eq!(
        input.len() / (height * row) * (out_height * out_width * channels),
        out.len()
    );
    out.par_chunks_exact_mut(out_width * channels)
        .enumerate()
        .for_each(|(at, out)| {
            let first = (at / out_height * height + at % out_height * 2) * row;
            let (top, bottom) = input[first..first + 2 * row].split_at(row);
            let pairs = top
                .chunks_exact(2 * channels)
                .zip(bottom.chunks_exact(2 * channels));
            for (out, (top, bottom)) in out.chunks_exact_mut(channels).zip(pairs) {
                let (a, b) = top.split_at(channels);
                let (c, d) = bottom.split_at(channels);
                let four = a.iter().zip(b).zip(c.iter().zip(d));
                for (out, ((a, b), (c, d))) in out.iter_mut().zip(four) {
                    *out = a.max(*b).max(c.max(*d));
                }
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_keeps_its_largest_and_odd_edges_are_left_out() {
        let shape = PoolShape {
            height: 3,
            width: 3,
            channels: 2,
        };
        #[rustfmt::skip]
        let input = [
            1.0, -1.0, 2.0, -2.0, 9.0, 9.0,
            3.0, -3.0, 0.0, -4.0, 9.0, 9.0,
            9.0, 9.0, 9.0, 9.0, 9.0, 9.0,
        ];
        let mut out = [0.0; 2];
        max_pool(shape, &input, &mut out);
        assert_eq!(out, [3.0, -1.0]);
    }
}
