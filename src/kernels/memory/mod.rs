//! Where large blocks of memory come from.
//!
//! A network asks for hundreds of large blocks at every step and gives them back soon after. Asked of
//! the system each time, their pages are found, zeroed and taken away again, which was up to a third
//! of the time. An [`Arena`] is asked for once, as large as is predicted to be needed, and hands out
//! the same pages again and again.

#![expect(
    unsafe_code,
    reason = "an allocator speaks in pointers; blocks of the arena are kept apart by its ledger"
)]

mod heap;
mod ledger;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use self::heap::give_back_free_memory;
use self::ledger::Ledger;

/// Blocks from this size on come from the arena where there is one.
const LARGE: usize = 64 << 10;
/// Blocks from this size on are told to be worth pages of their own size.
#[cfg(target_os = "linux")]
const HUGE: usize = 4 << 20;
/// Of a huge page, in bytes.
const HUGE_PAGE: usize = 2 << 20;

/// The program's allocator.
#[derive(Debug)]
pub struct Memory;

/// Bytes of all large blocks in use, wherever they come from.
static LARGE_HELD: AtomicUsize = AtomicUsize::new(0);

/// Bytes of blocks of 64 KiB and more that the process holds now: weights, and all a network works
/// with. What is small is not counted, since that would cost every thread time.
pub fn large_bytes_held() -> usize {
    LARGE_HELD.load(Ordering::Relaxed)
}

/// The one arena.
static ARENA: Slot = Slot {
    start: AtomicUsize::new(0),
    end: AtomicUsize::new(0),
    #[expect(
        clippy::disallowed_types,
        reason = "an allocator is called where no message can be sent"
    )]
    ledger: std::sync::Mutex::new(Ledger::EMPTY),
};

struct Slot {
    /// Addresses of its memory, to tell its blocks from others without a lock; 0 while there is none.
    start: AtomicUsize,
    end: AtomicUsize,
    #[expect(
        clippy::disallowed_types,
        reason = "an allocator is called where no message can be sent"
    )]
    ledger: std::sync::Mutex<Ledger>,
}

thread_local! {
    /// What this thread does with large blocks.
    static USE: Cell<Use> = const { Cell::new(Use::NOTHING) };
}

#[derive(Clone, Copy)]
struct Use {
    /// They come from the arena.
    is_within: bool,
    /// Bytes asked for less those given back, while within.
    held: isize,
    peak: isize,
}

impl Use {
    const NOTHING: Self = Self {
        is_within: false,
        held: 0,
        peak: 0,
    };
}

/// Changes what this thread knows, and tells it; `None` where the thread is ending.
fn note(change: impl FnOnce(&mut Use)) -> Option<Use> {
    USE.try_with(|cell| {
        let mut held = cell.get();
        change(&mut held);
        cell.set(held);
        held
    })
    .ok()
}

impl Slot {
    fn with_ledger<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        // Nothing can panic while it is held.
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut ledger)
    }

    fn holds(&self, block: *const u8) -> bool {
        let address = block.addr();
        address >= self.start.load(Ordering::Acquire) && address < self.end.load(Ordering::Acquire)
    }

    /// Memory of the arena, where there is one with room.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        if layout.align() > ledger::GRAIN {
            return None;
        }
        self.with_ledger(|ledger| ledger.take(layout.size()))
    }

    /// Changes the ledger; the arena's memory goes back to the system where nobody wants it then.
    fn settle(&self, change: impl FnOnce(&mut Ledger)) {
        let idle = self.with_ledger(|ledger| {
            change(ledger);
            let idle = ledger.take_memory_when_idle();
            if idle.is_some() {
                self.end.store(0, Ordering::Release);
                self.start.store(0, Ordering::Release);
            }
            idle
        });
        if let Some((start, layout)) = idle {
            // SAFETY: it was allocated with this layout, and none of its blocks is in use.
            unsafe { System.dealloc(start, layout) };
        }
    }
}

// SAFETY: blocks come from the system, or from the arena, whose ledger never hands out a byte twice.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LARGE
            && let Some(block) = taken(layout)
        {
            return counted(block, layout);
        }
        // SAFETY: by the caller's promise.
        let block = unsafe { System.alloc(layout) };
        prefer_huge_pages(block, layout.size());
        counted(block, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LARGE
            && let Some(block) = taken(layout)
        {
            // SAFETY: the block is of this size.
            unsafe { block.write_bytes(0, layout.size()) };
            return counted(block, layout);
        }
        // SAFETY: by the caller's promise.
        let block = unsafe { System.alloc_zeroed(layout) };
        prefer_huge_pages(block, layout.size());
        counted(block, layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() >= LARGE {
            LARGE_HELD.fetch_sub(layout.size(), Ordering::Relaxed);
            note(|held| held.held -= layout.size() as isize);
            if ARENA.holds(block) {
                ARENA.settle(|ledger| ledger.give_back(block, layout.size()));
                return;
            }
        }
        // SAFETY: it came from the system, by the caller's promise and what is above.
        unsafe { System.dealloc(block, layout) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.size() < LARGE && size < LARGE {
            // SAFETY: by the caller's promise; small blocks are the system's.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the alignment is that of a layout, and the caller promises the size.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: both blocks have as many bytes as are copied; the old one is the caller's.
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

/// A block that was asked for, noted where it is a large one and there.
fn counted(block: *mut u8, layout: Layout) -> *mut u8 {
    if layout.size() >= LARGE && !block.is_null() {
        LARGE_HELD.fetch_add(layout.size(), Ordering::Relaxed);
    }
    block
}

/// A block of the arena, if this thread's large blocks come from there.
fn taken(layout: Layout) -> Option<*mut u8> {
    let known = note(|held| {
        if held.is_within {
            held.held += layout.size() as isize;
            held.peak = held.peak.max(held.held);
        }
    });
    if known?.is_within {
        ARENA.take(layout)
    } else {
        None
    }
}

/// Tells the system that few large pages are better than many small ones.
fn prefer_huge_pages(block: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    if size >= HUGE && !block.is_null() {
        let start = block.addr().next_multiple_of(HUGE_PAGE);
        let end = (block.addr() + size) / HUGE_PAGE * HUGE_PAGE;
        if end > start {
            // SAFETY: advice about pages of the block. Where it is refused, pages stay small.
            unsafe {
                libc::madvise(
                    block.with_addr(start).cast(),
                    end - start,
                    libc::MADV_HUGEPAGE,
                );
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (block, size);
}

/// Memory that large blocks of some threads come from as long as it is there, or as one of them is.
#[derive(Debug)]
pub struct Arena {
    bytes: usize,
}

impl Arena {
    /// Memory for so many bytes; nothing where there is an arena already, or no room for one.
    pub fn new(bytes: usize) -> Option<Self> {
        let layout =
            Layout::from_size_align(bytes.max(1).checked_next_multiple_of(HUGE_PAGE)?, HUGE_PAGE)
                .ok()?;
        let is_open = ARENA.with_ledger(Ledger::reserve);
        if !is_open {
            return None;
        }
        // SAFETY: the layout is not empty.
        let start = unsafe { System.alloc(layout) };
        if start.is_null() {
            ARENA.with_ledger(Ledger::release);
            return None;
        }
        prefer_huge_pages(start, layout.size());
        ARENA.with_ledger(|ledger| {
            // Known before the first block is handed out.
            ARENA.start.store(start.addr(), Ordering::Release);
            ARENA
                .end
                .store(start.addr() + layout.size(), Ordering::Release);
            ledger.open(start, layout);
        });
        Some(Self {
            bytes: layout.size(),
        })
    }

    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        ARENA.settle(Ledger::close);
    }
}

/// Runs `work`, this thread's large blocks coming from the arena meanwhile, where there is one and as
/// long as there is room. Tells, too, how many bytes of large blocks were held at once, beyond what
/// was there before.
pub fn within_arena<T>(work: impl FnOnce() -> T) -> (T, usize) {
    /// Puts things back however `work` ends.
    struct Back(Use);
    impl Drop for Back {
        fn drop(&mut self) {
            note(|held| *held = self.0);
        }
    }
    let mut before = Use::NOTHING;
    note(|held| {
        before = *held;
        *held = Use {
            is_within: true,
            held: 0,
            peak: 0,
        };
    });
    let back = Back(before);
    let result = work();
    let peak = note(|_| {}).map_or(0, |held| held.peak.unsigned_abs());
    drop(back);
    (result, peak)
}

/// Runs `work` as if this thread were outside of [`within_arena`]: what it asks for comes from the
/// system and is not counted. For what stays when the work around it is done: an arena lasts as long as
/// the last of its blocks.
pub fn outside_arena<T>(work: impl FnOnce() -> T) -> T {
    let mut within = Use::NOTHING;
    note(|held| within = std::mem::replace(held, Use::NOTHING));
    let result = work();
    note(|held| *held = within);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_at_once_is_told() {
        let size = 1 << 20;
        let (last, peak) = within_arena(|| {
            let first = vec![1u8; size];
            let second = vec![2u8; 2 * size];
            drop(first);
            let third = vec![3u8; size];
            drop(second);
            third
        });
        assert_eq!((last.len(), peak), (size, 3 * size));
    }

    #[test]
    fn what_is_to_stay_is_neither_counted_nor_of_the_arena() {
        let size = 1 << 20;
        let (kept, peak) = within_arena(|| {
            let first = vec![1u8; size];
            let kept = outside_arena(|| vec![2u8; 8 * size]);
            assert_eq!(first.len() + kept.len(), 9 * size);
            kept
        });
        assert_eq!((kept.len(), peak), (8 * size, size));
        assert!(!ARENA.holds(kept.as_ptr()));
    }

    #[test]
    fn blocks_come_from_the_arena_and_outlive_it() {
        // Another test's arena may be there.
        let arena = loop {
            if let Some(arena) = Arena::new(8 << 20) {
                break arena;
            }
            std::thread::yield_now();
        };
        let inside = |block: &[u8]| ARENA.holds(block.as_ptr());
        let (kept, _) = within_arena(|| {
            let first = vec![1u8; 1 << 20];
            let address = first.as_ptr().addr();
            assert!(inside(&first));
            drop(first);
            let again = vec![0u8; 1 << 20];
            assert_eq!(again.as_ptr().addr(), address);
            assert!(again.iter().all(|byte| *byte == 0));
            assert!(!inside(&vec![4u8; 64 << 20]), "there is no room for this");
            assert!(!inside(&[5u8; 100]));
            let mut grown = vec![6u8; 1 << 20];
            grown.extend(std::iter::repeat_n(7u8, 1 << 20));
            assert!(inside(&grown));
            assert!(grown.iter().take(1 << 20).all(|byte| *byte == 6));
            grown
        });
        assert!(!inside(&vec![8u8; 1 << 20]), "this thread is outside now");
        drop(arena);
        assert!(kept.iter().skip(1 << 20).all(|byte| *byte == 7));
        let elsewhere = std::thread::Builder::new().spawn(move || drop(kept));
        elsewhere.unwrap().join().unwrap();
    }
}
