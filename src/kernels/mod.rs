//! Loops over plain slices: the arithmetic below `nn`. No tensor is known here.
//!
//! Everything runs on rayon's pool and looks at a [`Stop`] between tiles, so that the longest wait
//! after a request to stop is one tile.

mod activate;
mod adam;
#[cfg(target_arch = "x86_64")]
mod amx;
mod attention;
mod backward;
mod before;
mod conv;
mod depthwise;
mod eight_bit;
mod exp;
mod finish;
mod fourier;
mod fresh;
mod heads;
mod interleave;
mod level;
mod limit;
mod linear;
mod memory;
mod modulate;
mod norm;
mod panels;
mod patches;
mod plane_norm;
mod pool;
mod product;
mod reflect;
mod relu;
mod room;
mod shared;
mod shuffle;
mod stored;
mod sum;
mod threads;
mod tile;
mod transpose;
mod upsample;
mod vectors;

#[cfg(test)]
mod level_tests;

pub use activate::{Activate, activate};
pub use adam::Adam;
pub use attention::{Bias, HeadShape, PackedKeys, ScoreRow, Tokens};
pub use backward::{PackedBackward, Through, bias_gradient, weight_gradient};
pub use before::{Affine, Before, RowNorm};
pub use conv::{ConvShape, Images, PackedConv, Padding, Pixels, Seen, Way, WidePictures};
pub use depthwise::{DepthwiseShape, depthwise};
pub use eight_bit::eight_bits_win;
pub use finish::Finish;
pub use fourier::PlaneFourier;
pub use heads::{HeadNorm, HeadRow, HeadStream, Pairs, Turns, join_heads};
pub use interleave::interleave;
pub use level::{FORCED, Level};
pub use limit::arithmetic_limit;
pub use linear::{PackedGate, PackedLinear};
pub use memory::{
    Arena, Memory, give_back_free_memory, large_bytes_held, outside_arena, within_arena,
};
pub use modulate::{add_gated, multiply, rms_norm};
pub use norm::{GroupNormShape, group_moments};
pub use patches::{PATCH_REACH, PATCH_SIDE, POINT_SIZE, Point, nearest_points, patch_distance};
pub use plane_norm::PlaneNorm;
pub use pool::{PoolShape, max_pool, positive_max_pool_gradient};
pub use reflect::{pad_reflected, pad_reflected_back};
pub use relu::relu_gradient;
pub use shuffle::{ShuffleShape, pixel_shuffle, pixel_unshuffle};
pub use stored::Stored;
pub use sum::{add, beside, gap, scale_rows};
pub use threads::{Threads, physical_cores};
pub use transpose::transpose;
pub use upsample::{UpsampleShape, upsample_nearest, upsample_nearest_back};
pub use vectors::{absolute_sum, add_scaled, dot, largest};

/// Asked between tiles: `true` ends the loop early, leaving the output unfinished.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A kernel ended early because its [`Stop`] said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;
