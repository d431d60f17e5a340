//! How fast bytes come, and how long the rest takes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What is looked back on.
const WINDOW: Duration = Duration::from_secs(8);
/// Before that much is known nothing is told.
const LEAST: Duration = Duration::from_millis(500);

/// Bytes that came lately.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When, and how many had come by then.
    marks: VecDeque<(Instant, u64)>,
}

impl Pace {
    pub(super) fn mark(&mut self, now: Instant, done: u64) {
        self.marks.push_back((now, done));
        while self.marks.len() > 2 && now.duration_since(self.marks[0].0) > WINDOW {
            self.marks.pop_front();
        }
    }

    /// Bytes a second.
    pub(super) fn rate(&self) -> Option<f64> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        let took = last.0.duration_since(first.0);
        let came = last.1.saturating_sub(first.1);
        (took >= LEAST && came > 0).then(|| came as f64 / took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_lately_counts() {
        let mut pace = Pace::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        pace.mark(at(0), 0);
        assert_eq!(pace.rate(), None);
        pace.mark(at(2), 200);
        assert_eq!(pace.rate(), Some(100.0));
        for second in 3..=20 {
            pace.mark(at(second), 200 + 1000 * (second - 2));
        }
        assert_eq!(pace.rate(), Some(1000.0));
    }
}
