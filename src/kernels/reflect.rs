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
    let source = |at: usize, side: usize| {
        let at = at.abs_diff(pixels);
        if at < side { at } else { 2 * (side - 1) - at }
    };
    let (out_height, out_width) = (height + 2 * pixels, width + 2 * pixels);
    out.par_chunks_exact_mut(out_height * out_width)
        .zip(input.par_chunks_exact(height * width))
        .for_each(|(out, plane)| {
            for (y, out) in out.chunks_exact_mut(out_width).enumerate() {
                let row = &plane[source(y, height) * width..][..width];
                out[pixels..pixels + width].copy_from_slice(row);
                for x in (0..pixels).chain(pixels + width..out_width) {
                    out[x] = row[source(x, width)];
                }
            }
        });
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
