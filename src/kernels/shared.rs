//! One output that many tasks write, each its own elements.

#![expect(unsafe_code, reason = "tasks write disjoint elements of one slice")]

use std::marker::PhantomData;

/// A slice that tasks write elements of; who writes which is for its users to keep apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared<'a> {
    start: *mut f32,
    len: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: what is reached through it is unshared by the promise of `part`'s callers.
unsafe impl Send for Shared<'_> {}
// SAFETY: as above.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(super) fn new(out: &'a mut [f32]) -> Self {
        Self {
            start: out.as_mut_ptr(),
            len: out.len(),
            borrowed: PhantomData,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Those from one on.
    pub(super) fn from(&self, offset: usize) -> Self {
        assert!(offset <= self.len);
        Self {
            start: self.start.wrapping_add(offset),
            len: self.len - offset,
            borrowed: PhantomData,
        }
    }

    /// Some elements.
    ///
    /// # Safety
    /// Nothing else touches them as long as they are borrowed.
    #[inline(always)]
    pub(super) unsafe fn part(&self, offset: usize, len: usize) -> &'a mut [f32] {
        assert!(offset <= self.len && len <= self.len - offset);
        // SAFETY: within bounds by the assertion, unshared by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(offset), len) }
    }
    /// Some elements that are read alone.
    ///
    /// # Safety
    /// Nobody writes them as long as they are borrowed.
    #[inline(always)]
    pub(super) unsafe fn read(&self, offset: usize, len: usize) -> &'a [f32] {
        assert!(offset <= self.len && len <= self.len - offset);
        // SAFETY: within bounds by the assertion, unchanged by the caller's promise.
        unsafe { std::slice::from_raw_parts(self.start.add(offset), len) }
    }
}
