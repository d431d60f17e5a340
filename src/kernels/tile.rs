//! The innermost loop of every product: a few rows times one panel of weights, in registers.

#![expect(
    unsafe_code,
    reason = "rows are read through pointers; callers promise their lengths"
)]

use pulp::Simd;

use super::level::multiply_add;

/// Vectors of a panel.
pub(super) const VECTORS: usize = 2;

/// Rows computed together: as many as leave registers for a panel's vectors and one value.
pub(super) const fn tile_rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 12 } else { 6 }
}

/// Sums of a tile: `[row][vector]`.
pub(super) type Sums<S, const ROWS: usize, const WIDE: usize> = [[<S as Simd>::f32s; WIDE]; ROWS];

/// `sums[row] += Σ rows[row][k] * panel[k]` for `k < inner`, of the panel's first vectors. What comes
/// from far away, where `ASKS`, is asked for before its turn.
///
/// # Safety
/// Every row has `inner` readable values, and the panel `inner` times its width.
#[inline(always)]
pub(super) unsafe fn accumulate<S: Simd, const ROWS: usize, const WIDE: usize, const ASKS: bool>(
    simd: S,
    rows: &[*const f32; ROWS],
    panel: *const f32,
    inner: usize,
    sums: &mut Sums<S, ROWS, WIDE>,
) {
    let mut acc = *sums;
    let mut at = panel;
    for k in 0..inner {
        if ASKS {
            for v in 0..VECTORS {
                ask_for(at.wrapping_add((AHEAD * VECTORS + v) * S::F32_LANES));
            }
        }
        // SAFETY: `k < inner`, which rows and panel have by the caller's promise.
        unsafe {
            let weights: [S::f32s; WIDE] = std::array::from_fn(|v| {
                at.add(v * S::F32_LANES).cast::<S::f32s>().read_unaligned()
            });
            at = at.add(VECTORS * S::F32_LANES);
            for row in 0..ROWS {
                let value = simd.splat_f32s(*rows[row].add(k));
                for v in 0..WIDE {
                    acc[row][v] = multiply_add(simd, value, weights[v], acc[row][v]);
                }
            }
        }
    }
    *sums = acc;
}

/// Rows of a panel that are asked for before their turn.
const AHEAD: usize = 48;

/// Has the memory around an address brought nearer.
#[inline(always)]
fn ask_for(address: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint about an address nothing is read from.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
