//! 3×3 convolution with a quarter of the multiplications: F(4×4, 3×3) of Lavin and Gray 2016, "Fast
//! Algorithms for Convolutional Neural Networks".
//!
//! Pictures are cut into tiles of 4×4 outputs, each of which sees 6×6 inputs. Both are transformed,
//! and for each of the 36 places of a transformed tile there is one product over the channels.

#![expect(unsafe_code, reason = "tasks write disjoint parts of one output")]

mod lines;
mod pictures;
mod weights;

pub(super) use weights::{Transformed, pack};

use std::cell::RefCell;

use rayon::prelude::*;

use self::pictures::{InputTransform, OutputTransform};
use super::Work;
use crate::kernels::Stopped;
use crate::kernels::finish::{Finish, Target};
use crate::kernels::level::Level;
use crate::kernels::product::{Pieces, Product, Rows};
use crate::kernels::room::room;
use crate::kernels::shared::Shared;

/// Outputs of a tile, across and down.
const SIDE: usize = 4;
/// Inputs of a tile, across and down.
const REACH: usize = SIDE + 2;
/// Places of a transformed tile.
pub(super) const PLACES: usize = REACH * REACH;
/// Transformed values of a chunk of tiles: they stay in a core's share of the last cache.
const CHUNK_VALUES: usize = 3 << 19;

/// Values from one place of some tiles to the next: an odd number of cache lines, so that the places
/// of a tile, which are written together, do not all want the same few lines of the cache.
const fn apart(tiles: usize, values: usize) -> usize {
    const LINE: usize = 16;
    ((tiles * values).div_ceil(LINE) | 1) * LINE
}

/// The tiles of one or more pictures, counted row by row.
#[derive(Clone, Copy)]
struct Tiles {
    across: usize,
    down: usize,
    height: usize,
    width: usize,
}

impl Tiles {
    const fn of((height, width): (usize, usize)) -> Self {
        Self {
            across: width.div_ceil(SIDE),
            down: height.div_ceil(SIDE),
            height,
            width,
        }
    }

    const fn per_picture(&self) -> usize {
        self.across * self.down
    }

    /// Picture, row and column of the first pixel of a tile.
    const fn place(&self, tile: usize) -> (usize, usize, usize) {
        let within = tile % self.per_picture();
        (
            tile / self.per_picture(),
            within / self.across * SIDE,
            within % self.across * SIDE,
        )
    }
}

pub(super) fn conv(
    weights: &Transformed,
    work: &Work<'_>,
    target: Target<'_>,
) -> Result<(), Stopped> {
    let Some(panels) = weights.places.first() else {
        return Ok(());
    };
    let tiles = Tiles::of(work.size);
    let all = work.images.batch * tiles.per_picture();
    let columns = panels.count() * panels.level.panel();
    let largest = CHUNK_VALUES / (PLACES * (work.shape.inputs + columns));
    let threads = rayon::current_num_threads();
    let job = Job {
        work,
        weights,
        tiles,
        target,
        columns,
    };
    // A chunk for each thread at a time, or, where there are few tiles, all threads for one.
    let chunk = largest.clamp(24, 192);
    if all >= 2 * threads * chunk || threads == 1 {
        let chunks: Vec<_> = (0..all).step_by(chunk).collect();
        chunks.par_iter().try_for_each(|&first| {
            SCRATCH.with_borrow_mut(|scratch| job.alone(first..all.min(first + chunk), scratch))
        })
    } else {
        // Taken away meanwhile: this thread does its share of the tasks, too.
        let mut scratch = SCRATCH.take();
        let chunk = chunk * threads;
        let done = (0..all)
            .step_by(chunk)
            .try_for_each(|first| job.together(first..all.min(first + chunk), &mut scratch));
        SCRATCH.set(scratch);
        done
    }
}

thread_local! {
    /// Memory a thread uses again for every chunk: to ask for it anew took a twentieth of the time.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Transformed inputs `[place][tile][inputs]` and outputs `[place][tile][columns]`.
#[derive(Default)]
struct Scratch {
    inputs: Vec<f32>,
    outputs: Vec<f32>,
}

struct Job<'a> {
    work: &'a Work<'a>,
    weights: &'a Transformed,
    tiles: Tiles,
    target: Target<'a>,
    columns: usize,
}

type Range = std::ops::Range<usize>;

impl Job<'_> {
    fn level(&self) -> Level {
        self.weights.places[0].level
    }

    fn room<'s>(&self, tiles: &Range, scratch: &'s mut Scratch) -> (Shared<'s>, Shared<'s>) {
        let inputs = PLACES * apart(tiles.len(), self.work.shape.inputs);
        let outputs = PLACES * apart(tiles.len(), self.columns);
        let inputs = room(&mut scratch.inputs, inputs, 0.0);
        let outputs = room(&mut scratch.outputs, outputs, 0.0);
        (Shared::new(inputs), Shared::new(outputs))
    }

    /// On the calling thread.
    fn alone(&self, tiles: Range, scratch: &mut Scratch) -> Result<(), Stopped> {
        let (inputs, outputs) = self.room(&tiles, scratch);
        if (self.work.stop)() {
            return Err(Stopped);
        }
        let count = tiles.len();
        self.transform_inputs(&tiles, 0..count, inputs);
        for place in 0..PLACES {
            self.multiply(
                count,
                place,
                0..self.weights.places[place].count(),
                inputs,
                outputs,
            );
        }
        self.transform_outputs(&tiles, 0..count, outputs);
        Ok(())
    }

    /// On all threads.
    fn together(&self, tiles: Range, scratch: &mut Scratch) -> Result<(), Stopped> {
        let (inputs, outputs) = self.room(&tiles, scratch);
        if (self.work.stop)() {
            return Err(Stopped);
        }
        let count = tiles.len();
        (0..count)
            .into_par_iter()
            .for_each(|tile| self.transform_inputs(&tiles, tile..tile + 1, inputs));
        (0..PLACES).into_par_iter().for_each(|place| {
            self.multiply(
                count,
                place,
                0..self.weights.places[place].count(),
                inputs,
                outputs,
            );
        });
        if (self.work.stop)() {
            return Err(Stopped);
        }
        (0..count)
            .into_par_iter()
            .for_each(|tile| self.transform_outputs(&tiles, tile..tile + 1, outputs));
        Ok(())
    }

    fn transform_inputs(&self, tiles: &Range, which: Range, inputs: Shared<'_>) {
        self.level().run(InputTransform {
            job: self,
            tiles,
            which,
            inputs,
        });
    }

    fn transform_outputs(&self, tiles: &Range, which: Range, outputs: Shared<'_>) {
        self.level().run(OutputTransform {
            job: self,
            tiles,
            which,
            outputs,
        });
    }

    fn multiply(
        &self,
        count: usize,
        place: usize,
        panels: Range,
        inputs: Shared<'_>,
        outputs: Shared<'_>,
    ) {
        let len = self.work.shape.inputs;
        // SAFETY: nobody writes inputs at this stage.
        let inputs = unsafe { inputs.part(place * apart(count, len), count * len) };
        let starts: Vec<*const f32> = inputs.chunks_exact(len).map(<[f32]>::as_ptr).collect();
        let product = Product {
            weights: &self.weights.places[place],
            pieces: Pieces { count: 1, len },
            target: Target {
                out: outputs.from(place * apart(count, self.columns)),
                columns: self.columns,
                pitch: self.columns,
                finish: Finish::default(),
                gates: false,
            },
            adds: false,
        };
        let rows = Rows {
            starts: &starts,
            first: 0,
        };
        // SAFETY: every start is that of a tile's inputs; each place is computed by one task.
        unsafe { product.run(&rows, panels) };
    }
}
