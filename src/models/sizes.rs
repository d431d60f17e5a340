//! Sizes of networks, read from the shapes in their files.

use candle_core::{Error, Result};

use crate::weights::Weights;

/// More than any network made so far: a file that tells more is not one of ours.
pub(super) const MOST: usize = 8192;
/// Blocks in a row: twice those of the deepest one.
const MOST_BLOCKS: usize = 64;

/// The shape of a tensor that must be there, have `N` dimensions, and none of them empty or larger
/// than makes sense.
pub(super) fn shape<const N: usize>(weights: &Weights, name: &str) -> Result<[usize; N]> {
    let Some(found) = weights.shape(name) else {
        return Err(Error::CannotFindTensor {
            path: name.to_owned(),
        });
    };
    <[usize; N]>::try_from(found)
        .ok()
        .filter(|shape| shape.iter().all(|side| (1..=MOST).contains(side)))
        .ok_or_else(|| Error::msg(format!("tensor {name} has shape {found:?}")))
}

/// How many numbered tensors there are, from 0 on; more than blocks in a row are an error.
pub(super) fn count(weights: &Weights, name: impl Fn(usize) -> String) -> Result<usize> {
    let count = (0..=MOST_BLOCKS)
        .take_while(|&index| weights.shape(&name(index)).is_some())
        .count();
    if count > MOST_BLOCKS {
        let reason = format!("it has a tensor {}, one block too many", name(MOST_BLOCKS));
        return Err(Error::msg(reason));
    }
    Ok(count)
}
