//! A network makes the picture larger, part by part, as the authors of Wang et al. 2021, "Real-ESRGAN",
//! cut pictures: the picture is extended to the right and downward by its reflection, first by some
//! pixels and then to a multiple; each part is shown with its surroundings, as far as there are any,
//! and only the part itself is kept.

use std::time::Instant;

use candle_core::{Device, Tensor};

use super::axis::{Axis, Part};
use super::band::Band;
use super::finish::Finish;
use super::passes::{Pass, passes};
use super::shown::ShownPart;
use super::{Enlarging, PartDone};
use crate::kernels::within_arena;
use crate::models::Upscaler;
use crate::nn::Interrupt;
use crate::pipelines::{PipelineError, Wish};
use crate::raster::{Area, Extent, Samples};

/// What is made of one part.
struct Work<'a> {
    samples: &'a Samples,
    network: &'a Upscaler,
    across: Axis,
    down: Axis,
    interrupt: Interrupt,
}

pub(super) fn run(work: &mut Enlarging<'_>) -> Result<(), PipelineError> {
    let (samples, plan) = (work.samples, work.plan);
    let network = work
        .network
        .ok_or_else(|| PipelineError::Computation("no network was given".to_owned()))?;
    let channels = network.layout().channels();
    let mut passes = passes(samples.kind, channels)
        .ok_or_else(|| PipelineError::Computation(format!("a network of {channels} channels")))?;
    // What hides nothing stays as it is.
    let is_opaque = samples.kind.alpha && samples.are_opaque();
    if is_opaque {
        passes.pop();
    }
    let [across, down] = Axis::both(plan, network.layout());
    let making = Work {
        samples,
        network,
        across,
        down,
        interrupt: work.token.interrupt_at(Wish::Stop),
    };
    let mut band = Band::new(plan.made.width as usize * samples.kind.channels());
    let mut finish = Finish::of(work);
    let mut done = 0;
    for row in 0..plan.rows {
        let rows = making.down.part(row);
        band.reach(rows.span.at.end);
        for column in 0..plan.columns {
            let started = Instant::now();
            let columns = making.across.part(column);
            for pass in &passes {
                making.add(&mut band, (&rows, &columns), *pass)?;
            }
            if is_opaque {
                add_opaque(&mut band, (&rows, &columns), samples.kind.channels());
            }
            done += 1;
            (work.watch)(PartDone {
                done,
                of: plan.parts(),
                took: started.elapsed(),
                part: ShownPart {
                    area: complete(&rows, &columns),
                    kind: samples.kind,
                    row: &|y| band.row(y as usize),
                },
            });
        }
        let mut values: Vec<f32> = band.give(rows.complete.end).collect();
        finish.take(&mut values, work.rows)?;
    }
    Ok(())
}

impl Work<'_> {
    /// Adds to the result what the network makes of a part in one call.
    fn add(
        &self,
        band: &mut Band,
        (rows, columns): (&Part, &Part),
        pass: Pass,
    ) -> Result<(), PipelineError> {
        self.interrupt.check()?;
        let layout = self.network.layout();
        let (channels, scale) = (layout.channels(), layout.scale());
        let made = self.forward(self.shown((rows, columns), pass)?)?;
        let width = columns.shown.len() * scale;
        let own = self.samples.kind.channels();
        for (y, down) in rows.span.weighed() {
            let first = ((y - rows.shown.start * scale) * width) * channels;
            let made = &made[first..first + width * channels];
            let row = band.row_mut(y);
            for (x, across) in columns.span.weighed() {
                let first = (x - columns.shown.start * scale) * channels;
                let pixel = &mut row[x * own..(x + 1) * own];
                pass.add(&made[first..first + channels], down * across, pixel);
            }
        }
        Ok(())
    }

    /// What the network is shown: `[1, channels, height, width]`, channels last in memory.
    fn shown(&self, (rows, columns): (&Part, &Part), pass: Pass) -> Result<Tensor, PipelineError> {
        let channels = self.network.layout().channels();
        let size = (1, rows.shown.len(), columns.shown.len(), channels);
        let mut values = Vec::with_capacity(size.1 * size.2 * channels);
        let xs: Vec<usize> = columns
            .shown
            .clone()
            .map(|x| self.across.source(x))
            .collect();
        for y in rows.shown.clone() {
            let y = self.down.source(y);
            for &x in &xs {
                pass.show(&self.samples.pixel(x, y), channels, &mut values);
            }
        }
        let pixels = Tensor::from_vec(values, size, &Device::Cpu)?;
        Ok(pixels
            .permute((0, 3, 1, 2))?
            .to_device(self.network.device())?)
    }

    /// The values it makes, row by row, channels last.
    fn forward(&self, shown: Tensor) -> Result<Vec<f32>, PipelineError> {
        let (made, _) = within_arena(|| self.network.forward(&shown, &self.interrupt));
        drop(shown);
        let made = made?.permute((0, 2, 3, 1))?.to_device(&Device::Cpu)?;
        Ok(made.flatten_all()?.to_vec1()?)
    }
}

/// The rectangle of the result that is done with a part.
fn complete(rows: &Part, columns: &Part) -> Area {
    let (down, across) = (&rows.complete, &columns.complete);
    Area {
        x: across.start as u32,
        y: down.start as u32,
        extent: Extent::new(across.len() as u32, down.len() as u32),
    }
}

/// The last channel of a part hides nothing.
fn add_opaque(band: &mut Band, (rows, columns): (&Part, &Part), channels: usize) {
    for (y, down) in rows.span.weighed() {
        let row = band.row_mut(y);
        for (x, across) in columns.span.weighed() {
            row[(x + 1) * channels - 1] += down * across;
        }
    }
}
