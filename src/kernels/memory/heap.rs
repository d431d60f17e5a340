//! What the system's allocator keeps for itself.

/// Gives memory back to the system that nobody uses any more: weights are read, packed and dropped in
/// turn, and leave their blocks' room free but held. Where the system's allocator is not glibc's,
/// nothing is done.
pub fn give_back_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: it looks at blocks that are free, and may be called at any time by any thread.
        unsafe { libc::malloc_trim(0) };
    }
}
