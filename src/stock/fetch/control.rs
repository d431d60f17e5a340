//! What people want of a download that runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What a download is to do; shared with whoever may change it.
#[derive(Clone, Debug, Default)]
pub struct Control(Arc<AtomicU8>);

/// Why a download ends before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// What has come is kept.
    Pause,
    /// It is thrown away.
    Cancel,
}

const PAUSE: u8 = 1;
const CANCEL: u8 = 2;
/// Between two looks while nothing comes.
const NAP: Duration = Duration::from_millis(20);

impl Control {
    pub fn ask(&self, halt: Halt) {
        let value = match halt {
            Halt::Pause => PAUSE,
            Halt::Cancel => CANCEL,
        };
        // Whoever cancels what was paused means it.
        self.0.fetch_max(value, Ordering::Relaxed);
    }

    pub fn halt(&self) -> Option<Halt> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            PAUSE => Some(Halt::Pause),
            _ => Some(Halt::Cancel),
        }
    }

    /// Waits, unless an end is asked for.
    pub(super) fn wait(&self, duration: Duration) -> Option<Halt> {
        let until = Instant::now() + duration;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.halt().is_some() || left.is_zero() {
                return self.halt();
            }
            std::thread::sleep(left.min(NAP));
        }
    }
}
