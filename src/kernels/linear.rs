//! The linear layer.

#![expect(unsafe_code, reason = "tasks write disjoint parts of one output")]

use rayon::prelude::*;

use super::finish::Finish;
use super::level::Level;
use super::panels::Panels;
use super::product::{Pieces, Product, Rows};
use super::shared::Shared;
use super::{Stop, Stopped};

/// Rows one task reads while it goes through the weights.
const ROWS: usize = 96;
/// Tasks that keep all cores busy to the end.
const TASKS: usize = 32;

/// A weight `[outputs, inputs]`, packed.
#[derive(Clone, Debug)]
pub struct PackedLinear {
    weights: Panels,
}

impl PackedLinear {
    /// Packs a weight `[outputs, inputs]`.
    pub fn new(level: Level, (outputs, inputs): (usize, usize), weight: &[f32]) -> Self {
        assert_eq!(weight.len(), outputs * inputs);
        Self {
            weights: Panels::pack(level, (outputs, inputs), |output, input| {
                weight[output * inputs + input]
            }),
        }
    }

    /// Outputs and inputs.
    pub const fn sizes(&self) -> (usize, usize) {
        (self.weights.outputs, self.weights.inner)
    }

    /// Memory the weights take.
    pub const fn bytes(&self) -> usize {
        self.weights.bytes()
    }

    /// Rows of `inputs` values to rows of `outputs`.
    pub fn run(
        &self,
        input: &[f32],
        finish: Finish<'_>,
        out: &mut [f32],
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        let (outputs, inputs) = self.sizes();
        let rows = input.len() / inputs;
        assert_eq!(input.len(), rows * inputs);
        assert_eq!(out.len(), rows * outputs);
        let product = Product {
            weights: &self.weights,
            pieces: Pieces {
                count: 1,
                len: inputs,
            },
            out: Shared::new(out),
            columns: outputs,
            finish,
        };
        let count = self.weights.count();
        let blocks = rows.div_ceil(ROWS);
        let share = count.div_ceil((TASKS / blocks.max(1)).clamp(1, count.max(1)));
        let tasks: Vec<_> = (0..blocks)
            .flat_map(|block| {
                (0..count)
                    .step_by(share.max(1))
                    .map(move |first| (block, first))
            })
            .collect();
        tasks.par_iter().try_for_each_init(
            Vec::new,
            |starts: &mut Vec<*const f32>, &(block, panel)| {
                if stop() {
                    return Err(Stopped);
                }
                let first = block * ROWS;
                let rows = &input[first * inputs..rows.min(first + ROWS) * inputs];
                starts.clear();
                starts.extend(rows.chunks_exact(inputs).map(<[f32]>::as_ptr));
                let rows = Rows { starts, first };
                // SAFETY: every start is that of a row; each task is run once and owns
                // its rows in its panels.
                unsafe { product.run(&rows, panel..count.min(panel + share)) };
                Ok(())
            },
        )
    }
}
