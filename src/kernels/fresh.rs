//! Memory that is about to be written.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

/// A vector of whatever was there before; where bugs are looked for, of bits that are not a number.
///
/// # Safety
/// Any bits are a value of the type, and every element is written before it is read.
pub(super) unsafe fn fresh<T: Copy>(len: usize) -> Vec<T> {
    let mut values = Vec::with_capacity(len);
    if cfg!(debug_assertions) {
        let start: *mut T = values.as_mut_ptr();
        // SAFETY: there is room for as many.
        unsafe { start.write_bytes(0xff, len) };
    }
    // SAFETY: there is room; what is there is written first, by the caller's promise.
    unsafe { values.set_len(len) };
    values
}
