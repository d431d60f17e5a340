//! Heads so small that the parts of a product's three products fit beside each other: beside a query's
//! high, high and low parts lie a key's high, low and high ones, for one product.

use std::arch::x86_64::{_mm512_castps_si512, _mm512_mask_storeu_epi16};
use std::array::from_fn;

use super::split::split_some;
use super::tiles::{DEPTH, HalfBlock, SIDE};
use super::turn::turn;
use super::weights::WIDTH;
use crate::kernels::attention::HeadOf;

/// 32 parts of a row.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Part([u16; DEPTH]);

impl Part {
    pub(super) const ZERO: Self = Self([0; DEPTH]);
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

/// Lays a row abreast, each value times a factor; zeros follow.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[inline]
fn lay(row: &[f32], (factor, of): (f32, Of), out: &mut [Part]) {
    assert_eq!(out.len(), depth_of(row.len()));
    if let Some(last) = out.last_mut() {
        *last = Part::ZERO;
    }
    let out: *mut i16 = out.as_mut_ptr().cast();
    for (at, values) in row.chunks(DEPTH).enumerate() {
        let (high, low) = split_some(values, factor);
        let lanes = u32::MAX >> (DEPTH - values.len());
        let thirds = match of {
            Of::Query => [high, high, low],
            Of::Key => [high, low, high],
        };
        for (third, part) in thirds.into_iter().enumerate() {
            let place = third * row.len() + at * DEPTH;
            let part = _mm512_castps_si512(part);
            // SAFETY: there is room for three times the row's numbers, and no other is written.
            unsafe { _mm512_mask_storeu_epi16(out.add(place), lanes, part) };
        }
    }
}

/// Lays a query abreast, for keys that are, each value times a factor.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn lay_query(row: &[f32], factor: f32, out: &mut [Part]) {
    lay(row, (factor, Of::Query), out);
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
            for (key, parts) in there.zip(parts.chunks_exact_mut(depth)) {
                lay(keys.row(key), (1.0, Of::Key), parts);
            }
            for (part, block) in blocks.iter_mut().enumerate() {
                let rows = from_fn(|row| &parts[row * depth + part].0);
                turn(rows, &mut block.0[half]);
            }
        }
    }
}
