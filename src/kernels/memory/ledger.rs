//! What of the arena's memory is free.

use std::alloc::Layout;

/// Blocks begin at multiples of this, in bytes.
pub(super) const GRAIN: usize = 4096;
/// Free stretches that are told apart.
const STRETCHES: usize = 512;

/// Bytes of the arena, from its start.
#[derive(Clone, Copy)]
struct Stretch {
    start: usize,
    len: usize,
}

/// The free stretches of the arena's memory, in order, none of them next to another.
pub(super) struct Ledger {
    memory: Option<Region>,
    state: State,
    free: [Stretch; STRETCHES],
    count: usize,
    /// Blocks in use.
    blocks: usize,
}

#[derive(Clone, Copy)]
struct Region {
    start: *mut u8,
    layout: Layout,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no arena.
    Nothing,
    /// Somebody is about to open one, or it is in use.
    Open,
    /// Nobody wants it any more.
    Closed,
}

// SAFETY: the region belongs to whoever holds the ledger.
unsafe impl Send for Ledger {}

impl Ledger {
    pub(super) const EMPTY: Self = Self {
        memory: None,
        state: State::Nothing,
        free: [Stretch { start: 0, len: 0 }; STRETCHES],
        count: 0,
        blocks: 0,
    };

    /// Whether an arena may be opened, which nobody else may do from now on.
    pub(super) fn reserve(&mut self) -> bool {
        let is_free = self.state == State::Nothing;
        if is_free {
            self.state = State::Open;
        }
        is_free
    }

    /// There is no arena after all.
    pub(super) fn release(&mut self) {
        self.state = State::Nothing;
    }

    pub(super) fn open(&mut self, start: *mut u8, layout: Layout) {
        self.memory = Some(Region { start, layout });
        self.free[0] = Stretch {
            start: 0,
            len: layout.size(),
        };
        self.count = 1;
        self.blocks = 0;
    }

    /// Hands out no more blocks.
    pub(super) fn close(&mut self) {
        self.state = State::Closed;
    }

    /// The memory of an arena that nobody wants and no block of which is in use.
    pub(super) fn take_memory_when_idle(&mut self) -> Option<(*mut u8, Layout)> {
        if self.state != State::Closed || self.blocks > 0 {
            return None;
        }
        let region = self.memory.take()?;
        self.state = State::Nothing;
        self.count = 0;
        Some((region.start, region.layout))
    }

    /// Memory for so many bytes, from the smallest stretch that has them.
    pub(super) fn take(&mut self, size: usize) -> Option<*mut u8> {
        let region = self.memory.filter(|_| self.state == State::Open)?;
        let len = size.checked_next_multiple_of(GRAIN)?;
        let stretches = self.free[..self.count].iter().enumerate();
        let (at, _) = stretches
            .filter(|(_, stretch)| stretch.len >= len)
            .min_by_key(|(_, stretch)| stretch.len)?;
        let start = self.free[at].start;
        self.free[at].start += len;
        self.free[at].len -= len;
        if self.free[at].len == 0 {
            self.free.copy_within(at + 1..self.count, at);
            self.count -= 1;
        }
        self.blocks += 1;
        Some(region.start.wrapping_add(start))
    }

    pub(super) fn give_back(&mut self, block: *mut u8, size: usize) {
        let Some(region) = self.memory else { return };
        self.blocks -= 1;
        let start = block.addr() - region.start.addr();
        let end = start + size.next_multiple_of(GRAIN);
        let after = self.free[..self.count].partition_point(|stretch| stretch.start < start);
        let joins_before = after > 0 && {
            let before = self.free[after - 1];
            before.start + before.len == start
        };
        let joins_after = after < self.count && self.free[after].start == end;
        match (joins_before, joins_after) {
            (true, true) => {
                let len = self.free[after].len;
                self.free[after - 1].len += end - start + len;
                self.free.copy_within(after + 1..self.count, after);
                self.count -= 1;
            }
            (true, false) => self.free[after - 1].len += end - start,
            (false, true) => {
                self.free[after].start = start;
                self.free[after].len += end - start;
            }
            (false, false) if self.count < STRETCHES => {
                self.free.copy_within(after..self.count, after + 1);
                self.free[after] = Stretch {
                    start,
                    len: end - start,
                };
                self.count += 1;
            }
            // It is found again when the arena is opened anew.
            (false, false) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger of memory that nobody reads or writes.
    fn ledger(len: usize) -> Ledger {
        let mut ledger = Ledger::EMPTY;
        assert!(ledger.reserve() && !ledger.reserve());
        let start = std::ptr::null_mut::<u8>().wrapping_add(1 << 30);
        ledger.open(start, Layout::from_size_align(len, GRAIN).unwrap());
        ledger
    }

    #[test]
    fn no_byte_is_handed_out_twice_and_all_come_back() {
        let mut ledger = ledger(64 * GRAIN);
        let mut held: Vec<(*mut u8, usize)> = Vec::new();
        let mut state = 1u32;
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for _ in 0..2000 {
            if next(2) == 0 || held.is_empty() {
                let size = 1 + next(9 * GRAIN);
                if let Some(block) = ledger.take(size) {
                    let end = block.addr() + size;
                    for (other, len) in &held {
                        assert!(end <= other.addr() || other.addr() + len <= block.addr());
                    }
                    held.push((block, size));
                }
            } else {
                let (block, size) = held.swap_remove(next(held.len()));
                ledger.give_back(block, size);
            }
        }
        for (block, size) in held {
            ledger.give_back(block, size);
        }
        assert_eq!((ledger.count, ledger.blocks), (1, 0));
        assert!(ledger.take(64 * GRAIN).is_some());
    }

    #[test]
    fn memory_is_kept_until_its_last_block_is_back() {
        let mut ledger = ledger(4 * GRAIN);
        let block = ledger.take(10).unwrap();
        assert!(ledger.take_memory_when_idle().is_none());
        ledger.close();
        assert!(ledger.take(10).is_none() && ledger.take_memory_when_idle().is_none());
        ledger.give_back(block, 10);
        assert!(ledger.take_memory_when_idle().is_some());
        assert!(ledger.reserve());
    }
}
