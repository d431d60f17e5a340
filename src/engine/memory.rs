//! What this process takes of the machine.

/// Highest resident memory so far, in bytes, where the system tells.
#[cfg(unix)]
pub fn peak_memory() -> Option<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    /// The unit of `ru_maxrss`: bytes on macOS, kilobytes elsewhere.
    const UNIT: u64 = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    u64::try_from(usage.max_rss()).ok().map(|rss| rss * UNIT)
}

/// Highest resident memory so far, in bytes, where the system tells.
#[cfg(not(unix))]
pub fn peak_memory() -> Option<u64> {
    None
}
