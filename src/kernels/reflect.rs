//! Larger feature maps by reflecting their edges.

use rayon::prelude::*;

/// Each plane of `input`, of `height` rows and `width` columns, becomes one `pixels` larger on every
/// side in `out`, mirrored about its outermost pixels, which are not repeated. `pixels` must be less
/// than either side.
pub fn pad_reflected(
    (height, width): (usize, usize),
    pixels: usize,
    input: &[f32],
    out: &mut [f32],
) {
    assert!(pixels < height && pixels < width);
    let (out_height, out_width) = (height + 2 * pixels, width + 2 * pixels);
    out.par_chunks_exact_mut(out_height * out_width)
        .zip(input.par_chunks_exact(height * width))
        .for_each(|(out, plane)| {
            for (y, out) in out.chunks_exact_mut(out_width).enumerate() {
                let row = &plane[mirrored(y, height, pixels) * width..][..width];
                out[pixels..pixels + width].copy_from_slice(row);
                for x in (0..pixels).chain(pixels + width..out_width) {
                    out[x] = row[mirrored(x, width, pixels)];
                }
            }
        });
}

/// From the gradient of what [`pad_reflected`] made, that of its input: `out` is added to.
pub fn pad_reflected_back(
    (height, width): (usize, usize),
    pixels: usize,
    gradient: &[f32],
    out: &mut [f32],
) {
    assert!(pixels < height && pixels < width);
    let (from_height, from_width) = (height + 2 * pixels, width + 2 * pixels);
    out.par_chunks_exact_mut(height * width)
        .zip(gradient.par_chunks_exact(from_height * from_width))
        .for_each(|(out, plane)| {
            for (y, row) in plane.chunks_exact(from_width).enumerate() {
                let out = &mut out[mirrored(y, height, pixels) * width..][..width];
                for (x, value) in row.iter().enumerate() {
                    out[mirrored(x, width, pixels)] += value;
                }
            }
        });
}

/// The place along a side that one of the enlarged side mirrors.
fn mirrored(at: usize, side: usize, pixels: usize) -> usize {
    let at = at.abs_diff(pixels);
    if at < side { at } else { 2 * (side - 1) - at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_mirrors() {
        let plane = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut out = [0.0; 20];
        pad_reflected((2, 3), 1, &plane, &mut out);
        #[rustfmt::skip]
        let expected = [
            5.0, 4.0, 5.0, 6.0, 5.0,
            2.0, 1.0, 2.0, 3.0, 2.0,
            5.0, 4.0, 5.0, 6.0, 5.0,
            2.0, 1.0, 2.0, 3.0, 2.0,
        ];
        assert_eq!(out, expected);
    }
}
