//! How long people wait for something to disappear from a picture.

use std::sync::Arc;

use super::random_weights::random_weights;
use super::{median, say_machine};
use crate::cli::{CommandError, console::say, failed};
use crate::models::{Lama, LamaLayout};
use crate::pipelines::{CancelToken, REMOVERS, Tools};
use crate::raster::{Area, Extent, Mask};
use crate::training::scenes::{Scene, Style, paint};

/// Pixels along each side of the picture.
const SIDE: u32 = 1024;
/// A tenth of the picture.
const HOLE: Area = Area {
    x: 350,
    y: 400,
    extent: Extent::new(324, 324),
};
const TIMES: usize = 3;

/// Fills a hole in a scene of the painter in every way; the network is of big-lama's size, its
/// weights all zero.
pub(super) fn run() -> Result<(), CommandError> {
    say_machine()?;
    say(&format!(
        "a hole of {} in a picture of {SIDE}x{SIDE}; seconds, the median of {TIMES}",
        HOLE.extent
    ))?;
    let image = paint(&Scene::sample(7, 0).in_style(Style::Flat), SIDE);
    let inside = |at: u32, start: u32, length: u32| (start..start + length).contains(&at);
    let values = (0..SIDE * SIDE).map(|at| {
        let across = inside(at % SIDE, HOLE.x, HOLE.extent.width);
        let along = inside(at / SIDE, HOLE.y, HOLE.extent.height);
        if across && along { u8::MAX } else { 0 }
    });
    let Some(mask) = Mask::from_values(image.extent(), values.collect()) else {
        return Err(CommandError::Failed(format!(
            "the painter drew {} instead",
            image.extent()
        )));
    };
    let layout = LamaLayout::big();
    let lama = Arc::new(Lama::new(&layout, &random_weights()).map_err(failed)?);
    let tools = Tools {
        token: &CancelToken::new(),
        lama: &|| Ok(Arc::clone(&lama)),
    };
    for remover in REMOVERS {
        let took = median(TIMES, || remover.remove(&image, &mask, &tools).map(drop))?;
        say(&format!("{:<10} {:.2}", remover.id, took.as_secs_f64()))?;
    }
    Ok(())
}
