//! The threads that compute.

#![expect(unsafe_code, reason = "the standard library has no priorities")]

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// A pool of threads that compute networks, the caller's work among them: it runs on one of them, so
/// that no layer waits for another thread to wake.
#[derive(Debug)]
pub struct Threads {
    pool: ThreadPool,
}

impl Threads {
    /// So many threads, or one for each physical core. They give way to threads people see work at
    /// once, as the window's does.
    pub fn new(count: Option<usize>) -> Result<Self, ThreadPoolBuildError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(count.unwrap_or_else(physical_cores))
            .thread_name(|index| format!("afterimage-compute-{index}"))
            .start_handler(|_| give_way())
            .build()?;
        Ok(Self { pool })
    }

    pub fn count(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs work on them, and waits for it.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }
}

/// Cores this process may use: two threads of one core would wait for the same units.
pub fn physical_cores() -> usize {
    let allowed = std::thread::available_parallelism().map_or(1, usize::from);
    sysinfo::System::physical_core_count().map_or(allowed, |cores| cores.clamp(1, allowed))
}

/// Lowers the priority of the calling thread.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        /// On the scale of `nice`.
        const LOWER_BY: i32 = 5;
        // SAFETY: of no memory of ours; Linux applies it to the calling thread alone. Where it is
        // refused, the priority stays.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, LOWER_BY) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_as_many_threads_as_are_asked_for() {
        for count in [1, 3] {
            let threads = Threads::new(Some(count)).unwrap();
            assert_eq!(threads.count(), count);
            assert_eq!(threads.run(rayon::current_num_threads), count);
        }
        let threads = Threads::new(None).unwrap();
        assert_eq!(threads.count(), physical_cores());
    }
}
