//! Without a network: Lanczos, band by band.

use std::time::Instant;

use super::finish::Finish;
use super::shown::ShownPart;
use super::{Enlarging, PartDone};
use crate::pipelines::PipelineError;
use crate::raster::{Area, Extent};

pub(super) fn run(work: &mut Enlarging<'_>) -> Result<(), PipelineError> {
    let (samples, plan) = (work.samples, work.plan);
    let width = plan.from.width as usize;
    let channels = samples.kind.channels();
    let mut finish = Finish::of(work);
    for band in 0..plan.rows {
        if work.token.is_ended() {
            return Ok(());
        }
        let started = Instant::now();
        let first = band * plan.tile.height;
        let rows = plan.tile.height.min(plan.from.height - first);
        let places = (first..first + rows).flat_map(|y| (0..width).map(move |x| (x, y as usize)));
        let values: Vec<f32> = places
            .flat_map(|(x, y)| samples.pixel(x, y).into_iter().take(channels))
            .collect();
        finish.take(&mut values.clone(), work.rows)?;
        let row = |y: u32| {
            let start = (y - first) as usize * width * channels;
            &values[start..start + width * channels]
        };
        (work.watch)(PartDone {
            done: band + 1,
            of: plan.rows,
            took: started.elapsed(),
            part: ShownPart {
                area: Area {
                    x: 0,
                    y: first,
                    extent: Extent::new(plan.from.width, rows),
                },
                kind: samples.kind,
                row: &row,
            },
        });
    }
    Ok(())
}
