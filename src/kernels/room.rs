//! Memory a thread uses again from call to call.

use super::memory::outside_arena;

/// The first `len` values of `kept`, which grows where it has fewer: outside the arena, since it
/// stays when the work that needed it is done.
pub(super) fn room<T: Copy>(kept: &mut Vec<T>, len: usize, zero: T) -> &mut [T] {
    if kept.len() < len {
        outside_arena(|| kept.resize(len, zero));
    }
    &mut kept[..len]
}
