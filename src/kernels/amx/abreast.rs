//! Heads so small that the parts of a product's three products fit beside each other: beside a query's
//! high, high and low parts lie a key's high, low and high ones, for one product.

use std::arch::x86_64::{_mm512_castps_si512, _mm512_mask_storeu_epi16};
use std::array::from_fn;
use std::ops::Range;

use super::split::split_some;
use super::tiles::{DEPTH, HalfBlock, SIDE};
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

/// Lays rows of `dim` values abreast, one after the other in `out`; zeros follow each.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn lay<'a>(rows: impl Iterator<Item = &'a [f32]>, (dim, of): (usize, Of), out: &mut [Part]) {
    let depth = depth_of(dim);
    for (row, out) in rows.zip(out.chunks_exact_mut(depth)) {
        debug_assert_eq!(row.len(), dim);
        out[depth - 1] = Part::ZERO;
        let out: *mut i16 = out.as_mut_ptr().cast();
        for (at, values) in row.chunks(DEPTH).enumerate() {
            let (high, low) = split_some(values);
            let lanes = u32::MAX >> (DEPTH - values.len());
            let thirds = match of {
                Of::Query => [high, high, low],
                Of::Key => [high, low, high],
            };
            for (third, part) in thirds.into_iter().enumerate() {
                let place = third * dim + at * DEPTH;
                let part = _mm512_castps_si512(part);
                // SAFETY: there is room for three times `dim` numbers, and no other is written.
                unsafe { _mm512_mask_storeu_epi16(out.add(place), lanes, part) };
            }
        }
    }
}

/// Writes the blocks of a head's keys: `[panel of 32 keys][depth]`.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn take_keys(blocks: &mut [HalfBlock], keys: HeadOf<'_>) {
    let depth = depth_of(keys.dim);
    let mut parts = vec![Part::ZERO; SIDE * depth];
    for (panel, blocks) in blocks.chunks_exact_mut(depth).enumerate() {
        for half in 0..2 {
            let first = panel * WIDTH + half * SIDE;
            let there = first.min(keys.count)..keys.count.min(first + SIDE);
            parts[there.len() * depth..].fill(Part::ZERO);
            lay(there.map(|key| keys.row(key)), (keys.dim, Of::Key), &mut parts);
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
    parts: &mut Vec<Part>,
) {
    let parts = room(parts, whole * depth_of(head.dim), Part::ZERO);
    let rows = queries.map(|query| head.row(query));
    lay(rows, (head.dim, Of::Query), parts);
}
