//! Larger feature maps by repeating pixels.

use rayon::prelude::*;

/// Sizes of an upsampling, in pixels: `(height, width)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpsampleShape {
    pub from: (usize, usize),
    pub to: (usize, usize),
}

/// Each plane of `input`, of size `from`, becomes one of size `to` in `out`: the pixel at `y, x`
/// comes from `floor(y * from / to)`, as PyTorch's `nearest` mode has it.
pub fn upsample_nearest(shape: UpsampleShape, input: &[f32], out: &mut [f32]) {
    let UpsampleShape {
        from: (height, width),
        to: (out_height, out_width),
    } = shape;
    let columns: Vec<usize> = (0..out_width)
        .map(|x| source(x, width, out_width))
        .collect();
    out.par_chunks_exact_mut(out_height * out_width)
        .zip(input.par_chunks_exact(height * width))
        .for_each(|(out, plane)| {
            for (y, out) in out.chunks_exact_mut(out_width).enumerate() {
                let row = &plane[source(y, height, out_height) * width..][..width];
                for (out, &x) in out.iter_mut().zip(&columns) {
                    *out = row[x];
                }
            }
        });
}

/// From the gradient of what [`upsample_nearest`] made, that of its input: `out` is added to.
pub fn upsample_nearest_back(shape: UpsampleShape, gradient: &[f32], out: &mut [f32]) {
    let UpsampleShape {
        from: (height, width),
        to: (from_height, from_width),
    } = shape;
    let columns: Vec<usize> = (0..from_width)
        .map(|x| source(x, width, from_width))
        .collect();
    out.par_chunks_exact_mut(height * width)
        .zip(gradient.par_chunks_exact(from_height * from_width))
        .for_each(|(out, plane)| {
            for (y, row) in plane.chunks_exact(from_width).enumerate() {
                let out = &mut out[source(y, height, from_height) * width..][..width];
                for (value, &x) in row.iter().zip(&columns) {
                    out[x] += value;
                }
            }
        });
}

/// The place along a side `from` that one along a side `to` comes from.
fn source(position: usize, from: usize, to: usize) -> usize {
    ((position as f32 * (from as f32 / to as f32)) as usize).min(from - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_makes_every_pixel_four() {
        let shape = UpsampleShape {
            from: (2, 2),
            to: (4, 4),
        };
        let mut out = [0.0; 16];
        upsample_nearest(shape, &[1.0, 2.0, 3.0, 4.0], &mut out);
        assert_eq!(out[..8], [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(out[8..], [3.0, 3.0, 4.0, 4.0, 3.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn an_odd_size_takes_the_pixels_pytorch_takes() {
        // torch.nn.functional.interpolate(torch.tensor([[[0., 1., 2.]]]), size=5, mode="nearest")
        let shape = UpsampleShape {
            from: (1, 3),
            to: (1, 5),
        };
        let mut out = [0.0; 5];
        upsample_nearest(shape, &[0.0, 1.0, 2.0], &mut out);
        assert_eq!(out, [0.0, 0.0, 1.0, 1.0, 2.0]);
    }
}
