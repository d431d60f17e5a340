//! Convolution of any kind, and with a kernel of one pixel the linear layer.

use std::cell::RefCell;

use rayon::prelude::*;

use super::Amx;
use super::product::{Product, Room};
use super::regions::{Lines, PIXELS, Region, divide};
use super::split::split_after;
use super::tiles::Split;
use super::weights::Blocks;
use crate::kernels::Stopped;
use crate::kernels::conv::{Picture, Work};
use crate::kernels::finish::Target;
use crate::kernels::room::room;

/// Tasks that keep all cores busy to the end.
const TASKS: usize = 16;
/// Bytes of weights that stay in every core's second cache: threads need not share their reading.
const LIGHT: usize = 512 << 10;
/// Regions each thread gets of a picture under light weights, and the least pixels of one: fewer are
/// more around the edges than within.
const REGIONS: usize = 2;
const LEAST: usize = 128;

thread_local! {
    /// Memory a thread uses again for every region.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    values: Vec<Split>,
    room: Room,
}

pub(in crate::kernels) fn conv(
    amx: Amx,
    weights: &Blocks,
    work: &Work<'_>,
    target: Target<'_>,
) -> Result<(), Stopped> {
    let threads = rayon::current_num_threads();
    let is_light = weights.bytes() <= LIGHT;
    let pixels = if is_light {
        let all = work.images.batch * work.size.0 * work.size.1;
        all.div_ceil(REGIONS * threads).clamp(LEAST, PIXELS)
    } else {
        PIXELS
    };
    let regions = divide(work.images.batch, work.size, pixels);
    let job = Job {
        amx,
        weights,
        work,
        target,
    };
    let enough = if is_light { threads } else { 4 * threads };
    // A region for each thread at a time, or, where there are few, all threads for one.
    if regions.len() >= enough || weights.panels() < 2 {
        regions
            .par_iter()
            .try_for_each(|region| SCRATCH.with_borrow_mut(|scratch| job.alone(region, scratch)))
    } else {
        // Taken away meanwhile: this thread does its share of the tasks, too.
        let mut values = SCRATCH.with_borrow_mut(|scratch| std::mem::take(&mut scratch.values));
        let done = regions
            .iter()
            .try_for_each(|region| job.together(region, &mut values));
        SCRATCH.with_borrow_mut(|scratch| scratch.values = values);
        done
    }
}

struct Job<'a> {
    amx: Amx,
    weights: &'a Blocks,
    work: &'a Work<'a>,
    target: Target<'a>,
}

impl Job<'_> {
    /// On the calling thread.
    fn alone(&self, region: &Region, scratch: &mut Scratch) -> Result<(), Stopped> {
        if (self.work.stop)() {
            return Err(Stopped);
        }
        let lines = Lines::of(self.work.shape, region, self.weights.depth);
        let len = lines.len(region.images.len(), self.work.shape.stride);
        let values = room(&mut scratch.values, len, Split::ZERO);
        let line = lines.width * lines.pitch;
        for (at, values) in values
            .chunks_exact_mut(line)
            .take(region.images.len() * lines.height)
            .enumerate()
        {
            self.split_line(region, &lines, at, values);
        }
        self.multiply(
            region,
            &lines,
            values,
            0..self.weights.panels(),
            &mut scratch.room,
        );
        Ok(())
    }

    /// On all threads.
    fn together(&self, region: &Region, values: &mut Vec<Split>) -> Result<(), Stopped> {
        let lines = Lines::of(self.work.shape, region, self.weights.depth);
        let len = lines.len(region.images.len(), self.work.shape.stride);
        let values = room(values, len, Split::ZERO);
        let line = lines.width * lines.pitch;
        let count = region.images.len() * lines.height;
        values[..count * line]
            .par_chunks_exact_mut(line)
            .enumerate()
            .for_each(|(at, values)| self.split_line(region, &lines, at, values));
        let panels = self.weights.panels();
        let share = panels.div_ceil(TASKS);
        let values = &*values;
        (0..panels.div_ceil(share))
            .into_par_iter()
            .try_for_each(|task| {
                if (self.work.stop)() {
                    return Err(Stopped);
                }
                let panels = task * share..panels.min((task + 1) * share);
                SCRATCH.with_borrow_mut(|scratch| {
                    self.multiply(region, &lines, values, panels, &mut scratch.room);
                });
                Ok(())
            })
    }

    fn split_line(&self, region: &Region, lines: &Lines, line: usize, values: &mut [Split]) {
        let shape = self.work.shape;
        let image = region.images.start + line / lines.height;
        let images = self.work.images;
        let picture = Picture::of(images, image, shape.inputs);
        let before = images.before.of(image, shape.inputs);
        let y = region.rows.start * shape.stride + line % lines.height;
        let left = region.columns.start * shape.stride;
        for (x, values) in values.chunks_exact_mut(lines.pitch).enumerate() {
            let values = &mut values[..self.weights.depth];
            match picture.at(y, left + x, shape.padding) {
                // SAFETY: `Amx` shows that there are these instructions.
                Some(pixel) => unsafe { split_after(self.amx, &before, pixel, values) },
                None => values.fill(Split::ZERO),
            }
        }
    }

    fn multiply(
        &self,
        region: &Region,
        lines: &Lines,
        values: &[Split],
        panels: std::ops::Range<usize>,
        room: &mut Room,
    ) {
        let shape = self.work.shape;
        let (groups, places) = lines.groups(shape, region, self.work.size);
        let product = Product {
            amx: self.amx,
            weights: self.weights,
            values,
            groups: &groups,
            stride: shape.stride * lines.pitch,
            taps: &lines.taps(shape),
            places: &places,
            target: self.target,
        };
        // SAFETY: each region is computed once, each of its panels by one task.
        unsafe { product.run(panels, room) };
    }
}
