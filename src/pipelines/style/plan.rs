//! How large a picture is at each part of a run.

use crate::raster::Extent;

/// A part of a run, at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) extent: Extent,
    pub(super) evaluations: u32,
}

/// The longer side of the smallest part.
const SMALLEST: u32 = 128;

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
/// before. A small part costs a quarter, so it gets twice as many evaluations.
pub(super) fn parts(extent: Extent, evaluations: u32, coarse_to_fine: bool) -> Vec<Part> {
    let longest = extent.width.max(extent.height);
    let mut sides = vec![longest];
    while coarse_to_fine && sides.last().is_some_and(|side| side / 2 >= SMALLEST) {
        sides.push(sides.last().map_or(0, |side| side / 2));
    }
    // Shares of 1, 2, 4 … from the largest; each part has at least one, and together they are all.
    let mut left = evaluations;
    let mut shares: u32 = (1u32 << sides.len().min(31)) - 1;
    let mut parts = Vec::with_capacity(sides.len());
    for (larger, side) in sides.iter().enumerate().rev() {
        let share = 1u32 << larger.min(30);
        let own = (u64::from(left) * u64::from(share) / u64::from(shares)).max(1) as u32;
        let own = if larger == 0 {
            left
        } else {
            own.min(left.saturating_sub(1))
        };
        shares -= share;
        left -= own;
        if own > 0 {
            let extent = if larger == 0 {
                extent
            } else {
                sized(extent, *side)
            };
            parts.push(Part {
                extent,
                evaluations: own,
            });
        }
    }
    parts
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
        let sides: Vec<_> = parts(Extent::new(512, 256), 70, true)
            .iter()
            .map(|part| (part.extent.width, part.evaluations))
            .collect();
        assert_eq!(sides, [(128, 40), (256, 20), (512, 10)]);
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
