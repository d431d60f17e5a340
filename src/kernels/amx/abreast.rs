//! Heads so small that the parts of a product's three products fit beside each other: beside a query's
//! high, high and low parts lie a key's high, low and high ones, for one product.

use std::array::from_fn;
use std::ops::Range;

use super::split::split;
use super::tiles::{DEPTH, HalfBlock, SIDE, Split};
use super::turn::turn;
use super::weights::WIDTH;
use crate::kernels::attention::HeadOf;
use crate::kernels::room::room;

/// 32 parts of a row.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Part([u16; DEPTH]);

impl Part {
    const ZERO: Self = Self([0; DEPTH]);

    fn values(parts: &mut [Self]) -> &mut [u16] {
        // SAFETY: parts are 32 numbers each, side by side.
        unsafe { std::slice::from_raw_parts_mut(parts.as_mut_ptr().cast(), parts.len() * DEPTH) }
    }
}

/// Products that take parts of so many values abreast, of 32 each.
pub(super) const fn depth_of(dim: usize) -> usize {
    (3 * dim).div_ceil(DEPTH)
}

/// Whether that is fewer than they would be apart.
pub(super) const fn wins(dim: usize) -> bool {
    depth_of(dim) < 3 * dim.div_ceil(DEPTH)
}

/// Whose parts.
#[derive(Clone, Copy)]
enum Of {
    Query,
    Key,
}

/// Lays rows of `dim` values abreast, one after the other in `out`, which is 32 longer than they are;
/// zeros follow each.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn lay<'a>(
    rows: impl Iterator<Item = &'a [f32]>,
    (dim, of): (usize, Of),
    (parts, out): (&mut [Split], &mut [u16]),
) {
    let depth = depth_of(dim);
    for (at, row) in rows.enumerate() {
        split(row, parts);
        let out = &mut out[at * depth * DEPTH..][..(depth + 1) * DEPTH];
        let mut put = |at: usize, values: &[u16; DEPTH]| {
            out[at..at + DEPTH].copy_from_slice(values);
        };
        put((depth - 1) * DEPTH, &[0; DEPTH]);
        // What is beyond the end of one is where the next one begins.
        for third in 0..3 {
            for (at, split) in parts.iter().enumerate() {
                let values = match (of, third) {
                    (Of::Query, 2) | (Of::Key, 1) => split.low(),
                    _ => split.high(),
                };
                put(third * dim + at * DEPTH, values);
            }
        }
    }
}

/// Writes the blocks of a head's keys: `[panel of 32 keys][depth]`.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn take_keys(blocks: &mut [HalfBlock], keys: HeadOf<'_>) {
    let depth = depth_of(keys.dim);
    let mut row = vec![Split::ZERO; keys.dim.div_ceil(DEPTH)];
    let mut parts = vec![Part::ZERO; SIDE * depth + 1];
    for (panel, blocks) in blocks.chunks_exact_mut(depth).enumerate() {
        for half in 0..2 {
            let first = panel * WIDTH + half * SIDE;
            let there = first.min(keys.count)..keys.count.min(first + SIDE);
            parts[there.len() * depth..].fill(Part::ZERO);
            let rows = there.map(|key| keys.row(key));
            let out = (&mut *row, Part::values(&mut parts));
            lay(rows, (keys.dim, Of::Key), out);
            for (part, block) in blocks.iter_mut().enumerate() {
                let rows = from_fn(|row| &parts[row * depth + part].0);
                turn(rows, &mut block.0[half]);
            }
        }
    }
}

/// Lays some queries of a head for such keys: `[query][depth]`, with room for `whole` of them.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn lay_queries(
    (head, queries): (HeadOf<'_>, Range<usize>),
    whole: usize,
    (row, parts): (&mut Vec<Split>, &mut Vec<Part>),
) {
    let row = room(row, head.dim.div_ceil(DEPTH), Split::ZERO);
    let parts = room(parts, whole * depth_of(head.dim) + 1, Part::ZERO);
    let rows = queries.map(|query| head.row(query));
    lay(rows, (head.dim, Of::Query), (row, Part::values(parts)));
}
