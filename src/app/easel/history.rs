//! What was done at the easel, to be undone and done again.

use crate::engine::KeptStep;

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
