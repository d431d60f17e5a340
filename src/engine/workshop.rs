//! What networks compute with: threads, and memory that is asked for beforehand.

use std::sync::Arc;

use super::protocol::Failure;
use crate::kernels::{Arena, Threads};

/// Threads and memory, kept from job to job as long as they fit.
#[derive(Debug, Default)]
pub(super) struct Workshop {
    /// As many as were asked for, and they.
    threads: Option<(Option<u16>, Arc<Threads>)>,
    arena: Option<Arena>,
}

impl Workshop {
    /// So many threads, or one for each physical core.
    pub(super) fn threads(&mut self, count: Option<u16>) -> Result<Arc<Threads>, Failure> {
        if let Some((known, threads)) = &self.threads
            && *known == count
        {
            return Ok(Arc::clone(threads));
        }
        let threads = Threads::new(count.map(usize::from));
        let threads = Arc::new(threads.map_err(|error| Failure::Computation {
            reason: format!("no threads can be started: {error}"),
        })?);
        self.threads = Some((count, Arc::clone(&threads)));
        Ok(threads)
    }

    /// Memory for so many bytes of large blocks. Where there is none, the system gives each block.
    pub(super) fn make_room(&mut self, bytes: u64) {
        let Ok(bytes) = usize::try_from(bytes) else {
            return;
        };
        // Blocks of different sizes leave gaps.
        let wanted = bytes + bytes / 4;
        // What it has been larger for would be held for nothing.
        let fits = self
            .arena
            .as_ref()
            .is_some_and(|arena| arena.bytes() >= wanted && arena.bytes() / 5 * 4 <= wanted);
        if !fits {
            // There is one at a time.
            self.arena = None;
            self.arena = Arena::new(wanted);
        }
    }

    /// Gives that memory back.
    pub(super) fn clear(&mut self) {
        self.arena = None;
    }
}
