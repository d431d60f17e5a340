//! Words a model learns for some texts: rows in place of those of its vocabulary.

use std::ops::Range;
use std::sync::Arc;

use crate::weights::{Inversions, ModelError, ModelPart};

/// Ids from here on are learnt ones; no vocabulary is as large.
const FIRST: u32 = 1 << 31;

/// The ids of rows by their places.
pub(super) fn learnt_ids(rows: Range<usize>) -> impl Iterator<Item = u32> {
    rows.map(|place| FIRST + place as u32)
}

/// The place of a learnt id's row; `None` for an id of the vocabulary.
pub(super) fn place_of(id: u32) -> Option<usize> {
    id.checked_sub(FIRST).map(|place| place as usize)
}

/// What learnt ids stand for in the text encoders, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearntRows {
    /// Empty where there is no such encoder.
    pub(super) first: Vec<f32>,
    /// Likewise.
    pub(super) second: Vec<f32>,
}

/// The ids of a window, and the rows of learnt ones.
#[derive(Clone, Copy, Debug)]
pub struct WindowIds<'a> {
    pub ids: &'a [u32],
    pub learnt: &'a [f32],
}

impl<'a> WindowIds<'a> {
    /// Of the vocabulary alone.
    pub const fn of(ids: &'a [u32]) -> Self {
        Self { ids, learnt: &[] }
    }
}

/// What a model has learnt.
#[derive(Clone, Debug, Default)]
pub struct LearntWords {
    pub inversions: Inversions,
    pub rows: Arc<LearntRows>,
}

impl LearntWords {
    /// What texts name, for text encoders of the widths of a model's first and second.
    pub(super) fn of(
        inversions: Inversions,
        (first, second): (Option<usize>, Option<usize>),
    ) -> Result<Self, ModelError> {
        let rows = |part: ModelPart, width: Option<usize>| match width {
            Some(width) => inversions.rows(part, width),
            None => Ok(Vec::new()),
        };
        let first = rows(ModelPart::TextEncoder, first)?;
        let second = rows(ModelPart::TextEncoder2, second)?;
        Ok(Self {
            inversions,
            rows: Arc::new(LearntRows { first, second }),
        })
    }
}
