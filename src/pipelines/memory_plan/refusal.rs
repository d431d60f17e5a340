//! Why a picture does not fit into memory, and what would.

use thiserror::Error;

use super::{Demand, MemoryPlan, Saving};
use crate::models::MemoryNeeds;
use crate::raster::Extent;
use crate::recipe::{WeightBits, tile_step};

/// A picture does not fit, whatever is done to take less; sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{extent} needs {needed}{even}, and {allowed} may be used: {cures}",
    extent = Size(*extent), needed = Amount(*needed), even = Even(savings),
    allowed = Amount(*allowed), cures = Cures(self)
)]
pub struct TooLittleMemory {
    pub extent: Extent,
    /// With all that can be done.
    pub needed: u64,
    pub allowed: u64,
    /// What that is.
    pub savings: Vec<Saving>,
    /// The largest picture of about this shape that fits, and what it takes.
    pub smaller: Option<(Extent, u64)>,
    /// What this picture takes with weights in fewer bits, where it fits then.
    pub fewer_bits: Option<(WeightBits, u64)>,
}

impl TooLittleMemory {
    pub(super) fn of(needs: &MemoryNeeds, demand: &Demand, allowed: u64) -> Self {
        let least = |demand: &Demand| {
            let plans = demand
                .ways(needs)
                .map(|way| MemoryPlan::with(needs, demand, way));
            plans.min_by_key(|plan| plan.bytes)
        };
        let fitting = |demand: &Demand| {
            let bytes = least(demand)?.bytes;
            (bytes <= allowed).then_some(bytes)
        };
        let plan = least(demand);
        let smaller = demand.smaller(needs).into_iter().find_map(|extent| {
            let bytes = fitting(&Demand { extent, ..*demand })?;
            Some((extent, bytes))
        });
        let eight = WeightBits::EightBit;
        let with_eight = Demand {
            bits: eight,
            ..*demand
        };
        Self {
            extent: demand.extent,
            needed: plan.map_or(0, |plan| plan.bytes),
            allowed,
            savings: plan.map_or_else(Vec::new, |plan| plan.savings(demand)),
            smaller,
            fewer_bits: fitting(&with_eight).map(|bytes| (eight, bytes)),
        }
    }
}

impl Demand {
    /// Sizes of about the same shape, the largest first.
    fn smaller(&self, needs: &MemoryNeeds) -> Vec<Extent> {
        /// Steps from the longer side to nothing, at most.
        const STEPS: u32 = 64;
        let (width, height) = (self.extent.width, self.extent.height);
        let longest = width.max(height);
        let step = tile_step(needs.factor).max(longest / STEPS);
        let step = step.next_multiple_of(needs.factor.max(1));
        let sides = (1..longest.div_ceil(step)).rev().map(|count| count * step);
        let scaled = |side: u32, longer: u32| {
            let exact = u64::from(side) * u64::from(longer) / u64::from(longest);
            let factor = u64::from(needs.factor.max(1));
            (exact / factor * factor).max(factor) as u32
        };
        sides
            .map(|longer| Extent::new(scaled(width, longer), scaled(height, longer)))
            .collect()
    }
}

/// Bytes as people read them.
struct Amount(u64);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 < 100_000_000 {
            write!(f, "{} MB", self.0.div_ceil(1_000_000))
        } else {
            write!(f, "{:.2} GB", self.0 as f64 / 1e9)
        }
    }
}

struct Size(Extent);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a picture of {}x{}", self.0.width, self.0.height)
    }
}

struct Even<'a>(&'a [Saving]);

impl std::fmt::Display for Even<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, " even by {}", Saving::all(self.0))
    }
}

struct Cures<'a>(&'a TooLittleMemory);

impl std::fmt::Display for Cures<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((Extent { width, height }, bytes)) = self.0.smaller {
            write!(f, "choose at most {width}x{height} ({}), ", Amount(bytes))?;
        }
        if let Some((_, bytes)) = self.0.fewer_bits {
            write!(f, "keep the weights in 8 bits ({}), ", Amount(bytes))?;
        }
        if self.0.smaller.is_none() && self.0.fewer_bits.is_none() {
            return f.write_str("choose a smaller model, or allow more memory");
        }
        f.write_str("or allow more memory")
    }
}
