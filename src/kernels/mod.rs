//! Loops over plain slices: the arithmetic below `nn`. No tensor is known here.
//!
//! Everything runs on rayon's pool and looks at a [`Stop`] between tiles, so that the longest wait
//! after a request to stop is one tile.

mod attention;
mod conv;
mod depthwise;
mod exp;
mod fourier;
mod gemm;
mod interleave;
mod norm;
mod patches;
mod pointwise;
mod reflect;
mod upsample;

pub use attention::{AttentionShape, Bias, ScoreRow, attention};
pub use conv::{ConvShape, Padding, conv2d};
pub use depthwise::{DepthwiseShape, depthwise};
pub use fourier::PlaneFourier;
pub use gemm::linear;
pub use interleave::interleave;
pub use norm::{GroupNormShape, group_norm, layer_norm};
pub use patches::{PATCH_REACH, PATCH_SIDE, POINT_SIZE, Point, nearest_points, patch_distance};
pub use pointwise::{geglu, gelu_erf, quick_gelu, silu};
pub use reflect::pad_reflected;
pub use upsample::{UpsampleShape, upsample_nearest};

/// Asked between tiles: `true` ends the loop early, leaving the output unfinished.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A kernel ended early because its [`Stop`] said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;
