//! The gradient of a convolution's weight.

use std::cell::RefCell;

use rayon::prelude::*;

use super::Amx;
use super::product::{NOWHERE, Product, Room};
use super::split::split;
use super::tiles::{DEPTH, SIDE, Split};
use super::weights::{Blocks, WIDTH};
use crate::kernels::Stopped;
use crate::kernels::backward::WeightWork;

thread_local! {
    /// Memory a thread uses again for every task.
    static ROOM: RefCell<Room> = RefCell::default();
}

/// For each tap the gradients of the outputs, in rows of places, times what the tap sees there.
pub(in crate::kernels) fn weight_gradient(amx: Amx, work: &WeightWork<'_>) -> Result<(), Stopped> {
    let (outputs, inputs) = (work.shape.outputs, work.shape.inputs);
    let places = work.places();
    let depth = places.div_ceil(DEPTH);
    let rows = gradient_rows(work, depth);
    let groups: Vec<_> = (0..outputs.div_ceil(SIDE))
        .map(|group| group * SIDE * depth)
        .collect();
    let kept = |output: usize| {
        if output < outputs {
            output as u32
        } else {
            NOWHERE
        }
    };
    let kept: Vec<u32> = (0..groups.len() * SIDE).map(kept).collect();
    let panels = inputs.div_ceil(WIDTH);
    (0..work.shape.taps() * panels)
        .into_par_iter()
        .try_for_each(|task| {
            if (work.stop)() {
                return Err(Stopped);
            }
            let (tap, input) = (task / panels, task % panels * WIDTH);
            let columns = WIDTH.min(inputs - input);
            let mut seen = vec![Split::ZERO; depth * DEPTH];
            for (place, seen) in seen.iter_mut().enumerate().take(places) {
                if let Some(values) = work.seen(place, tap) {
                    let values = &values[input..input + columns];
                    // SAFETY: `Amx` shows that there are these instructions.
                    unsafe { split(values, std::slice::from_mut(seen)) };
                }
            }
            // SAFETY: columns are taken at once.
            let mut weights = unsafe { Blocks::fresh((columns, 1, places)) };
            weights.take_columns(&seen, 1);
            let product = Product {
                amx,
                weights: &weights,
                values: &rows,
                groups: &groups,
                stride: depth,
                taps: &[0],
                places: &kept,
                target: work.target(tap, input, columns),
            };
            ROOM.with_borrow_mut(|room| {
                // SAFETY: each task writes sums of its own.
                unsafe { product.run(0..1, room) };
            });
            Ok(())
        })
}

/// `[output][depth of the places]`, as many rows as the groups have.
fn gradient_rows(work: &WeightWork<'_>, depth: usize) -> Vec<Split> {
    let outputs = work.shape.outputs;
    let mut rows = vec![Split::ZERO; outputs.next_multiple_of(SIDE) * depth];
    rows.par_chunks_exact_mut(depth)
        .enumerate()
        .take(outputs)
        .for_each(|(output, row)| {
            for (part, out) in row.iter_mut().enumerate() {
                let mut values = [0.0; DEPTH];
                let first = part * DEPTH;
                let there = work.places().min(first + DEPTH) - first;
                for (at, value) in values.iter_mut().enumerate().take(there) {
                    *value = work.gradient[(first + at) * outputs + output];
                }
                // SAFETY: `Amx` shows that there are these instructions.
                unsafe { split(&values, std::slice::from_mut(out)) };
            }
        });
    rows
}
