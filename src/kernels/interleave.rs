//! Larger feature maps out of four that hold every other pixel.

use rayon::prelude::*;

/// Each plane of `out`, of twice the size, takes its pixel `(2y + dy, 2x + dx)` from `(y, x)` of the
/// plane of part `2 dy + dx`. All parts have planes of `height` rows and `width` columns.
pub fn interleave((height, width): (usize, usize), parts: [&[f32]; 4], out: &mut [f32]) {
    let plane = height * width;
    assert!(parts.iter().all(|part| part.len() * 4 == out.len()));
    out.par_chunks_exact_mut(4 * plane)
        .enumerate()
        .for_each(|(index, out)| {
            for (y, out) in out.chunks_exact_mut(2 * width).enumerate() {
                let row = |part: usize| &parts[part][index * plane + y / 2 * width..][..width];
                let (left, right) = (row(y % 2 * 2), row(y % 2 * 2 + 1));
                let pairs = left.iter().zip(right);
                for (out, (left, right)) in out.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
                    *out = [*left, *right];
                }
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_holds_every_other_pixel() {
        let parts = [[0.0, 2.0], [1.0, 3.0], [4.0, 6.0], [5.0, 7.0]];
        let mut out = [0.0; 8];
        interleave(
            (1, 2),
            [&parts[0], &parts[1], &parts[2], &parts[3]],
            &mut out,
        );
        assert_eq!(out, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    }
}
