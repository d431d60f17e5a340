//! Loops over plain slices: the arithmetic below `nn`. No tensor is known here.
//!
//! Everything runs on rayon's pool and looks at a [`Stop`] between tiles, so that the longest wait
//! after a request to stop is one tile.

#[cfg(target_arch = "x86_64")]
mod amx;
mod attention;
mod conv;
mod depthwise;
mod exp;
mod finish;
mod fourier;
mod interleave;
mod level;
mod linear;
mod norm;
mod panels;
mod patches;
mod pointwise;
mod product;
mod reflect;
mod shared;
mod sum;
mod tile;
mod transpose;
mod upsample;

#[cfg(test)]
mod level_tests;

pub use attention::{Bias, HeadShape, PackedKeys, ScoreRow, Tokens};
pub use conv::{ConvShape, Images, PackedConv, Padding, Way};
pub use depthwise::{DepthwiseShape, depthwise};
pub use finish::{Activate, Finish};
pub use fourier::PlaneFourier;
pub use interleave::interleave;
pub use level::{FORCED, Level};
pub use linear::PackedLinear;
pub use norm::{GroupNormShape, group_norm, group_norm_last, layer_norm};
pub use patches::{PATCH_REACH, PATCH_SIDE, POINT_SIZE, Point, nearest_points, patch_distance};
pub use pointwise::{geglu, gelu_erf, quick_gelu, relu, silu};
pub use reflect::pad_reflected;
pub use sum::{add, beside};
pub use transpose::transpose;
pub use upsample::{UpsampleShape, upsample_nearest};

/// Asked between tiles: `true` ends the loop early, leaving the output unfinished.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A kernel ended early because its [`Stop`] said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;
