//! As every machine can.

use super::{DEPTH, EightWork, Sums, WIDTH};

/// Adds products of rows and blocks.
pub(super) fn multiply(work: &EightWork<'_>, sums: &mut Sums) {
    for (row, sums) in work.rows.chunks_exact(work.depth).zip(sums) {
        for (part, block) in row.iter().zip(work.blocks) {
            for (half, sums) in block.0.iter().zip(sums.chunks_exact_mut(WIDTH / 2)) {
                let fours = half.chunks_exact(WIDTH / 2 * 4);
                for (values, weights) in part.0.chunks_exact(4).zip(fours) {
                    for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(4)) {
                        for (value, weight) in values.iter().zip(weights) {
                            *sum += i32::from(*value) * i32::from(*weight);
                        }
                    }
                }
            }
        }
    }
    const { assert!(DEPTH.is_multiple_of(4)) };
}
