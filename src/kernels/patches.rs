//! Distances between patches of a picture, and between points of few dimensions.

use multiversion::multiversion;
use rayon::prelude::*;

/// Pixels from the middle of a patch to its edge.
pub const PATCH_REACH: usize = 3;
/// Pixels along each side of a patch.
pub const PATCH_SIDE: usize = 2 * PATCH_REACH + 1;

/// Sum of squared differences of the patches around two places of a picture `width` wide; once it
/// exceeds `limit`, any value above. Both patches must lie in the picture.
pub fn patch_distance(samples: &[[f32; 4]], width: usize, a: usize, b: usize, limit: f32) -> f32 {
    let corner = PATCH_REACH * width + PATCH_REACH;
    let (a, b) = (a - corner, b - corner);
    let mut sum = 0.0;
    for row in 0..PATCH_SIDE {
        let ones = &samples[a + row * width..][..PATCH_SIDE];
        let others = &samples[b + row * width..][..PATCH_SIDE];
        let mut parts = [0.0f32; 4];
        for (one, other) in ones.iter().zip(others) {
            for (part, (one, other)) in parts.iter_mut().zip(one.iter().zip(other)) {
                *part += (one - other) * (one - other);
            }
        }
        sum += parts[0] + parts[1] + parts[2] + parts[3];
        if sum > limit {
            break;
        }
    }
    sum
}

/// Dimensions of the points that [`nearest_points`] compares.
pub const POINT_SIZE: usize = 24;
/// What one instruction takes.
const LANES: usize = 8;

/// A place in the space that [`nearest_points`] searches.
pub type Point = [f32; POINT_SIZE];

/// For each of `queries` the index of the nearest of `points`, which must not be empty; of equally
/// near ones the first.
pub fn nearest_points(queries: &[Point], points: &[Point]) -> Vec<u32> {
    queries
        .par_iter()
        .map(|query| nearest_point(query, points))
        .collect()
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn nearest_point(query: &Point, points: &[Point]) -> u32 {
    let mut best = (0, f32::INFINITY);
    for (index, point) in points.iter().enumerate() {
        let mut parts = [0.0; LANES];
        add_gaps(&mut parts, query, point, 0);
        // The first directions hold most of the difference: few points come beyond here.
        if parts.iter().sum::<f32>() >= best.1 {
            continue;
        }
        for block in 1..POINT_SIZE / LANES {
            add_gaps(&mut parts, query, point, block);
        }
        let sum = parts.iter().sum::<f32>();
        if sum < best.1 {
            best = (index as u32, sum);
        }
    }
    best.0
}

#[inline(always)]
fn add_gaps(parts: &mut [f32; LANES], query: &Point, point: &Point, block: usize) {
    for (lane, part) in parts.iter_mut().enumerate() {
        let gap = query[block * LANES + lane] - point[block * LANES + lane];
        *part += gap * gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_nearest_to_itself_and_the_limit_ends_early() {
        let samples: Vec<[f32; 4]> = (0..20 * 9)
            .map(|i| [(i % 20) as f32, 0.0, 0.0, 1.0])
            .collect();
        let at = |x: usize| 4 * 20 + x;
        assert_eq!(
            patch_distance(&samples, 20, at(5), at(5), f32::INFINITY),
            0.0
        );
        let whole = patch_distance(&samples, 20, at(5), at(7), f32::INFINITY);
        assert_eq!(whole, 49.0 * 4.0);
        let early = patch_distance(&samples, 20, at(5), at(7), 30.0);
        assert!(early > 30.0 && early < whole);
    }

    #[test]
    fn the_nearest_point_is_found_and_of_equals_the_first() {
        let point = |value: f32| [value; POINT_SIZE];
        let points = [point(0.0), point(3.0), point(3.0), point(8.0)];
        assert_eq!(nearest_points(&[point(2.9), point(7.0)], &points), [1, 3]);
    }
}
