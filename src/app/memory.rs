//! How much memory pictures may take: what people allow, or what is free.

use std::time::{Duration, Instant};

use super::App;
use super::state::Settings;
use crate::engine::{Request, usable_memory};
use crate::recipe::Draft;

/// Between two looks at what is free.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells how many bytes this process may hold in all; `None` where that cannot be known.
pub type FreeMemory = fn() -> Option<u64>;

/// What the machine can give.
pub(super) const fn of_this_machine() -> FreeMemory {
    usable_memory
}

/// What was free when it was looked at last, and what the engine was told.
pub(super) struct MemoryWatch {
    read: FreeMemory,
    at: Option<Instant>,
    usable: Option<u64>,
    told: Option<u64>,
}

impl MemoryWatch {
    pub(super) const fn new(read: FreeMemory) -> Self {
        Self {
            read,
            at: None,
            usable: None,
            told: None,
        }
    }

    /// Bytes a picture may hold.
    pub(super) fn allowed(&self, settings: &Settings) -> Option<u64> {
        settings.memory_limit().or(self.usable)
    }
}

impl App {
    /// Whether a draft's picture fits into memory, as far as that is known; if not, it is told beside the
    /// button.
    pub(super) fn fits(&self, draft: &Draft) -> bool {
        let allowed = self.memory.allowed(&self.settings);
        let card = self.session.model();
        card.is_none_or(|card| card.plan(draft, allowed).is_ok())
    }

    /// Looks at what is free from time to time, and tells the engine what people allow.
    pub(super) fn watch_memory(&mut self) {
        let watch = &mut self.memory;
        if watch.at.is_none_or(|at| at.elapsed() >= PAUSE) {
            watch.usable = (watch.read)();
            watch.at = Some(Instant::now());
        }
        let limit = self.settings.memory_limit();
        if limit != self.memory.told && self.send(Request::AllowMemory(limit)) {
            self.memory.told = limit;
        }
    }
}
