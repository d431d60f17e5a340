//! What something saves and costs, as `afterimage bench shortcuts` measured it with Sprout.

use std::fmt;

/// Pictures made with something beside those made without, from the same seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The part of the time of denoising that is left, from 0 to 1.
    pub time: f64,
    /// By how much a value of 0 to 255 differs on average.
    pub difference: f64,
    /// Ratio of signal to that noise over all pictures, in decibels; infinite where nothing differs.
    pub psnr: f64,
}

impl Measured {
    /// The columns of a row, as [`fmt::Display`] writes them.
    pub const COLUMNS: &str = "time\tdifference\tpsnr";

    /// Of the next cells of a row.
    pub(super) fn read(next: &mut dyn FnMut() -> Option<f64>) -> Option<Self> {
        Some(Self {
            time: next()?,
            difference: next()?,
            psnr: next()?,
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, difference, psnr) = (self.time, self.difference, self.psnr);
        write!(f, "{time:.3}\t{difference:.2}\t{psnr:.2}")
    }
}
