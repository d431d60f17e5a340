//! What was done at the easel, to be undone and done again.

use crate::engine::{KeptPicture, KeptState, KeptStep};

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

    /// Remembers what was just done; what had been undone before is gone.
    pub(super) fn push(&mut self, step: KeptStep) {
        self.steps.truncate(self.done);
        self.steps.push(step);
        self.done = self.steps.len();
    }

    /// The step to be undone.
    pub(super) fn last(&self) -> Option<&KeptStep> {
        self.steps.get(self.done.checked_sub(1)?)
    }

    /// The step to be done again.
    pub(super) fn next(&self) -> Option<&KeptStep> {
        self.steps.get(self.done)
    }

    /// The last step is undone.
    pub(super) const fn go_back(&mut self) {
        self.done = self.done.saturating_sub(1);
    }

    /// The next step is done again.
    pub(super) fn go_forth(&mut self) {
        self.done = self.steps.len().min(self.done + 1);
    }

    pub(super) const fn can_go_back(&self) -> bool {
        self.done > 0
    }

    pub(super) const fn can_go_forth(&self) -> bool {
        self.done < self.steps.len()
    }

    /// All pictures but that of the present step, the fewest steps away first.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &KeptPicture> {
        let (done, undone) = self.steps.split_at(self.done);
        let farthest = done.len().max(undone.len());
        (0..farthest).flat_map(move |away| {
            let back = done.len().checked_sub(away + 1).map(|at| &done[at]);
            let states = [back.and_then(before), undone.get(away).and_then(after)];
            states.into_iter().flatten().map(|state| &state.picture)
        })
    }
}

/// What another picture took the place of.
pub(super) const fn before(step: &KeptStep) -> Option<&KeptState> {
    match step {
        KeptStep::Picture { before, .. } => Some(before),
        KeptStep::Mask(_) => None,
    }
}

/// What took the place of another picture.
pub(super) const fn after(step: &KeptStep) -> Option<&KeptState> {
    match step {
        KeptStep::Picture { after, .. } => Some(after),
        KeptStep::Mask(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Extent, TiledMask};

    #[test]
    fn the_pictures_nearest_to_the_present_step_come_first() {
        let state = |level: u32| {
            let extent = Extent::new(level, 1);
            KeptState {
                picture: KeptPicture::new(extent),
                mask: TiledMask::empty(extent),
            }
        };
        let states: Vec<KeptState> = (0..6).map(state).collect();
        let steps = states.windows(2).map(|pair| KeptStep::Picture {
            before: pair[0].clone(),
            after: pair[1].clone(),
        });
        let history = History::kept(steps.collect(), 2);
        let levels: Vec<u32> = history
            .pictures()
            .map(|picture| picture.extent().width)
            .collect();
        assert_eq!(levels, [1, 3, 0, 4, 5]);
    }
}
