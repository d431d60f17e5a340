//! A picture becomes larger, or better at its own size: part by part, its rows given as they are
//! done, so that neither the parts nor the result are ever in memory as a whole.

mod axis;
mod band;
mod finish;
mod lanczos;
mod network;
mod passes;
mod plan;
mod shown;

use std::time::Duration;

pub use passes::network_calls;
pub use plan::{Goal, Plan, PlanError, Target, Tiling, Way, room_for_result};
pub use shown::ShownPart;

use super::{CancelToken, PipelineError};
use crate::models::Upscaler;
use crate::raster::Samples;

/// A way to make a picture larger.
#[derive(Debug)]
pub struct Enlarger {
    /// In recipes and on the command line.
    pub id: &'static str,
    pub needs_network: bool,
    run: fn(&mut Enlarging<'_>) -> Result<(), PipelineError>,
}

/// Every way; the first one that has what it needs is the usual one.
pub const ENLARGERS: &[Enlarger] = &[
    Enlarger {
        id: "network",
        needs_network: true,
        run: network::run,
    },
    Enlarger {
        id: "lanczos",
        needs_network: false,
        run: lanczos::run,
    },
];

/// A picture that is made larger.
pub struct Enlarging<'a> {
    pub samples: &'a Samples,
    pub plan: &'a Plan,
    /// For the ways that need one.
    pub network: Option<&'a Upscaler>,
    pub token: &'a CancelToken,
    /// Hears of every part that is done.
    pub watch: &'a mut dyn FnMut(PartDone<'_>),
    /// Takes rows of the result from the top, samples big-endian, as many bits each as those of the
    /// picture.
    pub rows: &'a mut dyn FnMut(&[u8]) -> Result<(), PipelineError>,
}

/// A part of the result is there.
#[derive(Debug)]
pub struct PartDone<'a> {
    /// Counted from 1.
    pub done: u32,
    pub of: u32,
    pub took: Duration,
    pub part: ShownPart<'a>,
}

impl Enlarger {
    pub fn by_id(id: &str) -> Option<&'static Self> {
        ENLARGERS.iter().find(|enlarger| enlarger.id == id)
    }
}

/// Whether the rows were given to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enlarged {
    Whole,
    /// Ended by people.
    Cancelled,
}

/// Makes a picture larger as planned.
pub fn enlarge(mut work: Enlarging<'_>) -> Result<Enlarged, PipelineError> {
    let enlarger = work.plan.enlarger();
    match (enlarger.run)(&mut work) {
        _ if work.token.is_ended() => Ok(Enlarged::Cancelled),
        result => result.map(|()| Enlarged::Whole),
    }
}
