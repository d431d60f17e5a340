//! Events that nobody took yet.

use std::collections::VecDeque;

use super::keeper::StockEvent;
use super::protocol::Event;

/// Events from which on the reader counts as slow.
const SLOW_READER: usize = 64;

/// Oldest first. A reader that is slow is spared steps and queues that newer ones have overtaken; no
/// other event is ever dropped.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    events: VecDeque<Event>,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn waiting(&mut self) -> &mut VecDeque<Event> {
        &mut self.events
    }

    pub(super) fn put(&mut self, event: Event) {
        if self.events.len() >= SLOW_READER {
            self.events.retain(|old| !overtakes(&event, old));
        }
        self.events.push_back(event);
    }
}

fn overtakes(new: &Event, old: &Event) -> bool {
    match (new, old) {
        (
            Event::Step { job, picture, .. },
            Event::Step {
                job: old_job,
                picture: old_picture,
                ..
            },
        ) => job == old_job && picture == old_picture,
        (Event::Queue(_), Event::Queue(_)) => true,
        (Event::Lesson(new), Event::Lesson(old)) => new.job == old.job,
        (Event::Stock(new), Event::Stock(old)) => matches!(
            (&**new, &**old),
            (StockEvent::Downloads(_), StockEvent::Downloads(_))
                | (StockEvent::Listed { .. }, StockEvent::Listed { .. })
        ),
        _ => false,
    }
}
