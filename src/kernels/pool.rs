//! Smaller feature maps by the largest of four pixels.

use multiversion::multiversion;
use rayon::prelude::*;

/// Sizes of the picture that is made smaller, channels-last: `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolShape {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

impl PoolShape {
    /// Values that become of so many.
    fn halved(self, values: usize) -> usize {
        let Self {
            height,
            width,
            channels,
        } = self;
        values / (height * width * channels) * ((height / 2) * (width / 2) * channels)
    }
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
    assert_eq!(shape.halved(input.len()), out.len());
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

/// The gradient of what [`max_pool`] was given, `[batch, height, width, channels]`: each pixel's
/// `gradient` `[batch, height / 2, width / 2, channels]` goes to the largest of its four, the first
/// of them where several are.
pub fn max_pool_gradient(shape: PoolShape, input: &[f32], gradient: &[f32]) -> Vec<f32> {
    let PoolShape {
        height,
        width,
        channels,
    } = shape;
    let (out_height, out_width) = (height / 2, width / 2);
    let row = width * channels;
    assert_eq!(shape.halved(input.len()), gradient.len());
    let mut out = vec![0.0; input.len()];
    let pictures = input
        .chunks_exact(height * row)
        .zip(gradient.chunks_exact(out_height * out_width * channels));
    for (out, (input, gradient)) in out.chunks_exact_mut(height * row).zip(pictures) {
        // What an odd height leaves over stays 0.
        out.par_chunks_exact_mut(2 * row)
            .zip(input.par_chunks_exact(2 * row))
            .zip(gradient.par_chunks_exact(out_width * channels))
            .for_each(|((out, input), gradient)| {
                let (top, bottom) = input.split_at(row);
                let (out_top, out_bottom) = out.split_at_mut(row);
                let fours = gradient
                    .chunks_exact(channels)
                    .zip(top.chunks_exact(2 * channels))
                    .zip(bottom.chunks_exact(2 * channels));
                let outs = out_top
                    .chunks_exact_mut(2 * channels)
                    .zip(out_bottom.chunks_exact_mut(2 * channels));
                for (((gradient, top), bottom), (out_top, out_bottom)) in fours.zip(outs) {
                    to_largest(gradient, [top, bottom], [out_top, out_bottom]);
                }
            });
    }
    out
}

/// Two pixels above two others, and their gradients.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn to_largest(
    gradient: &[f32],
    [top, bottom]: [&[f32]; 2],
    [out_top, out_bottom]: [&mut [f32]; 2],
) {
    let channels = gradient.len();
    let ((a, b), (c, d)) = (top.split_at(channels), bottom.split_at(channels));
    let (out_a, out_b) = out_top.split_at_mut(channels);
    let (out_c, out_d) = out_bottom.split_at_mut(channels);
    let (b, c, d) = (&b[..channels], &c[..channels], &d[..channels]);
    let (out_b, out_c, out_d) = (
        &mut out_b[..channels],
        &mut out_c[..channels],
        &mut out_d[..channels],
    );
    for channel in 0..channels {
        let (a, b, c, d) = (a[channel], b[channel], c[channel], d[channel]);
        let given = gradient[channel];
        let upper = a.max(b) >= c.max(d);
        let (left_above, left_below) = (a >= b, c >= d);
        out_a[channel] = if upper && left_above { given } else { 0.0 };
        out_b[channel] = if upper && !left_above { given } else { 0.0 };
        out_c[channel] = if !upper && left_below { given } else { 0.0 };
        out_d[channel] = if !upper && !left_below { given } else { 0.0 };
    }
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
        let back = max_pool_gradient(shape, &input, &[5.0, 7.0]);
        let mut wanted = [0.0; 18];
        (wanted[6], wanted[1]) = (5.0, 7.0);
        assert_eq!(back, wanted);
        // Of equal ones the first.
        assert_eq!(
            max_pool_gradient(shape, &[0.0; 18], &[5.0, 7.0])[..2],
            [5.0, 7.0]
        );
    }
}
