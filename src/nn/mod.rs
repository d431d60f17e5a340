//! The door to arithmetic for our networks.
//!
//! A network says `nn::Conv2d`, `nn::GroupNorm`, `nn::attention`; this floor chooses: our own
//! kernels for f32 on the CPU, candle's ops on every other device. A faster kernel changes this
//! floor and no network.

mod activation;
mod attention;
mod coded;
mod conv;
mod conv_transpose;
mod depthwise;
mod embedding;
mod fourier;
mod gate;
mod growing;
mod heads;
mod interrupt;
mod keep;
mod linear;
#[cfg(test)]
pub(crate) mod near;
mod norm;
mod order;
mod passing;
mod pixel_split;
mod pool;
mod reflect;
mod shuffle;
mod slices;
mod sum;
mod then;
mod trained;
mod upsample;
mod ways;

pub use activation::Activation;
pub use attention::{
    Bias, Heads, Keys, attention, attention_values, biased_attention, self_attention,
};
pub use conv::{Conv2d, ConvOptions, Products, mix_channels};
pub use conv_transpose::DoublingConv2d;
pub use depthwise::DepthwiseConv2d;
pub use embedding::timestep_embedding;
pub use fourier::{irfft2, rfft2};
pub use gate::GatedLinear;
pub use growing::Growing;
pub use heads::{Axes, HeadGroups, HeadNorms, Rotation, join_heads};
pub use interrupt::Interrupt;
pub use keep::{Keep, small};
pub use linear::Linear;
pub use norm::{GroupNorm, LayerNorm, RmsNorm};
pub use order::{channels_last, from_rows, to_rows};
pub use passing::Passing;
pub use pixel_split::PixelSplit;
pub use pool::{max_pool, positive_max_pool_gradient};
pub use reflect::{extend_reflected, pad_reflected};
pub use shuffle::{pixel_shuffle, pixel_unshuffle};
pub use sum::{add, add_gated, cat_channels, gap, multiply, scale_rows};
pub use then::Then;
pub use upsample::upsample_nearest;
pub use ways::{copies_normed, kept_bytes};
