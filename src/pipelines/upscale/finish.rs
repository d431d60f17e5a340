//! From values of the made picture to bytes of the result's rows.

use super::Enlarging;
use crate::pipelines::PipelineError;
use crate::raster::{Kind, RowScaler};

/// Rows that are resampled at once.
pub(super) const ROWS_AT_ONCE: usize = 8;
/// Bytes of rows that are given at once, about.
const AT_ONCE: usize = 1 << 20;

/// Resamples where the result has another size than what was made, and rounds.
pub(super) struct Finish {
    kind: Kind,
    sixteen: bool,
    scaler: Option<RowScaler>,
    bytes: Vec<u8>,
}

impl Finish {
    pub(super) fn of(work: &Enlarging<'_>) -> Self {
        let (plan, kind) = (work.plan, work.samples.kind);
        let scaler =
            (plan.made != plan.to).then(|| RowScaler::new(plan.made, plan.to, kind.channels()));
        Self {
            kind,
            sixteen: work.samples.is_sixteen(),
            scaler,
            bytes: Vec::new(),
        }
    }

    /// Takes whole rows of values from 0 to 1, and what lies beyond is cut, and gives the rows of the
    /// result that are complete by that.
    pub(super) fn take(
        &mut self,
        rows: &mut [f32],
        give: &mut dyn FnMut(&[u8]) -> Result<(), PipelineError>,
    ) -> Result<(), PipelineError> {
        for value in &mut *rows {
            *value = value.clamp(0.0, 1.0);
        }
        let Self {
            kind,
            sixteen,
            scaler,
            bytes,
        } = self;
        let Some(scaler) = scaler else {
            for rows in rows.chunks(AT_ONCE) {
                round(rows, *sixteen, bytes);
                give(bytes)?;
                bytes.clear();
            }
            return Ok(());
        };
        // What is transparent has no say in the colours beside it.
        let channels = kind.channels();
        if kind.alpha {
            for pixel in rows.chunks_exact_mut(channels) {
                weigh(pixel);
            }
        }
        let mut result = Ok(());
        let row = (scaler.width_of_input() * ROWS_AT_ONCE).max(1);
        for rows in rows.chunks(row) {
            scaler.push(rows, |row| {
                if kind.alpha {
                    let mut row = row.to_vec();
                    row.chunks_exact_mut(channels).for_each(unweigh);
                    round(&row, *sixteen, bytes);
                } else {
                    round(row, *sixteen, bytes);
                }
                if bytes.len() >= AT_ONCE && result.is_ok() {
                    result = give(bytes);
                    bytes.clear();
                }
            });
        }
        result?;
        give(bytes)?;
        bytes.clear();
        Ok(())
    }
}

/// Colours by their alpha, which is last.
fn weigh(pixel: &mut [f32]) {
    if let Some((alpha, colors)) = pixel.split_last_mut() {
        for color in colors {
            *color *= *alpha;
        }
    }
}

/// Undoes [`weigh`].
fn unweigh(pixel: &mut [f32]) {
    if let Some((alpha, colors)) = pixel.split_last_mut()
        && *alpha > 0.0
    {
        for color in colors {
            *color /= *alpha;
        }
    }
}

/// Appends samples of 8 or 16 bits.
fn round(values: &[f32], sixteen: bool, bytes: &mut Vec<u8>) {
    let rounded = |value: &f32, most: u16| {
        (value * f32::from(most))
            .round()
            .clamp(0.0, f32::from(most))
    };
    if sixteen {
        let samples = values.iter().map(|value| rounded(value, u16::MAX) as u16);
        bytes.extend(samples.flat_map(u16::to_be_bytes));
    } else {
        bytes.extend(
            values
                .iter()
                .map(|value| rounded(value, u8::MAX.into()) as u8),
        );
    }
}
