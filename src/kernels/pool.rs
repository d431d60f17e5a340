//! Smaller feature maps by the largest of four pixels.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use multiversion::multiversion;
use rayon::prelude::*;

use super::fresh::fresh;

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

/// The gradient of what was given to a [`max_pool`] of `max(x, 0)`, `[batch, height, width,
/// channels]`, and `plus`, which has its shape: each pixel's `gradient` `[batch, height / 2,
/// width / 2, channels]` goes to the largest of its four, the first of them where several are, if
/// that is above 0.
pub fn positive_max_pool_gradient(
    shape: PoolShape,
    input: &[f32],
    gradient: &[f32],
    plus: Option<&[f32]>,
) -> Vec<f32> {
    let PoolShape {
        height,
        width,
        channels,
    } = shape;
    let (out_height, out_width) = (height / 2, width / 2);
    let row = width * channels;
    assert_eq!(shape.halved(input.len()), gradient.len());
    assert!(plus.is_none_or(|plus| plus.len() == input.len()));
    // SAFETY: every row is written below.
    let mut out = unsafe { fresh(input.len()) };
    let pictures = input
        .chunks_exact(height * row)
        .zip(gradient.chunks_exact(out_height * out_width * channels));
    let outs = out.chunks_exact_mut(height * row).enumerate();
    for ((image, out), (input, gradient)) in outs.zip(pictures) {
        let plus = plus.map(|plus| &plus[image * height * row..][..height * row]);
        out.par_chunks_mut(2 * row)
            .enumerate()
            .for_each(|(pair, out)| {
                match plus {
                    Some(plus) => out.copy_from_slice(&plus[pair * 2 * row..][..out.len()]),
                    None => out.fill(0.0),
                }
                if pair == out_height {
                    // What an odd height leaves over gets nothing.
                    return;
                }
                let (top, bottom) = input[pair * 2 * row..][..2 * row].split_at(row);
                let (out_top, out_bottom) = out.split_at_mut(row);
                let gradient = &gradient[pair * out_width * channels..][..out_width * channels];
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

/// Adds to the gradients of two pixels above two others.
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
        let (above, below) = (a.max(b), c.max(d));
        let upper = above >= below;
        let given = if above.max(below) > 0.0 {
            gradient[channel]
        } else {
            0.0
        };
        let (left_above, left_below) = (a >= b, c >= d);
        out_a[channel] += if upper && left_above { given } else { 0.0 };
        out_b[channel] += if upper && !left_above { given } else { 0.0 };
        out_c[channel] += if !upper && left_below { given } else { 0.0 };
        out_d[channel] += if !upper && !left_below { given } else { 0.0 };
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
        let back =
            |input: &[f32], plus| positive_max_pool_gradient(shape, input, &[5.0, 7.0], plus);
        // The largest of the second channel are below 0.
        let mut wanted = [1.0; 18];
        wanted[6] = 6.0;
        assert_eq!(back(&input, Some(&[1.0; 18])), wanted);
        // Of equal ones the first.
        assert_eq!(back(&[1.0; 18], None)[..4], [5.0, 7.0, 0.0, 0.0]);
        assert_eq!(back(&[0.0; 18], None), [0.0; 18]);
    }
}
