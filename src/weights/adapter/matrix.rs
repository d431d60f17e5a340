//! A matrix as adapters store it: whole, or in factors.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::var_builder::SimpleBackend as _;

use super::super::Weights;

/// Tensors by name. Whatever a tensor's shape is, its first side are rows and all others columns.
#[derive(Clone, Debug)]
pub(super) enum Matrix {
    Whole(String),
    /// `[rows, rank]` and `[rank, columns]`.
    Factors(String, String),
    /// A convolution with a core `[i, j, kernel…]` between its sides.
    Tucker {
        core: String,
        /// `[rows, i]`, or turned, `[i, rows]`.
        left: String,
        is_turned: bool,
        /// `[j, columns]`.
        right: String,
    },
}

impl Matrix {
    /// Names of its tensors.
    pub(super) fn keys(&self) -> Vec<&str> {
        match self {
            Self::Whole(whole) => vec![whole],
            Self::Factors(left, right) => vec![left, right],
            Self::Tucker {
                core, left, right, ..
            } => vec![core, left, right],
        }
    }

    /// What its scale is told for; none where it is whole.
    pub(super) fn rank(&self, weights: &Weights) -> Option<usize> {
        match self {
            Self::Whole(_) => None,
            Self::Factors(_, right) | Self::Tucker { right, .. } => Some(sides(weights, right)?.0),
        }
    }

    /// Rows and columns, if its parts fit each other.
    pub(super) fn size(&self, weights: &Weights) -> Option<(usize, usize)> {
        match self {
            Self::Whole(whole) => sides(weights, whole),
            Self::Factors(left, right) => {
                let ((rows, rank), (own_rank, columns)) =
                    (sides(weights, left)?, sides(weights, right)?);
                (rank == own_rank && rank > 0).then_some((rows, columns))
            }
            Self::Tucker {
                core,
                left,
                is_turned,
                right,
            } => {
                let (i, j, kernel) = core_sides(weights, core)?;
                let left = sides(weights, left)?;
                let (rows, own_i) = if *is_turned { (left.1, left.0) } else { left };
                let (own_j, columns) = sides(weights, right)?;
                let columns = columns.checked_mul(kernel)?;
                ((i, j) == (own_i, own_j) && i > 0 && j > 0).then_some((rows, columns))
            }
        }
    }

    /// Its values `[rows, columns]` in f32, once [`Self::size`] is known.
    pub(super) fn read(&self, weights: &Weights) -> Result<Tensor> {
        match self {
            Self::Whole(whole) => flat(weights, whole),
            Self::Factors(left, right) => flat(weights, left)?.matmul(&flat(weights, right)?),
            Self::Tucker {
                core,
                left,
                is_turned,
                right,
            } => {
                let Some((i, j, kernel)) = core_sides(weights, core) else {
                    candle_core::bail!("tensor {core} is no core of a convolution")
                };
                let left = flat(weights, left)?;
                let left = if *is_turned {
                    left.t()?.contiguous()?
                } else {
                    left
                };
                let (rows, right) = (left.dim(0)?, flat(weights, right)?);
                let columns = right.dim(1)?;
                let core = values(weights, core)?.reshape((i, j * kernel))?;
                let half = left.matmul(&core)?.reshape((rows, j, kernel))?;
                let half = half.transpose(1, 2)?.reshape((rows * kernel, j))?;
                let whole = half.matmul(&right)?.reshape((rows, kernel, columns))?;
                whole.transpose(1, 2)?.reshape((rows, columns * kernel))
            }
        }
    }
}

/// The first side of a tensor, and the product of all others.
fn sides(weights: &Weights, key: &str) -> Option<(usize, usize)> {
    let shape = weights.shape(key)?;
    let (first, others) = shape.split_first().unwrap_or((&1, &[]));
    Some((*first, product(others)))
}

/// Of sides from a header, which may tell anything.
pub(super) fn product(sides: &[usize]) -> usize {
    let sides = sides.iter();
    sides.fold(1, |product, side| product.saturating_mul(*side))
}

fn core_sides(weights: &Weights, core: &str) -> Option<(usize, usize, usize)> {
    let [i, j, kernel @ ..] = weights.shape(core)? else {
        return None;
    };
    Some((*i, *j, product(kernel)))
}

/// A tensor's values in f32.
pub(super) fn values(weights: &Weights, key: &str) -> Result<Tensor> {
    weights.get_unchecked(key, DType::F32, &Device::Cpu)
}

fn flat(weights: &Weights, key: &str) -> Result<Tensor> {
    let tensor = values(weights, key)?;
    match sides(weights, key) {
        Some(sides) => tensor.reshape(sides),
        None => candle_core::bail!("there is no tensor {key}"),
    }
}
