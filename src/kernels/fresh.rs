//! Memory that is about to be written.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

/// A vector of whatever was there before; not a number where bugs are looked for.
///
/// # Safety
/// Every element is written before it is read.
#[expect(clippy::uninit_vec, reason = "that is what this is for")]
pub(super) unsafe fn fresh(len: usize) -> Vec<f32> {
    if cfg!(debug_assertions) {
        return vec![f32::NAN; len];
    }
    let mut values = Vec::with_capacity(len);
    // SAFETY: there is room; what is there is written first, by the caller's promise.
    unsafe {
        values.set_len(len);
    }
    values
}
