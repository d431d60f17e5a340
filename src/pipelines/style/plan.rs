//! How large a picture is at each part of a run.

use crate::raster::Extent;

/// A part of a run, at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) extent: Extent,
    pub(super) evaluations: u32,
}

/// The longer side of the smallest part: smaller ones leave too little of the content's shapes.
const SMALLEST: u32 = 128;
/// A smaller part is a sketch: there the palette and the largest strokes find their places, and more
/// evaluations would only keep people from a first good picture.
const PICTURE: u32 = 256;
/// What a sketch takes of all evaluations.
const SKETCHED: f64 = 0.15;
/// Evaluations at half the side for each at the whole: parts take about as long as each other, and what
/// the smaller leaves undone would cost four times as much in the larger.
const COARSER: f64 = 5.0;

/// The size of a result whose longer side is `longest`, of the shape of `content`.
pub fn sized(content: Extent, longest: u32) -> Extent {
    let own = u64::from(content.width.max(content.height).max(1));
    let side = |side: u32| {
        let scaled = (u64::from(side) * u64::from(longest) + own / 2) / own;
        u32::try_from(scaled).unwrap_or(longest).max(1)
    };
    Extent::new(side(content.width), side(content.height))
}

/// The parts of a run: all at its size, or from small to large, each of twice the sides of the one
/// before. Each has at least one evaluation, as long as there are so many, and the last one takes what
/// is left.
pub(super) fn parts(extent: Extent, evaluations: u32, coarse_to_fine: bool) -> Vec<Part> {
    let longest = extent.width.max(extent.height);
    let mut sides = vec![longest];
    while coarse_to_fine && sides.last().is_some_and(|side| side / 2 >= SMALLEST) {
        sides.push(sides.last().map_or(0, |side| side / 2));
    }
    sides.reverse();
    let shares = shares(&sides);
    let mut left = evaluations;
    let mut parts = Vec::with_capacity(sides.len());
    for (place, (side, share)) in sides.iter().zip(shares).enumerate() {
        let after = (sides.len() - 1 - place) as u32;
        let wanted = (f64::from(evaluations) * share).round().max(1.0) as u32;
        let (own, extent) = if after == 0 {
            (left, extent)
        } else {
            (wanted.min(left.saturating_sub(after)), sized(extent, *side))
        };
        left -= own;
        if own > 0 {
            parts.push(Part {
                extent,
                evaluations: own,
            });
        }
    }
    parts
}

/// What each of some growing sides takes of all evaluations; together they are 1.
fn shares(sides: &[u32]) -> Vec<f64> {
    let Some((_, smaller)) = sides.split_last() else {
        return Vec::new();
    };
    let sketches = smaller.iter().filter(|side| **side < PICTURE).count();
    let pictures = (sketches..sides.len()).map(|place| {
        let larger = sides.len() - 1 - place;
        COARSER.powi(larger as i32)
    });
    let all: f64 = pictures.clone().sum();
    let left = 1.0 - SKETCHED * sketches as f64;
    let pictures = pictures.map(|share| left * share / all);
    std::iter::repeat_n(SKETCHED, sketches)
        .chain(pictures)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_to_the_size_asked_and_share_all_evaluations() {
        for longest in [64, 255, 256, 512, 700, 1024] {
            for evaluations in [1, 2, 5, 40, 300, 1000] {
                let extent = sized(Extent::new(300, 200), longest);
                let parts = parts(extent, evaluations, true);
                assert_eq!(parts.last().unwrap().extent, extent);
                let sum: u32 = parts.iter().map(|part| part.evaluations).sum();
                assert_eq!(sum, evaluations);
                assert!(parts.iter().all(|part| part.evaluations > 0));
                assert!(parts.is_sorted_by_key(|part| part.extent.width));
            }
        }
        let sides = |longest, evaluations| -> Vec<_> {
            let parts = parts(Extent::new(longest, longest / 2), evaluations, true);
            let parts = parts.iter();
            parts
                .map(|part| (part.extent.width, part.evaluations))
                .collect()
        };
        assert_eq!(sides(512, 300), [(128, 45), (256, 213), (512, 42)]);
        assert_eq!(sides(256, 300), [(128, 45), (256, 255)]);
        assert_eq!(sides(200, 10), [(200, 10)]);
        assert_eq!(sides(512, 3), [(128, 1), (256, 1), (512, 1)]);
    }

    #[test]
    fn without_smaller_ones_there_is_one_part() {
        let extent = Extent::new(512, 300);
        let whole = Part {
            extent,
            evaluations: 300,
        };
        assert_eq!(parts(extent, 300, false), [whole]);
    }

    #[test]
    fn results_keep_the_shape_of_the_content() {
        assert_eq!(sized(Extent::new(640, 427), 512), Extent::new(512, 342));
        assert_eq!(sized(Extent::new(10, 4000), 256), Extent::new(1, 256));
    }
}
