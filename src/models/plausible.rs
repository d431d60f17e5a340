//! What numbers of a configuration can be true: beyond those of any network, and far below where what
//! is computed of them would overflow, or a list of that length would take all memory.

use std::ops::RangeInclusive;

use crate::weights::ModelError;

/// Channels, features of a token, heads.
pub(super) const WIDTHS: RangeInclusive<usize> = 1..=1 << 16;
/// Levels of a network, each of half the size.
pub(super) const LEVELS: RangeInclusive<usize> = 1..=12;
/// Layers one after the other, in a level or in a transformer.
pub(super) const LAYERS: RangeInclusive<usize> = 0..=256;
/// Words of a vocabulary.
pub(super) const WORDS: RangeInclusive<usize> = 1..=1 << 24;
/// Along a side of what a network was trained on.
pub(super) const SIDES: RangeInclusive<usize> = 1..=1 << 12;

/// Refuses the first number that cannot be true; each comes with its key.
pub(super) fn check<'n>(
    file: &str,
    numbers: impl IntoIterator<Item = (&'n str, usize, RangeInclusive<usize>)>,
) -> Result<(), ModelError> {
    let mut numbers = numbers.into_iter();
    match numbers.find(|(_, number, plausible)| !plausible.contains(number)) {
        None => Ok(()),
        Some((key, number, plausible)) => Err(ModelError::InvalidConfig {
            file: file.to_owned(),
            reason: format!(
                "{key} is {number}, and every network has {} to {}",
                plausible.start(),
                plausible.end()
            ),
        }),
    }
}
