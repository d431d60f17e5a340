//! Products of numbers of eight bits.

use std::arch::asm;

use super::Amx;
use super::tiles::{LINE, SIDE, Tiles};
use crate::kernels::eight_bit::{EightBlock, EightPart, EightWork, Sums, WIDTH};

/// Adds products of rows and blocks.
pub(in crate::kernels) fn multiply_eight(_: Amx, work: &EightWork<'_>, sums: &mut Sums) {
    let depth = work.depth;
    assert_eq!(work.blocks.len(), depth);
    // SAFETY: `Amx` shows that there is the unit.
    let mut tiles = unsafe { Tiles::shape() };
    let together = 2 * SIDE;
    let mut padded = Vec::new();
    for (rows, sums) in work
        .rows
        .chunks(together * depth)
        .zip(sums.chunks_mut(together))
    {
        // Rows that are not there are zeros.
        let rows = if rows.len() < together * depth {
            padded.clear();
            padded.extend_from_slice(rows);
            padded.resize(together * depth, EightPart([0; 64]));
            &padded
        } else {
            rows
        };
        tiles.clear();
        for (at, block) in work.blocks.iter().enumerate() {
            let first = rows[at..].as_ptr();
            let second = rows[SIDE * depth + at..].as_ptr();
            // SAFETY: 16 rows begin at both, by what is above.
            unsafe { step(&mut tiles, [first, second], depth, block) };
        }
        let out = sums.as_flattened_mut();
        // SAFETY: tiles of whole numbers are of the same size as those of f32.
        let out =
            unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<f32>(), out.len()) };
        tiles.store(out, WIDTH);
    }
}

/// Adds what a block makes of 64 inner values of two groups of 16 rows, `depth` parts apart.
///
/// # Safety
/// 16 rows from each start can be read.
#[inline(always)]
unsafe fn step(
    _: &mut Tiles,
    [a, c]: [*const EightPart; 2],
    depth: usize,
    block: *const EightBlock,
) {
    // SAFETY: the tiles are shaped; rows are there by the caller's promise.
    unsafe {
        asm!(
            "tileloadd tmm4, [{a} + {stride}*1]",
            "tileloadd tmm6, [{b} + {line}*1]",
            "tileloadd tmm7, [{b} + {line}*1 + 1024]",
            "tdpbssd tmm0, tmm4, tmm6",
            "tileloadd tmm5, [{c} + {stride}*1]",
            "tdpbssd tmm1, tmm4, tmm7",
            "tdpbssd tmm2, tmm5, tmm6",
            "tdpbssd tmm3, tmm5, tmm7",
            a = in(reg) a,
            c = in(reg) c,
            b = in(reg) block,
            stride = in(reg) depth * size_of::<EightPart>(),
            line = in(reg) LINE,
            options(nostack, preserves_flags, readonly)
        );
    }
}
