//! The rankings that wait: they take moments, and people wait for them, so they go before jobs.

use std::collections::VecDeque;

use super::likeness::Ranking;
use super::protocol::JobId;

#[derive(Debug, Default)]
pub(super) struct Rankings {
    waiting: VecDeque<Ranking>,
}

impl Rankings {
    pub(super) fn push(&mut self, ranking: Ranking) {
        self.waiting.push_back(ranking);
    }

    pub(super) fn next(&mut self) -> Option<Ranking> {
        self.waiting.pop_front()
    }

    /// Takes one out; `false` if it does not wait.
    pub(super) fn remove(&mut self, id: JobId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|ranking| ranking.id != id);
        self.waiting.len() < before
    }
}
