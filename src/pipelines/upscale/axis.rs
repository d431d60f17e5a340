//! Parts along one axis of a picture.

use std::ops::Range;

use super::Plan;
use super::band::Span;
use super::plan::multiple;
use crate::models::UpscalerLayout;

/// How one axis is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// Pixels of the picture.
    length: usize,
    /// With those it is extended by.
    extended: usize,
    /// The same, to a multiple.
    padded: usize,
    tile: usize,
    pad: usize,
    scale: usize,
    /// Pixels beyond a part's edges over which it fades.
    reach: usize,
}

/// A part along one axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// What the network is shown, in pixels of the extended picture.
    pub(super) shown: Range<usize>,
    /// What of the result it has a share in.
    pub(super) span: Span,
    /// What of the result is done with it, where the parts before are.
    pub(super) complete: Range<usize>,
}

impl Axis {
    /// Across and down.
    pub(super) fn both(plan: &Plan, layout: &UpscalerLayout) -> [Self; 2] {
        let of = |length: u32, tile: u32| {
            let (length, extended) = (length as usize, (length + plan.pre_pad) as usize);
            Self {
                length,
                extended,
                padded: extended.next_multiple_of(multiple(layout)),
                tile: tile as usize,
                pad: plan.pad as usize,
                scale: layout.scale(),
                reach: plan.reach() as usize,
            }
        };
        [
            of(plan.from.width, plan.tile.width),
            of(plan.from.height, plan.tile.height),
        ]
    }

    pub(super) fn part(&self, index: u32) -> Part {
        let start = index as usize * self.tile;
        let end = start + self.tile;
        let has = (index > 0, end < self.length);
        let shown = start.saturating_sub(self.pad)..(end + self.pad).min(self.padded);
        let own = start * self.scale..end.min(self.length) * self.scale;
        if self.reach == 0 {
            return Part {
                shown,
                span: Span::hard(own.clone()),
                complete: own,
            };
        }
        let reach = self.reach * self.scale;
        let complete =
            own.start - if has.0 { reach } else { 0 }..own.end - if has.1 { reach } else { 0 };
        Part {
            shown,
            span: Span::fading(own, reach, has, self.length * self.scale),
            complete,
        }
    }

    /// Which pixel of the picture one of the extended picture is.
    pub(super) fn source(&self, at: usize) -> usize {
        reflected(reflected(at, self.extended), self.length)
    }
}

/// Where a position lies after being reflected at the last of `length`, as often as it takes; the last
/// one is not repeated.
fn reflected(at: usize, length: usize) -> usize {
    let period = 2 * length.saturating_sub(1);
    if period == 0 {
        return 0;
    }
    let at = at % period;
    at.min(period - at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(length: usize, tile: usize, pad: usize, feather: bool) -> Axis {
        Axis {
            length,
            extended: length + 10,
            padded: (length + 10).next_multiple_of(2),
            tile,
            pad,
            scale: 2,
            reach: if feather { pad / 2 } else { 0 },
        }
    }

    #[test]
    fn a_picture_goes_on_as_its_reflection_and_that_as_its_own() {
        let axis = axis(15, 8, 4, false);
        let sources: Vec<_> = (12..26).map(|at| axis.source(at)).collect();
        // Ten pixels reflected, then one more of the extended picture's.
        assert_eq!(sources, [12, 13, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 5]);
        let tiny = super::Axis { length: 1, ..axis };
        assert_eq!(tiny.source(9), 0);
        let small = Axis {
            length: 3,
            extended: 13,
            ..axis
        };
        assert_eq!(
            (3..9).map(|at| small.source(at)).collect::<Vec<_>>(),
            [1, 0, 1, 2, 1, 0]
        );
    }

    #[test]
    fn parts_see_around_them_as_far_as_there_is_something() {
        let axis = axis(15, 8, 4, false);
        assert_eq!((axis.part(0).shown, axis.part(1).shown), (0..12, 4..20));
        assert_eq!(
            (axis.part(0).complete, axis.part(1).complete),
            (0..16, 16..30)
        );
    }

    #[test]
    fn what_is_done_follows_without_gaps() {
        for feather in [false, true] {
            let axis = axis(29, 8, 4, feather);
            let mut end = 0;
            for index in 0..4 {
                let part = axis.part(index);
                assert_eq!(part.complete.start, end);
                assert!(part.span.at.start <= part.complete.start);
                assert!(part.span.at.start >= part.shown.start * 2);
                assert!(part.span.at.end <= part.shown.end * 2);
                end = part.complete.end;
            }
            assert_eq!(end, 58);
        }
    }
}
