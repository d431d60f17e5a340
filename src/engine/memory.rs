//! What this process takes of the machine, and what is left.

use sysinfo::{
    MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System, get_current_pid,
};

/// One part of so many of the memory that is left is not used: others' needs change, too.
const LEFT_TO_OTHERS: u64 = 16;

/// Bytes that this process may hold in all: what it holds now, and what the machine, or the container it
/// runs in, could still give. `None` where the system does not tell.
pub fn usable_memory() -> Option<u64> {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(refresh).ok()?;
    let held = resident_memory()?;
    let machine = system.available_memory();
    let container = system.cgroup_limits();
    let container = container.map(|limits| limits.total_memory.saturating_sub(limits.rss));
    let left = container.map_or(machine, |left| left.min(machine));
    (left > 0).then_some(held + left - left / LEFT_TO_OTHERS)
}

/// Resident memory now, in bytes, where the system tells.
pub fn resident_memory() -> Option<u64> {
    let mut system = System::new_with_specifics(RefreshKind::nothing()).ok()?;
    let this = get_current_pid().ok()?;
    let what = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[this]), true, what);
    Some(system.process(this)?.memory())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_used_is_no_more_than_the_machine_has_and_more_than_what_is_held() {
        let block = std::hint::black_box(vec![1u8; 32 << 20]);
        let usable = usable_memory().unwrap();
        let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
        let system = System::new_with_specifics(refresh).unwrap();
        assert!(usable > block.len() as u64, "{usable}");
        assert!(usable <= 2 * system.total_memory(), "{usable}");
    }
}
