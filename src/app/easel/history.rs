//! What was done at the easel, to be undone and done again.

use crate::engine::{KeptStep, Load, MOST_KEPT};

/// Everything done, and how far people have gone back.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: Vec<KeptStep>,
    /// Steps that are not undone.
    done: usize,
}

impl History {
    /// What was done before the studio was closed.
    pub(super) const fn kept(steps: Vec<KeptStep>, done: usize) -> Self {
        Self { steps, done }
    }

    /// Remembers what was just done; what had been undone before is gone, and so is the oldest where
    /// all takes more memory than is kept.
    pub(super) fn push(&mut self, step: KeptStep) {
        self.steps.truncate(self.done);
        self.steps.push(step);
        self.forget_oldest(MOST_KEPT);
        self.done = self.steps.len();
    }

    fn forget_oldest(&mut self, most: usize) {
        let mut load = Load::default();
        let steps = self.steps.iter().rev();
        let kept = steps
            .take_while(|step| {
                load.take(step);
                load.bytes() <= most
            })
            .count();
        // The newest can always be undone.
        self.steps.drain(..self.steps.len() - kept.max(1));
    }

    /// The step to be undone.
    pub(super) fn back(&mut self) -> Option<&KeptStep> {
        self.done = self.done.checked_sub(1)?;
        self.steps.get(self.done)
    }

    /// The step to be done again.
    pub(super) fn forth(&mut self) -> Option<&KeptStep> {
        let step = self.steps.get(self.done)?;
        self.done += 1;
        Some(step)
    }

    pub(super) const fn can_go_back(&self) -> bool {
        self.done > 0
    }

    pub(super) const fn can_go_forth(&self) -> bool {
        self.done < self.steps.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::EaselState;
    use crate::raster::{Extent, Original, Pixels, Place, TiledMask};

    #[test]
    fn the_oldest_steps_go_where_all_take_too_much_memory() {
        let state = |level: u8| {
            let extent = Extent::new(10, 10);
            EaselState {
                image: Arc::new(Pixels::from_rgb(extent, &[level; 300]).unwrap()),
                mask: TiledMask::empty(extent),
            }
        };
        let step = |level: u8| KeptStep::Picture {
            before: state(level),
            after: state(level + 1),
        };
        let mut history = History::kept((0..5).map(step).collect(), 5);
        let first = step(0);
        let mut load = Load::default();
        load.take(&first);
        let each = load.bytes();
        history.forget_oldest(3 * each);
        assert_eq!(history.steps, [step(2), step(3), step(4)]);
        history.forget_oldest(1);
        assert_eq!(history.steps, [step(4)]);
    }

    #[test]
    fn a_file_that_pictures_came_from_counts_once() {
        let file = Original::whole(vec![0; 5000]);
        let state = |original: &Original| {
            let pixels = Pixels::from_rgb(Extent::new(1, 1), &[0; 3]).unwrap();
            EaselState {
                image: Arc::new(pixels.with_original(Some(original.clone()))),
                mask: TiledMask::empty(Extent::new(1, 1)),
            }
        };
        let step = |after: &Original| KeptStep::Picture {
            before: state(&file),
            after: state(after),
        };
        let mut history = History::kept(vec![step(&file.at(Place::Nowhere)); 3], 3);
        history.forget_oldest(5100);
        assert_eq!(history.steps.len(), 3);
        // The same bytes, in memory once more.
        history.push(step(&Original::whole(vec![0; 5000])));
        history.forget_oldest(10_100);
        assert_eq!(history.steps.len(), 4);
        history.forget_oldest(9999);
        assert_eq!(history.steps.len(), 1);
    }
}
